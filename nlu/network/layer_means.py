"""What the encoder as it came makes of a document: means of its token vectors at several depths.

The top layers of a sentence encoder are bent towards likeness of topic; how something is said (a wish, a
refusal, a complaint) stands in the middle ones. A linear model on these means knows from 64 records a label
what fine-tuning the top layers does not, and they are computed on the way to those anyway. The last depth is
behind the top layers, without what tailoring changed in them: there texts lie near to what label sheets say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nlu.network.batches import Batch

_DEPTHS = (0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class LayerMeans:
    """`whole`: (width,), the mean over all tokens; `sentences`: (sentences, width), over those of each
    sentence; the depths side by side, float32, each `hidden` numbers."""

    whole: NDArray[np.float32]
    sentences: NDArray[np.float32]
    hidden: int


def mean_depths(split: int) -> tuple[int, ...]:
    """The layers, counted from 0, at whose entrance is looked when those from `split` on learn, ascending;
    the last is `split` itself."""
    return tuple(sorted({int(split * share) for share in _DEPTHS}))


def layer_means(hidden: Sequence[Tensor], batch: Batch) -> LayerMeans:
    """The layer means of the one document in `batch`; `hidden` holds (1, tokens, hidden) for each depth."""
    count = int(batch.present[0].sum())
    tokens = torch.cat([depth[0].float() for depth in hidden], dim=1)
    weights = batch.mask[0].to(tokens.dtype)
    whole = (weights @ tokens) / weights.sum()
    sentences = batch.pooling[0, :count] @ tokens
    return LayerMeans(whole.cpu().numpy(), sentences.cpu().numpy(), hidden[0].shape[-1])
