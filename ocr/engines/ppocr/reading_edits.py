"""The characters of a reading one by one, to be exchanged, put in and left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import fmean

from ocr.engines.ppocr.recognition import LineReading

_PUNCTUATION = frozenset("：:、。，．,.（(「『【〔）)」』】〕")


@dataclass(frozen=True, slots=True)
class Sign:
    """A character with its place, certainty and rival, as `LineReading` has them; blanks have no centre.

    Of one that was told by its ink `apart` says whether there is paper for a blank before and behind it.
    """

    text: str
    center: float | None
    certainty: float
    rival: str = ""
    apart: tuple[bool, bool] = (False, False)


def signs_of(reading: LineReading) -> list[Sign]:
    centers = iter(reading.centers)
    return [
        Sign(text, None if text == " " else next(centers), certainty, rival)
        for text, certainty, rival in zip(reading.text, reading.certainties, reading.rivals, strict=True)
    ]


def spaced(signs: Sequence[Sign]) -> list[Sign]:
    """The signs with a blank wherever paper shows one beside a sign told by its ink; the paper inside of
    punctuation is none."""
    found = list(signs[:1])
    for before, sign in pairwise(signs):
        open_beside = before.apart[1] or sign.apart[0]
        if open_beside and not {before.text, sign.text} & (_PUNCTUATION | {" "}):
            found.append(Sign(" ", None, 1.0))
        found.append(sign)
    return found


def reading_of(signs: Sequence[Sign], before: LineReading) -> LineReading:
    """The signs as a reading in place of `before`; at least one."""
    return replace(
        before,
        text="".join(sign.text for sign in signs),
        confidence=fmean(sign.certainty for sign in signs),
        centers=tuple(sign.center for sign in signs if sign.center is not None),
        certainties=tuple(sign.certainty for sign in signs),
        rivals=tuple(sign.rival for sign in signs),
    )
