"""What `yomitori ocr` is asked for: files and folders, pages, and where each result goes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import CommandError

_RANGE = re.compile(r"(\d+)(-(\d+)?)?")


@dataclass(frozen=True, slots=True)
class Input:
    """A file to read; `output` is where its result goes, without an ending, below the folder for results."""

    path: Path
    output: Path


@dataclass(frozen=True, slots=True)
class PageRanges:
    """Pages from 1, both ends included; an end that is None is that of the document."""

    ranges: tuple[tuple[int, int | None], ...]

    @staticmethod
    def parse(text: str) -> PageRanges:
        """ "1-3,7,10-" as ranges. Raises CommandError for anything else."""
        found: list[tuple[int, int | None]] = []
        for part in unicodedata.normalize("NFKC", text).split(","):
            match = _RANGE.fullmatch(part.strip())
            first, last = (match[1], match[3] if match[2] else match[1]) if match else ("0", None)
            if int(first) < 1 or (last is not None and int(last) < int(first)):
                raise CommandError(
                    f"--pages を読めません: {text}。"
                    "ページ番号と範囲をカンマで区切ってください（例: 1-3,7,10-）。"
                )
            found.append((int(first), None if last is None else int(last)))
        return PageRanges(tuple(found))

    def of(self, pages: int) -> tuple[int, ...]:
        """The numbers that a document of so many pages has, each once, in order."""
        wanted = {
            number
            for first, last in self.ranges
            for number in range(first, min(pages if last is None else last, pages) + 1)
        }
        return tuple(sorted(wanted))


def inputs(paths: Sequence[Path]) -> tuple[Input, ...]:
    """The files, and all files below the folders but hidden ones, each with a place of its own for results.

    A file of a folder keeps its place below it. A name that is taken already, were it only in other letters
    or another Unicode form, gets a number. A path that does not exist is an input, too: reading it fails.
    """
    taken: set[str] = set()
    found: list[Input] = []
    for path, place in _files(paths):
        output, number = place, 1
        while _key(output) in taken:
            number += 1
            output = place.with_name(f"{place.name}({number})")
        taken.add(_key(output))
        found.append(Input(path, output))
    return tuple(found)


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    for path in paths:
        if not path.is_dir():
            yield path, Path(path.stem)
            continue
        for file in sorted(path.rglob("*")):
            below = file.relative_to(path)
            if file.is_file() and not any(part.startswith(".") for part in below.parts):
                yield file, below.with_name(file.stem)


def _key(place: Path) -> str:
    return unicodedata.normalize("NFC", str(place)).casefold()
