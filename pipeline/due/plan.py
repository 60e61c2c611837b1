"""Which documents are due, and why: a pure function of what is listed, known and asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.due.known import KnownFile
from pipeline.failures import Failure
from pipeline.inbox import ListedFile, SourceRef


class Reason(StrEnum):
    """Why a document is due."""

    NEW = "new"
    CHANGED = "changed"
    """A known name holds other bytes."""
    RENAMED = "renamed"
    """Known bytes have another name, or other copies: no page is read."""
    READING = "reading"
    """Pages would be read otherwise than they were."""
    UNDERSTANDING = "understanding"
    """A model, label sheet or application has changed: no page is read."""
    RETRY = "retry"
    """It failed, and another try may help."""


class Skip(StrEnum):
    """Why a listed file is not worked on."""

    UNCHANGED = "unchanged"
    FAILED_FOR_GOOD = "failed_for_good"
    """The same bytes would fail again, or have failed too often."""
    QUARANTINED = "quarantined"
    OUT_OF_BOUNDS = "out_of_bounds"
    """Not among the dates or reasons that were asked for; it stays due."""
    WAITING = "waiting"
    """Beyond the pages that were asked for; it stays due."""


@dataclass(frozen=True, slots=True)
class Due:
    """A document to work on: `source` is whole, with its copies."""

    source: SourceRef
    reason: Reason

    @property
    def is_read_again(self) -> bool:
        """False where all pages can be taken from what is kept."""
        return self.reason not in (Reason.RENAMED, Reason.UNDERSTANDING)


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What today's rows would be made with: the OCR fingerprint, and that of models and applications."""

    reading: str
    understanding: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an operator limits a run to.

    `first` and `last` bound the day (ISO, both included) of a document: its partition where it is known,
    else the day it was received. `pages` bounds the pages of the documents of one run, None is no bound; at
    least one document is taken. `only` are the reasons that are worked on, None is all. `retry` names
    failures (their categories, all where empty) that are tried again whatever their attempts, None is no such
    wish.
    """

    first: str = ""
    last: str = ""
    pages: int | None = None
    only: frozenset[Reason] | None = None
    retry: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does with each listed file, and with those that are gone.

    Each listed file is in exactly one of: `due` (as its source or one of its copies), `failed` (its bytes
    could not be identified), `skipped`. `forgotten` are the known files whose rows are taken back: gone from
    the inbox, or under their name there are other bytes now, or another name stands for them.
    """

    due: tuple[Due, ...]
    failed: tuple[Failure, ...]
    skipped: Mapping[str, Skip]
    forgotten: tuple[KnownFile, ...]
    listed: Mapping[str, ListedFile]
