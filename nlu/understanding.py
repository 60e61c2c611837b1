"""What a tailored model found in one document: labels, the sentences that prove them, scores."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelPrediction:
    """One 小分類 of one task; probabilities are 0–1.

    `accepted` is the decision. Where labels exclude each other and one of them means "other", the threshold
    is on the probability of anything but "other", so an accepted label can lie below it; where labels carry
    weights, the accepted one need not be the most probable. A threshold of 0 means that the largest decides.
    `review` says that the label is not accepted and not ruled out either: a person should look. `proven`:
    whether a sentence proves an accepted label, None where none is asked for or the label is not accepted.
    """

    task: str
    major: str
    middle: str
    minor: str
    probability: float
    threshold: float
    accepted: bool
    review: bool = False
    proven: bool | None = None


@dataclass(frozen=True, slots=True)
class LevelPrediction:
    """A 大分類 `(major,)` or 中分類 `(major, middle)`: accepted where one of its 小分類 is, or where it is
    sure itself while none of them is."""

    task: str
    path: tuple[str, ...]
    probability: float
    accepted: bool


@dataclass(frozen=True, slots=True)
class ScorePrediction:
    task: str
    value: float
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that proves an accepted label; `start` and `end` are offsets in the document's text."""

    task: str
    label: str
    sentence_no: int
    start: int
    end: int
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class SpanPrediction:
    """A stretch of a sentence that is what a 小分類 of a span task names."""

    task: str
    label: str
    sentence_no: int
    start: int
    end: int
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """Every label of every task, in sheet order; `kept` are the numbers of the sentences the encoder saw.
    `scores` leave out what no record taught."""

    doc_id: str
    application: str
    model_id: str
    labels: tuple[LabelPrediction, ...]
    scores: tuple[ScorePrediction, ...]
    evidence: tuple[Evidence, ...]
    kept: tuple[int, ...]
    levels: tuple[LevelPrediction, ...] = ()
    spans: tuple[SpanPrediction, ...] = ()
