"""What lies among the documents of a folder and is none: leftovers of programs, hidden files, and whatever
an operator excludes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import translate

from pipeline.errors import CommandError

# Hidden files; lock and scratch files of Office; what Windows, macOS and file servers leave behind; downloads
# and transfers that have not ended.
LEFTOVERS = (
    ".*", "~$*", "*.tmp", "thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir", "#recycle",
    "$recycle.bin", "system volume information", "*.part", "*.partial", "*.filepart", "*.crdownload",
    "*.download",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sieve:
    """Tells what is left out by patterns in the style of a shell (`*`, `?`, `[...]`), whatever the case.

    A pattern with a slash is matched with a whole path below the folder, any other with the name of a file or
    of a folder; what lies in a folder that is left out is left out with it.
    """

    excluded: tuple[str, ...] = ()
    _names: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _paths: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        asked = [_plain(pattern).rstrip("/") for pattern in self.excluded]
        if not all(asked):
            raise CommandError("--exclude のパターンが空です。例: --exclude '*.bak' --exclude '控え/*'")
        object.__setattr__(self, "_names", _any_of([*LEFTOVERS, *(p for p in asked if "/" not in p)]))
        object.__setattr__(self, "_paths", _any_of([p.lstrip("/") for p in asked if "/" in p]))

    def leaves_out(self, path: str) -> bool:
        """Whether the file or folder at `path` is left out by its own name or path, not by its parents'."""
        plain = _plain(path)
        return bool(self._names.fullmatch(plain.rsplit("/", 1)[-1]) or self._paths.fullmatch(plain))

    def culprit(self, path: str) -> str:
        """The file at `path` or the outermost of its parents that is left out; empty where none is."""
        parts = path.split("/")
        paths = ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
        return next(filter(self.leaves_out, paths), "")


def _plain(path: str) -> str:
    """macOS keeps names decomposed, and Windows minds no case."""
    return unicodedata.normalize("NFC", path).casefold()


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(_translated(patterns)) or "(?!)")


def _translated(patterns: Iterable[str]) -> list[str]:
    return [translate(pattern) for pattern in patterns]
