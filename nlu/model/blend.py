"""What several experts say of a document as one: a log-linear mixture, its weights chosen on dev records.

Probabilities are multiplied with exponents that add up to 1 (logarithmic opinion pool; Genest and Zidek,
"Combining Probability Distributions: A Critique and an Annotated Bibliography", Statistical Science 1986);
scores are averaged. What counts on the dev records is the likelihood of what is true, every class weighing
the same and the mixture stretched as suits it best: an expert shall not win because it is bolder, nor because
it was trained with another balance of classes. Few records tell little: what is taken is the mean of all
choices, each weighing as its likelihood (Bayesian model averaging, Hoeting et al. 1999), which is the middle
where dev says nothing and the best choice where it says much. What the experts say of a text unlike all that
they learned from is believed less: its logits are halved where it is wholly new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from nlu.application.application import Application
from nlu.network.probabilities import label_logits, label_probabilities, log_odds
from nlu.network.signals import Signals

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Blend:
    """By task, how much of each expert goes into labels, evidence sentences and scores; each adds up to 1."""

    labels: Mapping[str, Weights]
    sentences: Mapping[str, Weights]
    scores: Mapping[str, Weights]

    def apply(self, application: Application, signals: Mapping[str, Sequence[Signals]]) -> list[Signals]:
        """The signals of each document from those of the experts, which judged the same documents in the
        same order. Raises KeyError where an expert of the blend is missing."""
        count = len(next(iter(signals.values())))
        return [
            self._one(application, {name: several[row] for name, several in signals.items()})
            for row in range(count)
        ]

    def _one(self, application: Application, by_expert: Mapping[str, Signals]) -> Signals:
        labels: dict[str, NDArray[np.float64]] = {}
        sentences: dict[str, NDArray[np.float64]] = {}
        novelty = max(said.novelty for said in by_expert.values())
        for task in application.classifications:
            sheet = application.sheets[task.name]
            mixed = mix_of(
                self.labels[task.name],
                {name: label_logits(said.labels[task.name], task, sheet) for name, said in by_expert.items()},
            )
            labels[task.name] = label_probabilities(mixed / (1 + novelty), task, sheet)
            if task.evidence:
                odds = {name: log_odds(said.sentences[task.name]) for name, said in by_expert.items()}
                sentences[task.name] = np.asarray(expit(mix_of(self.sentences[task.name], odds)))
        scores = {
            task.name: float(
                mix_of(
                    self.scores[task.name],
                    {name: np.array(said.scores[task.name]) for name, said in by_expert.items()},
                )
            )
            for task in application.scores
        }
        return Signals(labels, sentences, scores, novelty=novelty)

    @property
    def experts(self) -> tuple[str, ...]:
        """Their names, also of those that weigh nothing."""
        return tuple(
            dict.fromkeys(
                name
                for by_task in (self.labels, self.sentences, self.scores)
                for weights in by_task.values()
                for name in weights
            )
        )

    def to_json(self) -> dict[str, Any]:
        return {
            kind: {task: dict(weights) for task, weights in by_task.items()}
            for kind, by_task in (
                ("labels", self.labels),
                ("sentences", self.sentences),
                ("scores", self.scores),
            )
        }

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> Blend:
        return Blend(content["labels"], content["sentences"], content["scores"])


def mix_of(weights: Weights, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    parts = [weight * values[name] for name, weight in weights.items()]
    return np.asarray(sum(parts[1:], start=parts[0]))
