"""The linear experts: logistic and ridge regression on terms, or on what the lower layers of the encoder say.

Trained in seconds (`nlu.training.choosing.linear_experts`), without any luck of a seed, and hard to beat:
terms where records are many, vectors where they are few. The blend lets them correct the network and be
corrected by it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors
from scipy.special import expit

from nlu.application.application import Application
from nlu.application.label_sets import learned_labels, reported_labels
from nlu.application.settings import ClassificationTask, ScoreTask
from nlu.experts.features import FeatureRow, Features
from nlu.experts.linear_head import LinearHead
from nlu.experts.terms import TermFeatures
from nlu.experts.vectors import VectorFeatures
from nlu.network.expert_input import ExpertInput
from nlu.network.probabilities import label_probabilities
from nlu.network.signals import Signals

TERMS, VECTORS = "linear", "vectors"

_TERMS_FILE = "linear.json"


class LinearExpert:
    """Says of documents what the network says, from their terms or their vectors."""

    def __init__(
        self,
        application: Application,
        features: Features[Any],
        labels: Mapping[str, LinearHead],
        sentences: Mapping[str, LinearHead],
        scores: Mapping[str, LinearHead],
    ) -> None:
        self._application = application
        self._features = features
        self._labels = labels
        self._sentences = sentences
        self._scores = scores

    def signals(self, inputs: Sequence[ExpertInput]) -> list[Signals]:
        """What the expert says of each document; neighbours change no bit of it."""
        return [self._signals_of(given) for given in inputs]

    def _signals_of(self, given: ExpertInput) -> Signals:
        evidence = [task for task in self._application.classifications if task.evidence]
        whole = self._features.document(given)
        parts = self._features.sentences(given) if evidence else []
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
        self, task: ClassificationTask, parts: Sequence[FeatureRow]
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
        """File name -> content, for `linear_from_files`: weights in 16 bits, terms as JSON."""
        tensors = dict(self._features.tensors())
        for kind, heads in self._heads().items():
            for name, head in heads.items():
                tensors[f"{kind}/{name}/weights"] = head.weights.astype(np.float16)
                tensors[f"{kind}/{name}/biases"] = head.biases
        if not isinstance(self._features, TermFeatures):
            return {_weights_file(VECTORS): save_tensors(tensors)}
        terms = json.dumps({"terms": self._features.terms}, ensure_ascii=False)
        return {_weights_file(TERMS): save_tensors(tensors), _TERMS_FILE: terms.encode()}

    def _heads(self) -> dict[str, Mapping[str, LinearHead]]:
        return {"labels": self._labels, "sentences": self._sentences, "scores": self._scores}

    def check(self) -> None:
        """Raises ValueError or KeyError where the weights do not fit the application's tasks."""
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
            if any(head.weights.shape != (self._features.width, width) for head, width in shapes):
                raise ValueError(f"the linear weights of {task.name} do not fit its labels")


def linear_files(kind: str) -> tuple[str, ...]:
    """The files of the expert on TERMS or on VECTORS."""
    return (_weights_file(TERMS), _TERMS_FILE) if kind == TERMS else (_weights_file(VECTORS),)


def linear_from_files(application: Application, kind: str, files: Mapping[str, bytes]) -> LinearExpert:
    """The expert on TERMS or on VECTORS that `to_files` wrote. Raises KeyError, ValueError or SafetensorError
    where a file is missing or broken, or does not fit the application's tasks."""
    tensors = load_tensors(files[_weights_file(kind)])
    features: Features[Any]
    if kind == TERMS:
        features = TermFeatures(json.loads(files[_TERMS_FILE])["terms"], tensors["rarity"])
    else:
        features = VectorFeatures(tensors["center"], tensors["spread"])
    heads: dict[str, dict[str, LinearHead]] = {"labels": {}, "sentences": {}, "scores": {}}
    for key in tensors:
        group, _, rest = key.partition("/")
        name, _, part = rest.rpartition("/")
        if part == "weights":
            biases = tensors[f"{group}/{name}/biases"]
            heads[group][name] = LinearHead(tensors[key].astype(np.float32), biases)
    expert = LinearExpert(application, features, **heads)
    expert.check()
    return expert


def _weights_file(kind: str) -> str:
    return f"{kind}.safetensors"
