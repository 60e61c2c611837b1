"""One run of the batch: what is due is worked on in waves, audited, and published all at once."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import apache_beam as beam
from rich.console import Console

from ocr.traces import said
from pipeline import files, references
from pipeline.due.known import KnownFile
from pipeline.due.ledger import after, read_known, taken_back, to_rows
from pipeline.due.plan import Due, Fingerprints, Plan, Skip, TryLimits, plan
from pipeline.due.reach import reach
from pipeline.due.survey import candidates, survey
from pipeline.endings import endings, failure_rows, first_seen
from pipeline.errors import CommandError, RunBrokenError
from pipeline.exit_codes import ExitCode
from pipeline.inbox import list_files, refuse_overlap
from pipeline.machines.runners import RunnerChoice, create_runner, pipeline_options
from pipeline.publishing import versions
from pipeline.publishing.audit import Counts, check
from pipeline.publishing.drift import Verdict, judge, refuse
from pipeline.publishing.night import opened
from pipeline.publishing.publish import Replaced, publish_version
from pipeline.publishing.staging import StagedFile, read_manifest, stage
from pipeline.publishing.vitals import Vitals, history, vitals_of
from pipeline.reporting.meter import Meter
from pipeline.reporting.progress import Event, ProgressReader, shown, tell
from pipeline.settings import STAGING, RunSettings
from pipeline.settle import RunRequest, settle
from pipeline.sieve import Sieve
from pipeline.supervision.disk import check_room, make_output
from pipeline.supervision.lock import only_run
from pipeline.supervision.models import refuse_replaced
from pipeline.supervision.strikes import MOST_STRIKES, clear_strikes, quarantine, read_strikes
from pipeline.supervision.supervised import Supervision
from pipeline.tables import PARTITION, Table
from pipeline.waves import waves


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


def work(runner: RunnerChoice, night: Night, watcher: Watcher) -> Iterator[StagedFile]:
    """Runs the pipeline over what is due, wave by wave, and yields the files of rows that each has staged.

    Raises RunBrokenError.
    """
    for number, wave in enumerate(waves(night.plan.due, night.strikes, runner.processes), start=1):
        settings = replace(night.settings, wave=number)
        tell(settings.progress, Event.PHASE, stage="wave")
        watcher.wave(number, len(wave), sum(due.source.pages for due in wave))
        with broken_off():
            _run_pipeline(runner, settings, wave)
            yield from read_manifest(settings)
        clear_strikes(settings.out, (due.source.doc_id for due in wave))


def _run_pipeline(runner: RunnerChoice, settings: RunSettings, wave: Sequence[Due]) -> None:
    from pipeline import batch  # brings torch, which a night without work does not need

    listed = references.write(settings.wave_folder, [due.source for due in wave])
    pipeline = beam.Pipeline(runner=create_runner(runner), options=pipeline_options(runner))
    batch.build(pipeline, listed, settings)
    pipeline.run().wait_until_finish()


@contextmanager
def broken_off() -> Iterator[None]:
    """Whatever stops the body, such as what a runner's workers raised, becomes a RunBrokenError."""
    try:
        yield
    except CommandError:
        raise
    except Exception as error:
        raise RunBrokenError(
            f"実行が途中で止まりました: {said(error)}。公開済みの表は変えていません。"
            "原因を取り除いて同じコマンドをもう一度実行してください（読み取り済みのページは再利用します）。"
        ) from error


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. `staged` are its rows, which are there for as long as the run holds its output."""

    night: Night
    counts: Counts
    vitals: Vitals
    verdict: Verdict
    staged: tuple[StagedFile, ...]
    row: Mapping[str, Any]
    quarantined: tuple[str, ...]

    @property
    def exit_code(self) -> ExitCode:
        if not self.night.plan.due and not self.night.plan.failed and not self.night.plan.forgotten:
            return ExitCode.NOTHING_TO_DO
        failed = any(file.table is Table.FAILURES for file in self.staged)
        return ExitCode.PARTIAL_SUCCESS if failed else ExitCode.DONE


class Watcher(Protocol):
    """Whom a run tells what it has come to."""

    def started(self, settings: RunSettings) -> None: ...
    def planned(self, night: Night) -> None: ...
    def wave(self, number: int, documents: int, pages: int) -> None: ...
    def audited(self, report: RunReport) -> None:
        """The staged rows can be read; the next step is to publish them."""

    def published(self, report: RunReport) -> None: ...


def execute(request: RunRequest, supervised: Supervision, console: Console, watcher: Watcher) -> ExitCode:
    """Runs the batch and publishes its tables.

    Raises CommandError: RunBrokenError, BrokenContractError and AuditFailedError with nothing published.
    """
    pipeline_options(request.runner)  # what lacks is said before anything is listed
    refuse_overlap(request.inbox, request.out)
    settings = settle(request)
    make_output(request.out)
    if request.runner.is_local:
        settings = replace(settings, progress=supervised.progress)
    showing = shown(supervised.progress, console) if request.runner.is_local else nullcontext()
    with only_run(request.out, settings.run_id, request.wait_seconds) as still_ours, Meter() as meter:
        try:
            tidy(request.out)
            watcher.started(settings)
            request = replace(request, runner=reachable(request, settings))
            with showing:
                night = prepare(request, settings, supervised.last)
                watcher.planned(night)
                pages = sum(due.source.pages for due in night.plan.due)
                check_room(request.out, pages, request.pictures)
                rows = tuple(work(request.runner, night, watcher))
            refuse_replaced(settings)
            tell(settings.progress, Event.PHASE, stage="publish")
            report = conclude(request, night, rows, meter)
            watcher.audited(report)
            still_ours()
            publish(report, request.publishing.keep_days)
            watcher.published(report)
            return report.exit_code
        finally:
            files.remove_tree(settings.staging)


def tidy(out: str) -> None:
    """Removes what a killed run left behind. Raises CommandError."""
    try:
        versions.sweep(out)
        files.remove_tree(files.join(out, STAGING))
    except OSError as error:
        raise CommandError(
            f"前回の実行の残りを片付けられません: {out}({error})。権限を確かめてください。"
        ) from error


def reachable(request: RunRequest, settings: RunSettings) -> RunnerChoice:
    """The runner with those of its hosts that answer. Raises CommandError where none does."""
    if not request.runner.hosts:
        return request.runner
    from pipeline.machines.hosts import those_that_answer

    paths = [request.inbox, *settings.models.values()]
    if settings.password_file is not None:
        paths.append(settings.password_file)
    files.make_folder(settings.staging)
    hosts = those_that_answer(request.runner.hosts, settings.staging, paths)
    return replace(request.runner, hosts=hosts)


def conclude(request: RunRequest, night: Night, rows: Sequence[StagedFile], meter: Meter) -> RunReport:
    """Adds the rows of failures, sources and the run itself to the staged `rows`, and audits them all.

    Raises BrokenContractError or AuditFailedError.
    """
    settings, planned = replace(night.settings, wave=0), night.plan
    now = Fingerprints(settings.engine_id, settings.understanding)
    ended = endings(rows, planned)
    known = after(planned, night.known, ended.published, ended.whole_failures, now, night.started)
    set_aside = [quarantine(source.doc_id, source.file) for source in planned.quarantined]
    failures = failure_rows(
        [*ended.failures, *planned.failed, *set_aside],
        {**night.known, **{one.file.name: one for one in known}},
        first_seen(settings.tables),
        night.started,
    )
    staged = [file for file in rows if file.table is not Table.FAILURES]
    if failures:
        staged.append(stage(Table.FAILURES, failures, settings))
    if known:
        staged.append(stage(Table.SOURCES, to_rows(known), settings))
    with opened(staged) as tables:
        counts = check(staged, tables, planned)
        vitals = vitals_of(tables, counts.failed_share)
    # Failures that are tried again are no ordinary night.
    earlier = () if request.bounds.retry else history(settings.tables)
    verdict = judge(vitals, earlier, request.publishing.fail_above)
    if not request.publishing.force:
        refuse(verdict)
    row = run_row(request, night, counts, vitals, meter)
    staged.append(stage(Table.RUNS, [row], settings))
    named = tuple(name for name, skip in planned.skipped.items() if skip is Skip.QUARANTINED)
    return RunReport(night, counts, vitals, verdict, tuple(staged), row, named)


def publish(report: RunReport, keep_days: int) -> None:
    """Shows the night to readers. Raises RunBrokenError with nothing changed for them."""
    settings = report.night.settings
    back = taken_back(report.night.plan, report.night.known)
    version = versions.begin(settings.out, settings.run_id)
    try:
        publish_version(
            version.folder,
            report.staged,
            Replaced(back.doc_ids, back.file_names, back.partitions),
            begun=lambda table: tell(settings.progress, Event.PHASE, stage=f"publish {table.value}"),
        )
        version.commit()
    except BaseException:
        version.abandon()
        raise
    versions.prune(settings.out, keep_days, datetime.datetime.now(datetime.UTC))


def run_row(
    request: RunRequest, night: Night, counts: Counts, vitals: Vitals, meter: Meter
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
        **{name: value for name, value in asdict(vitals).items() if name != "documents"},
        "parts": vitals.documents,
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
