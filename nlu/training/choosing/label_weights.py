"""Weights of labels that exclude each other, for the best macro-F1: what is rare must be let win sooner.

The accepted label is the one with the largest log-probability plus weight. Two searches on dev records are
joined half and half. One has a single parameter, the power of the labels' mean probability that is divided
out (logit adjustment, Menon et al. 2021), and can hardly overfit. The other goes on from there and sets one
weight after another to where macro-F1 is highest (coordinate ascent), on redrawn documents and averaged, so
that one lucky document counts little (bagging, Breiman 1996). The weights are kept only where macro-F1 on
documents that they were not fitted on rises by more than one standard error (Breiman et al. 1984).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nlu.measures.intervals import Floats, bootstrap
from nlu.training.choosing.cross_fitting import FOLDS, cross_fitted, random_folds

Labels = NDArray[np.int64]

_POWERS = (0.0, 0.25, 0.5, 0.75, 1.0, -0.25, -0.5)
_DRAWS = 8
_PASSES = 2
_LARGEST = 3.0
_ERROR_DRAWS = 200
# More documents than this tell a weight no better, and the search grows with them.
_MOST_DOCUMENTS = 2000


@dataclass(frozen=True, slots=True)
class LabelWeights:
    """`values`: a weight a label, all 0 where nothing was gained. `gain` is how much macro-F1 rose on held
    out dev documents, `error` the standard error of that."""

    values: tuple[float, ...]
    gain: float
    error: float


def choose_weights(probabilities: Floats, truth: Labels, *, seed: int = 13) -> LabelWeights:
    """Weights from (documents, labels) probabilities and the index of each document's true label."""
    labels = probabilities.shape[1]
    if labels < 2 or len(np.unique(truth)) < 2 or len(truth) < FOLDS:
        return LabelWeights((0.0,) * labels, 0.0, 0.0)
    random = np.random.default_rng(seed)
    logits = np.log(np.clip(probabilities, 1e-9, 1.0))
    folds = random_folds(len(truth), random)
    weighted = cross_fitted(
        logits, truth, folds, lambda some, known: partial(np.add, _fit(some, known, random))
    )
    guess = weighted.argmax(axis=1)
    plain = logits.argmax(axis=1)
    gain = macro_f1(truth, guess, labels) - macro_f1(truth, plain, labels)
    error = _standard_error(truth, guess, plain, labels)
    if gain <= error:
        return LabelWeights((0.0,) * labels, gain, error)
    weights = _fit(logits, truth, random)
    return LabelWeights(tuple(float(weight) for weight in weights), gain, error)


def macro_f1(truth: Labels, guess: Labels, labels: int) -> float:
    """The mean F1 over the labels that some document truly has."""
    true = np.bincount(truth, minlength=labels)
    guessed = np.bincount(guess, minlength=labels)
    correct = np.bincount(truth[truth == guess], minlength=labels)
    return float((2 * correct / np.maximum(true + guessed, 1))[true > 0].mean())


def _fit(logits: Floats, truth: Labels, random: np.random.Generator) -> Floats:
    labels = logits.shape[1]
    rarity: Floats = -np.log(np.exp(logits).mean(axis=0) + 1e-4)
    rarity -= rarity.mean()
    figures = [macro_f1(truth, (logits + power * rarity).argmax(axis=1), labels) for power in _POWERS]
    adjusted = _POWERS[int(np.argmax(figures))] * rarity
    ascended: Floats = np.zeros(labels)
    for _ in range(_DRAWS):
        rows = random.integers(0, len(truth), min(len(truth), _MOST_DOCUMENTS))
        ascended += _ascend(logits[rows], truth[rows], adjusted) / _DRAWS
    return (adjusted + ascended) / 2


def _ascend(logits: Floats, truth: Labels, start: Floats) -> Floats:
    """Coordinate ascent from `start`, the frequent labels first."""
    true = np.bincount(truth, minlength=len(start))
    weights = start.copy()
    for _ in range(_PASSES):
        before = weights.copy()
        for label in np.argsort(-true, kind="stable")[: int((true > 0).sum())]:
            weights[label] = _best_weight(logits, truth, true, weights, int(label))
        if np.array_equal(before, weights):
            break
    return weights


def _best_weight(logits: Floats, truth: Labels, true: Labels, weights: Floats, label: int) -> float:
    """The weight of one label, the others given, at which macro-F1 is highest.

    Each document has a weight from which on the label wins it from the document's next best label. In that
    order the sum of all F1 is followed document by document.
    """
    rivals = logits + weights
    rivals[:, label] = -np.inf
    rival = rivals.argmax(axis=1)
    needed = rivals[np.arange(len(truth)), rival] - logits[:, label]
    order = np.argsort(needed, kind="stable")
    needed, rival, truth = needed[order], rival[order], truth[order]

    won = np.arange(len(truth) + 1)
    own = 2 * np.concatenate([[0], np.cumsum(truth == label)]) / (true[label] + won)
    sums = own + np.concatenate([[0], np.cumsum(_losses(rival, truth, true))])

    middles = (needed[1:] + needed[:-1]) / 2
    candidates = np.concatenate([[needed[0] - 1], middles, [needed[-1] + 1]])
    sums[np.abs(candidates) > _LARGEST] = -np.inf
    best = int(sums.argmax())
    here = int(np.searchsorted(needed, weights[label]))
    return float(candidates[best]) if sums[best] > sums[here] + 1e-9 else float(weights[label])


def _losses(rival: Labels, truth: Labels, true: Labels) -> Floats:
    """What the F1 of its rival label changes by as each document is taken from it, in order."""
    right = rival == truth
    guessed = np.bincount(rival, minlength=len(true))
    correct = np.bincount(rival[right], minlength=len(true))
    grouped = np.argsort(rival, kind="stable")
    owner, hit = rival[grouped], right[grouped]
    first = np.searchsorted(owner, owner)
    taken = np.arange(len(owner)) - first
    hits = np.concatenate([[0], np.cumsum(hit)])
    lost = hits[:-1] - hits[first]
    size = true[owner] + guessed[owner] - taken
    before = 2 * (correct[owner] - lost) / np.maximum(size, 1)
    after = 2 * (correct[owner] - lost - hit) / np.maximum(size - 1, 1)
    losses = np.empty(len(owner))
    losses[grouped] = np.where(true[owner] > 0, after - before, 0.0)
    return losses


def _standard_error(truth: Labels, guess: Labels, plain: Labels, labels: int) -> float:
    """Of the difference in macro-F1 between two guesses for the same documents, by the bootstrap."""
    one = np.eye(labels)
    true = one[truth]
    sides = [(2 * true * one[side], true + one[side]) for side in (guess, plain)]
    counts = np.stack([np.stack([*side, true]) for side in sides]).transpose(2, 0, 1, 3)

    def gains(sums: Floats) -> Floats:
        correct, both, present = sums[:, :, 0], sums[:, :, 1], sums[:, :, 2] > 0
        f1: Floats = np.where(present, correct / np.maximum(both, 1), 0.0).sum(axis=-1)
        f1 = f1 / present.sum(axis=-1)
        gained: Floats = f1[:, 0] - f1[:, 1]
        return gained

    return float(bootstrap(gains, counts, draws=_ERROR_DRAWS).std())
