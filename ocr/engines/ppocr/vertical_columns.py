"""Columns of vertical writing: what recognition passes over or mistakes there, put right.

The network reads a column lying on its left side. It skips most of 、。「」ー and some small kana
there, and it guesses at figures set upright side by side in one cell (縦中横). Vertical Japanese is set
solid, so what was skipped leaves empty ems between its neighbours; each is told by the shape of its ink or
by reading it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median_low
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engines.ppocr.recognition import LineReading
from ocr.raster import Pixels, as_pixels

# Two centres further apart than this (ems) have a mark between them; an end of the column is half of it.
GAP = 1.6
GAP_BESIDE_LATIN = 1.35  # Latin letters and figures are narrower
ABOUT_USUAL = 0.3
SMALLEST_EM = 6.0  # pixels; nothing is told by the shape of smaller type
INK = 0.4  # of the darkest
# A comma or full stop: small, in the right half of its em. A ring is white in its middle, a stroke is not.
# A full stop right under a character has its middle so far from that of the character, in ems.
NEAREST = 0.45
# Nearer to the middle of the next character stand its own strokes, and brackets that open at the foot.
FARTHEST = 0.6
LARGEST_STOP, SMALLEST_STOP = 0.5, 0.08
STOP_FROM = 0.4
HOLLOW = 0.8
# A long mark is a stroke down the middle of its em.
LONGEST_ACROSS, SHORTEST_DOWN = 0.3, 0.55
# A corner bracket that is too thin to be read: low and broad.
FLATTEST, BROADEST = 0.35, 0.6
# Small kana reach no further than this.
SMALL_KANA = 0.75
BRACKETS = frozenset("「」『』（）()〔〕【】")
BARS = frozenset("ー一―—-｜|")
TO_SMALL = str.maketrans("つやゆよツヤユヨあいうえおアイウエオ", "っゃゅょッャュョぁぃぅぇぉァィゥェォ")
SMALL = frozenset("っゃゅょッャュョぁぃぅぇぉァィゥェォ")
AS_PRINTED = str.maketrans("()", "（）")
LEAST_CONFIDENCE = 0.5
SURE = 0.9  # of a whole character that was skipped
SHAPE_CERTAINTY = 0.95  # of marks told by their shape: measured on drawn columns, 99 of 100 are right
# Up to so many figures stand side by side in one em.
MOST_SIDE_BY_SIDE = 3
SIDE_BY_SIDE = 2.5  # ems from the character before such figures to the one after, if they fill one


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Sign:
    """A character with its centre (y, pixels) and as `LineReading` has them its certainty and rival.

    `apart` where a blank stands before it, which counts between Latin words only.
    """

    text: str
    center: float
    certainty: float
    rival: str = ""
    apart: bool = False


@dataclass(frozen=True, slots=True)
class _Blot:
    """A connected piece of ink: left, top, right, bottom in pixels."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


def read_column(crop: Pixels, length: int, read: Callable[[Pixels], LineReading]) -> LineReading:
    """The one column in the first `length` rows of `crop` (BGR, upright), read downwards.

    The rows after them are looked at for a full stop, which detection often leaves out. `centers` are y,
    in pixels. `read` reads one horizontal line.
    """
    reading = read(_lying(crop[:length]))
    signs = _signs(reading)
    em = _em(signs) if len(signs) > 2 else 0.0
    if em < SMALLEST_EM:
        return reading
    column = _ColumnImage(crop, em, read)
    signs = column.with_figures_upright(column.with_marks(signs))
    blanks = [" " if b.apart and a.text.isascii() and b.text.isascii() else "" for a, b in pairwise(signs)]
    return LineReading(
        text="".join(blank + sign.text for blank, sign in zip(["", *blanks], signs, strict=True)),
        confidence=reading.confidence,
        centers=tuple(sign.center for sign in signs),
        certainties=_beside_blanks(["", *blanks], [sign.certainty for sign in signs], 1.0),
        rivals=_beside_blanks(["", *blanks], [sign.rival for sign in signs], ""),
    )


def _beside_blanks(blanks: Sequence[str], values: Sequence[Value], of_blank: Value) -> tuple[Value, ...]:
    """The values of the signs, with `of_blank` before those that have a blank before them."""
    return tuple(
        told
        for blank, value in zip(blanks, values, strict=True)
        for told in ((of_blank, value) if blank else (value,))
    )


