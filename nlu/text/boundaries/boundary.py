"""Why a sentence ends where it does."""

from __future__ import annotations

from enum import StrEnum


class Boundary(StrEnum):
    """What ended a sentence.

    A mark (。！？), a bracket or quotation that closes after one, the start of the next item of a list, the
    end of its block, line or paragraph, a decision learned for text without marks, GiNZA's parser where that
    was in doubt and the parser was asked, the longest run that is looked at in one piece, or the end of the
    text.
    """

    MARK = "mark"
    QUOTE = "quote"
    BULLET = "bullet"
    BLOCK = "block"
    LINE = "line"
    BLANK_LINE = "blank_line"
    LEARNED = "learned"
    PARSER = "parser"
    LENGTH = "length"
    END = "end"
