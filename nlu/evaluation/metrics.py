"""How well decisions agree with annotation, in plain figures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One label: `support` documents truly have it."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class ClassificationFigures:
    """One classification task. The macro figures are means over the labels that some document truly has;
    `accuracy` is the share of documents with exactly the right labels."""

    task: str
    documents: int
    accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    classes: tuple[ClassFigures, ...]


@dataclass(frozen=True, slots=True)
class EvidenceFigures:
    """Sentences over all documents whose evidence is annotated; `support` of them are evidence."""

    task: str
    sentences: int
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class ScoreFigures:
    """`mae` is the mean absolute error; `pearson` is 0 where the scores do not vary."""

    task: str
    documents: int
    mae: float
    pearson: float


def classification_figures(
    task: str, names: Sequence[str], gold: Sequence[Collection[int]], predicted: Sequence[Collection[int]]
) -> ClassificationFigures:
    """Figures from the indices in `names` of each document's labels; works for one label and for several."""
    truth, guess = _indicators(gold, len(names)), _indicators(predicted, len(names))
    classes = tuple(
        _class_figures(name, truth[:, column], guess[:, column]) for column, name in enumerate(names)
    )
    seen = [figures for figures in classes if figures.support]
    return ClassificationFigures(
        task=task,
        documents=len(truth),
        accuracy=float((truth == guess).all(axis=1).mean()) if len(truth) else 0.0,
        macro_precision=_mean([figures.precision for figures in seen]),
        macro_recall=_mean([figures.recall for figures in seen]),
        macro_f1=_mean([figures.f1 for figures in seen]),
        classes=classes,
    )


def evidence_figures(task: str, gold: Sequence[bool], predicted: Sequence[bool]) -> EvidenceFigures:
    """Figures over sentences, in the same order on both sides."""
    figures = _class_figures(task, np.array(gold, dtype=bool), np.array(predicted, dtype=bool))
    return EvidenceFigures(task, len(gold), figures.precision, figures.recall, figures.f1, figures.support)


def score_figures(task: str, gold: Sequence[float], predicted: Sequence[float]) -> ScoreFigures:
    """Figures over documents, in the same order on both sides."""
    truth, guess = np.array(gold, dtype=float), np.array(predicted, dtype=float)
    varies = len(truth) > 1 and truth.std() > 0 and guess.std() > 0
    pearson = float(np.corrcoef(truth, guess)[0, 1]) if varies else 0.0
    return ScoreFigures(task, len(truth), _mean(np.abs(truth - guess).tolist()), pearson)


def _class_figures(name: str, truth: NDArray[np.bool_], guess: NDArray[np.bool_]) -> ClassFigures:
    found, support = int((truth & guess).sum()), int(truth.sum())
    precision, recall = found / max(1, int(guess.sum())), found / max(1, support)
    f1 = 2 * precision * recall / (precision + recall) if found else 0.0
    return ClassFigures(name, precision, recall, f1, support)


def _indicators(labels: Sequence[Collection[int]], count: int) -> NDArray[np.bool_]:
    rows = np.zeros((len(labels), count), dtype=bool)
    for row, indices in enumerate(labels):
        rows[row, list(indices)] = True
    return rows


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
