"""What the bundled encoder learned over many label sheets: to bring a sentence near to the description of the
category that it proves, and to keep it away from the others of the sheet.

Low-rank changes of the encoder's top layers (LoRA, Hu et al. 2021), and a few numbers that make a logit of a
likeness. They were learned on sheets of many trades at once, as TARS (Halder et al. 2020) does with a pass
for each label and GLiClass with all labels in one pass; here labels and texts are encoded apart, so that a
night pays for no label (`benchmarks/fitting/fit_matching.py`; what was learned from is told in
`matching.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_arrays

if TYPE_CHECKING:
    from transformers import PreTrainedModel

MATCHING_FILE = Path(__file__).with_name("matching.safetensors")
_ADAPTERS = "adapters/"

LORA_SCALE = 2.0
"""What a product of the two low-rank matrices is multiplied with when it is added to a weight."""


@dataclass(frozen=True, slots=True)
class Matching:
    """The logit that a sentence proves a label: `definition` times the cosine between the sentence and the
    label's name and definition, `keywords` times that to its keywords, `hits` times the keywords that stand
    in the sentence (`nlu.network.keywords.word_hits`), and `bias`. Before a cosine is taken, `center`,
    (hidden,), what all texts have in common, is taken away from a sentence. `report`, (hidden,), times the
    direction of the sentence says how far it tells of anything open at all, whatever the label."""

    center: NDArray[np.float32]
    report: NDArray[np.float32]
    definition: float
    keywords: float
    hits: float
    bias: float


def unlearned_matching(center: NDArray[np.float32]) -> Matching:
    """For encoders that learned no matching; `center` is the mean vector of ordinary sentences. The numbers
    were chosen on the train records of the two sample applications and on accident reports with names alone
    for a sheet: the weight of keywords is flat over a factor of four, the bias lies
    where a label is more likely than "other"."""
    return Matching(center, np.zeros_like(center), definition=4.0, keywords=4.0, hits=1.6, bias=-3.6)


@cache
def bundled_matching() -> Matching:
    """What goes with the bundled encoder once `merge_matching` changed it."""
    arrays = _arrays()
    definition, keywords, hits, bias = (float(value) for value in arrays["gains"])
    center, report = (arrays[name].astype(np.float32) for name in ("center", "report"))
    return Matching(center, report, definition, keywords, hits, bias)


def merge_matching(encoder: PreTrainedModel) -> None:
    """Add the learned changes to the weights of the bundled encoder, in place."""
    import torch

    weights = dict(encoder.named_parameters())
    arrays = _arrays()
    with torch.no_grad():
        for name in sorted(key for key in arrays if key.startswith(_ADAPTERS) and key.endswith("/A")):
            layer = name.removeprefix(_ADAPTERS).removesuffix("/A")
            down = torch.from_numpy(arrays[name].astype(np.float32))
            up = torch.from_numpy(arrays[f"{_ADAPTERS}{layer}/B"].astype(np.float32))
            weights[f"{layer}.weight"] += LORA_SCALE * (up @ down)


def _arrays() -> Mapping[str, NDArray[np.floating]]:
    arrays: Mapping[str, NDArray[np.floating]] = load_arrays(MATCHING_FILE.read_bytes())
    return arrays
