"""The pipeline of Yomitori: GiNZA with our sentences, and only those of its parts that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

import spacy
from spacy.language import Language

from nlu.language.phrases import Phrase, find_phrases
from nlu.language.sentence_component import NAME, SentenceComponent, set_blocks
from nlu.language.tokenizer import BoundedTokenizer
from nlu.text.boundaries.sentences import Sentence, TextBlock
from nlu.text.sudachi_words import sudachi

MODEL = "ja_ginza"
PARSING = (
    "tok2vec",
    "parser",
    "attribute_ruler",
    "morphologizer",
    "compound_splitter",
    "bunsetu_recognizer",
)
ENTITIES = ("tok2vec", "ner")
NEW_STRINGS = 30_000
"""Strings that spaCy may learn before its memory is given back: with what hangs on them some 35 MB."""


def ginza(parts: Collection[str] = ()) -> Language:
    """GiNZA with these of its parts and no others: PARSING, ENTITIES, or none, and then without what only
    they read; either of them loads 430 MB.

    All words of the process come from one dictionary, and texts may be of any length.
    """
    every = dict.fromkeys((*PARSING, *ENTITIES))
    bare = [] if parts else ["vocab"]  # 24 MB of vectors
    nlp = spacy.load(MODEL, exclude=[*(name for name in every if name not in parts), *bare])
    nlp.tokenizer.tokenizer = sudachi()
    nlp.tokenizer = BoundedTokenizer(nlp.tokenizer)
    return nlp


def japanese(*, parser: bool = False, leave_open: bool = False) -> Language:
    """GiNZA's pipeline with the component `yomitori_sentences`.

    Without more it holds the tokenizer and our sentences alone, and is ready in a fraction of a second; with
    `parser` GiNZA's parser and phrases. `leave_open` leaves to the parser what marks and weights do not
    decide.
    """
    nlp = ginza(PARSING if parser else ())
    nlp.add_pipe(NAME, first=True, config={"leave_open": leave_open})
    return nlp


class BoundedPipeline:
    """A pipeline whose memory is bounded: `load` makes it anew where it has learned many strings.

    spaCy remembers every word it has seen, which makes it quick. `Language.memory_zone` lets it forget words
    but not their readings, and short texts then take twice the time; without a parser or entities to load a
    new pipeline takes a fraction of a second.
    """

    def __init__(self, load: Callable[[], Language]) -> None:
        self._load = load
        self._renew()

    def _renew(self) -> None:
        self._nlp = self._load()
        self._most_strings = len(self._nlp.vocab.strings) + NEW_STRINGS

    def current(self) -> Language:
        """The pipeline for the next text."""
        if len(self._nlp.vocab.strings) > self._most_strings:
            self._renew()
        return self._nlp


@dataclass(frozen=True, slots=True)
class AnalysedText:
    """The sentences of a text, noise included, and its phrases where they were asked for."""

    sentences: tuple[Sentence, ...]
    phrases: tuple[Phrase, ...] = ()


class JapaneseAnalyser:
    """Sentences and phrases of texts by the pipeline, in bounded memory.

    `parser` lets GiNZA's parser decide the boundaries that are left open; `phrases` asks it for phrases.
    """

    def __init__(self, *, parser: bool = False, phrases: bool = False) -> None:
        self._phrases = phrases
        self._pipeline = BoundedPipeline(partial(japanese, parser=parser or phrases, leave_open=parser))

    def analyse(self, text: str, blocks: Sequence[TextBlock] = ()) -> AnalysedText:
        """What is found in one text with its blocks."""
        nlp = self._pipeline.current()
        component = nlp.get_pipe(NAME)
        assert isinstance(component, SentenceComponent)
        doc = nlp.make_doc(text)
        set_blocks(doc, blocks)
        sentences = tuple(component.sentences(nlp(doc)))
        return AnalysedText(sentences, find_phrases(doc, sentences) if self._phrases else ())
