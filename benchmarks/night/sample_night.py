"""One whole run over the sample inbox: time, memory, and the published tables against the truth.

python -m benchmarks.night.sample_night [--workers 2] [--engine ppocr]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import f1_score

from benchmarks.night.process_tree import Cost, measure
from fixtures.comparing.measures import fields_found, plain
from fixtures.truth_file import FIXTURES, INBOX, Truth, read_truth

TASKS = {"call-log": ("needs", "urgency"), "daily-report": ("issues", "impact")}


def run_batch(out: Path, workers: int, engine: str) -> Cost:
    """Runs the command over the sample inbox."""
    command: list[str | Path] = [Path(sys.executable).with_name("yomitori"), "run", INBOX, out]
    command += [part for app in TASKS for part in ("--app", FIXTURES / "apps" / app)]
    return measure([*command, "--workers", str(workers), "--engine", engine])


class RunTables:
    """The tables of a run, asked through DuckDB."""

    def __init__(self, out: Path) -> None:
        self._tables = out / "tables"

    def rows(self, select: str, table: str, where: str = "true") -> list[tuple[Any, ...]]:
        source = f"read_parquet('{self._tables}/{table}/dt=*/*.parquet', union_by_name=true)"
        return duckdb.sql(f"SELECT {select} FROM {source} WHERE {where}").fetchall()


def compare(published: RunTables, console: Console) -> None:
    truths = [truth for truth in read_truth() if truth.failure is None or truth.failed_pages]
    ids = dict(published.rows("file_name, doc_id", "documents"))
    known = [truth for truth in truths if truth.file in ids]
    table = Table(title="published tables against the truth", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_row("documents published", f"{len(known)}/{len(truths)}")
    dates = dict(published.rows("file_name, CAST(business_date AS VARCHAR)", "documents"))
    dated = [truth for truth in known if truth.date]
    table.add_row("business date", f"{sum(dates[t.file] == t.date for t in dated)}/{len(dated)}")
    kinds = dict(published.rows("file_name, kind", "documents"))
    routed = [truth for truth in known if truth.labels]
    table.add_row("kind", f"{sum(kinds[t.file] == t.kind for t in routed)}/{len(routed)}")
    fields = published.rows("doc_id, name, value", "fields")
    found = sum(
        fields_found(t.fields, [(name, value) for doc, name, value in fields if doc == ids[t.file]])
        for t in known
    )
    table.add_row("fields", f"{found}/{sum(len(t.fields) for t in known)}")
    for application, (task, score) in TASKS.items():
        members = [truth for truth in known if task in truth.labels]
        for figure, value in _figures(published, ids, application, task, score, members):
            table.add_row(f"{application}: {figure}", value)
    console.print(table)


def _figures(
    published: RunTables, ids: dict[str, str], application: str, task: str, score: str, truths: list[Truth]
) -> Iterator[tuple[str, str]]:
    of_task = f"application = '{application}' AND task = '{task}'"
    labels = sorted({label for (label,) in published.rows("DISTINCT label_minor", "predictions", of_task)})
    accepted = set(published.rows("doc_id, label_minor", "predictions", f"{of_task} AND accepted"))
    gold = np.array([[label in _labels(truth, task) for label in labels] for truth in truths])
    guess = np.array([[(ids[truth.file], label) in accepted for label in labels] for truth in truths])
    yield f"{task} macro-F1 ({len(truths)} documents)", f"{f1_score(gold, guess, average='macro'):.3f}"
    for label, value in zip(labels, f1_score(gold, guess, average=None), strict=True):
        support = gold[:, labels.index(label)].sum()
        yield f"  {label} F1 ({support})", f"{value:.3f}"
    yield "exact match", f"{(gold == guess).all(axis=1).mean():.3f}"

    sentences = published.rows("doc_id, text", "evidence", of_task)
    hits = proofs = claims = 0
    for truth in truths:
        claimed = {plain(text) for doc, text in sentences if doc == ids[truth.file]}
        true = {plain(text) for text in truth.evidence.get(task, ())}
        hits += sum(any(_same(one, other) for other in claimed) for one in true)
        proofs, claims = proofs + len(true), claims + len(claimed)
    yield f"evidence F1 ({proofs} sentences)", f"{2 * hits / max(1, proofs + claims):.3f}"

    values = dict(published.rows("doc_id, value", "scores", f"task = '{score}'"))
    errors = [abs(values[ids[t.file]] - t.scores[score]) for t in truths if ids[t.file] in values]
    yield f"{score} mean absolute error", f"{np.mean(errors):.3f}"


def _labels(truth: Truth, task: str) -> tuple[str, ...]:
    labels = truth.labels[task]
    return (labels,) if isinstance(labels, str) else labels


def _same(truth: str, claim: str) -> bool:
    """One stands in the other, a few misread characters allowed."""
    from rapidfuzz import fuzz

    return fuzz.partial_ratio(truth, claim) >= 90 and min(len(truth), len(claim)) >= 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engine", default="ppocr")
    arguments = parser.parse_args()
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "out"
        first = run_batch(out, arguments.workers, arguments.engine)
        again = run_batch(out, arguments.workers, arguments.engine)
        if not (out / "tables").is_dir():
            sys.exit("the run published nothing")
        published = RunTables(out)
        (pages,) = published.rows("count(*)", "pages")[0]
        (documents,) = published.rows("count(*)", "documents")[0]
        table = Table(title=f"{documents} documents, {pages} pages, {arguments.workers} workers")
        for column in ("run", "exit code", "wall s", "CPU s", "CPU s a page", "peak MiB"):
            table.add_column(column, justify="right")
        for name, cost in (("first", first), ("again, nothing due", again)):
            table.add_row(
                name,
                str(cost.exit_code),
                f"{cost.wall_seconds:.1f}",
                f"{cost.cpu_seconds:.1f}",
                f"{cost.cpu_seconds / pages:.2f}",
                f"{cost.peak_mib:.0f}",
            )
        console.print(table)
        compare(published, console)


if __name__ == "__main__":
    main()