def _signs(reading: LineReading) -> list[_Sign]:
    """The characters of the reading, the blanks between them noted."""
    sure = reading.certainties or (reading.confidence,) * len(reading.text)
    rivals = reading.rivals or ("",) * len(reading.text)
    centers = iter(reading.centers)
    signs: list[_Sign] = []
    apart = False
    for text, certainty, rival in zip(reading.text, sure, rivals, strict=True):
        if text != " ":
            signs.append(_Sign(text, next(centers), certainty, rival, apart))
        apart = text == " "
    return signs


def _em(signs: Sequence[_Sign]) -> float:
    """The usual step from character to character in pixels; Latin words lie in a column, set narrower."""
    steps = [b.center - a.center for a, b in pairwise(signs) if not a.text.isascii() and not b.text.isascii()]
    steps = steps or [b.center - a.center for a, b in pairwise(signs)]
    usual = median_low(steps)
    # Centres lie on the network's own raster, about a quarter of an em wide: the mean is finer than it.
    return fmean(step for step in steps if abs(step - usual) <= ABOUT_USUAL * usual)


class _ColumnImage:
    """The pixels of one column, its em in pixels, and a way to read parts of it."""

    def __init__(self, crop: Pixels, em: float, read: Callable[[Pixels], LineReading]) -> None:
        self._crop, self._em, self._read = crop, em, read
        gray = np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY))
        paper = float(np.percentile(gray, 90))
        self._darkness = np.clip((paper - gray) / max(paper - float(gray.min()), 1.0), 0.0, 1.0)
        self._blots = _blots(self._darkness)

    def with_marks(self, signs: Sequence[_Sign]) -> list[_Sign]:
        """The signs and what stands in the empty ems before, between and after them."""
        em = self._em
        found: list[_Sign] = []
        if signs[0].center > (GAP / 2 + 0.5) * em:
            found.extend(self._between(signs[0].center - 2 * em, signs[0].center))
        for sign, below in pairwise(signs):
            found.append(_as_set(sign, found))
            latin = sign.text.isascii() or below.text.isascii()
            if below.center - sign.center > (GAP_BESIDE_LATIN if latin else GAP) * em:
                found.extend(self._between(sign.center, below.center))
        found.append(_as_set(signs[-1], found))
        found.extend(self._between(signs[-1].center, signs[-1].center + 2 * em)[:1])
        return found

    def _between(self, above: float, below: float) -> list[_Sign]:
        """The marks in the ems between two centres."""
        em = self._em
        count = max(round((below - above) / em) - 1, 1)
        step = (below - above) / (count + 1)
        marks = []
        for number in range(count):
            middle = above + (number + 1) * step
            top = above + NEAREST * em if number == 0 else middle - step / 2
            foot = middle + step / 2
            inside = [
                blot
                for blot in self._blots
                if top <= blot.middle <= foot
                and (blot.middle <= below - FARTHEST * em or blot.x1 - blot.x0 >= BROADEST * em)
            ]
            text, certainty = self._mark(inside, middle)
            if text:
                marks.append(_Sign(text, middle, certainty))
        return marks

    def _mark(self, blots: Sequence[_Blot], middle: float) -> tuple[str, float]:
        """The one mark that the blots around `middle` make, with its certainty; empty where there is none."""
        em, nothing = self._em, ("", 0.0)
        blots = [b for b in blots if max(b.x1 - b.x0, b.y1 - b.y0) >= SMALLEST_STOP * em]
        if not blots:
            return nothing
        whole = _Blot(
            min(b.x0 for b in blots),
            min(b.y0 for b in blots),
            max(b.x1 for b in blots),
            max(b.y1 for b in blots),
        )
        width, height = (whole.x1 - whole.x0) / em, (whole.y1 - whole.y0) / em
        if max(width, height) <= LARGEST_STOP and whole.x0 >= STOP_FROM * self._crop.shape[1]:
            return self._stop(whole), SHAPE_CERTAINTY
        if width <= LONGEST_ACROSS and SHORTEST_DOWN <= height <= 1.1:
            return "ー", SHAPE_CERTAINTY
        lying = self._read(_lying(self._cleared(whole, middle)))
        text = lying.text.strip()
        if len(text) == 1 and lying.confidence >= LEAST_CONFIDENCE:
            if text in BRACKETS:
                return text.translate(AS_PRINTED), lying.confidence
            if text in BARS:
                return "ー", lying.confidence
        if height <= FLATTEST and width >= BROADEST:
            # Corner brackets open at the foot of their em and close at its head.
            return ("「" if whole.middle > middle else "」"), LEAST_CONFIDENCE
        if max(width, height) > 1.1:
            return nothing
        upright = self._read(_alone(self._crop, whole, em))
        text = upright.text.strip()
        small = text.translate(TO_SMALL)
        if max(width, height) <= SMALL_KANA and small in SMALL and upright.confidence >= LEAST_CONFIDENCE:
            return small, upright.confidence
        if len(text) == 1 and text.isalnum() and upright.confidence >= SURE:
            return text, upright.confidence
        return nothing

    def _cleared(self, blot: _Blot, middle: float) -> Pixels:
        """The em around `middle` without the ink above and below the blot, which belongs to neighbours."""
        top = max(min(round(middle - 0.6 * self._em), blot.y0), 0)
        cell = self._crop[top : max(round(middle + 0.6 * self._em), blot.y1)].copy()
        paper = np.percentile(self._crop.reshape(-1, 3), 90, axis=0)
        cell[: max(blot.y0 - top - 1, 0)] = paper
        cell[blot.y1 - top + 1 :] = paper
        return as_pixels(cell)

    def _stop(self, blot: _Blot) -> str:
        dot = self._darkness[blot.y0 : blot.y1, blot.x0 : blot.x1]
        third_y, third_x = dot.shape[0] // 3, dot.shape[1] // 3
        middle = dot[third_y : dot.shape[0] - third_y, third_x : dot.shape[1] - third_x]
        return "。" if float(middle.mean()) < HOLLOW * float(dot.mean()) else "、"

    def with_figures_upright(self, signs: Sequence[_Sign]) -> list[_Sign]:
        """The signs, figures that fill one em together read again as they stand."""
        found: list[_Sign] = []
        at = 0
        while at < len(signs):
            end = at
            while end < len(signs) and signs[end].text.isascii() and signs[end].text.isdigit():
                end += 1
            if end == at:
                found.append(signs[at])
                at += 1
                continue
            found.extend(self._upright(signs, at, end))
            at = end
        return found

    def _upright(self, signs: Sequence[_Sign], at: int, end: int) -> Sequence[_Sign]:
        figures = signs[at:end]
        em = self._em
        above = signs[at - 1].center if at else figures[0].center - em
        below = signs[end].center if end < len(signs) else figures[-1].center + em
        if len(figures) > MOST_SIDE_BY_SIDE or below - above > SIDE_BY_SIDE * em:
            return figures
        middle = (above + below) / 2
        cell = self._crop[max(round(middle - 0.6 * em), 0) : round(middle + 0.6 * em)]
        again = self._read(cell)
        text = again.text.strip()
        if not (text.isascii() and text.isdigit()) or len(text) > MOST_SIDE_BY_SIDE:
            return figures
        if again.confidence < min(sign.certainty for sign in figures):
            return figures
        return [_Sign(figure, middle, again.confidence) for figure in text]


def _as_set(sign: _Sign, before: Sequence[_Sign]) -> _Sign:
    """The sign itself; a ring is a degree only after a figure, else a full stop."""
    if sign.text == "°" and not (before and before[-1].text.isdigit()):
        return _Sign("。", sign.center, sign.certainty)
    return sign


def _lying(crop: Pixels) -> Pixels:
    return as_pixels(np.rot90(crop))


def _alone(crop: Pixels, blot: _Blot, em: float) -> Pixels:
    """The ink of `blot` at the foot of an em of paper, where a horizontal line has its small kana."""
    side = round(1.2 * em)
    paper = np.percentile(crop.reshape(-1, 3), 90, axis=0).astype(np.uint8)
    sheet = np.empty((side, side, 3), dtype=np.uint8)
    sheet[:] = paper
    ink = crop[blot.y0 : blot.y1, blot.x0 : blot.x1]
    y, x = side - ink.shape[0] - round(0.1 * side), (side - ink.shape[1]) // 2
    sheet[y : y + ink.shape[0], x : x + ink.shape[1]] = ink
    return as_pixels(sheet)


def _blots(darkness: NDArray[np.float64]) -> list[_Blot]:
    ink = (darkness > INK).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    return [_Blot(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in stats[1:]]
