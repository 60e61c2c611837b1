"""Which line breaks of a block end a sentence, and which only its lines.

Marks, lists, labels, indents and blank lines decide for themselves. Elsewhere a small logistic regression
weighs how likely the words end a sentence there against the room that was left in the line: a line is broken
early only where something ends.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nlu.text.boundaries.boundary import Boundary
from nlu.text.boundaries.marks import ends_with_mark, is_bullet, open_bracket
from nlu.text.boundaries.run_on import Manner, RunOnModel
from nlu.text.noise.signatures import is_contact
from nlu.text.sudachi_words import WordSplitter

LINE = re.compile(r"[^\n\r\t\v\f\x1c-\x1e\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_LABEL = re.compile(r"\s*[^\s。、：:（(「]{1,12}[ 　]?[：:](?![\d/])")
_CONTINUES = re.compile(r"[、。，．～)」』）】］〉》ぁぃぅぇぉっゃゅょァィゥェォッャュョ々]")
_RULE = re.compile(r"[-=_~*―─━—–‐－＝＿＊…]{3,}")
_CONTEXT = 60
"""Characters on either side of a break that the words are taken from."""
_SCORE_LIMIT = 8.0
# Columns (half-width characters): paper is rarely set narrower; a line is full if two characters are left.
_SHORT_LINE = 24
_FULL = 4

# Fitted by benchmarks/fitting/fit_boundaries.py, in the order of `break_features`.
BREAK_WEIGHTS = (3.26, 0.9, 0.36, 3.47, 4.04, 3.29, -4.09, -3.89)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of text that no break ends before its own end, and what ends it there."""

    start: int
    end: int
    boundary: Boundary


@dataclass(frozen=True, slots=True)
class _Physical:
    start: int
    end: int
    text: str
    width: int


@dataclass(frozen=True, slots=True)
class LineWidths:
    """How a block is set: its widest line in columns, and the share of its lines but the last that are as
    wide. A paragraph broken by the paper has almost only such lines, a list of remarks few."""

    widest: int
    even: float

    @classmethod
    def of(cls, widths: Sequence[int]) -> LineWidths:
        widest, inner = max(widths), widths[:-1]
        return cls(widest, sum(own >= widest - _FULL for own in inner) / max(1, len(inner)))


class LineJoiner:
    """Joins the lines of a block that were broken only because the paper ended."""

    def __init__(self, words: WordSplitter, model: RunOnModel) -> None:
        self._words = words
        self._model = model

    def stretches(self, text: str, start: int, end: int, last: Boundary, marked: bool) -> Iterator[Stretch]:
        """The block `text[start:end]` in stretches that end where a line break ends a sentence; `last` is
        what ends the block. `marked` says whether the writer ends sentences by marks."""
        lines = [
            _Physical(line.start(), line.end(), line.group(), width(line.group().strip()))
            for line in LINE.finditer(text, start, end)
            if line.group().strip()
        ]
        if not lines:
            return
        block = LineWidths.of([line.width for line in lines])
        opened = lines[0].start
        for before, after in pairwise(lines):
            boundary = self._boundary(text, opened, before, after, block, marked)
            if boundary is not None:
                yield Stretch(opened, before.end, boundary)
                opened = after.start
        yield Stretch(opened, lines[-1].end, last)

    def _boundary(
        self, text: str, opened: int, before: _Physical, after: _Physical, block: LineWidths, marked: bool
    ) -> Boundary | None:
        between = text[before.end : after.start]
        breaks = len(_BREAK.findall(between))
        if breaks != 1:
            return Boundary.BLANK_LINE if breaks else Boundary.LINE
        if is_bullet(after.text):
            return Boundary.BULLET
        if _CONTINUES.match(after.text.lstrip()):
            return None
        if ends_with_mark(before.text):
            closer = open_bracket(text[opened : before.end])
            return None if closer and closer in after.text else Boundary.MARK
        if _stands_alone(before.text) or _stands_alone(after.text) or _LABEL.match(after.text):
            return Boundary.LINE
        if _indent(after.text) > _indent(before.text):
            return Boundary.LINE
        features = self.break_features(before.text, after.text, block, marked)
        odds = sum(weight * value for weight, value in zip(BREAK_WEIGHTS, features, strict=True))
        return Boundary.LINE if odds > 0 else None

    def break_features(self, before: str, after: str, block: LineWidths, marked: bool) -> Sequence[float]:
        """What speaks for and against the end of a sentence between two lines of a block: 1; the log odds of
        the words around; whether the break cuts a word; whether the next word would have fitted; the root of
        the share of the width left empty; whether the line is short in itself; whether the writer sets marks;
        the share of full lines in the block."""
        left, right = before.strip()[-_CONTEXT:], after.strip()[:_CONTEXT]
        words = self._words.words(left + right)
        scores = self._model.scores(words, Manner.of(left + right))
        at = len(left)
        first = next((word.text for word in words if word.start == at), "")
        own = width(before.strip())
        score = scores.get(at, -_SCORE_LIMIT)
        return (
            1.0,
            max(-_SCORE_LIMIT, min(_SCORE_LIMIT, score)),
            float(not first),
            float(bool(first) and block.widest - own > width(first) + 1),
            math.sqrt(max(0.0, 1 - own / max(1, block.widest))),
            float(own < _SHORT_LINE),
            float(marked),
            block.even,
        )


def _stands_alone(line: str) -> bool:
    """A label without its value, a rule, or how to reach somebody: no part of a sentence that goes on."""
    plain = line.strip()
    return plain.endswith((":", "：")) or _RULE.fullmatch(plain) is not None or is_contact(plain)


def width(text: str) -> int:
    """Columns that a text takes: 2 for a full-width character, 1 for the others."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def joined(text: str) -> tuple[str, list[int]]:
    """A text with its line breaks taken out, a space kept between Latin words, and the place in `text` of
    every character that is left."""
    plain: list[str] = []
    places: list[int] = []
    for line in LINE.finditer(text):
        raw = line.group()
        inner = raw.strip()
        if not inner:
            continue
        start = line.start() + len(raw) - len(raw.lstrip())
        if plain and _is_latin(plain[-1]) and _is_latin(inner[0]):
            plain.append(" ")
            places.append(start - 1)
        plain.extend(inner)
        places.extend(range(start, start + len(inner)))
    return "".join(plain), places


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _indent(line: str) -> int:
    return width(line[: len(line) - len(line.lstrip())])
