"""Marks in a line of writing, ○ × △ ◎ ※ and the like, put right by their shape.

The network knows them and yet passes over many for a blank, or takes them for the letters that they look
like. Where it was torn so, or read such a letter apart from any word or number, the ink itself is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

import cv2
import numpy as np

from ocr.engines.recognition import Reading
from ocr.raster import Pixels, as_pixels
from ocr.structure.shapes import MARKS, darkness, ink_in, mark_of

# What each mark is read as, itself included.
LOOKS = {
    "○": "○〇◯oOОΟ0０ＯD◎□☐©°。QД",
    "◎": "◎©®@○〇O0◯⦿☉回",
    "●": "●・•■⚫.",
    "×": "×XxＸｘ乂メㄨХ✕",
    "△": "△ΔA▲∆Λ人",
    "▲": "▲△Δ",
    "▽": "▽▼V∇",
    "▼": "▼▽",
    "□": "□☐口ロ■",
    "■": "■●▪□☑☐",
    "※": "※米*＊×",
}
_LIKE_A_MARK = frozenset("".join(LOOKS.values())) - frozenset("・•.。°回人米D口ロ@")
SHAPE_CERTAINTY = 0.97
EM = 0.72  # of a crop's height: detection leaves paper around the letters
SEEN = 64  # pixels that a crop is made high for shapes to be told
SMALLEST, LARGEST = 0.32, 1.2  # ems that a mark is wide and high
NEAR = 0.3  # ems between a mark and where it was read
SMALL_LETTERS = "oxｘ"  # marks that stand between words are read as capitals
# A crop so many times as wide as high may hold one mark alone, read as so many signs.
LONE, MOST_SIGNS_OF_ONE = 1.6, 2
SHAPED_LIKE = {"×": "XxＸｘ乂", "□": "口ロ"}  # letters that may be no different
CIRCLED = frozenset("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
SURE_LETTER = 0.97  # marks are read as letters with less certainty
APART = 0.9  # ems between the middles of two letters that make no word
BLANK = 0.45  # ems of paper between a mark and its neighbour in place of a blank
RULE, ALONG = 0.25, 0.8  # ems that a ruling is thick; share of a crop's side that it takes
SPECK = 0.12  # ems; smaller ink is no part of anything
BESIDE = 0.25  # of a mark's width that other ink above or below it covers makes it part of a letter
_WORD = re.compile(r"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ.,\-/+%_]")
# Between these 〇 is a zero, or stands for what is not told.
_ZERO = re.compile(r"[〇○◯一二三四五六七八九十百千年月日時分第号番度回条項階丁]")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A connected piece of ink: left, top, right, bottom in pixels of `_Ink.mask`."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class _Sign:
    """A character with its place, as `Reading` has them; blanks have no centre.

    Of a mark that was told by its shape `apart` says whether there is paper for a blank before and behind.
    """

    text: str
    center: float | None
    certainty: float
    rival: str = ""
    apart: tuple[bool, bool] | None = None


def with_marks(crop: Pixels, reading: Reading) -> Reading:
    """The reading of `crop` (BGR, one horizontal line) with its marks as their shapes show them."""
    size = (crop.shape[0], crop.shape[1])
    if may_be_lone_mark(size, reading) and (alone := _lone_mark(crop, reading)) is not None:
        return alone
    torn = [faint for faint in reading.faint if faint.text in _LIKE_A_MARK]
    asked = [at for at in range(len(reading.text)) if _may_be_mark(reading, at)]
    if not torn and not asked:
        return reading
    ink = _Ink(crop)
    signs = _signs(reading)
    for at in asked:
        if not _is_of_word(signs, at, EM * crop.shape[0]) and (mark := ink.mark_at(signs, at)) is not None:
            signs[at] = mark
    for faint in reversed(torn):
        signs.insert(faint.at, _Sign(faint.text, faint.center, 0.0))
        mark = ink.mark_at(signs, faint.at)
        signs[faint.at : faint.at + 1] = [mark] if mark is not None else []
    return _reading(_spaced(signs), reading) if signs else reading


def may_be_lone_mark(size: tuple[int, int], reading: Reading) -> bool:
    """Whether a crop, so many pixels high and wide, may hold one mark and nothing else."""
    height, width = size
    return height / LONE <= width <= LONE * height and len(reading.text.strip()) <= MOST_SIGNS_OF_ONE


def among_marks(crop: Pixels, reading: Reading) -> Reading:
    """The reading of a crop that stands among lone marks: there an uneven circle is a mark, too, unless it
    was read as something else for sure."""
    if reading.text in MARKS or reading.confidence > SURE_LETTER:
        return reading
    return _lone_mark(crop, reading, by_hand=True) or reading


def is_sure_letter(reading: Reading) -> bool:
    """Whether nothing but one Latin letter or figure was read, and for sure."""
    text = reading.text.strip()
    return len(text) == 1 and text.isascii() and text.isalnum() and reading.confidence > SURE_LETTER


def _lone_mark(crop: Pixels, reading: Reading, *, by_hand: bool = False) -> Reading | None:
    text = reading.text.strip()
    if text[:1] in CIRCLED:  # ⑥ and ⑩ are nearly a ◎, and the network knows them well
        return None
    mark = _Ink(crop, by_hand=by_hand).only_mark()
    if mark is None:
        return None
    told_apart = text not in LOOKS[mark.text] or text in SHAPED_LIKE.get(mark.text, "")
    return None if told_apart and reading.confidence > SURE_LETTER else _reading([mark], reading)


def _may_be_mark(reading: Reading, at: int) -> bool:
    """Whether the character looks like a mark, the network doubts that it is a letter, and it is none of a
    Japanese number: 〇 in 二〇二四年."""
    text, character = reading.text, reading.text[at]
    if character not in _LIKE_A_MARK or (character.isalnum() and reading.certainties[at] > SURE_LETTER):
        return False
    if character in SMALL_LETTERS and text.strip() != character:
        return False
    beside = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    return character not in LOOKS["○"] or not any(_ZERO.match(other) for other in beside)


def _is_of_word(signs: Sequence[_Sign], at: int, em: float) -> bool:
    """Whether a letter or figure stands right beside the sign, which is one itself: XO-20."""
    sign = signs[at]
    if not _WORD.match(sign.text):
        return False
    beside = [*signs[max(at - 1, 0) : at], *signs[at + 1 : at + 2]]
    return any(
        _WORD.match(other.text) and abs((other.center or 0.0) - (sign.center or 0.0)) < APART * em
        for other in beside
    )


def _signs(reading: Reading) -> list[_Sign]:
    centers = iter(reading.centers)
    return [
        _Sign(text, None if text == " " else next(centers), certainty, rival)
        for text, certainty, rival in zip(reading.text, reading.certainties, reading.rivals, strict=True)
    ]


def _spaced(signs: Sequence[_Sign]) -> list[_Sign]:
    """The signs with a blank wherever paper shows one beside a mark."""
    spaced: list[_Sign] = []
    for before, sign in pairwise([None, *signs]):
        if before is not None and sign is not None and " " not in (before.text, sign.text):
            asked = (before.apart and before.apart[1]) or (sign.apart and sign.apart[0])
            spaced += [_Sign(" ", None, 1.0)] if asked else []
        spaced += [sign] if sign is not None else []
    return spaced


def _reading(signs: Sequence[_Sign], before: Reading) -> Reading:
    return Reading(
        text="".join(sign.text for sign in signs),
        confidence=fmean(sign.certainty for sign in signs),
        centers=tuple(sign.center for sign in signs if sign.center is not None),
        certainties=tuple(sign.certainty for sign in signs),
        rivals=tuple(sign.rival for sign in signs),
        faint=before.faint,
    )


class _Ink:
    """The pieces of ink in a crop, and the marks among them."""

    def __init__(self, crop: Pixels, *, by_hand: bool = False) -> None:
        gray = as_pixels(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY))
        self._scale = max(SEEN / gray.shape[0], 1.0)
        size = round(gray.shape[1] * self._scale), round(gray.shape[0] * self._scale)
        seen = cv2.resize(gray, size, interpolation=cv2.INTER_CUBIC) if self._scale > 1 else gray
        self._mask, self._dark, self._by_hand = ink_in(as_pixels(seen)), darkness(as_pixels(seen)), by_hand
        self._em: float = EM * self._mask.shape[0]
        _, _, stats, _ = cv2.connectedComponentsWithStats(self._mask, connectivity=8)
        pieces = [_Piece(*map(int, (x, y, x + w, y + h))) for x, y, w, h, _ in stats[1:].tolist()]
        sized = [p for p in pieces if max(p.width, p.height) >= SPECK * self._em]
        self._pieces = [p for p in sized if not self._is_ruling(p)]

    def mark_at(self, signs: Sequence[_Sign], at: int) -> _Sign | None:
        """The mark that stands where that sign was read, no other with it, and looks like it; None where
        there is none."""
        sign = signs[at]
        x, em = (sign.center or 0.0) * self._scale, self._em
        near = [p for p in self._pieces if p.x0 - NEAR * em <= x <= p.x1 + NEAR * em and self._is_sized(p)]
        main = max(near, key=lambda p: p.width * p.height, default=None)
        if main is None:
            return None
        others = [p for p in self._pieces if p is not main]
        if any(not _within(p, main) and _covered(p, main) > BESIDE for p in others):
            return None
        centers = (other.center * self._scale for other in signs if other.center and other is not sign)
        if any(main.x0 <= center <= main.x1 for center in centers):
            return None  # ⑩ read as ①0
        mark = self._shape(main)
        if not mark or sign.text not in LOOKS[mark]:
            return None
        before = max((p.x1 for p in others if p.x1 <= main.x0), default=main.x0)
        behind = min((p.x0 for p in others if p.x0 >= main.x1), default=main.x1)
        apart = main.x0 - before >= BLANK * em, behind - main.x1 >= BLANK * em
        return _Sign(mark, sign.center, max(sign.certainty, SHAPE_CERTAINTY), apart=apart)

    def only_mark(self) -> _Sign | None:
        """The mark that is all there is in the crop."""
        main = max(self._pieces, key=lambda p: p.width * p.height, default=None)
        if main is None or not self._is_sized(main) or not all(_within(p, main) for p in self._pieces):
            return None
        mark = self._shape(main)
        return _Sign(mark, (main.x0 + main.x1) / 2 / self._scale, SHAPE_CERTAINTY) if mark else None

    def _shape(self, piece: _Piece) -> str:
        place = np.s_[piece.y0 : piece.y1, piece.x0 : piece.x1]
        return mark_of(np.ascontiguousarray(self._mask[place]), self._dark[place], by_hand=self._by_hand)

    def _is_sized(self, piece: _Piece) -> bool:
        least, most = SMALLEST * self._em, LARGEST * self._em
        return least <= piece.width <= most and least <= piece.height <= most

    def _is_ruling(self, piece: _Piece) -> bool:
        """Whether the piece runs along an edge of the crop, as the rulings of a cell and their corners do."""
        height, width = map(int, self._mask.shape)
        beside = min(piece.x0, piece.y0, width - piece.x1, height - piece.y1)
        thick, long = sorted((piece.width, piece.height))
        if beside == 0 and (long > LARGEST * self._em or thick <= SPECK * self._em):
            return True
        return beside <= SPECK * self._em and thick <= RULE * self._em and long >= ALONG * min(height, width)


def _within(piece: _Piece, main: _Piece) -> bool:
    return piece.x0 >= main.x0 and piece.x1 <= main.x1 and piece.y0 >= main.y0 and piece.y1 <= main.y1


def _covered(piece: _Piece, main: _Piece) -> float:
    """The share of the main piece's width that the other lies above or below of."""
    return (min(piece.x1, main.x1) - max(piece.x0, main.x0)) / main.width
