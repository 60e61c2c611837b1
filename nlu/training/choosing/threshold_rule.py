"""One threshold for one aim, from probabilities and what is true.

Every cut between neighbouring probabilities has its own figures on dev records, and the best of them is best
by luck: with twenty positives it lost 1 point of F1 on other records against what follows, which reads the
cut from smooth estimates. A sigmoid fitted to the logits (Platt 1999) says how probable each document really
is. Then the best F1 lies where a document is half as probable as that F1 (Lipton, Elkan and Naryanaswamy
2014), the least cost where a miss and a false alarm cost the same in expectation (Elkan 2001), and the
precision above a cut is the mean of the probabilities above it. For a recall only the positives count: the
Harrell-Davis quantile (1982) of their logits, a mean over neighbouring positives.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit, logit
from scipy.stats.mstats import hdquantiles

from nlu.application.settings import Aim
from nlu.decisions.threshold import (
    BEST_F1,
    DEFAULT,
    DEFAULT_VALUE,
    LOWEST_COST,
    TARGET_PRECISION,
    TARGET_RECALL,
    Threshold,
)
from nlu.measures.intervals import Flags, Floats, wilson_interval
from nlu.training.choosing.fit_calibration import fit_sigmoid

SURE = 0.75
"""Precision of what is accepted below which an aim for a recall is met by people who look at what is in
review instead."""

# Share of what is right that has to be left for a threshold to be worth its precision.
_LEAST_KEPT = 0.5
_TINY = 1e-6


def choose_threshold(
    task: str,
    name: str,
    probabilities: Floats,
    truth: Sequence[bool] | Flags,
    aim: Aim | None = None,
    *,
    missed: int = 0,
) -> Threshold:
    """The threshold that meets an aim best; best F1 without one, 0.5 where no document is truly so.

    `truth` says which of the `probabilities` belong to positives; `missed` are positives that no threshold
    finds, because they have no probability. A recall is met as nearly as the positives
    tell, so it is missed on other records about as often as it is exceeded; the interval says how far.
    """
    aim = aim or Aim()
    positive = np.asarray(truth, dtype=bool)
    rule, target = _rule(aim)
    if not positive.any():
        rule, value = DEFAULT, DEFAULT_VALUE
    else:
        logits = logit(np.clip(probabilities, _TINY, 1 - _TINY))
        value = _between(probabilities, float(expit(_cut(logits, positive, aim, missed))))
    return describe_threshold(
        task, name, value, rule, probabilities >= value, positive, target, missed=missed
    )


def choose_sure_threshold(
    task: str, name: str, probabilities: Floats, truth: Flags, aim: Aim, right: Flags | None = None
) -> Threshold:
    """As `choose_threshold`, but where the recall aimed at would cost too much precision the threshold is
    raised until what is accepted is SURE, or only to the best F1 where that would leave too little: the rest
    of the recall is what is in review. `right` says of which documents the label that they would get
    is right, where it is not `truth` itself."""
    right = truth if right is None else right
    asked = choose_threshold(task, name, probabilities, truth, aim)
    accepted = probabilities >= asked.value
    if aim.recall is None or not right.any() or right[accepted].mean() >= SURE:
        return asked
    value = choose_threshold(task, name, probabilities, right, Aim(precision=SURE)).value
    if right[probabilities >= value].sum() < _LEAST_KEPT * right.sum():
        value = choose_threshold(task, name, probabilities, right).value
    value = max(asked.value, value)
    return describe_threshold(task, name, value, asked.rule, probabilities >= value, truth, asked.target)


def describe_threshold(
    task: str,
    name: str,
    value: float,
    rule: str,
    accepted: Flags,
    truth: Flags,
    target: float | None = None,
    *,
    missed: int = 0,
) -> Threshold:
    """What a threshold does on dev records, from flags (documents,); `missed` are positives beside them."""
    correct, positives, taken = (int(flags.sum()) for flags in (accepted & truth, truth, accepted))
    positives += missed
    precision_low, precision_high = wilson_interval(correct, taken)
    recall_low, recall_high = wilson_interval(correct, positives)
    return Threshold(
        task=task,
        name=name,
        value=value,
        rule=rule,
        target=target,
        positives=positives,
        accepted=taken,
        correct=correct,
        precision=correct / max(1, taken),
        precision_low=precision_low,
        precision_high=precision_high,
        recall=correct / max(1, positives),
        recall_low=recall_low,
        recall_high=recall_high,
    )


def _rule(aim: Aim) -> tuple[str, float | None]:
    if aim.recall is not None:
        return TARGET_RECALL, aim.recall
    if aim.precision is not None:
        return TARGET_PRECISION, aim.precision
    if aim.miss_cost is not None:
        return LOWEST_COST, aim.miss_cost
    return BEST_F1, None


def _cut(logits: Floats, positive: Flags, aim: Aim, missed: int) -> float:
    """The logit from which on to accept."""
    if aim.recall is not None:
        found = logits[positive]
        wanted = min(1.0, aim.recall * (len(found) + missed) / len(found))
        # The quantile of a single value is not defined there.
        return float(hdquantiles(found, [1 - wanted])[0] if len(found) > 1 else found[0])
    factor, bias = fit_sigmoid(logits, positive)
    honest = np.sort(expit(factor * logits + bias))[::-1]
    if aim.precision is not None:
        return _precise_cut(np.sort(logits)[::-1], honest, aim.precision)
    if aim.miss_cost is not None:
        wanted = 1 / (1 + aim.miss_cost)
    else:
        accepted = np.arange(1, len(honest) + 1)
        wanted = float((np.cumsum(honest) / (accepted + honest.sum() + missed)).max())
    return float((logit(np.clip(wanted, _TINY, 1 - _TINY)) - bias) / factor)


def _precise_cut(logits: Floats, honest: Floats, precision: float) -> float:
    """The lowest of the falling `logits` above which the mean probability reaches `precision`."""
    means = np.cumsum(honest) / np.arange(1, len(honest) + 1)
    reaching = np.flatnonzero(means >= precision)
    return float(logits[reaching[-1] if len(reaching) else 0])


def _between(probabilities: Floats, value: float) -> float:
    """The middle of the gap between probabilities in which a value lies, so that rounding decides nothing;
    a value all but equal to a probability accepts it."""
    above = probabilities[probabilities >= value - 1e-9]
    below = probabilities[probabilities < value - 1e-9]
    if not len(above):
        return value
    return float((above.min() + (below.max() if len(below) else 0.0)) / 2)
