"""Before the first page: what is due, and what the run works with."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipeline import files
from pipeline.due.candidates import candidates
from pipeline.due.known import KnownFile
from pipeline.due.ledger import read_known
from pipeline.due.plan import Fingerprints, Plan, TryLimits, plan
from pipeline.due.reach import reach
from pipeline.inbox.listing import list_files
from pipeline.inbox.sieve import Sieve
from pipeline.night.broken_off import broken_off
from pipeline.night.resolve import RunRequest
from pipeline.night.survey import survey
from pipeline.progress.progress import Event, tell
from pipeline.settings import RunSettings
from pipeline.supervision.strikes import MOST_STRIKES, read_strikes


@dataclass(frozen=True, slots=True)
class Night:
    """What a run sets out to do, from `started` on: `known` is what was known before it, `left_out` counts
    what lies in the inbox and is no part of it."""

    settings: RunSettings
    known: Mapping[str, KnownFile]
    plan: Plan
    strikes: Mapping[str, int]
    started: datetime.datetime
    left_out: int = 0


def prepare(request: RunRequest, settings: RunSettings, last_try: bool) -> Night:
    """Lists the inbox, identifies what is new to it, and plans the run. Raises CommandError.

    On the `last_try` of a night, what has killed the tries before is left for another one.
    """
    started = datetime.datetime.now(datetime.UTC)
    listing = list_files(request.inbox, Sieve(request.exclude))
    known = read_known(settings.tables)
    reached = reach(listing, known)
    now = Fingerprints(settings.engine_id, settings.understanding)
    strikes = read_strikes(settings.out)
    left = reached.documents | (frozenset(strikes) if last_try else frozenset())
    bounds, limits = replace(request.bounds, leave=left), TryLimits(strikes=MOST_STRIKES)
    new = candidates(listing.files, known, now, bounds, limits)
    tell(settings.progress, Event.FILE_LISTED, len(new))
    tell(settings.progress, Event.PHASE, stage="survey")
    with broken_off():
        surveyed = survey(new, settings, request.runner, files.join(settings.staging, "survey"))
    found = surveyed.with_failures(reached.failures)
    planned = plan(reached.files, known, found, now, bounds, strikes, limits)
    return Night(settings, known, planned, strikes, started, listing.left_out)
