"""How much each model has to say, chosen on held-out records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, log_softmax, softmax

from nlu.application.application import Application
from nlu.application.label_sets import learned_labels, reported_labels
from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask, ScoreTask
from nlu.model.blend import Blend, Weights, mix_of
from nlu.network.probabilities import FLOOR, label_logits, log_odds
from nlu.network.signals import Signals
from nlu.training.choosing.fit_score_lines import best_line
from nlu.training.choosing.matrices import label_truth, predicted_labels, sentence_targets
from nlu.training.examples.examples import Example

# Against the best choice alone, with 110 to 190 dev records: average precision + .005, macro-F1 the same;
# with more records no difference.
_STEPS = 10
_STRETCHES = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6)
_SAME = 1e-9


def choose_blend(
    application: Application,
    examples: Sequence[Example],
    signals: Mapping[str, Sequence[Signals]],
) -> Blend:
    """The blend that suits dev `examples` best; `signals` holds by expert what it says of each of them.

    Every expert weighs the same in a task that no example annotates.
    """
    labels = {
        task.name: _choose_labels(task, application, examples, signals)
        for task in application.classifications
    }
    sentences = {
        task.name: _choose_sentences(task, application, examples, signals)
        for task in application.classifications
        if task.evidence
    }
    scores = {task.name: _choose_score(task, examples, signals) for task in application.scores}
    return Blend(labels, sentences, scores)


def _candidates(names: Sequence[str]) -> list[Weights]:
    """All weights in tenths."""
    shares = [
        tuple(step / _STEPS for step in steps)
        for steps in product(range(_STEPS + 1), repeat=len(names))
        if sum(steps) == _STEPS
    ]
    return [dict(zip(names, share, strict=True)) for share in shares]


def _even(names: Iterable[str]) -> Weights:
    names = list(names)
    return dict.fromkeys(names, 1 / len(names))


def _average(candidates: Sequence[Weights], likelihoods: Sequence[float]) -> Weights:
    """The mean of the candidates, each weighing as its log-likelihood says."""
    shares = np.asarray(softmax(np.array(likelihoods)))
    return {
        name: float(sum(share * weights[name] for share, weights in zip(shares, candidates, strict=True)))
        for name in candidates[0]
    }


def _worth(shares: NDArray[np.float64]) -> float:
    """How many documents of equal weight tell as much as those with `shares`, which add up to 1 (Kish
    1965)."""
    return float(1 / (shares**2).sum())


def _choose_labels(
    task: ClassificationTask,
    application: Application,
    examples: Sequence[Example],
    signals: Mapping[str, Sequence[Signals]],
) -> Weights:
    sheet = application.sheets[task.name]
    learned = learned_labels(task, sheet)
    rows, known = label_truth(task, sheet, examples)
    if not rows:
        return _even(signals)
    candidates = _candidates(list(signals))
    logits = {
        name: label_logits(predicted_labels(task, sheet, several, rows), task, sheet)
        for name, several in signals.items()
    }
    truth = known[:, list(learned)]
    if task.multi_label:
        return _choose_odds(candidates, logits, truth.astype(float))
    gold = truth.argmax(axis=1)
    shares = 1 / np.bincount(gold, minlength=len(learned))[gold]
    shares /= shares.sum()
    level = {name: values - _usual(values, shares) for name, values in logits.items()}

    def likelihood(weights: Weights) -> float:
        mixed = mix_of(weights, level)
        return _worth(shares) * max(
            float(shares @ log_softmax(stretch * mixed, axis=1)[np.arange(len(gold)), gold])
            for stretch in _STRETCHES
        )

    return _average(candidates, [likelihood(weights) for weights in candidates])


def _usual(logits: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log of an expert's mean probability of each class, documents weighing `shares`: what it thinks of
    the class before it reads."""
    means = np.exp(log_softmax(logits, axis=1)).T @ shares
    return np.asarray(np.log(np.maximum(means, FLOOR)))


