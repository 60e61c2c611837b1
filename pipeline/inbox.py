"""What lies in the inbox: files first, then documents by the hash of their bytes."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import BadInputError

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


def list_files(inbox: str) -> tuple[ListedFile, ...]:
    """Every file below `inbox` (a local folder or a URI of one of Beam's filesystems), sorted by name.

    Hidden files and folders (a leading dot) belong to the system, not to the inbox, and are left out.
    Raises BadInputError where the inbox does not exist or cannot be listed.
    """
    files = _list_remote(inbox) if "://" in inbox else _list_local(Path(inbox))
    return tuple(
        sorted(
            (f for f in files if not any(part.startswith(".") for part in f.name.split("/"))),
            key=lambda f: f.name,
        )
    )


def _list_local(folder: Path) -> list[ListedFile]:
    if not folder.is_dir():
        raise BadInputError(f"受信フォルダがありません: {folder}。フォルダの場所を確かめてください。")
    listed = []
    for place, _, names in os.walk(folder, onerror=_refuse):
        for name in names:
            path = Path(place, name)
            if path.is_file():
                stat = path.stat()
                listed.append(
                    ListedFile(
                        _printable(str(path.resolve())),
                        _printable(path.relative_to(folder).as_posix()),
                        stat.st_size,
                        stat.st_mtime,
                    )
                )
    return listed


def _refuse(error: OSError) -> None:
    """A folder that cannot be looked into must not make its documents look gone."""
    raise BadInputError(
        f"受信フォルダの中を一覧できません: {error.filename}({error.strerror or error})。"
        "フォルダのアクセス権を確かめてください。"
    ) from error


def _printable(name: str) -> str:
    """A name whose bytes are no UTF-8 (Shift_JIS from an old share) in escapes: its file cannot be opened by
    it, and so ends among the failures under a name that a table can hold."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _list_remote(uri: str) -> list[ListedFile]:
    from apache_beam.io.filesystem import BeamIOError
    from apache_beam.io.filesystems import FileSystems

    root = uri.rstrip("/") + "/"
    try:
        matched = FileSystems.match([root + "**"])[0].metadata_list
    except (BeamIOError, ValueError) as error:
        raise BadInputError(
            f"受信フォルダを一覧できません: {uri}({error})。場所と権限を確かめてください。"
        ) from error
    return [
        ListedFile(
            found.path, found.path.removeprefix(root), found.size_in_bytes, found.last_updated_in_seconds
        )
        for found in matched
    ]


def page_ranges(source: SourceRef) -> list[SourceRef]:
    """The document cut into ranges of at most PAGES_A_PART pages."""
    return [
        replace(source, first_page=first, last_page=min(first + PAGES_A_PART - 1, source.last_page))
        for first in range(source.first_page, source.last_page + 1, PAGES_A_PART)
    ]
