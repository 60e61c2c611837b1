"""Day zero: what the label sheet alone says of a text, through the encoder and by keywords.

A sentence is near to a label by the cosine of its vector to that of the label's name and definition, and to
that of its keywords. Encoders put all texts of a language near to each other, so what texts have in common is
taken away first: from sentences the mean of ordinary ones, from labels mostly their own mean (as Mu and
Viswanath, "All-but-the-Top", ICLR 2018, with the mean alone).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu.application.label_sheet import Label
from nlu.encoders.loading import BUNDLED
from nlu.encoders.matching import Matching, bundled_matching, unlearned_matching
from nlu.experts.ordinary_sentences import ORDINARY

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

ORDINARY_SHARE = 0.3
"""Of what is taken away from labels; the rest is their own mean. Less the ordinary mean alone topics are
better for one sheet and worse for the others."""
_BATCH = 16

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SheetVectors:
    """Of each label, in order, the directions of length 1 of its name and definition and of its keywords,
    (labels, hidden) each."""

    definitions: Vectors
    keywords: Vectors

    @staticmethod
    def of(
        encoder: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast,
        labels: Sequence[Label],
        center: Vectors,
    ) -> SheetVectors:
        """The vectors of labels that can be reported; `encoder` is without adapters, `center` is as in
        `Matching`."""
        definitions = [described(label) for label in labels]
        keywords = ["、".join(label.keywords) or label.minor for label in labels]
        found = mean_vectors(encoder, tokenizer, [*definitions, *keywords])
        return SheetVectors(
            _directions(found[: len(labels)], center), _directions(found[len(labels) :], center)
        )


def matching_of(name: str, encoder: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> Matching:
    """How likeness becomes a logit with the encoder of a name, which is without adapters."""
    if name == BUNDLED:
        return bundled_matching()
    return unlearned_matching(mean_vectors(encoder, tokenizer, ORDINARY).mean(axis=0))


def described(label: Label) -> str:
    """The name and definition of a label as one text."""
    return f"{label.minor}。{label.definition}" if label.definition else label.minor


def mean_vectors(
    encoder: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, texts: Sequence[str]
) -> Vectors:
    """(texts, hidden): means of the token vectors, the end marks left out."""
    import torch

    from nlu.encoders.loading import max_positions

    marks = list(tokenizer("").input_ids)
    limit = max_positions(encoder) - len(marks)
    ids = [part[:limit] for part in tokenizer(list(texts), add_special_tokens=False).input_ids]
    vectors = np.zeros((len(ids), int(encoder.config.hidden_size)), np.float32)
    order = sorted(range(len(ids)), key=lambda row: -len(ids[row]))
    for first in range(0, len(order), _BATCH):
        rows = order[first : first + _BATCH]
        length = len(marks) + max(len(ids[row]) for row in rows)
        tokens = torch.full((len(rows), length), int(tokenizer.pad_token_id))
        mask = torch.zeros((len(rows), length), dtype=torch.long)
        for place, row in enumerate(rows):
            full = [*marks[:1], *ids[row], *marks[1:]]
            tokens[place, : len(full)] = torch.tensor(full)
            mask[place, : len(full)] = 1
        with torch.inference_mode():
            hidden = encoder(input_ids=tokens, attention_mask=mask)[0].float().numpy()
        for place, row in enumerate(rows):
            vectors[row] = hidden[place, 1 : 1 + max(1, len(ids[row]))].mean(axis=0)
    return vectors


def _directions(vectors: Vectors, center: Vectors) -> Vectors:
    common = (1 - ORDINARY_SHARE) * vectors.mean(axis=0) + ORDINARY_SHARE * center
    lengths = np.linalg.norm(vectors - common, axis=1, keepdims=True)
    return np.asarray((vectors - common) / np.maximum(lengths, 1e-9), dtype=np.float32)
