"""What label sheets say on day zero: `python -m benchmarks.studies.day_zero [--matching FILE] [NAME ...]`.

NAME is a folder of `fixtures/sheets` or a data set of `learning` (its test records). With FILE, as
`fitting.fit_matching --without NAME ...` writes it, the encoder knows nothing of the sheets that were left
out.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.learning.datasets import DATASETS, load
from fixtures.sheet_texts import read_sheet, sheet_names
from nlu.application.application import Application
from nlu.encoders import matching
from nlu.encoders.loading import one_thread
from nlu.evaluation.comparing import compare
from nlu.records.record import Record
from nlu.training.train import learn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matching", type=Path, default=matching.MATCHING_FILE)
    parser.add_argument("names", nargs="*", default=[*sheet_names()])
    asked = parser.parse_args()
    one_thread()
    matching.MATCHING_FILE = asked.matching
    table = Table(title="day zero")
    for heading in (
        "sheet",
        "texts",
        "average precision",
        "macro-F1",
        "recall",
        "precision",
        "with review",
        "reviewed",
    ):
        table.add_column(heading, justify="left" if heading == "sheet" else "right")
    for name in asked.names:
        table.add_row(name, *_figures(*_records(name)))
    Console(width=120).print(table)


def _records(name: str) -> tuple[Application, Sequence[Record]]:
    if name not in DATASETS:
        return read_sheet(name)
    dataset = load(name)
    return dataset.application, dataset.test


def _figures(application: Application, records: Sequence[Record]) -> Sequence[str]:
    """Average precision is the mean over the labels but "other"; recall and precision are of all of them
    together."""
    with tempfile.TemporaryDirectory() as folder:
        model = learn(application, (), (), Path(folder), lambda _step: None).model
    evaluation = compare(application, list(model.judge(records)))
    figures, review = evaluation.classifications[0], evaluation.reviews[0]
    other = application.classifications[0].other
    ranked = [
        one.average_precision
        for one in figures.classes
        if one.label != other and one.average_precision is not None
    ]
    return (
        str(len(records)),
        f"{sum(ranked) / len(ranked):.3f}",
        f"{figures.macro_f1:.3f}",
        f"{review.correct / review.support:.2f}",
        f"{review.precision or 0:.2f}",
        f"{review.recall or 0:.2f}",
        f"{review.share:.2f}",
    )


if __name__ == "__main__":
    main()
