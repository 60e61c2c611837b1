"""How sure a figure is: intervals of proportions, and the bootstrap for everything else.

All intervals hold 95 %.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot, isnan, nan

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# So that the weights of many documents do not fill the memory.
_DRAWS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The Wilson score interval of a proportion (Wilson 1927); (0, 1) where nothing was tried."""
    if not trials:
        return 0.0, 1.0
    from scipy.stats import binomtest  # slow to load, and nothing that predicts needs it

    interval = binomtest(successes, trials).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def proportion(successes: int, trials: int) -> Interval:
    """A share with its Wilson interval; NaN from 0 to 1 where nothing was tried."""
    return Interval(successes / trials if trials else nan, *wilson_interval(successes, trials))


def f1_interval(positives: int, accepted: int, correct: int) -> Interval:
    """F1 from its three counts; NaN from 0 to 1 where nothing is positive or accepted.

    F1 is 2J / (1 + J) of the Jaccard index J, which is a proportion: of what is positive or accepted, the
    share that is both. So the Wilson interval of J, sent the same way, is an interval of F1.
    """
    jaccard = proportion(correct, positives + accepted - correct)
    return Interval(*(2 * end / (1 + end) for end in (jaccard.value, jaccard.low, jaccard.high)))


def difference(before: Interval, after: Interval) -> Interval:
    """`after` minus `before`, each of its own documents; NaN from -1 to 1 where one of them is.

    The hybrid score interval of Newcombe (1998, method 10), for any two figures with intervals (Zou and
    Donner 2008).
    """
    value = after.value - before.value
    if isnan(value):
        return Interval(nan, -1.0, 1.0)
    return Interval(
        value,
        value - hypot(after.value - after.low, before.high - before.value),
        value + hypot(after.high - after.value, before.value - before.low),
    )


def bootstrap(
    statistic: Callable[[Floats], Floats], counts: Floats, *, draws: int = 1000, seed: int = 13
) -> Floats:
    """A statistic of sums over documents, on documents drawn again with replacement (Efron 1979).

    `counts` (documents, ...) is what each document adds: its sentences stay together, since they are not
    independent of each other. Two models on the same documents are compared by counting both. `statistic`
    maps sums (draws, ...) to values (draws, ...), which are returned: their deviation is the standard error,
    their 2.5th and 97.5th percentile a 95 % interval.
    """
    random = np.random.default_rng(seed)
    flat = counts.reshape(len(counts), -1)
    even = np.full(len(counts), 1 / len(counts))
    values = []
    for start in range(0, draws, _DRAWS_AT_ONCE):
        times = random.multinomial(len(counts), even, size=min(_DRAWS_AT_ONCE, draws - start))
        values.append(statistic((times @ flat).reshape(len(times), *counts.shape[1:])))
    return np.concatenate(values)
