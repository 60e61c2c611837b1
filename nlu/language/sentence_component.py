"""The component `yomitori_sentences`: our boundaries and reasons of noise in a spaCy pipeline.

    nlp = spacy.load("ja_ginza")
    nlp.add_pipe("yomitori_sentences", before="parser")
    doc = nlp("値段のわりに壊れやすいすぐ動かなくなる")
    [(sent.text, sent._.boundary, sent._.noise) for sent in doc.sents]

It stands before the parser, which keeps the boundaries that are set. `Doc.spans["blocks"]` may hold the
blocks of a page: a span's label is the kind of its block ("paragraph", "field", "header", ...),
`Span._.page` its page. Registered as an entry point of `spacy_factories`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IDX, SENT_START
from spacy.language import Language
from spacy.tokens import Doc, Span

from nlu.text.boundaries.boundary import Boundary
from nlu.text.boundaries.sentences import Sentence, SentenceSplitter, TextBlock
from nlu.text.sudachi_words import WordSplitter

NAME = "yomitori_sentences"
BLOCKS = "blocks"
_FOUND = "yomitori_sentences"
_STARTS, _OPEN, _GOES_ON = 1, 0, -1


def sentence_component(nlp: Language, name: str, leave_open: bool) -> SentenceComponent:
    """The component for `nlp`, whose tokenizer gives it its words; with `leave_open` the gaps that neither
    marks nor weights decide are left to a parser that follows."""
    return SentenceComponent(nlp, leave_open)


Language.factory(
    NAME,
    assigns=["token.is_sent_start", "doc.sents"],
    default_config={"leave_open": False},
    func=sentence_component,
)


class SentenceComponent:
    """Sets `is_sent_start` of every token, and remembers why each sentence ends and which are noise."""

    def __init__(self, nlp: Language, leave_open: bool = False) -> None:
        self._leave_open = leave_open
        self._splitter = SentenceSplitter(WordSplitter(getattr(nlp.tokenizer, "tokenizer", None)))

    def __call__(self, doc: Doc) -> Doc:
        sentences = self._splitter.split(doc.text, _blocks(doc))
        starts = [sentence.start for sentence in sentences]
        open_gaps = [gap for one in sentences for gap in one.open_gaps] if self._leave_open else []
        _part_tokens(doc, [*starts, *open_gaps])
        places = _places(doc)
        flags = np.where(np.isin(places, starts), _STARTS, _GOES_ON)
        flags[np.isin(places, open_gaps)] = _OPEN
        flags[:1] = _STARTS  # white space may stand before the first sentence
        doc.from_array([SENT_START], flags[:, None].astype(np.uint64))
        doc.user_data[_FOUND] = sentences
        return doc

    def sentences(self, doc: Doc) -> Sequence[Sentence]:
        """The sentences of a document that came through the pipeline, as a parser left them if it has one."""
        found: Sequence[Sentence] = doc.user_data[_FOUND]
        if not (self._leave_open and any(one.open_gaps for one in found)):
            return found
        return self._splitter.parted(doc.text, found, {span.start_char for span in doc.sents})


def set_blocks(doc: Doc, blocks: Iterable[TextBlock]) -> None:
    """Gives the component the blocks of a page, as `Doc.spans["blocks"]`; tokens that reach over the edge of
    a block are parted there."""
    blocks = list(blocks)
    _part_tokens(doc, [offset for block in blocks for offset in (block.start, block.end)])
    spans = []
    for block in blocks:
        span = doc.char_span(block.start, block.end, label=block.kind, alignment_mode="expand")
        if span is not None:
            span._.page = block.page
            spans.append(span)
    doc.spans[BLOCKS] = spans


def _blocks(doc: Doc) -> list[TextBlock]:
    return [
        TextBlock(span.start_char, span.end_char, span.label_, span._.page)
        for span in doc.spans.get(BLOCKS) or ()
    ]


def _part_tokens(doc: Doc, offsets: Iterable[int]) -> None:
    """Parts the tokens that an offset lies inside of: the dictionary took both sides for one word."""
    places = _places(doc)
    cuts: dict[int, list[int]] = {}
    for offset in sorted(set(offsets)):
        number = int(np.searchsorted(places, offset, side="right")) - 1
        if number >= 0 and places[number] < offset < places[number] + len(doc[number]):
            cuts.setdefault(number, []).append(offset - int(places[number]))
    if not cuts:
        return
    sub_tokens = doc.user_data.get("sub_tokens")
    with doc.retokenize() as retokenizer:
        for number, inside in cuts.items():
            token = doc[number]
            parts = [token.text[start:end] for start, end in pairwise([0, *inside, len(token)])]
            retokenizer.split(token, parts, heads=[(token, place) for place in range(len(parts))])
    if sub_tokens is not None:
        for number, inside in reversed(cuts.items()):
            sub_tokens[number : number + 1] = [None] * (len(inside) + 1)


def _places(doc: Doc) -> NDArray[np.int64]:
    """Where each token begins in the text, (tokens,)."""
    return np.asarray(doc.to_array([IDX]), np.int64).reshape(-1)


def _of(span: Span) -> Sentence | None:
    """The last of what the component found that begins before the span ends."""
    found: Sequence[Sentence] = span.doc.user_data.get(_FOUND, ())
    place = bisect_left(found, span.end_char, key=lambda one: one.start)
    return found[place - 1] if place else None


def _boundary(span: Span) -> str | None:
    found = _of(span)
    if found is None:
        return None
    return (found.boundary if found.end <= span.end_char else Boundary.PARSER).value


def _noise(span: Span) -> str | None:
    found = _of(span)
    return found.noise.value if found and found.noise else None


Span.set_extension("page", default=0, force=True)
Span.set_extension("boundary", getter=_boundary, force=True)
Span.set_extension("noise", getter=_noise, force=True)
