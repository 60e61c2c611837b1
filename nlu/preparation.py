"""From the sentences of a document to the one token sequence that the encoder sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlu.application import Application
from nlu.encoder import max_positions
from nlu.sentences import Sentence

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready for the encoder: `[CLS] sentence1 sentence2 … [SEP]`.

    `spans[i]` are the places of `sentences[i]` in `token_ids`, half open. Sentences are in document order.
    """

    doc_id: str
    token_ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    sentences: tuple[Sentence, ...]

    @property
    def length(self) -> int:
        """Tokens, the two end marks included."""
        return len(self.token_ids)


class Preparer:
    """Turns sentences into tokens within the application's limit and the encoder's own."""

    def __init__(
        self, application: Application, encoder: PreTrainedModel, tokenizer: PreTrainedTokenizerFast
    ) -> None:
        self._tokenizer = tokenizer
        self._marks = list(tokenizer("").input_ids)
        self._room = min(application.settings.selection.max_tokens, max_positions(encoder)) - len(self._marks)

    @property
    def padding_id(self) -> int:
        return int(self._tokenizer.pad_token_id)

    @property
    def vocabulary(self) -> int:
        """How many pieces the tokenizer knows."""
        return len(self._tokenizer)

    def prepare(self, doc_id: str, sentences: Sequence[Sentence]) -> Prepared:
        """The sentences that are no noise, or the most relevant of them where they exceed the limit.

        A single sentence beyond the limit is cut at its end.
        """
        candidates = [sentence for sentence in sentences if sentence.noise is None]
        tokens = self._tokenize([sentence.text for sentence in candidates])
        kept = self._within_room(candidates, tokens)
        token_ids = self._marks[:1]
        spans: list[tuple[int, int]] = []
        for index in kept:
            start = len(token_ids)
            token_ids += tokens[index][: self._room]
            spans.append((start, len(token_ids)))
        token_ids += self._marks[1:]
        return Prepared(doc_id, tuple(token_ids), tuple(spans), tuple(candidates[index] for index in kept))

    def _tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        if not texts:
            return []
        return list(self._tokenizer(list(texts), add_special_tokens=False).input_ids)

    def _within_room(self, sentences: Sequence[Sentence], tokens: Sequence[Sequence[int]]) -> Sequence[int]:
        places = [index for index, ids in enumerate(tokens) if ids]
        return places
