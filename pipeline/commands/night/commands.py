"""The commands of the nightly batch: run, plan, retry, versions, worker. Options in, exit code out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.shared_options import (
    Applications,
    Engine,
    EngineName,
    Exclude,
    From,
    Models,
    PasswordFile,
    SecondEngine,
    To,
    console,
    day,
    engines,
)
from pipeline.exit_codes import ExitCode
from pipeline.machines.runners import LOCAL_RUNNERS
from pipeline.reporting.logs import LogFormat, LogText

if TYPE_CHECKING:
    from pipeline.due.plan import Bounds
    from pipeline.machines.runners import RunnerChoice
    from pipeline.night.last_request import Remembered

_Inbox = Annotated[str, typer.Argument(help="Folder (or URI) of documents.")]
_Out = Annotated[str, typer.Argument(help="Folder (or URI) for tables and what OCR read.")]
_Workers = Annotated[
    int, typer.Option(min=1, help="Worker processes on this machine, or on each of --hosts.")
]
_Runner = Annotated[str, typer.Option(help="FnApiRunner (local), PortableRunner or DataflowRunner.")]
_Hosts = Annotated[
    str, typer.Option(help="Hosts that serve yomitori worker, to run on instead: a:5000,b:5000.")
]
_Submitter = Annotated[
    str | None, typer.Option(help="Address at which the hosts reach this machine; found without it.")
]
_Pictures = Annotated[bool, typer.Option(help="Draw what was found over every page.")]
_LimitPages = Annotated[
    int | None, typer.Option(min=1, help="Work on about so many pages; the rest stays due.")
]
_OnlyChangedModel = Annotated[
    bool, typer.Option("--only-changed-model", help="Only what another model would understand otherwise.")
]
_ForcePublish = Annotated[
    bool, typer.Option("--force-publish", help="Publish also what is unlike earlier nights.")
]
_FailAbove = Annotated[
    float | None, typer.Option(min=0, max=1, help="Publish nothing where a larger share of files fails.")
]
_KeepDays = Annotated[
    int, typer.Option(min=0, help="Days for which earlier versions of the tables are kept.")
]
_Wait = Annotated[float, typer.Option(min=0, help="Seconds to wait for another run on OUT to end.")]
_Restarts = Annotated[int, typer.Option(min=0, help="How often a run that died or hung is started again.")]
_LogFormat = Annotated[LogFormat, typer.Option(help="Log lines on standard error; auto: text on a terminal.")]
_LogText = Annotated[LogText, typer.Option(help="Whether logs may hold words of the documents.")]
_MetricsFile = Annotated[
    Path | None, typer.Option(help="Prometheus text file; OUT/metrics/yomitori.prom without it.")
]


def add_to(app: typer.Typer) -> None:
    """Makes the commands part of the command line."""
    app.command(
        context_settings={"allow_extra_args": True},
        epilog="Options of Beam's own runners go after a lone --, for example: -- --project=p --region=r",
    )(run)
    for command in (plan, retry, versions, worker):
        app.command()(command)


def run(
    context: typer.Context,
    inbox: _Inbox,
    out: _Out,
    applications: Applications = None,
    models: Models = None,
    engine: Engine = EngineName.PPOCR,
    second_engine: SecondEngine = None,
    workers: _Workers = 1,
    runner: _Runner = "FnApiRunner",
    hosts: _Hosts = "",
    submitter: _Submitter = None,
    pictures: _Pictures = False,
    password_file: PasswordFile = None,
    exclude: Exclude = None,
    first: From = "",
    last: To = "",
    limit_pages: _LimitPages = None,
    only_changed_model: _OnlyChangedModel = False,
    force_publish: _ForcePublish = False,
    fail_above: _FailAbove = None,
    keep_days: _KeepDays = 28,
    wait: _Wait = 0.0,
    restarts: _Restarts = 3,
    log_format: _LogFormat = LogFormat.AUTO,
    log_text: _LogText = LogText.NEVER,
    metrics_file: _MetricsFile = None,
) -> None:
    """Read what is new or changed in INBOX and publish the tables under OUT, all at once."""
    from pipeline.supervision.supervised_run import supervision

    supervised = supervision(os.environ)
    if supervised is None:
        is_local = runner in LOCAL_RUNNERS and not hosts
        raise typer.Exit(_supervise(out, restarts, metrics_file, tells_progress=is_local))

    from pipeline.commands.night.reported_run import ReportOptions, run_night
    from pipeline.night.resolve import Publishing

    both = engines(engine, second_engine)
    asked = _asked(inbox, applications, models, both, password_file, exclude, pictures)
    machines = _machines(runner, workers, tuple(context.args), hosts, submitter)
    bounds = _bounds(first, last, limit_pages, only_changed_model)
    publishing = Publishing(force_publish, fail_above, keep_days)
    request = asked.request(out, machines, bounds=bounds, publishing=publishing, wait_seconds=wait)
    told = ReportOptions(log_format, log_text, metrics_file)
    raise typer.Exit(run_night(request, supervised, told, console()))


def retry(
    out: _Out,
    category: Annotated[
        list[str] | None, typer.Option(help="Only failures of this category; may be repeated.")
    ] = None,
    workers: _Workers = 1,
    restarts: _Restarts = 3,
    log_format: _LogFormat = LogFormat.AUTO,
    log_text: _LogText = LogText.NEVER,
    metrics_file: _MetricsFile = None,
) -> None:
    """Try the failures of OUT again, with what its last run was asked for."""
    from pipeline.supervision.supervised_run import supervision

    supervised = supervision(os.environ)
    if supervised is None:
        raise typer.Exit(_supervise(out, restarts, metrics_file, tells_progress=True))

    from pipeline.commands.night.reported_run import ReportOptions, retry_failures
    from pipeline.machines.runners import RunnerChoice
    from pipeline.night.last_request import recall

    request = recall(out).request(out, RunnerChoice(workers=workers))
    options = ReportOptions(log_format, log_text, metrics_file)
    raise typer.Exit(retry_failures(request, frozenset(category or ()), supervised, options, console()))


def plan(
    inbox: _Inbox,
    out: _Out,
    applications: Applications = None,
    models: Models = None,
    engine: Engine = EngineName.PPOCR,
    second_engine: SecondEngine = None,
    workers: _Workers = 1,
    password_file: PasswordFile = None,
    exclude: Exclude = None,
    first: From = "",
    last: To = "",
    limit_pages: _LimitPages = None,
    only_changed_model: _OnlyChangedModel = False,
    price: Annotated[float | None, typer.Option(min=0, help="Price of a CPU-hour, to tell the cost.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell what a run would do, how long it would take and what it would cost; nothing is written."""
    from pipeline.commands.night.show_plan import plan_json, plan_night, show_plan
    from pipeline.machines.runners import RunnerChoice
    from pipeline.night.broken_off import broken_off

    asked = _asked(inbox, applications, models, engines(engine, second_engine), password_file, exclude)
    bounds = _bounds(first, last, limit_pages, only_changed_model)
    request = asked.request(out, RunnerChoice(workers=workers), bounds=bounds)
    with broken_off():
        planned, estimated = plan_night(request, price)
    if as_json:
        typer.echo(plan_json(planned, estimated))
    else:
        show_plan(planned, estimated, console())


