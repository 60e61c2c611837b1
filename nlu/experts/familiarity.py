"""How far a text is from all that was learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from nlu.network.expert_input import ExpertInput

FAMILIARITY_FILE = "familiarity.safetensors"

MOST_PROTOTYPES = 256
"""Records that stand for all that were learned from: 200 kB."""
_USUAL, _FAR = 0.5, 0.99
_LEAST = 1e-9

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Prototypes:
    """`vectors`, (records, hidden): the last layer means of records learned from, of length 1 once `center`,
    (hidden,), is taken away."""

    center: Vectors
    vectors: Vectors

    @staticmethod
    def of(inputs: Sequence[ExpertInput]) -> Prototypes | None:
        """Of evenly spread records, at most MOST_PROTOTYPES; None where an input has no layer means."""
        if not inputs or any(given.layer_means is None for given in inputs):
            return None
        step = max(1, -(-len(inputs) // MOST_PROTOTYPES))
        wholes = np.array([_whole(given) for given in inputs])
        center = wholes.mean(axis=0)
        kept = (wholes[::step] - center).astype(np.float16).astype(np.float32)
        lengths = np.linalg.norm(kept, axis=1, keepdims=True)
        return Prototypes(center, (kept / np.maximum(lengths, _LEAST)).astype(np.float32))

    def distance(self, given: ExpertInput) -> float:
        """1 − the cosine to the nearest, 0–2; 0 for a text without a token."""
        vector = _whole(given) - self.center
        length = float(np.linalg.norm(vector))
        return 1 - float((self.vectors @ vector).max()) / length if length > _LEAST else 0.0


@dataclass(frozen=True, slots=True)
class Familiarity:
    """What is `usual` far from the `prototypes` is not new at all, what is `far` or farther is wholly new."""

    prototypes: Prototypes
    usual: float
    far: float

    @staticmethod
    def of(prototypes: Prototypes, distances: Sequence[float]) -> Familiarity:
        """From the distances of records that were held out, situation by situation, from the records that
        stood for what was learned then."""
        usual, far = np.quantile(distances, (_USUAL, _FAR))
        return Familiarity(prototypes, float(usual), float(far))

    def novelty(self, distance: float) -> float:
        """0–1."""
        return min(1.0, max(0.0, (distance - self.usual) / max(self.far - self.usual, _LEAST)))

    def to_files(self) -> dict[str, bytes]:
        """File name -> content, for `familiarity_from_files`."""
        tensors = {
            "center": self.prototypes.center,
            "prototypes": self.prototypes.vectors,
            "scale": np.array([self.usual, self.far]),
        }
        return {FAMILIARITY_FILE: save_tensors(tensors)}


def familiarity_from_files(files: Mapping[str, bytes]) -> Familiarity:
    """What `to_files` wrote. Raises KeyError, ValueError or SafetensorError where the file is broken."""
    tensors = load_tensors(files[FAMILIARITY_FILE])
    usual, far = (float(value) for value in tensors["scale"])
    return Familiarity(Prototypes(tensors["center"], tensors["prototypes"]), usual, far)


def _whole(given: ExpertInput) -> Vectors:
    assert given.layer_means is not None
    hidden = given.layer_means.hidden
    return given.layer_means.whole[-hidden:]
