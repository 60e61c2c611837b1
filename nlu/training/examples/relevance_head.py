"""A head that tells which sentences matter, learned from annotated records."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from nlu.application.application import Application
from nlu.records.evidence import evidence_spans, proves
from nlu.records.record import Record, Span
from nlu.text.boundaries.sentences import Sentence
from nlu.text.relevance.ngrams import character_ngrams, unit_rows
from nlu.text.relevance.relevance import RelevanceHead

FEWEST_EVIDENCE = 8
"""Sentences of evidence from which on a learned head is better than the label sheet alone."""
_WEAKNESS = 10.0


def relevance_head(
    records: Sequence[Record], sentences: Sequence[Sequence[Sentence]], application: Application
) -> RelevanceHead | None:
    """A head that knows the sentences which prove a label of any task or hold a span that a task looks for;
    `sentences[i]` are all of `records[i]`. None where too few are marked to learn from.

    A sentence counts as one that does not matter only where somebody could have marked it: in a record
    whose evidence or spans are annotated, or in one that was read sentence by sentence.
    """
    texts: list[str] = []
    is_evidence: list[bool] = []
    for record, parts in zip(records, sentences, strict=True):
        for part in parts:
            matters = None if part.noise else _matters(part, record, application)
            if matters is not None:
                texts.append(part.text)
                is_evidence.append(matters)
    return fit_relevance(texts, is_evidence)


def fit_relevance(sentences: Sequence[str], is_evidence: Sequence[bool]) -> RelevanceHead | None:
    """A head learned from sentences of annotated records; None where too few of them are evidence, or all.

    The same sentences give the same head.
    """
    found = sum(is_evidence)
    if found < FEWEST_EVIDENCE or found == len(is_evidence):
        return None
    learner = LogisticRegression(C=_WEAKNESS, solver="liblinear")
    learner.fit(unit_rows(character_ngrams(sentences)), np.asarray(is_evidence))
    return RelevanceHead(learner.coef_[0].astype(np.float32), float(np.float32(learner.intercept_[0])))


def _matters(sentence: Sentence, record: Record, application: Application) -> bool | None:
    """None where no annotation says anything of the sentence."""
    said: list[bool] = []
    for task in application.classifications:
        proofs = evidence_spans(record, task)
        if proofs is not None:
            said.append(proves(sentence, proofs))
        for marked in record.sentences.get(task.name, ()):
            if _overlap(sentence, marked):
                said.append(any(label != task.other for label in marked.labels))
    said += [
        any(_overlap(sentence, span) for span in record.spans[task.name])
        for task in application.spans
        if task.name in record.spans
    ]
    return any(said) if said else None


def _overlap(sentence: Sentence, span: Span) -> bool:
    return span.start < sentence.end and sentence.start < span.end
