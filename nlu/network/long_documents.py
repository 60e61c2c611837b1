"""Long documents: what is longer than what a model learned from is read part by part.

A model that learned from short records takes a long text for a record that says all of this at once: it finds
something to report in every one. Parts as short as its records it reads as it learned to. Of labels that
exclude each other and "other", the part that tells most decides, and its score counts most. A label that can
stand beside others has the mean of its odds in the parts: if it holds for one of k parts, nobody knows for
which, it is k times less to be expected in each than in the whole. Where every text has its label, all parts
have their say, by length. (Segments that are read one by one and pooled: Pappagari et al., "Hierarchical
Transformers for Long Document Classification", ASRU 2019.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nlu.application.application import Application
from nlu.application.label_sets import learned_labels
from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask
from nlu.network.preparation import Prepared
from nlu.network.probabilities import label_probabilities
from nlu.network.signals import Signals

LEARNED = 0.99
"""Share of the records learned from that are not longer than what counts as learned: one record that is much
longer than all others teaches nothing about long ones."""

STRETCH = 3.0
"""So many times what was learned is still read whole, counted before a limit cuts it. At 1.15 to 2.8 times
that daily reports, one theme on a page or two, were labelled better whole; at 5 times parts won wherever
tried."""

_TINY = 1e-9


def learned_length(lengths: Sequence[int]) -> int:
    """Up to how many tokens a document is like the records learned from, whose `lengths` these are; 0 without
    any."""
    return int(np.quantile(lengths, LEARNED, method="higher")) if lengths else 0


def split_long_document(document: Prepared, learned: int) -> tuple[Prepared, ...]:
    """The document alone where its content has at most STRETCH times `learned` tokens, else its sentences in
    order, in parts of at most half of `learned`; a longer sentence is a part of its own. `learned` of 0
    knows no limit."""
    if not learned or document.content_length <= STRETCH * learned:
        return (document,)
    return tuple(_part(document, first, end) for first, end in _cuts(document, learned // 2))


def join_signals(application: Application, parts: Sequence[Prepared], signals: Sequence[Signals]) -> Signals:
    """What is said of a document, from what is said of its parts."""
    if len(parts) == 1:
        return signals[0]
    lengths = np.array([part.length for part in parts], dtype=np.float64)
    labels: dict[str, NDArray[np.float64]] = {}
    nothing: list[NDArray[np.float64]] = []
    for task in application.classifications:
        sheet = application.sheets[task.name]
        said = np.array([one.labels[task.name] for one in signals])
        labels[task.name] = _labels(task, sheet, said, lengths)
        if task.other is not None:
            nothing.append(said[:, sheet.index(task.other)])
    weights = 1 / _odds(np.min(nothing, axis=0)) if nothing else lengths
    return Signals(
        labels=labels,
        sentences={
            task: np.concatenate([one.sentences[task] for one in signals]) for task in signals[0].sentences
        },
        scores={
            task: float(np.average([one.scores[task] for one in signals], weights=weights))
            for task in signals[0].scores
        },
        spans={task: tuple(span for one in signals for span in one.spans[task]) for task in signals[0].spans},
    )


def _cuts(document: Prepared, most: int) -> Iterator[tuple[int, int]]:
    """First and last sentence of each part, half open."""
    marks = document.length - sum(end - start for start, end in document.spans)
    first, length = 0, marks
    for number, (start, end) in enumerate(document.spans):
        if number > first and length + end - start > most:
            yield first, number
            first, length = number, marks
        length += end - start
    yield first, len(document.spans)


def _part(document: Prepared, first: int, end: int) -> Prepared:
    """The sentences from `first` to before `end`, between the marks of the document."""
    before, after = document.spans[0][0], document.spans[-1][1]
    start, stop = document.spans[first][0], document.spans[end - 1][1]
    ids, offsets = document.token_ids, document.offsets
    token_ids = (*ids[:before], *ids[start:stop], *ids[after:])
    return replace(
        document,
        token_ids=token_ids,
        spans=tuple(
            (one - start + before, other - start + before) for one, other in document.spans[first:end]
        ),
        sentences=document.sentences[first:end],
        offsets=(*offsets[:before], *offsets[start:stop], *offsets[after:]),
        content_length=len(token_ids),
    )


def _odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    doubtful = np.clip(probabilities, _TINY, 1 - _TINY)
    return np.asarray(doubtful / (1 - doubtful))


def _labels(
    task: ClassificationTask, sheet: LabelSheet, said: NDArray[np.float64], lengths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """From what is `said` of each part, (parts, labels), to the document's probabilities, (labels,)."""
    if task.multi_label:
        odds = _odds(said[:, list(learned_labels(task, sheet))]).mean(axis=0)
        return label_probabilities(np.log(odds), task, sheet)
    weights = lengths
    if task.other is not None:
        weights = np.eye(len(said))[said[:, sheet.index(task.other)].argmin()]
    return np.asarray(np.average(said, axis=0, weights=weights))
