"""Options that several commands share, and how their values become what the work is asked with."""

from __future__ import annotations

import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlu.application.samples import application_folder, model_folder
from pipeline.errors import CommandError

if TYPE_CHECKING:
    from rich.console import Console


_APPLICATION = "Application folder with app.toml, or the name of a sample: call-log, daily-report"


class EngineName(StrEnum):
    PPOCR = "ppocr"
    TESSERACT = "tesseract"


Application = Annotated[
    Path,
    typer.Argument(parser=application_folder, metavar="APPLICATION", help=f"{_APPLICATION}."),
]
Applications = Annotated[
    list[Path] | None,
    typer.Option(
        "--app",
        parser=application_folder,
        metavar="FOLDER",
        help=f"{_APPLICATION}; may be repeated.",
    ),
]
Models = Annotated[
    list[Path] | None,
    typer.Option("--model", help="Model folder to use in place of the application's own model/."),
]
Model = Annotated[
    Path,
    typer.Argument(
        parser=model_folder, metavar="MODEL", help="Model folder, or the name of a sample application."
    ),
]
PasswordFile = Annotated[
    str | None, typer.Option(help="Text file (or URI) of passwords, one a line, tried on encrypted PDFs.")
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(help="Pattern of files or folders that are no documents, such as '*.bak'; may be repeated."),
]
From = Annotated[str, typer.Option("--from", help="Only documents of this day (YYYY-MM-DD) or later.")]
To = Annotated[str, typer.Option("--to", help="Only documents of this day (YYYY-MM-DD) or earlier.")]
Engine = Annotated[EngineName, typer.Option("--engine", help="OCR engine.")]
SecondEngine = Annotated[
    EngineName | None,
    typer.Option("--second-engine", help="OCR engine that reads again what the first one is unsure of."),
]


def engines(first: EngineName, second: EngineName | None) -> str:
    """Both engines in the one name that `ocr.engines.create` knows. Raises CommandError."""
    if second is None:
        return first.value
    if first == second:
        raise CommandError(
            f"--second-engine に --engine と同じ {first.value} は指定できません。"
            "別のエンジンを指定するか、--second-engine を外してください。"
        )
    return f"{first.value}+{second.value}"


def day(option: str, text: str) -> datetime.date | None:
    """The day that an option names as 2026-04-01; None where it is empty. Raises CommandError."""
    try:
        found = datetime.date.fromisoformat(text) if text else None
    except ValueError:
        found = None
    if text and (found is None or found.isoformat() != text):
        raise CommandError(f"{option} の日付が読めません: {text}。2026-04-01 のように書いてください。")
    return found


def console() -> Console:
    """Standard output, wide enough for tables where it is no terminal."""
    from rich.console import Console

    terminal = Console()
    return terminal if terminal.is_terminal else Console(width=120)
