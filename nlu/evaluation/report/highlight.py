"""A text cut where evidence begins and ends, for showing it in colours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from nlu.measures.metrics import Stretch

# What lies further than this from any evidence is left out in the middle.
_CONTEXT = 160


class EvidenceMark(StrEnum):
    """Who says that a piece is evidence."""

    NONE = "none"
    TRUE = "true"
    FOUND = "found"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class MarkedText:
    """`labels` are what the piece proves, for people and for the model alike."""

    text: str
    mark: EvidenceMark
    labels: tuple[str, ...] = ()


def pieces(text: str, true: Sequence[Stretch], found: Sequence[Stretch]) -> Iterator[MarkedText]:
    """The text in order, cut at every end of evidence; long stretches without any are shortened."""
    within = [(max(0, start), min(end, len(text)), label) for start, end, label in (*true, *found)]
    cuts = sorted({0, len(text), *(place for start, end, _ in within for place in (start, end))})
    for start, end in pairwise(cuts):
        said = [label for begin, stop, label in true if begin <= start and end <= stop]
        thought = [label for begin, stop, label in found if begin <= start and end <= stop]
        if said or thought:
            mark = (
                EvidenceMark.BOTH if said and thought else EvidenceMark.TRUE if said else EvidenceMark.FOUND
            )
            labels = tuple(dict.fromkeys(label for label in (*said, *thought) if label))
            yield MarkedText(text[start:end], mark, labels)
        else:
            before = _CONTEXT if start or not within else 0
            after = _CONTEXT if end < len(text) or not within else 0
            yield MarkedText(_shortened(text[start:end], before, after), EvidenceMark.NONE)


def _shortened(text: str, before: int, after: int) -> str:
    """The first `before` and the last `after` characters, where that is shorter by a good deal."""
    left_out = len(text) - before - after
    if left_out <= _CONTEXT:
        return text
    return f"{text[:before]} …（{left_out:,} 文字略）… {text[len(text) - after :]}"
