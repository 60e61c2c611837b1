"""From which probability on a found span is told, for each label of a span task."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlu.application.application import Application
from nlu.application.settings import SpanTask
from nlu.decisions.threshold import Threshold
from nlu.network.signals import Signals
from nlu.training.choosing.threshold_rule import choose_threshold
from nlu.training.examples.examples import Example


def choose_for_spans(
    task: SpanTask, application: Application, examples: Sequence[Example], signals: Sequence[Signals]
) -> tuple[Threshold, ...]:
    """A threshold for every label of the sheet, from the spans that were found in annotated `examples`; right
    is what has exactly the place and the label of an annotated one.

    A threshold takes away and cannot add: a recall that is aimed at is met where so much was found.
    """
    rows = [row for row, example in enumerate(examples) if task.name in example.spans]
    return tuple(
        _choose(task, name, label, [(examples[row], signals[row]) for row in rows])
        for label, name in enumerate(application.sheets[task.name].names)
    )


def _choose(task: SpanTask, name: str, label: int, judged: Sequence[tuple[Example, Signals]]) -> Threshold:
    probabilities: list[float] = []
    right: list[bool] = []
    marked = 0
    for example, said in judged:
        gold = {(start, end) for start, end, other in example.spans[task.name] if other == label}
        found = [span for span in said.spans[task.name] if span.label == label]
        probabilities += [span.probability for span in found]
        right += [(span.start, span.end) in gold for span in found]
        marked += len(gold)
    missed = marked - sum(right)
    return choose_threshold(task.name, name, np.array(probabilities), right, task.aim, missed=missed)
