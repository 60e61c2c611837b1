"""How far `yomitori ocr` has come: a bar on a terminal, a line a file in a log, both on standard error."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class OcrProgress:
    """Use it as a context manager. `folder` is where results go, None for standard output, which needs no
    bar on the same terminal and no lines in a log."""

    def __init__(self, files: int, folder: Path | None) -> None:
        console = Console(stderr=True)
        self._files = files
        self._begun = 0
        self._folder = folder
        shown = console.is_terminal and (folder is not None or not sys.stdout.isatty())
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=console, transient=True) if shown else None
        self._task = self._bar.add_task("", total=files) if self._bar else None

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def begin(self, path: Path) -> None:
        self._show(path.name, self._begun)
        self._begun += 1
        self._path = path

    def page(self, read: int, pages: int) -> None:
        """So many of the pages of the file that was begun last are read."""
        if pages > 1:
            self._show(f"{self._path.name} {read}/{pages} ページ", self._begun - 1 + read / pages)

    def end(self, path: Path, pages: int) -> None:
        if self._bar is None and self._folder is not None:
            print(f"[{self._begun}/{self._files}] {path}: {pages} ページ", file=sys.stderr, flush=True)

    def tell(self, message: str) -> None:
        """A message of its own, above the bar."""
        if self._bar:
            self._bar.console.print(message, markup=False, highlight=False, soft_wrap=True)
        else:
            print(message, file=sys.stderr, flush=True)

    def _show(self, description: str, completed: float) -> None:
        if self._bar and self._task is not None:
            self._bar.update(self._task, description=description.replace("[", r"\["), completed=completed)
