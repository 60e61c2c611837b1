"""`python -m benchmarks.learning run|report|speed|export`: finished runs are kept and never repeated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.learning.datasets import DATASETS, load
from benchmarks.learning.runner import FAST, OURS, PEERS
from benchmarks.learning.subsets import SIZES
from nlu.encoders.loading import one_thread

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@app.command()
def run(
    contender: Annotated[list[str], typer.Option(help=f"{', '.join((*PEERS, FAST, OURS))}.")],
    dataset: Annotated[list[str], typer.Option(help=f"{', '.join(DATASETS)}.")],
    size: Annotated[list[str] | None, typer.Option(help="8 or 64 a label, 500 or 5000 in all.")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="1, 2 and 3 where none is given.")] = None,
    task: Annotated[list[str] | None, typer.Option(help="Only these tasks.")] = None,
    matching: Annotated[
        Path | None, typer.Option(help="What the encoder knows of label sheets; without the data set's own.")
    ] = None,
) -> None:
    """Run what is missing."""
    from benchmarks.learning.runner import run as run_missing
    from nlu.encoders import matching as matching_of_encoder

    if matching is not None:
        matching_of_encoder.MATCHING_FILE = matching
    one_thread()
    run_missing(contender, dataset, size or SIZES, seed or (1, 2, 3), task or (), Console(width=120))


@app.command()
def report() -> None:
    """Print tables of all finished runs."""
    from benchmarks.learning.comparison_tables import show

    show(Console(width=140))


@app.command()
def speed(
    dataset: Annotated[str, typer.Option(help="A data set with several tasks.")] = "jrte",
    count: Annotated[int, typer.Option(help="How many texts of its test part.")] = 500,
) -> None:
    """Documents a second against a pipeline a task, and several tasks against one."""
    from benchmarks.learning.speed import show

    one_thread()
    show(dataset, count, Console(width=120))


@app.command()
def export(
    dataset: Annotated[str, typer.Argument(help=f"{', '.join(DATASETS)}.")],
    folder: Annotated[Path, typer.Argument(help="Folder to write.")],
    size: Annotated[str, typer.Option(help="8 or 64 a label, 500 or 5000 in all.")] = "64",
    seed: Annotated[int, typer.Option()] = 1,
) -> None:
    """Write an application and its records, for `yomitori train` and `yomitori ablate`."""
    from benchmarks.learning.subsets import subset
    from nlu.records.record_files import write_records

    some = subset(load(dataset), size, seed)
    folder.mkdir(parents=True, exist_ok=True)
    some.application.save(folder)
    for name, records in (("train", some.train), ("dev", some.dev), ("test", some.test)):
        write_records(folder / f"{name}.jsonl", records)


if __name__ == "__main__":
    app()
