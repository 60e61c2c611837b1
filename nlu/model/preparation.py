"""From the sentences of a document to the one token sequence that the encoder sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from peft.tuners.tuners_utils import BaseTunerLayer

from nlu.application import Application
from nlu.encoders.loading import max_positions
from nlu.text.selection import SentenceSelector, Topic
from nlu.text.sentences import Sentence

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready for the encoder: `[CLS] sentence1 sentence2 … [SEP]`.

    `spans[i]` are the places of `sentences[i]` in `token_ids`, half open. Sentences are in document order.
    `offsets`: for each token its characters in the document's text, half open, (0, 0) for the marks; empty
    where the Preparer was not asked for them. A token may hold the white space before it.
    """

    doc_id: str
    token_ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    sentences: tuple[Sentence, ...]
    offsets: tuple[tuple[int, int], ...] = ()

    @property
    def length(self) -> int:
        """Tokens, the two end marks included."""
        return len(self.token_ids)


class Preparer:
    """Turns sentences into tokens within the application's limit and the encoder's own.

    `with_offsets` asks for the characters of every token, as tasks on spans need them.
    """

    def __init__(
        self,
        application: Application,
        encoder: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast,
        *,
        with_offsets: bool = False,
    ) -> None:
        self._with_offsets = with_offsets
        self._encoder = encoder
        self._tokenizer = tokenizer
        with _without_adapters(encoder):
            self._selector = SentenceSelector(encoder, tokenizer, _topics(application))
        self._marks = list(tokenizer("").input_ids)
        limit = max_positions(encoder)
        self._room = min(application.settings.selection.max_tokens or limit, limit) - len(self._marks)

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
        content = [sentence for sentence in sentences if sentence.noise is None]
        tokenized = zip(content, self._tokenize([sentence.text for sentence in content]), strict=True)
        candidates = [(sentence, ids) for sentence, ids in tokenized if ids]
        with _without_adapters(self._encoder):
            kept = self._selector.choose(
                [sentence.text for sentence, _ in candidates], [len(ids) for _, ids in candidates], self._room
            )
        token_ids = self._marks[:1]
        spans: list[tuple[int, int]] = []
        for index in kept:
            start = len(token_ids)
            token_ids += candidates[index][1][: self._room]
            spans.append((start, len(token_ids)))
        token_ids += self._marks[1:]
        chosen = tuple(candidates[index][0] for index in kept)
        offsets = self._offsets(chosen, spans, len(token_ids)) if self._with_offsets else ()
        return Prepared(doc_id, tuple(token_ids), tuple(spans), chosen, offsets)

    def _offsets(
        self, sentences: Sequence[Sentence], spans: Sequence[tuple[int, int]], length: int
    ) -> tuple[tuple[int, int], ...]:
        offsets = [(0, 0)] * length
        for sentence, (first, end) in zip(sentences, spans, strict=True):
            found = self._tokenizer(sentence.text, add_special_tokens=False, return_offsets_mapping=True)
            pieces = found.offset_mapping[: end - first]
            offsets[first:end] = [(sentence.start + start, sentence.start + stop) for start, stop in pieces]
        return tuple(offsets)

    def _tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        if not texts:
            return []
        return list(self._tokenizer(list(texts), add_special_tokens=False).input_ids)


def _topics(application: Application) -> list[Topic]:
    """What the labels of all tasks are about, "other" left out."""
    return [
        Topic(label.keywords, label.definition)
        for task in application.classifications
        for label in application.sheets[task.name].labels
        if label.minor != task.other
    ]


@contextmanager
def _without_adapters(encoder: PreTrainedModel) -> Iterator[None]:
    """What is selected must not depend on what a model learned from a selection."""
    layers = [module for module in encoder.modules() if isinstance(module, BaseTunerLayer)]
    for layer in layers:
        layer.enable_adapters(False)
    try:
        yield
    finally:
        for layer in layers:
            layer.enable_adapters(True)
