"""From the sentences of a document to the one token sequence that the encoder sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nlu.application.application import Application
from nlu.encoders.loading import max_positions
from nlu.encoders.tokens import tokenize
from nlu.text.boundaries.lines import joined
from nlu.text.boundaries.sentences import Sentence
from nlu.text.content import content_of
from nlu.text.relevance.definitions import DefinitionLikeness
from nlu.text.relevance.relevance import RelevanceHead, Topic
from nlu.text.relevance.selection import SentenceSelector

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_NOWHERE = (0, 0)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready for the encoder: `[CLS] sentence1 sentence2 … [SEP]`.

    `spans[i]` are the places of `sentences[i]` in `token_ids`, half open. Sentences are in document order.
    `offsets`: for each token its characters in the document's text, half open, (0, 0) for the marks; empty
    where the Preparer was not asked for them. A token may hold the white space before it.
    `content_length`: tokens that the document would have had without a limit, the two end marks included.
    """

    doc_id: str
    token_ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    sentences: tuple[Sentence, ...]
    offsets: tuple[tuple[int, int], ...] = ()
    content_length: int = 0

    @property
    def length(self) -> int:
        """Tokens, the two end marks included."""
        return len(self.token_ids)


class Preparer:
    """Turns sentences into tokens within the application's limit and the encoder's own.

    What is kept depends on the label sheets and on `relevance`, never on what the network learned: so
    `ask_encoder`, which weighs sentences by their likeness to the definitions too, is for a model that
    learned nothing and has no `relevance`.
    `with_offsets` asks for the characters of every token, as tasks on spans need them.
    """

    def __init__(
        self,
        application: Application,
        encoder: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        *,
        relevance: RelevanceHead | None = None,
        ask_encoder: bool = False,
        with_offsets: bool = False,
    ) -> None:
        self.relevance = relevance
        self.asks_encoder = ask_encoder
        self._noise = application.settings.noise
        self._with_offsets = with_offsets
        self._tokenizer = tokenizer
        topics = _topics(application)
        definitions = [topic.definition for topic in topics if topic.definition]
        likeness = DefinitionLikeness(encoder, tokenizer, definitions) if ask_encoder else None
        self._selector = SentenceSelector(topics, relevance, likeness)
        self._marks = list(tokenizer("").input_ids)
        limit = max_positions(encoder)
        allowed = min(application.settings.selection.max_tokens or limit, limit)
        self._room = max(0, allowed - len(self._marks))

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
        content = content_of(sentences, self._noise)
        plain = [joined(sentence.text) for sentence in content]
        found = [
            replace(tokens, offsets=tuple(_in_lines(offset, places) for offset in tokens.offsets))
            for tokens, (_, places) in zip(
                tokenize(self._tokenizer, [text for text, _ in plain]), plain, strict=True
            )
        ]
        candidates = [
            (sentence, tokens) for sentence, tokens in zip(content, found, strict=True) if tokens.ids
        ]
        lengths = [len(tokens.ids) for _, tokens in candidates]
        kept = self._selector.choose([sentence.text for sentence, _ in candidates], lengths, self._room)
        token_ids = self._marks[:1]
        offsets = [_NOWHERE]
        spans: list[tuple[int, int]] = []
        for sentence, tokens in (candidates[index] for index in kept):
            start = len(token_ids)
            token_ids += tokens.ids[: self._room]
            offsets += [
                (sentence.start + first, sentence.start + end) for first, end in tokens.offsets[: self._room]
            ]
            spans.append((start, len(token_ids)))
        token_ids += self._marks[1:]
        offsets.append(_NOWHERE)
        return Prepared(
            doc_id,
            tuple(token_ids),
            tuple(spans),
            tuple(candidates[index][0] for index in kept),
            tuple(offsets) if self._with_offsets else (),
            sum(lengths) + len(self._marks),
        )


def _in_lines(offset: tuple[int, int], places: Sequence[int]) -> tuple[int, int]:
    """The place in a sentence of a place in its text without line breaks."""
    start, end = offset
    if start < end:
        return places[start], places[end - 1] + 1
    there = places[start] if start < len(places) else 0
    return there, there


def _topics(application: Application) -> list[Topic]:
    """What the labels of all tasks are about, "other" left out."""
    others = {task.name: task.other for task in application.classifications}
    return [
        Topic(label.keywords, label.definition)
        for name, sheet in application.sheets.items()
        for label in sheet.labels
        if label.minor != others.get(name)
    ]
