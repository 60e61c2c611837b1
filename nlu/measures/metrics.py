"""How well decisions agree with annotation, in plain figures.

Precision is None where nothing was predicted, recall where nothing is true, and F1 where neither is: there is
nothing to measure then. In a mean such a precision counts as 0.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import average_precision_score, cohen_kappa_score

Flags = NDArray[np.bool_]
Probabilities = NDArray[np.float64]
Stretch = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One label: `support` documents (sentences, spans) truly have it, `predicted` were given it, and
    `correct` of those rightly. `average_precision` is None where there are no probabilities."""

    label: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    predicted: int
    correct: int
    average_precision: float | None = None


@dataclass(frozen=True, slots=True)
class ClassificationFigures:
    """One classification task.

    The macro figures are means over the labels that some document truly has, `weighted_f1` weighs them by
    their documents, and the micro figures count every label of every document alike. `accuracy` is the share
    of documents with exactly the right labels. Without any true label the means are 0.
    """

    task: str
    documents: int
    accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    micro_precision: float | None
    micro_recall: float | None
    micro_f1: float | None
    weighted_f1: float
    mean_average_precision: float | None
    classes: tuple[ClassFigures, ...]


@dataclass(frozen=True, slots=True)
class EvidenceFigures:
    """Sentences over all documents whose evidence is annotated; `support` of them are evidence.

    `classes` count a sentence once for every label that it proves.
    """

    task: str
    sentences: int
    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    classes: tuple[ClassFigures, ...] = ()


@dataclass(frozen=True, slots=True)
class SpanFigures:
    """One span task. `exact`: start, end and label agree (CoNLL-2003). `overlapping`: the labels agree and
    the spans share a character, each span paired with one other at most. `classes` are exact, by label."""

    task: str
    documents: int
    exact: ClassFigures
    overlapping: ClassFigures
    classes: tuple[ClassFigures, ...]


@dataclass(frozen=True, slots=True)
class ScoreFigures:
    """`mae` is the mean absolute error and `bias` the mean of predicted minus true. The correlations are None
    where the scores do not vary, `kappa` (quadratic weights, Cohen 1968) also where scores are not ordinal.
    """

    task: str
    documents: int
    mae: float
    bias: float
    pearson: float | None
    spearman: float | None
    kappa: float | None


def indicator_figures(
    task: str, names: Sequence[str], truth: Flags, guess: Flags, probabilities: Probabilities | None = None
) -> ClassificationFigures:
    """Figures from flags (documents, labels): what is true, and what was predicted."""
    classes = tuple(
        class_figures(
            name,
            truth[:, column],
            guess[:, column],
            None if probabilities is None else probabilities[:, column],
        )
        for column, name in enumerate(names)
    )
    seen = [figures for figures in classes if figures.support]
    weights = [figures.support for figures in seen]
    micro = _figures("micro", int(truth.sum()), int(guess.sum()), int((truth & guess).sum()))
    ranked = [figures.average_precision for figures in seen if figures.average_precision is not None]
    return ClassificationFigures(
        task=task,
        documents=len(truth),
        accuracy=float((truth == guess).all(axis=1).mean()) if len(truth) else 0.0,
        macro_precision=_mean([figures.precision or 0.0 for figures in seen]),
        macro_recall=_mean([figures.recall or 0.0 for figures in seen]),
        macro_f1=_mean([figures.f1 or 0.0 for figures in seen]),
        micro_precision=micro.precision,
        micro_recall=micro.recall,
        micro_f1=micro.f1,
        weighted_f1=float(np.average([figures.f1 or 0.0 for figures in seen], weights=weights))
        if seen
        else 0.0,
        mean_average_precision=_mean(ranked) if ranked else None,
        classes=classes,
    )


def class_figures(
    name: str, truth: Flags, guess: Flags, probabilities: Probabilities | None = None
) -> ClassFigures:
    """Figures of one label from flags (documents,)."""
    ranked = None
    if probabilities is not None and truth.any():
        ranked = float(average_precision_score(truth, probabilities))
    return _figures(name, int(truth.sum()), int(guess.sum()), int((truth & guess).sum()), ranked)


