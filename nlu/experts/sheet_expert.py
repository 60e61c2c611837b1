"""The label sheet as an expert of its own: what it says of a text before any record was learned from.

It learns nothing from records, so it is as good on texts unlike them as on others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors
from scipy.special import expit, logsumexp

from nlu.application.application import Application
from nlu.application.label_sets import learned_labels, reported_labels
from nlu.application.settings import ClassificationTask
from nlu.network.expert_input import ExpertInput
from nlu.network.keywords import SheetKeywords
from nlu.network.probabilities import label_probabilities
from nlu.network.signals import Signals
from nlu.network.task_heads import HeadInitialisation

SHEET = "sheet"
SHEET_FILE = "sheet.safetensors"

_LEAST = 1e-12


class SheetExpert:
    """Says of documents what the network says before it learns; `starts` by classification task. Of scores it
    knows nothing: they are the middle of their range."""

    def __init__(self, application: Application, starts: Mapping[str, HeadInitialisation]) -> None:
        self._application = application
        self._keywords = SheetKeywords(application)
        self._tensors = {
            f"{task}/{part}": getattr(start, part).numpy()
            for task, start in starts.items()
            for part in HeadInitialisation.__slots__
        }
        self._tasks = [task for task in application.classifications if task.name in starts]

    def signals(self, inputs: Sequence[ExpertInput]) -> list[Signals]:
        """What the sheets say of each document; neighbours change no bit of it. Raises ValueError where an
        input has no sentence vectors."""
        return [self._signals_of(given) for given in inputs]

    def _signals_of(self, given: ExpertInput) -> Signals:
        labels: dict[str, NDArray[np.float64]] = {}
        sentences: dict[str, NDArray[np.float64]] = {}
        for task in self._application.classifications:
            sheet = self._application.sheets[task.name]
            proofs = self._proofs(task, given)
            labels[task.name] = label_probabilities(self._document(task, proofs), task, sheet)
            if task.evidence:
                sentences[task.name] = np.asarray(expit(proofs))
        scores = {task.name: (task.minimum + task.maximum) / 2 for task in self._application.scores}
        return Signals(labels, sentences, scores)

    def _proofs(self, task: ClassificationTask, given: ExpertInput) -> NDArray[np.float64]:
        """Logits that each sentence proves a label, (sentences, reported labels)."""
        texts = [sentence.text for sentence in given.document.sentences]
        width = len(reported_labels(task, self._application.sheets[task.name]))
        if task not in self._tasks or not texts:
            return np.zeros((len(texts), width))
        center, directions, gain, keyword_gain, bias = (
            self._tensors[f"{task.name}/{part}"].astype(np.float64) for part in HeadInitialisation.__slots__
        )
        if given.layer_means is None:
            raise ValueError(f"{given.document.doc_id}: no layer of the encoder stays as it came")
        vectors = given.layer_means.sentences[:, -len(center) :].astype(np.float64) - center
        # One sentence a time: a product of many rows rounds otherwise than that of one.
        near = np.array(
            [directions @ vector / max(float(np.linalg.norm(vector)), _LEAST) for vector in vectors]
        )
        hits = np.array([self._keywords.hits(task.name, text) for text in texts], dtype=np.float64)
        return np.asarray(gain * near + keyword_gain * hits + bias)

    def _document(self, task: ClassificationTask, proofs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Logits of the learned labels, as the network's head begins: what the sentences prove together,
        log(1 + Σ exp), and of "other" what silence is worth."""
        sheet = self._application.sheets[task.name]
        reported, learned = reported_labels(task, sheet), learned_labels(task, sheet)
        together = logsumexp(np.vstack([np.zeros(len(reported)), proofs]), axis=0)
        if task.multi_label:
            return np.asarray(together - log(2))
        logits = np.full(len(learned), log(len(reported) + 1))
        logits[[learned.index(label) for label in reported]] = together
        return logits

    def to_files(self) -> dict[str, bytes]:
        """File name -> content, for `sheet_from_files`."""
        return {SHEET_FILE: save_tensors(dict(self._tensors))}


def sheet_from_files(application: Application, files: Mapping[str, bytes]) -> SheetExpert:
    """The expert that `to_files` wrote. Raises KeyError, ValueError or SafetensorError where the file is
    missing or broken, or does not fit the application's tasks."""
    import torch

    tensors = load_tensors(files[SHEET_FILE])
    starts: dict[str, HeadInitialisation] = {}
    for task in application.classifications:
        if f"{task.name}/center" not in tensors:
            continue
        parts = {
            part: torch.from_numpy(tensors[f"{task.name}/{part}"]) for part in HeadInitialisation.__slots__
        }
        starts[task.name] = HeadInitialisation(**parts)
        count = len(reported_labels(task, application.sheets[task.name]))
        if len(starts[task.name].gain) != count:
            raise ValueError(f"the sheet vectors of {task.name} do not fit its labels")
    return SheetExpert(application, starts)