def _choose_sentences(
    task: ClassificationTask,
    application: Application,
    examples: Sequence[Example],
    signals: Mapping[str, Sequence[Signals]],
) -> Weights:
    """Evidence is asked for the labels that a document holds, so what counts is who tells its proving
    sentences from the others of the same document. With those of all documents in the measure evidence F1 on
    call logs was .80 in place of .81 on dev, and .835 in place of .863 on test."""
    sheet = application.sheets[task.name]
    targets = {row: _of_proven_labels(example, task, sheet) for row, example in enumerate(examples)}
    rows = [row for row, known in targets.items() if known.size]
    if not rows:
        return _even(signals)
    candidates = _candidates(list(signals))
    odds = {
        name: np.concatenate([log_odds(several[row].sentences[task.name]) for row in rows])
        for name, several in signals.items()
    }
    truth = np.concatenate([targets[row] for row in rows])
    return _choose_odds(candidates, odds, truth)


def _of_proven_labels(example: Example, task: ClassificationTask, sheet: LabelSheet) -> NDArray[np.float64]:
    """Targets of the sentences for labels that one of them proves, NaN for all others; (0, labels) where none
    proves any."""
    targets = sentence_targets(example, task, sheet)
    nothing = np.empty((0, len(reported_labels(task, sheet))))
    if targets is None:
        return nothing
    proven = (targets == 1).any(axis=0)
    return np.where(proven, targets, np.nan) if proven.any() else nothing


def _choose_odds(
    candidates: Sequence[Weights], odds: Mapping[str, NDArray[np.float64]], truth: NDArray[np.float64]
) -> Weights:
    """For labels that are judged each for itself: `odds` and `truth` of shape (rows, labels), NaN in `truth`
    where it is not known. Only labels with both answers among the rows count."""
    shares = np.zeros(truth.shape)
    for column in range(truth.shape[1]):
        for answer in (0.0, 1.0):
            among = truth[:, column] == answer
            shares[:, column] += among / max(1, among.sum())
    both = shares.sum(axis=0) > 1.5
    if not both.any():
        return _even(candidates[0])
    kept, known = shares[:, both] / 2, np.nan_to_num(truth[:, both])
    signs = 2 * known - 1
    level = {
        name: values[:, both] - log_odds((expit(values[:, both]) * kept).sum(axis=0))
        for name, values in odds.items()
    }

    worth = np.array([_worth(column) for column in kept.T])

    def likelihood(weights: Weights) -> float:
        signed = signs * mix_of(weights, level)
        return max(float(worth @ (kept * log_expit(stretch * signed)).sum(axis=0)) for stretch in _STRETCHES)

    return _average(candidates, [likelihood(weights) for weights in candidates])


def _choose_score(
    task: ScoreTask, examples: Sequence[Example], signals: Mapping[str, Sequence[Signals]]
) -> Weights:
    """By the likelihood of errors that are normally distributed, those of the best line through the scores:
    what all scores have too high or too low is corrected afterwards. An expert that gives all documents the
    same score is left out."""
    rows = [row for row, example in enumerate(examples) if task.name in example.scores]
    values = {
        name: np.array([several[row].scores[task.name] for row in rows]) for name, several in signals.items()
    }
    varying = [name for name, said in values.items() if len(said) and said.std() > _SAME]
    candidates = _candidates(varying or list(signals))
    absent = {name: 0.0 for name in signals if name not in candidates[0]}
    if not rows:
        return {**_even(candidates[0]), **absent}
    truth = np.array([examples[row].scores[task.name] for row in rows])
    errors = [_unexplained(mix_of(weights, values), truth) for weights in candidates]
    likelihoods = [-len(rows) / 2 * np.log(max(error, _SAME)) for error in errors]
    return {**_average(candidates, likelihoods), **absent}


def _unexplained(scores: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """The mean squared error that is left once scores are put right."""
    slope, offset = best_line(scores, truth)
    return float(((slope * scores + offset - truth) ** 2).mean())
