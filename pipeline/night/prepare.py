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
from pipeline.machines.runners import RunnerChoice
from pipeline.night.broken_off import broken_off
from pipeline.night.file_survey import survey
from pipeline.night.resolve import RunRequest
from pipeline.progress.events import Event, tell
from pipeline.run_settings import RunSettings
from pipeline.supervision.strikes import MOST_STRIKES, read_strikes

LIMITS = TryLimits(attempts=3, strikes=MOST_STRIKES)


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
    """What a run sets out to do. Raises CommandError.

    On the `last_try` of a night, what has killed the tries before is left for another one.
    """
    scratch = files.join(settings.staging, "survey")
    return look(request, settings, request.runner, scratch, leaves_struck=last_try)


def look(
    request: RunRequest,
    settings: RunSettings,
    runner: RunnerChoice,
    scratch: str,
    *,
    leaves_struck: bool = False,
) -> Night:
    """Lists the inbox, identifies with `runner` what is new to it, and plans a run. Raises CommandError.

    What is written aside lies below `scratch`, which all workers reach; `leaves_struck` leaves what has
    killed a worker for another night.
    """
    started = datetime.datetime.now(datetime.UTC)
    listing = list_files(request.inbox, Sieve(request.exclude))
    known = read_known(settings.tables)
    reached = reach(listing, known)
    now = Fingerprints(settings.engine_id, settings.understanding)
    strikes = read_strikes(settings.out)
    left = reached.documents | (frozenset(strikes) if leaves_struck else frozenset())
    bounds = replace(request.bounds, leave=request.bounds.leave | left)
    new = candidates(listing.files, known, now, bounds, LIMITS)
    tell(settings.progress, Event.FILE_LISTED, len(new))
    tell(settings.progress, Event.PHASE, stage="survey")
    with broken_off():
        surveyed = survey(new, settings, runner, scratch)
    found = surveyed.with_failures(reached.failures)
    planned = plan(reached.files, known, found, now, bounds, strikes, LIMITS)
    return Night(settings, known, planned, strikes, started, listing.left_out)
