"""A head that tells evidence, learned from the sentences of annotated records."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from nlu.text.relevance.relevance import RelevanceHead, character_ngrams

FEWEST_EVIDENCE = 8
"""Sentences of evidence from which on a learned head is better than the label sheet alone."""
_WEAKNESS = 10.0


def fit_relevance(sentences: Sequence[str], is_evidence: Sequence[bool]) -> RelevanceHead | None:
    """A head learned from sentences of annotated records; None where too few of them are evidence, or all.

    The same sentences give the same head.
    """
    found = sum(is_evidence)
    if found < FEWEST_EVIDENCE or found == len(is_evidence):
        return None
    learner = LogisticRegression(C=_WEAKNESS, solver="liblinear")
    learner.fit(normalize(character_ngrams(sentences)), np.asarray(is_evidence))
    return RelevanceHead(learner.coef_[0].astype(np.float32), float(np.float32(learner.intercept_[0])))
