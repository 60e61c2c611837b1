"""The linear expert: logistic and ridge regression on terms. Trained in seconds, and hard to beat where
records are many.

Nothing of it needs the encoder. The blend lets it correct the network and be corrected by it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors
from scipy.special import expit

from nlu.application import Application
from nlu.experts.logits import label_probabilities
from nlu.experts.targets import sentence_targets
from nlu.experts.terms import TermFeatures, TermRow
from nlu.model.heads import learned_labels, reported_labels
from nlu.model.preparation import Prepared
from nlu.model.signals import Signals
from nlu.settings import ClassificationTask, ScoreTask
from nlu.training.examples import Example

WEIGHTS_FILE = "linear.safetensors"
TERMS_FILE = "linear.json"

# Cross-validated on the six sets of `terms.py`: 3 and 30 are within .01 of it, 1 and 100 are worse. A
# class-balanced support vector machine has .01 more macro-F1 with all records and .01 less with 8 a class.
_INVERSE_PENALTY = 10.0
_RIDGE_PENALTY = 1.0
_ITERATIONS = 300
_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class _Head:
    """`weights`: (terms, outputs), float32 that fit in 16 bits, so that a model read back says the same;
    `biases`: (outputs,), −∞ for a label that no record has."""

    weights: NDArray[np.float32]
    biases: NDArray[np.float32]

    @staticmethod
    def of(columns: Sequence[tuple[NDArray[Any], float]]) -> _Head:
        weights = np.column_stack([weights for weights, _ in columns])
        return _Head(
            weights.astype(np.float16).astype(np.float32),
            np.array([bias for _, bias in columns], dtype=np.float32),
        )

    def logits(self, row: TermRow) -> NDArray[np.float64]:
        """(outputs,)"""
        return (row.values @ self.weights[row.places]).astype(np.float64) + self.biases


class LinearExpert:
    """Says of documents what the network says, from their terms."""

    def __init__(
        self,
        application: Application,
        features: TermFeatures,
        labels: Mapping[str, _Head],
        sentences: Mapping[str, _Head],
        scores: Mapping[str, _Head],
    ) -> None:
        self._application = application
        self._features = features
        self._labels = labels
        self._sentences = sentences
        self._scores = scores

    @staticmethod
    def fit(application: Application, examples: Sequence[Example]) -> LinearExpert:
        """Learn every task from the examples in which it is annotated.

        A task without any stays without an opinion: all labels alike, the middle of the range. A label that
        no example has gets probability 0.
        """
        texts = [document_text(example.prepared) for example in examples]
        features = TermFeatures.fit(texts)
        rows = features.matrix(texts)
        labels: dict[str, _Head] = {}
        sentences: dict[str, _Head] = {}
        for task in application.classifications:
            labels[task.name] = _fit_labels(task, application, examples, rows)
            if task.evidence:
                head = _fit_sentences(task, application, examples, features)
                sentences |= {} if head is None else {task.name: head}
        scores = {task.name: _fit_score(task, examples, rows) for task in application.scores}
        return LinearExpert(application, features, labels, sentences, scores)

    def signals(self, documents: Sequence[Prepared]) -> list[Signals]:
        """What the terms say of each document; neighbours change no bit of it."""
        return [self._signals_of(document) for document in documents]

    def _signals_of(self, document: Prepared) -> Signals:
        evidence = [task for task in self._application.classifications if task.evidence]
        texts = [sentence.text for sentence in document.sentences] if evidence else []
        whole = self._features.row(document_text(document))
        parts = [self._features.row(text) for text in texts]
        sheets = self._application.sheets
        return Signals(
            labels={
                task.name: label_probabilities(self._labels[task.name].logits(whole), task, sheets[task.name])
                for task in self._application.classifications
            },
            sentences={task.name: self._sentence_probabilities(task, parts) for task in evidence},
            scores={
                task.name: float(
                    np.clip(self._scores[task.name].logits(whole)[0], task.minimum, task.maximum)
                )
                for task in self._application.scores
            },
        )

    def _sentence_probabilities(
        self, task: ClassificationTask, parts: Sequence[TermRow]
    ) -> NDArray[np.float64]:
        """(sentences, reported labels). Where nobody marked evidence a sentence is judged as a document."""
        sheet = self._application.sheets[task.name]
        reported = list(reported_labels(task, sheet))
        if task.name in self._sentences:
            judged = [expit(self._sentences[task.name].logits(part)) for part in parts]
        else:
            head = self._labels[task.name]
            judged = [label_probabilities(head.logits(part), task, sheet)[reported] for part in parts]
        return np.array(judged, dtype=np.float64).reshape(-1, len(reported))

    def to_files(self) -> dict[str, bytes]:
        """File name -> content, for `from_files`: weights in 16 bits, terms as JSON."""
        tensors = {"rarity": self._features.rarity}
        for kind, heads in self._heads().items():
            for name, head in heads.items():
                tensors[f"{kind}/{name}/weights"] = head.weights.astype(np.float16)
                tensors[f"{kind}/{name}/biases"] = head.biases
        terms = json.dumps({"terms": self._features.terms}, ensure_ascii=False)
        return {WEIGHTS_FILE: save_tensors(tensors), TERMS_FILE: terms.encode()}

    @staticmethod
    def from_files(application: Application, files: Mapping[str, bytes]) -> LinearExpert:
        """The expert that `to_files` wrote. Raises KeyError, ValueError or SafetensorError where a file is
        missing or broken, or does not fit the application's tasks."""
        tensors = load_tensors(files[WEIGHTS_FILE])
        terms = json.loads(files[TERMS_FILE])["terms"]
        heads: dict[str, dict[str, _Head]] = {"labels": {}, "sentences": {}, "scores": {}}
        for key in tensors:
            kind, _, rest = key.partition("/")
            name, _, part = rest.rpartition("/")
            if part == "weights":
                biases = tensors[f"{kind}/{name}/biases"]
                heads[kind][name] = _Head(tensors[key].astype(np.float32), biases)
        expert = LinearExpert(application, TermFeatures(terms, tensors["rarity"]), **heads)
        expert._check(len(terms))
        return expert

    def _heads(self) -> dict[str, Mapping[str, _Head]]:
        return {"labels": self._labels, "sentences": self._sentences, "scores": self._scores}

    def _check(self, terms: int) -> None:
        sheets = self._application.sheets
        for task in self._application.settings.tasks:
            if isinstance(task, ClassificationTask):
                shapes = [(self._labels[task.name], len(learned_labels(task, sheets[task.name])))]
                if task.name in self._sentences:
                    width = len(reported_labels(task, sheets[task.name]))
                    shapes.append((self._sentences[task.name], width))
            elif isinstance(task, ScoreTask):
                shapes = [(self._scores[task.name], 1)]
            else:
                continue
            if any(head.weights.shape != (terms, width) for head, width in shapes):
                raise ValueError(f"the linear weights of {task.name} do not fit its labels")


