"""What `yomitori ocr` is asked for: files and folders, pages, and where each result goes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import CommandError
from pipeline.inbox.folder import walk
from pipeline.inbox.sieve import Sieve

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


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files to read; `left_out` counts the files and folders in the named folders that are none."""

    files: tuple[Input, ...]
    left_out: int = 0


def inputs(paths: Sequence[Path], sieve: Sieve | None = None) -> Inputs:
    """The files, and those below folders that `sieve` lets pass, each with a place of its own for results.

    A file of a folder keeps its place below it. A name that is taken already, were it only in other letters
    or another Unicode form, gets a number. A path that does not exist and a folder that cannot be looked into
    are inputs, too: reading them fails.
    """
    taken: set[str] = set()
    found: list[Input] = []
    left_out = 0
    for top in paths:
        places, passed_over = _below(top, sieve or Sieve())
        left_out += passed_over
        for path, place in places:
            output, number = place, 1
            while _key(output) in taken:
                number += 1
                output = place.with_name(f"{place.name}({number})")
            taken.add(_key(output))
            found.append(Input(path, output))
    return Inputs(tuple(found), left_out)


def _below(top: Path, sieve: Sieve) -> tuple[list[tuple[Path, Path]], int]:
    """The files at and below `top`, each with where its result belongs, and how many are left out."""
    if not top.is_dir():
        return [(top, Path(top.stem))], 0
    walked = walk(top, sieve)
    paths = sorted([*walked.files, *walked.unreadable])
    places = [(path, path.relative_to(top) if path != top else Path(top.name)) for path in paths]
    return [(path, place.with_name(path.stem)) for path, place in places], walked.left_out


def _key(place: Path) -> str:
    return unicodedata.normalize("NFC", str(place)).casefold()
