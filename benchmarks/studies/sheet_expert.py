"""The label sheet as an expert of its own, on vectors of the encoder as it came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from nlu.application.application import Application
from nlu.application.label_sets import learned_labels, reported_labels
from nlu.experts.sheet_vectors import SHARPNESS, THRESHOLD, SheetVectors, affinities
from nlu.network.preparation import Prepared
from nlu.network.probabilities import label_probabilities
from nlu.network.signals import Signals

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


class SheetExpert:
    """Says of documents what the network says, from the label sheets alone. Of scores it knows nothing: they
    are the middle of their range."""

    def __init__(self, application: Application, sheets: Mapping[str, SheetVectors]) -> None:
        self._application = application
        self._sheets = sheets

    @staticmethod
    def of(
        application: Application, encoder: PreTrainedModel, tokenizer: PreTrainedTokenizerFast
    ) -> SheetExpert:
        """The expert of an application's sheets; `encoder` is as it came."""
        return SheetExpert(
            application,
            {
                task.name: SheetVectors.of(encoder, tokenizer, application.sheets[task.name], task.other)
                for task in application.classifications
            },
        )

    def signals(self, documents: Sequence[Prepared], tokens: Sequence[NDArray[np.floating]]) -> list[Signals]:
        """What the sheets say of each document; `tokens` are its token vectors (tokens, hidden) from the
        encoder without adapters."""
        return [
            self._signals_of(document, vectors) for document, vectors in zip(documents, tokens, strict=True)
        ]

    def _signals_of(self, document: Prepared, tokens: NDArray[np.floating]) -> Signals:
        texts = [sentence.text for sentence in document.sentences]
        vectors = np.array([tokens[start:end].mean(axis=0) for start, end in document.spans])
        labels: dict[str, NDArray[np.float64]] = {}
        sentences: dict[str, NDArray[np.float64]] = {}
        for task in self._application.classifications:
            sheet = self._application.sheets[task.name]
            near = affinities(vectors, texts, self._sheets[task.name])
            best = near.max(axis=0) if len(near) else np.zeros(len(sheet.names))
            threshold = THRESHOLD if task.multi_label else 0.0
            logits = SHARPNESS * (best[list(learned_labels(task, sheet))] - threshold)
            labels[task.name] = label_probabilities(logits, task, sheet)
            if task.evidence:
                reported = near[:, list(reported_labels(task, sheet))]
                sentences[task.name] = np.asarray(expit(SHARPNESS * (reported - THRESHOLD)))
        scores = {task.name: (task.minimum + task.maximum) / 2 for task in self._application.scores}
        return Signals(labels, sentences, scores)
