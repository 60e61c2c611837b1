"""What is known of each file of the inbox from earlier runs: a row of the table `sources`."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum

from pipeline.inbox.listing import ListedFile


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

    It says what the tables show of the file: it changes when the rows of its document do. So a file whose
    new bytes wait for another run is known by its old ones until then.

    `doc_id` is the SHA-256 of its bytes, "" where they could not be read; `pages` is 0 and `media` "" where
    they could not be identified as a document. `copy_of` names the file that stands for the document, "" for
    that file itself. `dt` is the partition that its rows lie in, the day it was received where it has none.
    `reading` and `understanding` are the fingerprints that its rows were made with, "" where it has none.
    `retryable` says whether the same bytes can succeed another time, `attempts` counts the runs in a row that
    failed on them with this reading. `documents` is how many the tables show of it, 0 where none or unknown.
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
    documents: int = 0

    @property
    def has_rows(self) -> bool:
        """Whether the tables show it: as a document, as one of its copies, or among the failures."""
        return self.status not in (Status.WAITING, Status.GONE)

    @property
    def is_identified(self) -> bool:
        """Whether its bytes are a document, of which the kind and the pages are known."""
        return self.media != ""


def received_day(file: ListedFile) -> str:
    """The day (UTC, ISO) that the file carries as its last change."""
    return datetime.datetime.fromtimestamp(file.modified, tz=datetime.UTC).date().isoformat()
