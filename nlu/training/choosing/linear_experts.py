"""The linear experts learn from annotated examples: every task by itself, in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.application.application import Application
from nlu.application.settings import ClassificationTask
from nlu.experts.features import Features
from nlu.experts.linear_expert import TERMS, VECTORS, LinearExpert
from nlu.experts.linear_head import LinearHead
from nlu.experts.terms import TermFeatures, document_text
from nlu.experts.vectors import VectorFeatures
from nlu.network.expert_input import ExpertInput
from nlu.training.choosing.linear_heads import fit_labels, fit_score, fit_sentences
from nlu.training.choosing.matrices import sentence_targets
from nlu.training.examples.cached_examples import CachedExample
from nlu.training.examples.examples import Example


def fit_experts(
    application: Application, cached_examples: Sequence[CachedExample]
) -> dict[str, LinearExpert]:
    """The linear experts that are asked for, by name; none where there is nothing to learn from or for."""
    asked = application.settings.decisions
    if not cached_examples or not (application.classifications or application.scores):
        return {}
    examples = [cached.example for cached in cached_examples]
    inputs = [cached.expert_input for cached in cached_examples]
    experts = {}
    if asked.linear:
        experts[TERMS] = fit_on_terms(application, examples, inputs)
    if asked.vectors and all(given.layer_means is not None for given in inputs):
        experts[VECTORS] = fit_on_vectors(application, examples, inputs)
    return experts


def fit_on_terms(
    application: Application, examples: Sequence[Example], inputs: Sequence[ExpertInput]
) -> LinearExpert:
    """The expert on words and characters; `inputs` are of the examples."""
    features = TermFeatures.fit([document_text(given) for given in inputs])
    return _fit(application, examples, inputs, features)


def fit_on_vectors(
    application: Application, examples: Sequence[Example], inputs: Sequence[ExpertInput]
) -> LinearExpert:
    """The expert on layer means. Raises ValueError where an input has none."""
    return _fit(application, examples, inputs, VectorFeatures.fit(inputs))


def _fit(
    application: Application,
    examples: Sequence[Example],
    inputs: Sequence[ExpertInput],
    features: Features[Any],
) -> LinearExpert:
    """The expert on `features` of every task, from the examples in which it is annotated.

    A task without any stays undecided: all labels alike, the middle of the range. A label that
    no example has gets probability 0.
    """
    rows = features.stack([features.document(given) for given in inputs])
    penalty = features.inverse_penalty
    labels: dict[str, LinearHead] = {}
    sentences: dict[str, LinearHead] = {}
    for task in application.classifications:
        labels[task.name] = fit_labels(task, application, examples, rows, penalty)
        targets = _marked(task, application, examples)
        if targets:
            parts = [part for row in targets for part in features.sentences(inputs[row])]
            known = np.concatenate([*targets.values()])
            sentences[task.name] = fit_sentences(known, features.stack(parts), penalty)
    scores = {task.name: fit_score(task, examples, rows) for task in application.scores}
    return LinearExpert(application, features, labels, sentences, scores)


def _marked(
    task: ClassificationTask, application: Application, examples: Sequence[Example]
) -> dict[int, NDArray[np.float64]]:
    """By its place, what the sentences of each example prove where somebody said; empty where nobody did."""
    if not task.evidence:
        return {}
    sheet = application.sheets[task.name]
    found = {row: sentence_targets(example, task, sheet) for row, example in enumerate(examples)}
    return {row: targets for row, targets in found.items() if targets is not None and len(targets)}
