"""What of an inbox is out of reach: folders that could not be looked into, and what was known below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.due.known import KnownFile, Status
from pipeline.inbox.failures import Failure, Stage
from pipeline.inbox.listing import ListedFile, Listing, UnreadableFolder

UNREADABLE_FOLDER = "unreadable_folder"


@dataclass(frozen=True, slots=True)
class Reach:
    """The inbox as a plan takes it.

    `files` are all that are listed, those below an unreadable folder as they were listed last, and each such
    folder as a file that failed; `failures` are these by name. `documents` (doc_id) have a file that is out
    of reach: they stay as they are, whatever is due.
    """

    files: tuple[ListedFile, ...]
    failures: Mapping[str, Failure]
    documents: frozenset[str]


def reach(listing: Listing, known: Mapping[str, KnownFile]) -> Reach:
    """What is taken for the inbox where `listing` is what was seen of it."""
    folders = tuple(folder.place.name for folder in listing.unreadable)
    kept = [k for k in known.values() if k.status is not Status.GONE and _is_hidden(k, folders)]
    return Reach(
        files=(*listing.files, *(k.file for k in kept), *(folder.place for folder in listing.unreadable)),
        failures={folder.place.name: _failure(folder) for folder in listing.unreadable},
        documents=frozenset(k.doc_id for k in kept if k.doc_id),
    )


def _is_hidden(known: KnownFile, folders: Sequence[str]) -> bool:
    name = known.file.name
    return any(name.startswith(folder) and name != folder for folder in folders)


def _failure(folder: UnreadableFolder) -> Failure:
    return Failure(
        doc_id="",
        file=folder.place,
        stage=Stage.LIST,
        category=UNREADABLE_FOLDER,
        page=None,
        retryable=True,
        message=f"フォルダの中を一覧できません({folder.reason})。フォルダのアクセス権を確かめてください。"
        "前に読み取ったこのフォルダの文書は、そのまま残しています。",
    )
