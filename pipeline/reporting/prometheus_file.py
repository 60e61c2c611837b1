"""The last run as a Prometheus text file, for the textfile collector of node_exporter."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from pipeline import files
from pipeline.exit_codes import ExitCode

if TYPE_CHECKING:
    from pipeline.reporting.facts import RunFacts

LAST_SUCCESS = "yomitori_last_success_timestamp_seconds"
_SUCCESSES = (ExitCode.DONE, ExitCode.PARTIAL_SUCCESS, ExitCode.NOTHING_TO_DO)
_OUTCOMES = ("documents", "copies", "failed", "skipped", "waiting")
_GAUGES = (
    ("listed", "yomitori_run_listed_files", "Files in the inbox."),
    ("gone", "yomitori_run_gone_files", "Known files that are no longer in the inbox."),
    ("left_out", "yomitori_run_left_out_files", "Files and folders of the inbox that are no documents."),
    ("partial", "yomitori_run_partial_documents", "Documents of which some pages failed."),
    ("pages", "yomitori_run_pages", "Pages with a result."),
    ("pages_read", "yomitori_run_pages_read", "Pages that were read, not kept from an earlier run."),
    ("wall_seconds", "yomitori_run_wall_seconds", "How long the run took."),
    ("cpu_seconds", "yomitori_run_cpu_seconds", "CPU time of the run and all its processes."),
    ("confidence", "yomitori_run_confidence", "Mean OCR confidence of the documents, 0 to 1."),
    ("empty_share", "yomitori_run_empty_share", "Share of documents without text, 0 to 1."),
    ("failed_share", "yomitori_run_failed_share", "Share of the files tried that failed, 0 to 1."),
)


def path_of(out: str, asked: Path | None) -> str:
    """Where the file of an output lies, if no other place was asked for."""
    return str(asked) if asked is not None else files.join(out, "metrics", "yomitori.prom")


def write(facts: RunFacts, path: str, now: Callable[[], float] = time.time) -> None:
    """Replaces the file at `path` (or URI) as a whole; the time of the last success is carried on.

    Raises OSError.
    """
    before = files.read(path).decode() if files.exists(path) else ""
    files.write_whole(path, generate_latest(_registry(facts, _last_success(before), now())))


def _last_success(before: str) -> float | None:
    try:
        found = [
            sample.value
            for family in text_string_to_metric_families(before)
            for sample in family.samples
            if sample.name == LAST_SUCCESS
        ]
    except ValueError:  # somebody else's file, or half of one
        return None
    return found[0] if found else None


def _registry(facts: RunFacts, last_success: float | None, now: float) -> CollectorRegistry:
    registry = CollectorRegistry()

    def gauge(name: str, text: str, value: float) -> None:
        Gauge(name, text, registry=registry).set(value)

    def by(label: str, name: str, text: str, values: Iterable[tuple[str, float]]) -> None:
        family = Gauge(name, text, [label], registry=registry)
        for key, value in values:
            family.labels(key).set(value)

    row: Mapping[str, Any] = {name: value for name, value in facts.row.items() if value is not None}
    gauge("yomitori_run_timestamp_seconds", "When the last run ended, Unix time.", now)
    gauge("yomitori_run_exit_code", "How the last run ended.", facts.exit_code)
    if facts.exit_code in _SUCCESSES:
        last_success = now
    if last_success is not None:
        gauge(LAST_SUCCESS, "When a run last ended with 0, 10 or 11, Unix time.", last_success)
    for column, name, text in _GAUGES:
        if column in row:
            gauge(name, text, row[column])
    if "peak_mib" in row:
        gauge("yomitori_run_peak_memory_bytes", "Most memory of all processes.", row["peak_mib"] * 2**20)
    outcomes = [(name, row[name]) for name in _OUTCOMES if name in row]
    by("outcome", "yomitori_run_files", "Listed files by what became of them.", outcomes)
    stages = dict(row.get("stage_seconds", {})).items()
    by("stage", "yomitori_run_stage_seconds", "Seconds of work by stage, over all workers.", stages)
    reasons = dict(row.get("due", {})).items()
    by("reason", "yomitori_run_due_documents", "Documents that were due, by reason.", reasons)
    gauge("yomitori_quarantined_files", "Files that are not tried any more.", len(facts.quarantined))
    gauge("yomitori_alarms", "Figures unlike those of earlier runs.", len(facts.verdict.alarms))
    return registry
