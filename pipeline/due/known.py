"""What is known of each file of the inbox from earlier runs: a row of the table `sources`."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum

from pipeline.inbox import ListedFile


class Status(StrEnum):
    """How a file ended when it was last tried. A copy ends as the document does that it is a copy of."""

    DONE = "done"
    PARTIAL = "partial"
    """Some of its pages have no result."""
    FAILED = "failed"
    QUARANTINED = "quarantined"
    """It killed its worker time and again, and is not tried any more until its bytes change."""
    WAITING = "waiting"
    """It is due, and a bound on the run left it for the next one."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file, told by its `file.name`.

    `doc_id` is the SHA-256 of its bytes, "" where they could not be read; `pages` is 0 and `media` "" where
    they are not known. `copy_of` names the file that stands for the document, "" for that file itself.
    `dt` is the partition that its rows lie in. `reading` and `understanding` are the fingerprints that its
    rows were made with, "" where it has none. `retryable` says whether the same bytes can succeed another
    time, `attempts` counts the runs in a row that failed on it.
    """

    file: ListedFile
    doc_id: str
    media: str
    pages: int
    copy_of: str
    status: Status
    dt: str
    reading: str
    understanding: str
    retryable: bool
    attempts: int
    first_seen: datetime.datetime
    last_tried: datetime.datetime
    gone_at: datetime.datetime | None = None
