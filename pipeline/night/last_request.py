"""What the last run on an output was asked for, so that its failures can be tried again in one command."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ocr.limits import Limits
from pipeline import files
from pipeline.errors import CommandError
from pipeline.machines.runners import RunnerChoice
from pipeline.night.resolve import RunRequest


@dataclass(frozen=True, slots=True)
class Remembered:
    """The part of a request that says what is read, and with what."""

    inbox: str
    applications: tuple[str, ...]
    models: tuple[str, ...]
    engine: str
    pictures: bool
    password_file: str | None
    exclude: tuple[str, ...] = ()

    def request(self, out: str, runner: RunnerChoice, **more: Any) -> RunRequest:
        """The request to run so; `more` are other fields of RunRequest."""
        return RunRequest(
            inbox=self.inbox,
            out=out,
            applications=tuple(map(Path, self.applications)),
            models=tuple(map(Path, self.models)),
            engine=self.engine,
            limits=Limits(),
            runner=runner,
            pictures=self.pictures,
            password_file=self.password_file,
            exclude=self.exclude,
            **more,
        )


def remember(request: RunRequest) -> None:
    """Keeps what was asked for below its output, in paths that hold from any folder. Raises OSError."""
    asked = Remembered(
        inbox=_absolute(request.inbox),
        applications=tuple(_absolute(str(folder)) for folder in request.applications),
        models=tuple(_absolute(str(folder)) for folder in request.models),
        engine=request.engine,
        pictures=request.pictures,
        password_file=None if request.password_file is None else _absolute(request.password_file),
        exclude=request.exclude,
    )
    files.write_whole(_path(request.out), json.dumps(asdict(asked), ensure_ascii=False, indent=1).encode())


def recall(out: str) -> Remembered:
    """What was kept. Raises CommandError where no run has been on this output."""
    try:
        content = json.loads(files.read(_path(out)))
        lists = {name: tuple(content[name]) for name in ("applications", "models")}
        return Remembered(**{**content, **lists, "exclude": tuple(content.get("exclude", ()))})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(
            f"前回の実行の記録がありません: {out}。出力先を確かめるか、先に yomitori run を実行してください。"
        ) from error


def _absolute(place: str) -> str:
    """A place as it is named from any folder: URIs as they are, paths from the root."""
    return place if "://" in place else str(Path(place).resolve())


def _path(out: str) -> str:
    return files.join(out, ".state", "request.json")
