"""Phrases of a sentence and what each leads to: 紙詰まり → 発生, so that counts of words mean something.

The phrases are GiNZA's (`bunsetu_phrase_spans`: the content of each 文節, without particles), the arrows
those of its parser. Both need the parts of `japanese(parser=True)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc, Span

from nlu.text.boundaries.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Phrase:
    """The content of a 文節 from `start` to `end` of the text.

    `term` is its words in their normal forms, the same for all spellings and inflections; `kind` is NP, VP,
    ADJP, ADVP, …; `head` is the number of the phrase that it leads to, counted from 0 in the text, None for
    the last of its sentence; `relation` is that of Universal Dependencies (nsubj, obj, obl, …).
    """

    number: int
    sentence: int
    text: str
    term: str
    kind: str
    head: int | None
    relation: str
    start: int
    end: int


def find_phrases(doc: Doc, sentences: Sequence[Sentence]) -> tuple[Phrase, ...]:
    """The phrases of the sentences that are no noise, in order."""
    import ginza

    content = [(one.start, one.end, one.number) for one in sentences if one.noise is None]
    found: list[tuple[Span, int]] = []
    for span in ginza.bunsetu_phrase_spans(doc):
        owner = next((number for start, end, number in content if start <= span.start_char < end), None)
        if owner is not None and any(character.isalnum() for character in span.text):
            found.append((span, owner))
    number_of = {token.i: number for number, (span, _) in enumerate(found) for token in _clause(span)}
    return tuple(_phrases(found, number_of))


def _clause(span: Span) -> Span:
    """The whole 文節 around a phrase, particles too."""
    import ginza

    around: Span = ginza.bunsetu_span(span.root)
    return around


def _phrases(found: Sequence[tuple[Span, int]], number_of: dict[int, int]) -> Iterator[Phrase]:
    for number, (span, sentence) in enumerate(found):
        root = span.root
        head = number_of.get(root.head.i)
        yield Phrase(
            number,
            sentence,
            span.text,
            "".join(token.norm_ for token in span),
            span.label_,
            None if head == number else head,
            root.dep_,
            span.start_char,
            span.end_char,
        )
