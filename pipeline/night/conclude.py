"""After the last page: what became of every file, audited and merged."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pipeline.due.ledger import after, to_rows
from pipeline.due.plan import Fingerprints
from pipeline.due.reasons import Skip
from pipeline.exit_codes import ExitCode
from pipeline.night.outcomes import failure_rows, first_seen, outcomes_of
from pipeline.night.prepare import Night
from pipeline.night.resolve import RunRequest
from pipeline.progress.events import Event, ProgressReader
from pipeline.publishing.audit import FileCounts, check
from pipeline.publishing.drift import DriftReport, judge, refuse
from pipeline.publishing.night_figures import NightFigures, figures_of, history
from pipeline.publishing.staged_views import opened
from pipeline.reporting.meter import Meter
from pipeline.steps.staging import StagedFile, stage
from pipeline.supervision.strikes import quarantine
from pipeline.tables.contract import PARTITION, TableName


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. `staged` are its rows, which are there for as long as the run holds its output."""

    night: Night
    counts: FileCounts
    figures: NightFigures
    verdict: DriftReport
    staged: tuple[StagedFile, ...]
    row: Mapping[str, Any]
    quarantined: tuple[str, ...]

    @property
    def exit_code(self) -> ExitCode:
        if not self.night.plan.due and not self.night.plan.failed and not self.night.plan.forgotten:
            return ExitCode.NOTHING_TO_DO
        failed = any(file.table is TableName.FAILURES for file in self.staged)
        return ExitCode.PARTIAL_SUCCESS if failed else ExitCode.DONE


def conclude(request: RunRequest, night: Night, rows: Sequence[StagedFile], meter: Meter) -> RunReport:
    """Adds the rows of failures, sources and the run itself to the staged `rows`, and audits them all.

    Raises BrokenContractError or AuditFailedError.
    """
    settings, planned = replace(night.settings, wave=0), night.plan
    now = Fingerprints(settings.engine_id, settings.understanding)
    ended = outcomes_of(rows, planned)
    known = after(planned, night.known, ended.published, ended.whole_failures, now, night.started)
    set_aside = [quarantine(source.doc_id, source.file) for source in planned.quarantined]
    failures = failure_rows(
        [*ended.failures, *planned.failed, *set_aside],
        {**night.known, **{one.file.name: one for one in known}},
        first_seen(settings.tables),
        night.started,
    )
    staged = [file for file in rows if file.table is not TableName.FAILURES]
    if failures:
        staged.append(stage(TableName.FAILURES, failures, settings))
    if known:
        staged.append(stage(TableName.SOURCES, to_rows(known), settings))
    with opened(staged) as tables:
        counts = check(staged, tables, planned)
        figures = figures_of(tables, counts.failed_share)
    # Failures that are tried again are no ordinary night.
    earlier = () if request.bounds.retry else history(settings.tables)
    verdict = judge(figures, earlier, request.publishing.fail_above)
    if not request.publishing.force:
        refuse(verdict)
    row = run_row(request, night, counts, figures, meter)
    staged.append(stage(TableName.RUNS, [row], settings))
    named = tuple(name for name, skip in planned.skipped.items() if skip is Skip.QUARANTINED)
    return RunReport(night, counts, figures, verdict, tuple(staged), row, named)


def run_row(
    request: RunRequest, night: Night, counts: FileCounts, figures: NightFigures, meter: Meter
) -> dict[str, Any]:
    """The row of `runs`, without lineage."""
    settings, finished = night.settings, datetime.datetime.now(datetime.UTC)
    told = ProgressReader(settings.progress) if settings.progress is not None else None
    if told is not None:
        told.refresh()
    return {
        PARTITION: night.started.date().isoformat(),
        "started_at": night.started,
        "finished_at": finished,
        **asdict(counts),
        "left_out": night.left_out,
        **{name: value for name, value in asdict(figures).items() if name != "documents"},
        "parts": figures.documents,
        "runner": request.runner.name,
        "workers": request.runner.workers,
        "engine": settings.engine_id,
        "models": sorted(settings.models),
        "understanding": settings.understanding,
        "pages_read": None if told is None else told.counts[Event.PAGE_READ],
        "wall_seconds": (finished - night.started).total_seconds(),
        "cpu_seconds": meter.cpu_seconds,
        "stage_seconds": {} if told is None else dict(told.stage_seconds),
        "peak_mib": meter.peak_mib,
        "due": Counter(due.reason.value for due in night.plan.due),
    }
