"""The files of the inbox whose bytes are not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.due.known import KnownFile, Status
from pipeline.due.plan import Bounds, Fingerprints, TryLimits, may_succeed
from pipeline.inbox.listing import ListedFile


def candidates(
    listed: Sequence[ListedFile],
    known: Mapping[str, KnownFile],
    now: Fingerprints,
    bounds: Bounds,
    limits: TryLimits,
) -> tuple[ListedFile, ...]:
    """The listed files whose bytes are not known: new names, another size or date (a later or an earlier
    one), files that had gone, and those that could not be identified and may be now.
    """

    def is_known(file: ListedFile) -> bool:
        before = known.get(file.name)
        return (
            before is not None
            and before.status is not Status.GONE
            and (before.file.size, before.file.modified) == (file.size, file.modified)
            and (before.is_identified or not may_succeed(before, now, bounds, limits))
        )

    return tuple(file for file in listed if not is_known(file))
