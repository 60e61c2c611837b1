"""One run of the batch: what is due is worked on in waves, audited, and published all at once."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

from rich.console import Console

from pipeline import files
from pipeline.errors import CommandError
from pipeline.exit_codes import ExitCode
from pipeline.inbox.listing import refuse_overlap
from pipeline.machines.runners import RunnerChoice, pipeline_options
from pipeline.night.conclude import conclude
from pipeline.night.prepare import prepare
from pipeline.night.resolve import RunRequest, refuse_replaced, resolve
from pipeline.night.show import publish
from pipeline.night.watcher import Watcher
from pipeline.night.work import work
from pipeline.progress.events import Event, shown, tell
from pipeline.publishing import versions
from pipeline.reporting.meter import Meter
from pipeline.run_settings import STAGING, RunSettings
from pipeline.supervision.disk import check_room, make_output
from pipeline.supervision.lock import only_run
from pipeline.supervision.supervised_run import Supervision


def execute(request: RunRequest, supervised: Supervision, console: Console, watcher: Watcher) -> ExitCode:
    """Runs the batch and publishes its tables.

    Raises CommandError: RunBrokenError, BrokenContractError and AuditFailedError with nothing published.
    """
    pipeline_options(request.runner)  # what lacks is said before anything is listed
    refuse_overlap(request.inbox, request.out)
    settings = resolve(request)
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
