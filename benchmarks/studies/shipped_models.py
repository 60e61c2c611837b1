"""What follows OCR: seconds a document by step, and the shipped models against a linear baseline.

python -m benchmarks.studies.shipped_models
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from benchmarks.learning.contender_figures import figures
from benchmarks.learning.peers.linear import solve
from benchmarks.learning.problem import Problem
from fixtures.truth_file import FIXTURES
from nlu.encoders.loading import one_thread
from nlu.evaluation.comparing import compare
from nlu.evaluation.report.markdown import to_markdown
from nlu.model.tailored import TailoredModel
from nlu.records.record_files import read_records
from nlu.text.boundaries.sentences import SentenceSplitter

APPS = ("call-log", "daily-report")
_DOCUMENTS = 100
_BATCH = 16
Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """The result and the CPU seconds it took."""
    started = time.process_time()
    result = work()
    return result, time.process_time() - started


def cost(folder: Path, console: Console) -> None:
    """CPU seconds a document of every step between OCR and the tables."""
    splitter, splitter_seconds = timed(SentenceSplitter)
    splitter.split("準備のための一文です。", ())
    model, model_seconds = timed(lambda: TailoredModel.load(folder / "model"))
    records = read_records(folder / "test.jsonl", model.application)[:_DOCUMENTS]
    split, split_seconds = timed(lambda: [splitter.split(record.text, ()) for record in records])
    prepared, prepare_seconds = timed(
        lambda: [model.prepare(r.id, sentences) for r, sentences in zip(records, split, strict=True)]
    )
    prepared.sort(key=lambda one: one.length)
    _, understand_seconds = timed(
        lambda: [model.understand(prepared[i : i + _BATCH]) for i in range(0, len(prepared), _BATCH)]
    )
    table = Table(title=f"{folder.name}: CPU seconds, one thread", title_justify="left")
    for column in ("step", "seconds", "ms a document"):
        table.add_column(column, justify="left" if column == "step" else "right")
    table.add_row("load dictionary", f"{splitter_seconds:.2f}", "")
    table.add_row("load encoder and model", f"{model_seconds:.2f}", "")
    steps = {"sentences": split_seconds, "select and tokenise": prepare_seconds, "model": understand_seconds}
    for step, seconds in steps.items():
        table.add_row(step, f"{seconds:.2f}", f"{1000 * seconds / len(records):.1f}")
    console.print(table)


def quality(folder: Path, console: Console) -> None:
    """The shipped model and the linear peer on the test records."""
    model = TailoredModel.load(folder / "model")
    application = model.application
    test = read_records(folder / "test.jsonl", application)
    evaluation = compare(application, list(model.judge(test)))
    console.rule(f"{folder.name}: shipped model, test records")
    console.print(to_markdown(evaluation), markup=False, highlight=False)
    train, dev = (read_records(folder / f"{split}.jsonl", application) for split in ("train", "dev"))
    for task in application.classifications:
        problem = Problem(task, application.sheets[task.name], train, dev, test, seed=0)
        linear = figures(problem, solve(problem))
        ours = next(found.macro_f1 for found in evaluation.classifications if found.task == task.name)
        console.print(
            f"{task.name}: macro-F1 {ours:.3f}, linear {linear['macro_f1']:.3f}"
            f" (evidence F1 {linear['evidence_f1']:.3f})"
        )


def main() -> None:
    one_thread()
    console = Console(width=120)
    for name in APPS:
        cost(FIXTURES / "apps" / name, console)
    for name in APPS:
        quality(FIXTURES / "apps" / name, console)
    console.print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
