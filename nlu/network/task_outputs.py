"""What the heads say of a batch of documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Outputs:
    """Logits by task. `labels`: (documents, learned labels); `sentences`: (documents, sentences, reported
    labels); `scores`: (documents, thresholds); `spans`: (documents, tokens, labels, 3).

    `document`: the vectors that the heads read, (documents, hidden), for tasks that only training knows.
    """

    labels: Mapping[str, Tensor]
    sentences: Mapping[str, Tensor]
    scores: Mapping[str, Tensor]
    spans: Mapping[str, Tensor]
    document: Tensor
