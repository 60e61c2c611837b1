"""The pipeline of Yomitori: GiNZA with our sentences, and only those of its parts that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import spacy
from spacy.language import Language

from nlu.language.phrases import Phrase, find_phrases
from nlu.language.sentence_component import NAME, SentenceComponent, set_blocks
from nlu.language.tokenizer import BoundedTokenizer
from nlu.text.boundaries.sentences import Sentence, TextBlock
from nlu.text.sudachi_words import sudachi

MODEL = "ja_ginza"
_PARSING = (
    "tok2vec",
    "parser",
    "attribute_ruler",
    "morphologizer",
    "compound_splitter",
    "bunsetu_recognizer",
)
_ENTITIES = ("tok2vec", "ner")
_ALL = dict.fromkeys((*_PARSING, *_ENTITIES))
NEW_STRINGS = 30_000
"""Strings that spaCy may learn before its memory is given back: with what hangs on them some 35 MB."""


def japanese(*, parser: bool = False, entities: bool = False, leave_open: bool = False) -> Language:
    """GiNZA's pipeline with the component `yomitori_sentences`.

    Without more it holds the tokenizer and our sentences alone, and is ready in a fraction of a second; with
    `parser` GiNZA's parser and phrases, with `entities` its names of things, which load 430 MB. `leave_open`
    leaves to the parser what marks and weights do not decide. All words of the process come from one
    dictionary.
    """
    wanted = {*(_PARSING if parser else ()), *(_ENTITIES if entities else ())}
    bare = [] if wanted else ["vocab"]  # 24 MB of vectors that only the parser and the entities read
    nlp = spacy.load(MODEL, exclude=[*(name for name in _ALL if name not in wanted), *bare])
    nlp.tokenizer.tokenizer = sudachi()
    nlp.tokenizer = BoundedTokenizer(nlp.tokenizer)
    nlp.add_pipe(NAME, first=True, config={"leave_open": leave_open})
    return nlp


@dataclass(frozen=True, slots=True)
class AnalysedText:
    """The sentences of a text, noise included, and its phrases where they were asked for."""

    sentences: tuple[Sentence, ...]
    phrases: tuple[Phrase, ...] = ()


class JapaneseAnalyser:
    """Sentences and phrases of texts by the pipeline, in bounded memory.

    `parser` lets GiNZA's parser decide the boundaries that are left open; `phrases` asks it for phrases.

    spaCy remembers every word it has seen, which makes it quick. `Language.memory_zone` lets it forget words
    but not their readings, and short texts then take twice the time; so the pipeline is made anew where the
    words have become many, in a fraction of a second without a parser.
    """

    def __init__(self, *, parser: bool = False, phrases: bool = False) -> None:
        self._parser = parser
        self._phrases = phrases
        self._load()

    def _load(self) -> None:
        self._nlp = japanese(parser=self._parser or self._phrases, leave_open=self._parser)
        self._most_strings = len(self._nlp.vocab.strings) + NEW_STRINGS

    def analyse(self, text: str, blocks: Sequence[TextBlock] = ()) -> AnalysedText:
        """What is found in one text with its blocks."""
        if len(self._nlp.vocab.strings) > self._most_strings:
            self._load()
        component = self._nlp.get_pipe(NAME)
        assert isinstance(component, SentenceComponent)
        doc = self._nlp.make_doc(text)
        set_blocks(doc, blocks)
        sentences = tuple(component.sentences(self._nlp(doc)))
        return AnalysedText(sentences, find_phrases(doc, sentences) if self._phrases else ())
