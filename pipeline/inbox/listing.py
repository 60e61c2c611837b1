"""What lies in the inbox: files first, then documents by the hash of their bytes."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import BadInputError, CommandError
from pipeline.inbox.folder import walk
from pipeline.inbox.sieve import Sieve

PAGES_A_PART = 8  # small enough that one long PDF spreads over all workers, large enough to share its parsing


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file as the folder shows it: `name` is its path below the inbox, `modified` is Unix time."""

    uri: str
    name: str
    size: int
    modified: float


@dataclass(frozen=True, slots=True)
class SourceRef:
    """A document, or a range of its pages (both ends included, counted from 1): a reference, never the bytes.

    `doc_id` is the SHA-256 of the bytes; `copies` are the names of other files with the same bytes.
    """

    file: ListedFile
    doc_id: str
    media: str
    pages: int
    first_page: int
    last_page: int
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnreadableFolder:
    """A folder of which nobody can tell what lies in it: `place.name` ends with a slash."""

    place: ListedFile
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """An inbox: its `files` by name, the folders in it that could not be looked into, and how many files and
    folders (each as one) were `left_out` because they are no part of it."""

    files: tuple[ListedFile, ...]
    unreadable: tuple[UnreadableFolder, ...] = ()
    left_out: int = 0


def list_files(inbox: str, sieve: Sieve | None = None) -> Listing:
    """Every file below `inbox`, a local folder or a URI of one of Beam's filesystems, that `sieve` lets pass;
    that without exclusions where None.

    Raises BadInputError where the inbox does not exist or cannot be listed.
    """
    sieve = sieve or Sieve()
    return _list_remote(inbox, sieve) if "://" in inbox else _list_local(Path(inbox), sieve)


def _list_local(folder: Path, sieve: Sieve) -> Listing:
    if not folder.is_dir():
        raise BadInputError(f"受信フォルダがありません: {folder}。フォルダの場所を確かめてください。")
    walked = walk(folder, sieve)
    if folder in walked.unreadable:
        raise BadInputError(
            f"受信フォルダの中を一覧できません: {folder}({walked.unreadable[folder]})。"
            "フォルダのアクセス権を確かめてください。"
        )
    listed = (_listed(path, folder) for path in walked.files)
    unreadable = (_unreadable(path, folder, reason) for path, reason in walked.unreadable.items())
    return Listing(
        files=tuple(sorted((file for file in listed if file is not None), key=lambda file: file.name)),
        unreadable=tuple(sorted(unreadable, key=lambda one: one.place.name)),
        left_out=walked.left_out,
    )


def _listed(path: Path, folder: Path) -> ListedFile | None:
    """None for a file that has gone meanwhile; one that cannot be looked at fails when it is read."""
    size, modified = 0, 0.0
    try:
        stat = path.stat()
        size, modified = stat.st_size, stat.st_mtime
    except FileNotFoundError:
        return None
    except OSError:
        pass
    name = path.relative_to(folder).as_posix()
    return ListedFile(_printable(str(path.resolve())), _printable(name), size, modified)


def _unreadable(path: Path, folder: Path, reason: str) -> UnreadableFolder:
    listed = _listed(path, folder) or ListedFile(str(path), path.relative_to(folder).as_posix(), 0, 0.0)
    return UnreadableFolder(replace(listed, uri=f"{listed.uri}/", name=f"{listed.name}/", size=0), reason)


def refuse_overlap(inbox: str, out: str) -> None:
    """Raises CommandError where one of the two lies in the other: a run would read what it wrote itself."""
    there, here = _from_root(inbox), _from_root(out)
    if there.startswith(here) or here.startswith(there):
        how = "同じ場所です" if here == there else "の一方が他方の中にあります"
        raise CommandError(
            f"受信フォルダと出力先{how}: {inbox}、{out}。出力した表や画像まで読み取ってしまうため、"
            "受信フォルダの外にある別のフォルダを出力先に指定してください。"
        )


def _from_root(place: str) -> str:
    """The place with links resolved and a slash at its end."""
    scheme, separator, path = place.rpartition("://")
    if scheme in ("", "file"):
        return os.path.realpath(path).rstrip("/") + "/"
    return f"{scheme}{separator}{path}".rstrip("/") + "/"


def _printable(name: str) -> str:
    """A name whose bytes are no UTF-8 (Shift_JIS from an old share) in escapes: its file cannot be opened by
    it, and so ends among the failures under a name that a table can hold."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _list_remote(uri: str, sieve: Sieve) -> Listing:
    from apache_beam.io.filesystem import BeamIOError
    from apache_beam.io.filesystems import FileSystems

    root = uri.rstrip("/") + "/"
    try:
        matched = FileSystems.match([root + "**"])[0].metadata_list
    except (BeamIOError, ValueError) as error:
        raise BadInputError(
            f"受信フォルダを一覧できません: {uri}({error})。場所と権限を確かめてください。"
        ) from error
    files, culprits = [], set()
    for found in matched:
        name = found.path.removeprefix(root)
        if culprit := sieve.culprit(name):
            culprits.add(culprit)
        else:
            files.append(ListedFile(found.path, name, found.size_in_bytes, found.last_updated_in_seconds))
    return Listing(tuple(sorted(files, key=lambda file: file.name)), left_out=len(culprits))


def page_ranges(source: SourceRef) -> list[SourceRef]:
    """The document cut into ranges of at most PAGES_A_PART pages."""
    return [
        replace(source, first_page=first, last_page=min(first + PAGES_A_PART - 1, source.last_page))
        for first in range(source.first_page, source.last_page + 1, PAGES_A_PART)
    ]