def evidence_figures(
    task: str, gold: Sequence[bool], predicted: Sequence[bool], classes: tuple[ClassFigures, ...] = ()
) -> EvidenceFigures:
    """Figures over sentences, in the same order on both sides."""
    figures = class_figures(task, np.array(gold, dtype=bool), np.array(predicted, dtype=bool))
    return EvidenceFigures(
        task, len(gold), figures.precision, figures.recall, figures.f1, figures.support, classes
    )


def span_figures(
    task: str,
    names: Sequence[str],
    gold: Sequence[Collection[Stretch]],
    predicted: Sequence[Collection[Stretch]],
) -> SpanFigures:
    """Figures from the (start, end, label) of each document, half open; `names` are all labels there are."""
    true = [set(stretches) for stretches in gold]
    found = [set(stretches) for stretches in predicted]
    overlapping = sum(_pairs(one, other) for one, other in zip(true, found, strict=True))
    return SpanFigures(
        task=task,
        documents=len(true),
        exact=_exact("exact", true, found),
        overlapping=_figures("overlapping", sum(map(len, true)), sum(map(len, found)), overlapping),
        classes=stretch_figures(names, true, found),
    )


def stretch_figures(
    names: Sequence[str], gold: Sequence[Collection[Stretch]], predicted: Sequence[Collection[Stretch]]
) -> tuple[ClassFigures, ...]:
    """Exact figures of every label from the (start, end, label) of each document."""
    return tuple(
        _exact(name, [_of(name, one) for one in gold], [_of(name, other) for other in predicted])
        for name in names
    )


def score_figures(
    task: str, gold: Sequence[float], predicted: Sequence[float], *, ordinal: bool = False
) -> ScoreFigures:
    """Figures over documents, in the same order on both sides. Kappa compares ordinal scores after rounding
    to whole numbers, half up."""
    truth, guess = np.array(gold, dtype=float), np.array(predicted, dtype=float)
    varies = len(truth) > 1 and np.ptp(truth) > 0 and np.ptp(guess) > 0
    return ScoreFigures(
        task=task,
        documents=len(truth),
        mae=_mean(np.abs(truth - guess).tolist()),
        bias=_mean((guess - truth).tolist()),
        pearson=float(pearsonr(truth, guess).statistic) if varies else None,
        spearman=float(spearmanr(truth, guess).statistic) if varies else None,
        kappa=_kappa(np.floor(truth + 0.5), np.floor(guess + 0.5)) if ordinal else None,
    )


def _kappa(truth: NDArray[np.float64], guess: NDArray[np.float64]) -> float | None:
    both = np.concatenate([truth, guess])
    if not len(both) or np.ptp(both) == 0:
        return None
    # Every whole number in between is a step, also one that no score has.
    steps = np.arange(both.min(), both.max() + 1)
    return float(cohen_kappa_score(truth, guess, labels=steps, weights="quadratic"))


def _exact(name: str, gold: Sequence[set[Stretch]], predicted: Sequence[set[Stretch]]) -> ClassFigures:
    correct = sum(len(one & other) for one, other in zip(gold, predicted, strict=True))
    return _figures(name, sum(map(len, gold)), sum(map(len, predicted)), correct)


def _of(name: str, stretches: Collection[Stretch]) -> set[Stretch]:
    return {stretch for stretch in stretches if stretch[2] == name}


def _pairs(gold: Collection[Stretch], predicted: Collection[Stretch]) -> int:
    """The most pairs of one true and one predicted span that overlap with the same label: a span over the
    whole text finds one thing, not all."""
    if not gold or not predicted:
        return 0
    meets = [
        [start < stop and begin < end and label == name for begin, stop, name in predicted]
        for start, end, label in gold
    ]
    return int((maximum_bipartite_matching(csr_matrix(meets), perm_type="column") >= 0).sum())


def _figures(
    name: str, support: int, predicted: int, correct: int, average_precision: float | None = None
) -> ClassFigures:
    return ClassFigures(
        label=name,
        precision=correct / predicted if predicted else None,
        recall=correct / support if support else None,
        f1=2 * correct / (predicted + support) if predicted + support else None,
        support=support,
        predicted=predicted,
        correct=correct,
        average_precision=average_precision,
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
