"""The pipeline of Yomitori: GiNZA with our sentences, and only those of its parts that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import spacy
from spacy.language import Language

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
_TEXTS_AT_ONCE = 64
MOST_STRINGS = 1_000_000
"""Strings that spaCy may remember, some 200 bytes each; GiNZA with its parser comes with 600,000."""


def japanese(*, parser: bool = False, entities: bool = False) -> Language:
    """GiNZA's pipeline with the component `yomitori_sentences`.

    Without more it holds the tokenizer and our sentences alone, and is ready in a fraction of a second; with
    `parser` GiNZA's parser and phrases, with `entities` its names of things, which load 430 MB. All words of
    the process come from one dictionary.
    """
    wanted = {*(_PARSING if parser else ()), *(_ENTITIES if entities else ())}
    bare = [] if wanted else ["vocab"]  # 24 MB of vectors that only the parser and the entities read
    nlp = spacy.load(MODEL, exclude=[*(name for name in _ALL if name not in wanted), *bare])
    nlp.tokenizer.tokenizer = sudachi()
    nlp.tokenizer = BoundedTokenizer(nlp.tokenizer)
    nlp.add_pipe(NAME, first=True, config={"leave_open": parser})
    return nlp


class JapaneseSplitter:
    """Sentences of texts by the pipeline, in bounded memory.

    spaCy forgets the words of a batch (`Language.memory_zone`), but not their readings: the pipeline is made
    anew where they have become many, which takes a fraction of a second without a parser.
    """

    def __init__(self, *, parser: bool = False) -> None:
        self._parser = parser
        self._nlp = japanese(parser=parser)

    def split(self, text: str, blocks: Sequence[TextBlock] = ()) -> tuple[Sentence, ...]:
        """The sentences of one text with its blocks, noise included."""
        [found] = self.split_all([(text, blocks)])
        return tuple(found)

    def split_all(self, texts: Iterable[tuple[str, Sequence[TextBlock]]]) -> Iterator[Sequence[Sentence]]:
        """The sentences of each text, in order."""
        waiting = iter(texts)
        while some := list(islice(waiting, _TEXTS_AT_ONCE)):
            component = self._nlp.get_pipe(NAME)
            assert isinstance(component, SentenceComponent)
            with self._nlp.memory_zone():
                for text, blocks in some:
                    doc = self._nlp.make_doc(text)
                    set_blocks(doc, blocks)
                    yield component.sentences(self._nlp(doc))
            if len(self._nlp.vocab.strings) > MOST_STRINGS:
                self._nlp = japanese(parser=self._parser)
