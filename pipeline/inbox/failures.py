"""Documents and pages that ended without a result."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.inbox.listing import ListedFile


class Stage(StrEnum):
    LIST = "list"
    DIGITIZE = "digitize"
    UNDERSTAND = "understand"


UNREADABLE = "unreadable"
FAILURES = "failures"
"""The tag of a step's dead letters: an output of Failures beside the main one."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document (`page` is None) or one of its pages has no result.

    `category` counts, `message` is Japanese and says what to do next, `retryable` whether the same
    bytes can succeed another time. `doc_id` is empty where the bytes could not be read.
    """

    doc_id: str
    file: ListedFile
    stage: Stage
    category: str
    page: int | None
    retryable: bool
    message: str
