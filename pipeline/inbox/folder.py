"""What lies below a local folder, one unreadable folder notwithstanding."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.inbox.sieve import Sieve


@dataclass(slots=True)
class Walked:
    """`files` below a folder in the order of their paths, `unreadable` folders with the reason, and how many
    files and folders were `left_out`: a folder counts as one, whatever lies in it."""

    files: list[Path] = field(default_factory=list)
    unreadable: dict[Path, str] = field(default_factory=dict)
    left_out: int = 0


def walk(folder: Path, sieve: Sieve) -> Walked:
    """The files below `folder`; of those in an unreadable folder none.

    A folder that is a link is left out: it may lead back to where it lies, or anywhere.
    """
    found = Walked()
    places = [folder]
    while places:
        place = places.pop()
        try:
            entries = _entries(place)
        except OSError as error:
            found.unreadable[place] = error.strerror or type(error).__name__
            continue
        for entry in entries:
            path, is_folder = Path(entry.path), _is_folder(entry)
            if not is_folder and not _is_file(entry):
                continue
            if (is_folder and entry.is_symlink()) or sieve.leaves_out(path.relative_to(folder).as_posix()):
                found.left_out += 1
            else:
                (places if is_folder else found.files).append(path)
    found.files.sort(key=lambda path: path.relative_to(folder).as_posix())
    return found


def _entries(place: Path) -> list[os.DirEntry[str]]:
    """Raises PermissionError also where names may be listed but nothing behind them be looked at."""
    with os.scandir(place) as entries:
        found = list(entries)
    if not os.access(place, os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))
    return found


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether it is one, or a link to one that may not be looked at; not a link in circles, not a pipe."""
    try:
        return entry.is_file()
    except PermissionError:
        return True
    except OSError:
        return False
