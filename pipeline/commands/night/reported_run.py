"""A run as its operator sees it: progress, log, summary, metrics, exit code, however it ends."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from ocr.traces import may_quote, said
from pipeline import files
from pipeline.due.known import Status
from pipeline.due.ledger import failed_names, read_known
from pipeline.due.reasons import Reason
from pipeline.errors import CommandError
from pipeline.exit_codes import ExitCode
from pipeline.night.conclude import RunReport
from pipeline.night.last_request import remember
from pipeline.night.prepare import Night
from pipeline.night.resolve import RunRequest
from pipeline.night.run import execute
from pipeline.night.watcher import Watcher
from pipeline.publishing.staged_views import opened
from pipeline.publishing.versions import list_versions
from pipeline.reporting import prometheus_file as metrics
from pipeline.reporting import run_records as records
from pipeline.reporting import summary
from pipeline.reporting.facts import RunFacts, findings_of
from pipeline.reporting.logs import LogFormat, LogText, RunEvent, configure, hush_processes, run_log
from pipeline.run_settings import TABLES, RunSettings
from pipeline.supervision.strikes import clear_strikes
from pipeline.supervision.supervised_run import Supervision, obey


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """How a run is told of: `metrics_file` is OUT/metrics/yomitori.prom where None."""

    log_format: LogFormat
    log_text: LogText
    metrics_file: Path | None


def run_night(
    request: RunRequest, supervised: Supervision, options: ReportOptions, console: Console
) -> ExitCode:
    """Runs the batch, tells of it, and returns how it ended. Raises CommandError."""
    if options.log_text is LogText.NEVER:
        hush_processes()
    configure(options.log_format, text=options.log_text)
    obey(supervised)
    watcher = _Reporter(request, options, console)
    try:
        return execute(request, supervised, console, watcher)
    except (Exception, KeyboardInterrupt) as error:
        watcher.broke_off(error)
        raise


def retry_failures(
    request: RunRequest,
    categories: frozenset[str],
    supervised: Supervision,
    options: ReportOptions,
    console: Console,
) -> ExitCode:
    """Runs over the files whose failures are in `categories` (all where empty) and over nothing else.

    Raises CommandError.
    """
    tables = files.join(request.out, TABLES)
    names = failed_names(tables, categories)
    if not names:
        raise CommandError(
            f"やり直す失敗がありません: {request.out}。"
            "failures 表の category 列にある名前を --category に指定してください。"
        )
    known = read_known(tables)
    set_aside = {
        known[name].doc_id for name in names if name in known and known[name].status is Status.QUARANTINED
    }
    clear_strikes(request.out, set_aside)
    bounds = replace(request.bounds, only=frozenset({Reason.RETRY}), retry=names)
    return run_night(replace(request, bounds=bounds), supervised, options, console)


class _Reporter(Watcher):
    """Tells log, terminal, record and metrics what a run comes to."""

    def __init__(self, request: RunRequest, options: ReportOptions, console: Console) -> None:
        self._request = request
        self._console = console
        self._settings: RunSettings | None = None
        self._metrics = metrics.path_of(request.out, options.metrics_file)

    def started(self, settings: RunSettings) -> None:
        self._settings = settings
        self._log = run_log(settings.run_id)
        self._log.tell(RunEvent.STARTED, "実行を始めます", inbox=self._request.inbox, out=settings.out)
        self._tell_of_the_last_run()
        remember(self._request)

    def _tell_of_the_last_run(self) -> None:
        """Where it was killed between its publish and its record."""
        out = self._request.out
        with self._keeping():
            for run_id in records.finish_drafts(out, {one.run_id for one in list_versions(out)}):
                self._console.print(
                    f"前回の実行 {run_id} は、公開した直後に止まりました。"
                    f"記録: {files.join(out, records.FOLDER, run_id)}.txt",
                    soft_wrap=True,
                )

    @contextmanager
    def _keeping(self) -> Iterator[None]:
        """A record that cannot be kept stops no run: the tables are what counts."""
        try:
            yield
        except OSError as error:
            logging.getLogger(__name__).warning("実行記録を書けません: %s", error)

    def planned(self, night: Night) -> None:
        plan = night.plan
        self._log.tell(
            RunEvent.PLANNED,
            f"一覧 {len(plan.listed)} 件、処理する文書 {len(plan.due)} 件",
            listed=len(plan.listed),
            due=len(plan.due),
            pages=sum(due.source.pages for due in plan.due),
            unidentified=len(plan.failed),
            skipped=len(plan.skipped),
            forgotten=len(plan.forgotten),
            left_out=night.left_out,
        )

    def wave(self, number: int, documents: int, pages: int) -> None:
        text = f"第 {number} 回分: 文書 {documents} 件、{pages} ページ"
        self._log.tell(RunEvent.WAVE, text, wave=number, documents=documents, pages=pages)

    def audited(self, report: RunReport) -> None:
        verdict = report.verdict
        text = f"検査を終えました: ふだんと違う値 {len(verdict.alarms)} 件"
        self._log.tell(RunEvent.AUDITED, text, alarms=len(verdict.alarms), not_judged=verdict.not_judged)
        with opened(report.staged) as night:
            findings = findings_of(night)
        settings = report.night.settings
        self._facts = RunFacts(
            settings.run_id,
            report.exit_code,
            report.row,
            findings,
            verdict,
            report.quarantined,
            tables=settings.tables,
            pictures=settings.picture_folder if settings.pictures else "",
        )
        with self._keeping():
            records.draft(self._facts, self._request.out)

    def published(self, report: RunReport) -> None:
        for failure in self._facts.findings.failures:
            self._log.tell(
                RunEvent.FAILURE,
                f"{failure.file}: {failure.category}",
                document=failure.doc_id,
                file=failure.file,
                stage=failure.stage,
                category=failure.category,
                page=failure.page,
            )
        self._log.tell(RunEvent.PUBLISHED, "公開しました", documents=report.counts.documents)
        self._end(self._facts)

    def broke_off(self, error: Exception | KeyboardInterrupt) -> None:
        """Keeps a record of a run that published nothing, where it came to having a name."""
        if self._settings is None:
            return
        if isinstance(error, CommandError):
            code, message = error.exit_code, str(error)
        elif isinstance(error, KeyboardInterrupt):
            code, message = ExitCode.INTERRUPTED, "中断しました。"
        else:
            code, message = ExitCode.BROKEN_OFF, said(error)
        self._end(RunFacts(self._settings.run_id, code, {}, message=message), shown=False)

    def _end(self, facts: RunFacts, shown: bool = True) -> None:
        with self._keeping():
            records.write(facts, self._request.out)
            metrics.write(facts, self._metrics)
        self._log.tell(
            RunEvent.FINISHED, f"終わりました ({facts.exit_code.name})", exit_code=int(facts.exit_code)
        )
        if shown:
            quoting = self._console.is_terminal or may_quote()
            summary.show(facts, self._console, quoting=quoting)
            if facts.findings.unread_titles and not quoting:
                record = files.join(self._request.out, records.FOLDER, f"{facts.run_id}.txt")
                self._console.print(
                    f"どのアプリケーションも読まない文書の題名: {record}", soft_wrap=True, markup=False
                )
