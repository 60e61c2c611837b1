"""Day zero: what the label sheet alone says of a text, through the encoder as it came and by keywords.

A sentence is near to a label by the cosine of its vector to that of the definition, and to the mean of those
of the keywords. Encoders put all texts of a language near to each other, so what texts have in common is
taken away first: from sentences the mean of ordinary ones, from topics mostly their own mean (as Mu and
Viswanath, "All-but-the-Top", ICLR 2018, with the mean alone). Keywords that stand in a sentence count by
their length: longer ones are rarer. The best sentence speaks for the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu.application.label_sheet import LabelSheet
from nlu.experts.ordinary_sentences import ORDINARY
from nlu.network.keywords import label_words, word_hits
from nlu.text.keyword_search import SearchableText

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

# Chosen by average precision on the train records of the two sample applications and on accident reports with
# names alone for a sheet. The weight of keywords is flat between .2 and .8. Topics less the ordinary mean
# alone are better for one sheet and worse for the others; .3 of it loses nothing.
KEYWORD_WEIGHT = 0.4
_ORDINARY_SHARE = 0.3
# The affinity from which a label is more likely than "other": macro-F1 is within .01 of its best for both
# sample applications.
THRESHOLD = 0.9
# Affinity to logits: the likelihood of accident reports is highest here.
SHARPNESS = 4.0

_BATCH = 16

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SheetVectors:
    """What is looked for, label by label in sheet order.

    `definitions`, `keywords`: (labels, hidden), directions of length 1; `ordinary`: (hidden,), the mean of
    ordinary sentences; `words`: the keywords and the parts of the label's name, as they are compared;
    `other`: the place of the label that means "nothing to report", if there is one.
    """

    definitions: Vectors
    keywords: Vectors
    ordinary: Vectors
    words: tuple[tuple[str, ...], ...]
    other: int | None

    @staticmethod
    def of(
        encoder: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast,
        sheet: LabelSheet,
        other: str | None = None,
    ) -> SheetVectors:
        """The vectors of a sheet. `encoder` is as it came: no adapters in it, or none at work."""
        labels = sheet.labels
        definitions = [label.definition or label.minor for label in labels]
        terms = list(dict.fromkeys(word for label in labels for word in label.keywords))
        found = mean_vectors(encoder, tokenizer, [*definitions, *terms, *ORDINARY])
        by_definition = found[: len(labels)]
        place = {term: len(labels) + number for number, term in enumerate(terms)}
        by_keywords = np.array(
            [
                found[[place[word] for word in label.keywords]].mean(axis=0) if label.keywords else own
                for label, own in zip(labels, by_definition, strict=True)
            ]
        )
        ordinary = found[-len(ORDINARY) :].mean(axis=0)
        reported = [number for number, label in enumerate(labels) if label.minor != other]
        return SheetVectors(
            _directions(by_definition, by_definition.mean(axis=0), ordinary),
            _directions(by_keywords, by_keywords[reported].mean(axis=0), ordinary),
            ordinary,
            tuple(() if label.minor == other else label_words(label) for label in labels),
            None if other is None else sheet.index(other),
        )


def affinities(
    sentence_vectors: NDArray[np.floating], sentence_texts: Sequence[str], sheet: SheetVectors
) -> NDArray[np.float64]:
    """(sentences, labels): how near each sentence is to each label; "other" is always `THRESHOLD` away.

    `sentence_vectors`, (sentences, hidden), are means of the token vectors that the encoder of `sheet` gives
    to the whole document, again without adapters. A sentence is judged for itself.
    """
    near = keyword_hits(sentence_texts, sheet) * KEYWORD_WEIGHT
    directions = [_unit(vector - sheet.ordinary) for vector in sentence_vectors]
    for row, direction in enumerate(directions):
        near[row] += sheet.definitions @ direction + sheet.keywords @ direction
    if sheet.other is not None:
        near[:, sheet.other] = THRESHOLD
    return near


def keyword_hits(sentence_texts: Sequence[str], sheet: SheetVectors) -> NDArray[np.float64]:
    """(sentences, labels): the `word_hits` of the labels' words."""
    content = [SearchableText(text) for text in sentence_texts]
    found = [[word_hits(text, words) for words in sheet.words] for text in content]
    return np.array(found, dtype=np.float64).reshape(len(content), len(sheet.words))


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


def _directions(vectors: Vectors, own: Vectors, ordinary: Vectors) -> Vectors:
    centre = (1 - _ORDINARY_SHARE) * own + _ORDINARY_SHARE * ordinary
    return np.array([_unit(vector - centre) for vector in vectors], dtype=np.float32)


def _unit(vector: NDArray[np.floating]) -> Vectors:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / max(length, 1e-9), dtype=np.float32)
