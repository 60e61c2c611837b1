"""From the tags of tokens to spans of text, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from nlu.network.preparation import Prepared

OUTSIDE, BEGINS, INSIDE = range(3)


@dataclass(frozen=True, slots=True)
class FoundSpan:
    """A stretch of the document's text, half open; `label` is an index in the sheet; `probability` is the
    geometric mean of those of its tags."""

    label: int
    start: int
    end: int
    probability: float


def find_spans(logits: NDArray[np.float64], document: Prepared) -> tuple[FoundSpan, ...]:
    """The spans of one document in the order of its text, from logits (tokens, labels, 3).

    By label the most probable sequence of tags inside each sentence in which nothing goes on that has not
    begun (Viterbi 1967); a span never leaves its sentence.
    """
    scores = log_softmax(logits, axis=-1)
    found: list[FoundSpan] = []
    for first, last in document.spans:
        for label in range(scores.shape[1]):
            part = scores[first:last, label]
            if (part[:, OUTSIDE] >= part[:, BEGINS]).all():
                continue
            for start, end in _runs(best_tags(part)):
                own = np.array([part[start, BEGINS], *part[start + 1 : end, INSIDE]])
                places = document.offsets[first + start][0], document.offsets[first + end - 1][1]
                if places[0] < places[1]:
                    found.append(FoundSpan(label, *places, probability=float(np.exp(own.mean()))))
    return tuple(sorted(found, key=lambda span: (span.start, span.end, span.label)))


def best_tags(scores: NDArray[np.float64]) -> list[int]:
    """The best path through log-probabilities (tokens, 3); INSIDE follows BEGINS or INSIDE only."""
    forbidden = np.zeros((3, 3))
    forbidden[OUTSIDE, INSIDE] = -np.inf
    best = scores[0].copy()
    best[INSIDE] = -np.inf
    came_from = np.zeros(scores.shape, dtype=int)
    for place in range(1, len(scores)):
        paths = best[:, None] + forbidden
        came_from[place] = paths.argmax(axis=0)
        best = paths.max(axis=0) + scores[place]
    tags = [int(best.argmax())]
    for place in range(len(scores) - 1, 0, -1):
        tags.append(int(came_from[place, tags[-1]]))
    return tags[::-1]


def tags_of(document: Prepared, spans: Sequence[tuple[int, int, int]], labels: int) -> NDArray[np.int64]:
    """The tags (tokens, labels) that annotated `(start, end, label)` give to the tokens of a document.

    A token belongs to a span where they share a character.
    """
    tags = np.zeros((document.length, labels), dtype=np.int64)
    for start, end, label in spans:
        inside = False
        for token, (first, last) in enumerate(document.offsets):
            if first < last and first < end and start < last:
                tags[token, label] = INSIDE if inside else BEGINS
                inside = True
    return tags


def _runs(tags: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for place, tag in enumerate(tags):
        if tag == BEGINS:
            runs.append((place, place + 1))
        elif tag == INSIDE:
            runs[-1] = (runs[-1][0], place + 1)
    return runs
