"""A decision threshold, and the rule by which it was chosen."""

from __future__ import annotations

from dataclasses import dataclass

BEST_F1 = "best F1"
BEST_MACRO_F1 = "best macro-F1"
TARGET_RECALL = "target recall"
TARGET_PRECISION = "target precision"
LOWEST_COST = "lowest cost"
DEFAULT = "default"
DEFAULT_VALUE = 0.5
# With 20, 50 and 120 positives in dev a recall aimed at was missed on other records by .08, .05 and .03 on
# average, either way.
FEW_POSITIVES = 50


@dataclass(frozen=True, slots=True)
class Threshold:
    """How one threshold was chosen.

    `name` is a 小分類, or what the threshold decides. `positives` are the dev documents (for evidence:
    sentences) that are truly so, `accepted` those that reach the threshold, `correct` both. `recall_low` to
    `recall_high` is the 95 % Wilson interval of `recall`, so for `precision`. `target` is the recall,
    precision or cost of a miss that was aimed at. A `value` of 0 asks for nothing: the largest weighted
    probability decides.
    """

    task: str
    name: str
    value: float
    rule: str
    target: float | None
    positives: int
    accepted: int
    correct: int
    precision: float
    precision_low: float
    precision_high: float
    recall: float
    recall_low: float
    recall_high: float