def versions(
    out: _Out,
    restore: Annotated[str, typer.Option(help="Show the version of this run again.")] = "",
) -> None:
    """List the kept versions of the tables, or show an earlier one again."""
    from pipeline.publishing import versions as kept
    from pipeline.supervision.lock import only_run

    if restore:
        with only_run(out, f"versions --restore {restore}"):
            kept.sweep(out)
            kept.restore(out, restore)
    shown, found = kept.current(out), list(kept.list_versions(out))
    if not found:
        console().print(f"{out} には表の版がまだありません。出力先の場所を確かめてください。", soft_wrap=True)
        raise typer.Exit(ExitCode.NOTHING_TO_DO)
    for version in found:
        mark = "*" if version.run_id == shown else " "
        console().print(f"{mark} {version.run_id}  {version.published_at:%Y-%m-%d %H:%M:%S}", highlight=False)


def worker(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to wait for work at.")],
    bind: Annotated[
        str,
        typer.Option(help="Address of this host in a private network; who reaches it can run code here."),
    ] = "127.0.0.1",
) -> None:
    """Serve worker processes on this host to runs that name it by --hosts."""
    from pipeline.machines.pool import serve

    serve(bind, port)


def _asked(
    inbox: str,
    applications: list[Path] | None,
    models: list[Path] | None,
    engine: str,
    password_file: str | None,
    exclude: list[str] | None,
    pictures: bool = False,
) -> Remembered:
    from pipeline.night.last_request import Remembered

    return Remembered(
        inbox=inbox,
        applications=tuple(map(str, applications or ())),
        models=tuple(map(str, models or ())),
        engine=engine,
        pictures=pictures,
        password_file=password_file,
        exclude=tuple(exclude or ()),
    )


def _supervise(out: str, restarts: int, metrics_file: Path | None, tells_progress: bool) -> int:
    """Runs this very command in a process of its own, under watch, and returns its exit code."""
    from ocr.limits import Limits
    from pipeline.inbox.listing import PAGES_A_PART
    from pipeline.supervision.watchdog import WatchSettings, longest_silence, supervise

    silence = longest_silence(Limits(), PAGES_A_PART) if tells_progress else None
    command = [sys.executable, "-m", "pipeline.commands.main", *sys.argv[1:]]
    code = supervise(command, WatchSettings(restarts, silence), out, console())
    if code == ExitCode.WATCHDOG:  # nobody else is left to tell it
        from pipeline.reporting import prometheus_file as metrics
        from pipeline.reporting.facts import RunFacts

        metrics.write(RunFacts("", ExitCode.WATCHDOG, {}), metrics.path_of(out, metrics_file))
    return code


def _machines(
    runner: str, workers: int, options: tuple[str, ...], hosts: str, submitter: str | None
) -> RunnerChoice:
    from pipeline.machines.runners import RunnerChoice

    if not hosts:
        return RunnerChoice(runner, workers, options)
    from pipeline.machines.hosts import parse_hosts

    return RunnerChoice(runner, workers, options, parse_hosts(hosts), submitter)


def _bounds(first: str, last: str, limit_pages: int | None, only_changed_model: bool) -> Bounds:
    """Raises CommandError where a day is none."""
    from pipeline.due.plan import Bounds
    from pipeline.due.reasons import Reason

    for name, text in (("--from", first), ("--to", last)):
        day(name, text)
    only = frozenset({Reason.UNDERSTANDING}) if only_changed_model else None
    return Bounds(first, last, limit_pages, only)
