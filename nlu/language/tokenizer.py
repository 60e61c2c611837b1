"""GiNZA's tokenizer for texts of any length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spacy.tokens import Doc
from spacy.util import DummyTokenizer

if TYPE_CHECKING:
    from spacy.lang.ja import JapaneseTokenizer

# Sudachi takes 49,149 bytes at a time; a character has at most four, most Japanese ones three.
LONGEST_PIECE = 12_000
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PIECE = re.compile(rf".{{1,{LONGEST_PIECE}}}(?:(?<=[\n。])|$)|.{{1,{LONGEST_PIECE}}}", re.DOTALL)


class BoundedTokenizer(DummyTokenizer):  # type: ignore[misc]  # spaCy's types leave it open
    """Tokenizes by another tokenizer, piece by piece where a text is longer than that one takes.

    A lone surrogate, which no string store can hold, becomes U+FFFD, so that offsets stay.
    """

    def __init__(self, inner: JapaneseTokenizer) -> None:
        self.inner = inner
        self.vocab = inner.vocab
        self.tokenizer = inner.tokenizer

    def __call__(self, text: str) -> Doc:
        encodable = _SURROGATE.sub("\ufffd", text)
        if len(encodable) <= LONGEST_PIECE:
            return self.inner(encodable)
        return Doc.from_docs([self.inner(piece) for piece in _pieces(encodable)], ensure_whitespace=False)


def _pieces(text: str) -> Iterator[str]:
    """The text cut behind its last 。 or line break before the limit, else at the limit."""
    for found in _PIECE.finditer(text):
        yield found.group()
