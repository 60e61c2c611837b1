"""spaCy's text categoriser: its ensemble of a bag of words and a network, on the vectors of ja_ginza."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed, minibatch

from benchmarks.learning.contender_figures import macro_f1
from benchmarks.learning.problem import Prediction, Problem, Values
from nlu.application.settings import ClassificationTask
from nlu.records.record import Record

_MODEL: dict[str, Any] = {
    "@architectures": "spacy.TextCatEnsemble.v2",
    "tok2vec": {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy.MultiHashEmbed.v2",
            "width": 64,
            "rows": [2000, 500, 1000, 500],
            "attrs": ["NORM", "LOWER", "PREFIX", "SUFFIX"],
            "include_static_vectors": True,
        },
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2",
            "width": 64,
            "window_size": 1,
            "maxout_pieces": 3,
            "depth": 2,
        },
    },
    "linear_model": {
        "@architectures": "spacy.TextCatBOW.v3",
        "exclusive_classes": True,
        "length": 262144,
        "ngram_size": 2,
        "no_output_layer": False,
    },
}
_UNUSED = (
    "tok2vec",
    "parser",
    "ner",
    "attribute_ruler",
    "morphologizer",
    "compound_splitter",
    "bunsetu_recognizer",
)
_BATCH = 16
_DROPOUT = 0.2
_FEWEST_STEPS, _FEWEST_EPOCHS = 600, 10
_PATIENCE = 5


def solve(problem: Problem) -> Prediction:
    """Trained until the dev figure has not risen for five rounds. Raises ValueError for a score."""
    if not isinstance(problem.task, ClassificationTask):
        raise ValueError("spaCy's categoriser gives no score")
    fix_random_seed(problem.seed)
    nlp = spacy.load(
        "ja_ginza",
        exclude=[
            "tok2vec",
            "parser",
            "ner",
            "attribute_ruler",
            "morphologizer",
            "lemmatizer",
            "compound_splitter",
            "bunsetu_recognizer",
        ],
    )
    bag = {**_MODEL["linear_model"], "exclusive_classes": problem.exclusive}
    name = "textcat" if problem.exclusive else "textcat_multilabel"
    categoriser = nlp.add_pipe(name, config={"model": {**_MODEL, "linear_model": bag}})
    labels = [str(number) for number in range(len(problem.columns))]
    train, dev, test = (_documents(nlp, part) for part in (problem.train, problem.dev, problem.test))
    examples = [
        Example.from_dict(doc, {"cats": dict(zip(labels, row.tolist(), strict=True))})
        for doc, row in zip(train, problem.targets(problem.train), strict=True)
    ]
    categoriser.initialize(lambda: examples, nlp=nlp, labels=labels)
    optimizer = nlp.create_optimizer()
    epochs = max(_FEWEST_EPOCHS, -(-_FEWEST_STEPS * _BATCH // len(examples)))
    rounds = max(1, epochs // 20)
    drawn = random.Random(problem.seed)
    best, found, stale = -np.inf, None, 0
    for epoch in range(1, epochs + 1):
        drawn.shuffle(examples)
        for batch in minibatch(examples, _BATCH):
            categoriser.update(batch, sgd=optimizer, drop=_DROPOUT, losses={})
        if epoch % rounds == 0:
            on_dev = _predict(categoriser, dev, labels)
            figure = macro_f1(problem, on_dev)
            stale = 0 if figure > best else stale + 1
            if figure > best:
                best, found = figure, (on_dev, _predict(categoriser, test, labels))
            if stale == _PATIENCE:
                break
    assert found is not None
    return Prediction(*found)


def _documents(nlp: Any, records: Sequence[Record]) -> list[Doc]:
    return [nlp.make_doc(record.text) for record in records]


def _predict(categoriser: Any, documents: Sequence[Doc], labels: Sequence[str]) -> Values:
    """(documents, columns) probabilities."""
    order = [categoriser.labels.index(label) for label in labels]
    parts = [categoriser.predict(documents[first : first + 128]) for first in range(0, len(documents), 128)]
    return np.concatenate(parts).astype(np.float64)[:, order]