def document_text(document: Prepared) -> str:
    """The sentences that the encoder sees of it, a line each."""
    return "\n".join(sentence.text for sentence in document.sentences)


def _fit_labels(
    task: ClassificationTask, application: Application, examples: Sequence[Example], rows: Any
) -> _Head:
    learned = learned_labels(task, application.sheets[task.name])
    annotated = [row for row, example in enumerate(examples) if task.name in example.labels]
    given = [examples[row].labels[task.name] for row in annotated]
    known = rows[annotated]
    if not annotated:
        return _Head.of([(np.zeros(rows.shape[1]), 0.0)] * len(learned))
    if task.multi_label:
        flags = ([label in labels for labels in given] for label in learned)
        return _Head.of([_yes_or_no(known, np.array(truth)) for truth in flags])
    return _Head.of(_one_of(known, np.array([labels[0] for labels in given]), learned))


def _fit_sentences(
    task: ClassificationTask,
    application: Application,
    examples: Sequence[Example],
    features: TermFeatures,
) -> _Head | None:
    sheet = application.sheets[task.name]
    found = [(example, sentence_targets(example, task, sheet)) for example in examples]
    marked = [(example, targets) for example, targets in found if targets is not None and len(targets)]
    if not marked:
        return None
    rows = features.matrix(
        [sentence.text for example, _ in marked for sentence in example.prepared.sentences]
    )
    targets = np.concatenate([targets for _, targets in marked])
    columns = []
    for column in targets.T:
        known = np.flatnonzero(~np.isnan(column))
        columns.append(_yes_or_no(rows[known], column[known] == 1))
    return _Head.of(columns)


def _fit_score(task: ScoreTask, examples: Sequence[Example], rows: Any) -> _Head:
    from sklearn.linear_model import Ridge

    annotated = [row for row, example in enumerate(examples) if task.name in example.scores]
    if not annotated:
        return _Head.of([(np.zeros(rows.shape[1]), (task.minimum + task.maximum) / 2)])
    values = [examples[row].scores[task.name] for row in annotated]
    machine = Ridge(alpha=_RIDGE_PENALTY, solver="sparse_cg").fit(rows[annotated], values)
    return _Head.of([(machine.coef_, float(machine.intercept_))])


def _one_of(rows: Any, truth: NDArray[np.int64], learned: Sequence[int]) -> list[tuple[NDArray[Any], float]]:
    """Weights and bias of each label where exactly one holds: multinomial, each class weighing the same."""
    nothing = np.zeros(rows.shape[1])
    seen = np.unique(truth)
    if len(seen) == 1:
        found = {int(seen[0]): (nothing, 0.0)}
    else:
        machine = _regression().fit(rows, truth)
        weights, biases = machine.coef_, machine.intercept_
        if len(seen) == 2:  # one row stands for the difference of two
            weights, biases = np.vstack([nothing, weights]), np.array([0.0, *biases])
        found = {int(label): (weights[place], float(biases[place])) for place, label in enumerate(seen)}
    return [found.get(label, (nothing, -np.inf)) for label in learned]


def _yes_or_no(rows: Any, truth: NDArray[np.bool_]) -> tuple[NDArray[Any], float]:
    """Weights and bias of one label for itself, its presence weighing as much as its absence."""
    if not truth.any():
        return np.zeros(rows.shape[1]), -np.inf
    if truth.all():
        return np.zeros(rows.shape[1]), float(np.log(len(truth) + 1.0))
    machine = _regression().fit(rows, truth)
    return machine.coef_[0], float(machine.intercept_[0])


def _regression() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(
        C=_INVERSE_PENALTY, class_weight="balanced", max_iter=_ITERATIONS, tol=_TOLERANCE
    )
