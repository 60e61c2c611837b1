"""Marks in a line of writing, ○ × △ ◎ ※ and the like, put right by their shape.

The network knows them and yet passes over many for a blank, or takes them for the letters that they look
like. Where it was torn so, or read such a letter apart from any word or number, the ink itself is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocr.engines.ppocr.crop_ink import EM, LARGEST, Ink, InkComponent
from ocr.engines.ppocr.reading_edits import Sign, reading_of, signs_of, spaced
from ocr.engines.ppocr.recognition import LineReading
from ocr.ink.shapes import MARKS
from ocr.proofreading.scripts import is_han
from ocr.raster import Pixels

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
SMALLEST = 0.32  # ems that a mark is wide and high
NEAR = 0.3  # ems between a mark and where it was read
CAPITALS, HIGHEST_CROSS = "XＸ", 0.72  # of the height of kanji: measured .65 to .67 of ×, .76 of X
SMALL_LETTERS = "oxｘ"  # more often letters than marks
TORN = 0.6  # below this a character may be its rival
# A crop so many times as wide as high may hold one mark alone, read as so many signs.
LONE, MOST_SIGNS_OF_ONE = 1.6, 2
SHAPED_LIKE = {"×": "XxＸｘ乂", "□": "口ロ"}  # letters that may be no different
CIRCLED = frozenset("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
SURE_LETTER = 0.97  # marks are read as letters with less certainty
APART = 0.9  # ems between the middles of two letters that make no word
BLANK = 0.45  # ems of paper between a mark and its neighbour in place of a blank
BESIDE = 0.25  # of a mark's width that other ink above or below it covers makes it part of a letter
_WORD = re.compile(r"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ.,\-/+%_]")
# Between these 〇 is a zero, or stands for what is not told.
_ZERO = re.compile(r"[〇○◯一二三四五六七八九十百千年月日時分第号番度回条項階丁]")


def with_marks(crop: Pixels, reading: LineReading) -> LineReading:
    """The reading of `crop` (BGR, one horizontal line) with its marks as their shapes show them."""
    size = (crop.shape[0], crop.shape[1])
    if may_be_lone_mark(size, reading) and (alone := _lone_mark(crop, reading)) is not None:
        return alone
    torn = [faint for faint in reading.faint if faint.text in _LIKE_A_MARK]
    asked = _with_circles_beside(
        reading, [at for at in range(len(reading.text)) if _may_be_mark(reading, at)]
    )
    if not torn and not asked:
        return reading
    ink = Ink(crop)
    signs = signs_of(reading)
    for at in asked:
        mark = _mark_at(ink, signs, at)
        if mark is None:
            signs[at] = _letter(signs[at])
        elif _is_one_of_circles(ink, signs, at) or not _is_of_word(signs, at, EM * crop.shape[0]):
            signs[at] = mark
    for faint in reversed(torn):
        signs.insert(faint.at, Sign(faint.text, faint.center, 0.0))
        mark = _mark_at(ink, signs, faint.at)
        signs[faint.at : faint.at + 1] = [mark] if mark is not None else []
    return reading_of(spaced(signs), reading) if signs else reading


def may_be_lone_mark(size: tuple[int, int], reading: LineReading) -> bool:
    """Whether a crop, so many pixels high and wide, may hold one mark and nothing else."""
    height, width = size
    return height / LONE <= width <= LONE * height and len(reading.text.strip()) <= MOST_SIGNS_OF_ONE


def among_marks(crop: Pixels, reading: LineReading) -> LineReading:
    """The reading of a crop that stands among lone marks: there an uneven circle is a mark, too, unless it
    was read as something else for sure."""
    if reading.text in MARKS or reading.confidence > SURE_LETTER:
        return reading
    return _lone_mark(crop, reading, by_hand=True) or reading


def is_sure_letter(reading: LineReading) -> bool:
    """Whether nothing but one Latin letter or figure was read, and for sure."""
    text = reading.text.strip()
    return len(text) == 1 and text.isascii() and text.isalnum() and reading.confidence > SURE_LETTER


def _lone_mark(crop: Pixels, reading: LineReading, *, by_hand: bool = False) -> LineReading | None:
    """The mark that is all there is in the crop."""
    text = reading.text.strip()
    if text[:1] in CIRCLED:  # ⑥ and ⑩ are nearly a ◎, and the network knows them well
        return None
    ink = Ink(crop, by_hand=by_hand)
    main = max(ink.pieces, key=lambda piece: piece.size, default=None)
    if main is None or not _is_sized(main, ink.em) or not all(map(main.holds, ink.pieces)):
        return None
    mark = ink.shape(main)
    if not mark:
        return None
    told_apart = text not in LOOKS[mark] or text in SHAPED_LIKE.get(mark, "")
    if told_apart and reading.confidence > SURE_LETTER:
        return None
    return reading_of([Sign(mark, (main.x0 + main.x1) / 2 / ink.scale, SHAPE_CERTAINTY)], reading)


def _with_circles_beside(reading: LineReading, asked: Sequence[int]) -> list[int]:
    """The places, and those beside them that look like a circle, too: of 〇〇 one may be read as a sure O."""
    circles = LOOKS["○"]
    beside = {near for at in asked if reading.text[at] in circles for near in (at - 1, at + 1)}
    found = (at for at in beside if 0 <= at < len(reading.text) and reading.text[at] in circles)
    return sorted({*asked, *found})


def _may_be_mark(reading: LineReading, at: int) -> bool:
    """Whether the character looks like a mark, the network doubts that it is a letter, and it is none of a
    Japanese number: 〇 in 二〇二四年."""
    text, character, certainty = reading.text, reading.text[at], reading.certainties[at]
    if character not in _LIKE_A_MARK:
        return certainty < TORN and reading.rivals[at] in _LIKE_A_MARK
    if character.isalnum() and certainty > SURE_LETTER:
        return False
    beside = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if character in SMALL_LETTERS and any(map(_WORD.match, beside)):
        return False
    return character not in LOOKS["○"] or not any(_ZERO.match(other) for other in beside)


def _letter(sign: Sign) -> Sign:
    """The sign, which does not look like a mark, as the letter that it was nearly read as."""
    torn = sign.text in MARKS and sign.certainty < TORN and sign.rival in LOOKS[sign.text]
    letter = torn and sign.rival.isascii() and sign.rival.isalnum()
    return replace(sign, text=sign.rival, rival="") if letter else sign


def _is_one_of_circles(ink: Ink, signs: Sequence[Sign], at: int) -> bool:
    """Whether circles stand right beside it, as in 〇〇様, and nothing between that is one."""
    beside = [*range(max(at - 1, 0), at), *range(at + 1, min(at + 2, len(signs)))]
    circles = [other for other in beside if signs[other].text in LOOKS["○"]]
    return any((mark := _mark_at(ink, signs, other)) and mark.text == "○" for other in circles)


def _is_of_word(signs: Sequence[Sign], at: int, em: float) -> bool:
    """Whether a letter or figure stands right beside the sign, which is one itself: XO-20."""
    sign = signs[at]
    if not _WORD.match(sign.text):
        return False
    beside = [*signs[max(at - 1, 0) : at], *signs[at + 1 : at + 2]]
    return any(
        _WORD.match(other.text) and abs((other.center or 0.0) - (sign.center or 0.0)) < APART * em
        for other in beside
    )


def _mark_at(ink: Ink, signs: Sequence[Sign], at: int) -> Sign | None:
    """The mark that stands where that sign was read, no other with it, and looks like it; None where there
    is none."""
    sign, em = signs[at], ink.em
    x = (sign.center or 0.0) * ink.scale
    near = [p for p in ink.pieces if p.x0 - NEAR * em <= x <= p.x1 + NEAR * em and _is_sized(p, em)]
    main = max(near, key=lambda piece: piece.size, default=None)
    if main is None:
        return None
    others = [piece for piece in ink.pieces if piece is not main and not main.holds(piece)]
    centers = (other.center * ink.scale for other in signs if other.center and other is not sign)
    if any(main.beside(piece) > BESIDE for piece in others) or any(
        main.x0 <= center <= main.x1
        for center in centers  # ⑩ read as ①0
    ):
        return None
    mark = ink.shape(main)
    if not mark or not {sign.text, sign.rival} & set(LOOKS[mark]):
        return None
    before = max((p.x1 for p in others if p.x1 <= main.x0), default=main.x0)
    behind = min((p.x0 for p in others if p.x0 >= main.x1), default=main.x1)
    apart = main.x0 - before >= BLANK * em, behind - main.x1 >= BLANK * em
    if mark == "×" and sign.text in CAPITALS and not any(apart) and main.height > _highest_cross(ink, signs):
        return None
    return Sign(mark, sign.center, max(sign.certainty, SHAPE_CERTAINTY), apart=apart)


def _highest_cross(ink: Ink, signs: Sequence[Sign]) -> float:
    """How high a × is at most in pixels: a capital is higher, measured by the kanji of the line."""
    if not any(is_han(sign.text) for sign in signs):
        return LARGEST * ink.em
    return HIGHEST_CROSS * max(piece.height for piece in ink.pieces if piece.height <= LARGEST * ink.em)


def _is_sized(piece: InkComponent, em: float) -> bool:
    return SMALLEST * em <= min(piece.width, piece.height) <= max(piece.width, piece.height) <= LARGEST * em
