"""Spans of wishes in what customers say (ASDC): ours, with and without thresholds, beside a linear tagger.

python -m benchmarks.studies.spans [--size 500] [--seed 1]

The peer tags every character by itself: a logistic regression on the characters around it and
their pairs says whether one label's span begins or goes on there. Everybody gets the same records; F1 is of
spans with exactly the right place and label, and of those that share a character with one.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.learning.datasets import Dataset, load
from benchmarks.learning.subsets import subset
from nlu.ablation.overrides import with_settings
from nlu.encoders.loading import one_thread
from nlu.evaluation.comparing import compare_spans
from nlu.measures.metrics import SpanFigures, Stretch
from nlu.model.judged import Judged
from nlu.model.tailored import THRESHOLDS_FILE, TailoredModel
from nlu.records.record import Record
from nlu.training.train import train

_TASK = "wish"
_AROUND = 4
_OUTSIDE = ""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="500")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    one_thread()
    some = subset(load("asdc_spans"), asked.size, asked.seed)
    table = Table("contender", "exact F1", "precision", "recall", "overlapping F1", "CPU s")
    for name, figures, seconds in (*ours(some, asked.seed), tagger(some)):
        exact, overlap = figures.exact, figures.overlapping
        cells = (exact.f1, exact.precision, exact.recall, overlap.f1)
        table.add_row(name, *(f"{value or 0.0:.3f}" for value in cells), f"{seconds:.0f}")
    counts = f"{len(some.train)} train, {len(some.dev)} dev, {len(some.test)} test records"
    Console(width=120).print(f"spans of {_TASK}, {counts}, seed {asked.seed}", table)


def ours(some: Dataset, seed: int) -> list[tuple[str, SpanFigures, float]]:
    """The model of all tasks: telling what reaches its thresholds, and telling every span that it finds."""
    started = time.process_time()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "model"
        application = with_settings(some.application, {"training.seed": seed}, Path(place) / "app")
        train(application, some.train, some.dev, folder, lambda _step: None)
        seconds = time.process_time() - started
        told = list(TailoredModel.load(folder).judge(some.test))
        thresholds = folder / THRESHOLDS_FILE
        content = json.loads(thresholds.read_text("utf-8"))
        thresholds.write_text(json.dumps({**content, "spans": {}}), "utf-8")
        found = list(TailoredModel.load(folder).judge(some.test))
    return [
        (name, _compared(some, [_stretches(item) for item in judged]), seconds)
        for name, judged in (("Yomitori", told), ("Yomitori without thresholds", found))
    ]


def tagger(some: Dataset) -> tuple[str, SpanFigures, float]:
    """A tag for every character: "b" or "i" with a label, or nothing."""
    started = time.process_time()
    vectorizer = DictVectorizer()
    rows = vectorizer.fit_transform([row for record in some.train for row in _windows(record.text)])
    tags = [tag for record in some.train for tag in _tags(record)]
    model = LogisticRegression(C=10.0, max_iter=300, tol=1e-3).fit(rows, tags)
    found = []
    for record in some.test:
        guessed = model.predict(vectorizer.transform(_windows(record.text))) if record.text else ()
        found.append(_runs(list(guessed)))
    return "character tagger", _compared(some, found), time.process_time() - started


def _windows(text: str) -> list[dict[str, int]]:
    """The characters and pairs around each character, with their distance."""
    padded = "^" * _AROUND + text + "$" * (_AROUND + 1)
    near = range(2 * _AROUND + 1)
    return [
        {
            **{f"{step} {padded[place + step]}": 1 for step in near},
            **{f"{step} {padded[place + step : place + step + 2]}": 1 for step in near},
        }
        for place in range(len(text))
    ]


def _tags(record: Record) -> list[str]:
    tags = [_OUTSIDE] * len(record.text)
    for span in record.spans[_TASK]:
        for place in range(span.start, span.end):
            tags[place] = f"{'b' if place == span.start else 'i'}{span.labels[0]}"
    return tags


def _runs(tags: Sequence[str]) -> set[Stretch]:
    found: set[Stretch] = set()
    start = 0
    for place in range(1, len(tags) + 1):
        goes_on = place < len(tags) and tags[place] == f"i{tags[start][1:]}" and tags[start] != _OUTSIDE
        if not goes_on:
            if tags[start] != _OUTSIDE:
                found.add((start, place, tags[start][1:]))
            start = place
    return found


def _stretches(item: Judged) -> set[Stretch]:
    return {(span.start, span.end, span.label) for span in item.understanding.spans if span.task == _TASK}


def _compared(some: Dataset, found: Sequence[set[Stretch]]) -> SpanFigures:
    (task,) = some.application.spans
    figures = compare_spans(task, some.application, some.test, found)
    assert figures is not None
    return figures


if __name__ == "__main__":
    main()
