"""Characters that a reading passed over: ink in its gaps, read by itself.

A sign between two blanks, or a rare kanji, may lose to the blank that the network is torn to. Where two
characters stand further apart than neighbours do and ink lies between them, that is looked at alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import fmean

import numpy as np

from ocr.engines.ppocr.crop_ink import EM, Ink, InkComponent
from ocr.engines.ppocr.reading_edits import Sign, reading_of, signs_of, spaced
from ocr.engines.ppocr.recognition import LineReading
from ocr.engines.ppocr.unit_powers import square_metres
from ocr.raster import Pixels

GAP = 1.75  # ems between the middles of two characters that another may stand between
END = 1.3  # ems from an end of the crop to the first or last, with one more there
# END and LETTER for a last figure, half as wide: plain ones stand .3 to .66 ems from the end, before ㎡ .93.
END_OF_FIGURES, FIGURE = 0.85, 0.45
SHAPE_CERTAINTY = 0.97
LETTER = 0.75  # ems from the middle of a character in which the middles of its own pieces lie
LEAST, MOST = 0.45, 2.2  # ems that the ink is high or wide, and wide at most
PAPER = 0.25  # ems of paper that are read with it
BLANK = 0.45  # ems of paper between the ink and its neighbour in place of a blank
DARK = 0.5  # of the way from paper to the darkest ink
SURE = 0.9
POSTAL_MARK = "〒"
MOST_CHARACTERS = 3
SQUARES = ("m²", "m³")  # ㎡ and ㎥, less sure; an m alone that was passed over is half of one
STROKES = frozenset("一ー－-‐–—―_＿|｜1lI!/／ノ丿.,、。・")  # what rulings, folds and dirt are read as


def with_missed_characters(
    crop: Pixels, reading: LineReading, read: Callable[[Pixels], LineReading]
) -> LineReading:
    """The reading of `crop` (BGR, one horizontal line) with what `read` finds in its gaps.

    What is not read for sure counts in the confidence as a character of which nothing is known.
    """
    gaps = list(_gaps(crop, reading))
    if not gaps:
        return reading
    ink = Ink(crop)
    signs = signs_of(reading)
    places = [at for at, sign in enumerate(signs) if sign.center is not None]
    unread = 0
    for after, left, right in reversed(gaps):
        middles = ((p, (p.x0 + p.x1) / 2 / ink.scale) for p in ink.pieces)
        inside = [piece for piece, middle in middles if left <= middle <= right]
        if not inside:
            continue
        found = _read(crop, ink, inside, read)
        if found is None:
            continue
        unread += not found
        at = places[after] if after < len(places) else len(signs)
        signs[at:at] = found
    if not signs or (len(signs) == len(reading.text) and not unread):
        return reading
    whole = reading_of(spaced(signs), reading)
    return replace(whole, confidence=fmean([*whole.certainties, *[0.0] * unread]))


def _gaps(crop: Pixels, reading: LineReading) -> Iterator[tuple[int, float, float]]:
    """The gaps with ink in them: the number of the character behind, and where its ink may lie (x)."""
    em, width = EM * crop.shape[0], float(crop.shape[1])
    last = len(reading.centers)
    end, figure = (END_OF_FIGURES, FIGURE) if reading.text.rstrip()[-1:].isdigit() else (END, LETTER)
    ends = (END - GAP) * em, width + (GAP - end) * em  # as far out as a character before the first would be
    wide = [
        (after, before + (figure if after == last else LETTER) * em, center - LETTER * em)
        for after, (before, center) in enumerate(pairwise([ends[0], *reading.centers, ends[1]]))
        if center - before > GAP * em
    ]
    if not wide:
        return
    dark = crop.max(axis=2)
    paper = float(np.percentile(dark, 90))
    ink = paper - DARK * (paper - float(dark.min()))
    for after, left, right in wide:
        if (dark[:, max(round(left), 0) : max(round(right), 0)] < ink).any():
            yield after, left, right


def _read(
    crop: Pixels, ink: Ink, pieces: list[InkComponent], read: Callable[[Pixels], LineReading]
) -> list[Sign] | None:
    """The signs that the pieces make, empty where they are unreadable; None where they are no writing."""
    whole = InkComponent(
        min(p.x0 for p in pieces),
        min(p.y0 for p in pieces),
        max(p.x1 for p in pieces),
        max(p.y1 for p in pieces),
    )
    if max(whole.width, whole.height) < LEAST * ink.em or whole.width > MOST * ink.em:
        return None
    main = max(pieces, key=lambda piece: piece.size)
    if all(map(main.holds, pieces)) and (mark := ink.shape(main)):
        center = (main.x0 + main.x1) / 2 / ink.scale
        return [Sign(mark, center, SHAPE_CERTAINTY, apart=_apart(whole, pieces, ink))]
    left = max(round((whole.x0 - PAPER * ink.em) / ink.scale), 0)
    right = round((whole.x1 + PAPER * ink.em) / ink.scale)
    told = square_metres(read(np.ascontiguousarray(crop[:, left:right])))
    found = [sign for sign in signs_of(told) if sign.center is not None]
    text = "".join(sign.text for sign in found)
    if told.rivals == (POSTAL_MARK,):  # alone it passes for a T
        found = [replace(found[0], text=POSTAL_MARK, rival="")]
    elif not text or set(text) <= STROKES:
        return None if min(whole.width, whole.height) < LEAST * ink.em else []
    elif text in SQUARES:
        pass
    elif text == "m" or len(text) > MOST_CHARACTERS or min(told.certainties) < SURE:
        return []
    placed = [replace(sign, center=(sign.center or 0.0) + left) for sign in found]
    before, behind = _apart(whole, pieces, ink)
    placed[0] = replace(placed[0], apart=(before, False))
    return [*placed[:-1], replace(placed[-1], apart=(placed[-1].apart[0], behind))]


def _apart(whole: InkComponent, pieces: Sequence[InkComponent], ink: Ink) -> tuple[bool, bool]:
    """Whether there is paper for a blank before and behind the pieces."""
    others = [piece for piece in ink.pieces if piece not in pieces]
    before = max((p.x1 for p in others if p.x1 <= whole.x0), default=whole.x0)
    behind = min((p.x0 for p in others if p.x0 >= whole.x1), default=whole.x1)
    return whole.x0 - before >= BLANK * ink.em, behind - whole.x1 >= BLANK * ink.em
