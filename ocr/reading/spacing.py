"""Blanks in numbers that the print does not have, and blanks between numbers that were not read: 4, 110 where
it says 4,110, and 51015 where it says 5 10 15.

In type whose figures and commas are all half an em wide, as most Japanese typefaces set them, a thin 1 behind
a comma stands so far from it that the network sees a blank. Where the characters stand tells whether there
is one: the figures of a page keep their pitch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, takewhile
from statistics import fmean, median

import numpy as np

from ocr.detection import DetectedLine
from ocr.raster import Raster

_BLANK = re.compile(r"(?<=\d) (?=\d)|(?<=\d[.,]) (?=\d)|(?<=\d) (?=[.,]\d)")
_SEPARATED = re.compile(r"(?<=\d)[.,](?=\d)")
_FIGURES = re.compile(r"\d{2,}")
# A line that is one number whatever the type: groups of three figures, or one point.
_ONE_NUMBER = re.compile(
    r"[¥￥\\△▲+\-−±]?(?:\d{1,3}(?: ?, ?\d{3})+(?: ?\. ?\d+)?|\d+ ?\. ?\d+)(?:円|%|％|点|個|台|件|kg|mm|cm|m)?"
)
# Steps of figures (the distance of two neighbours) from one figure to the next: over a comma or a point 1.5
# where it is narrow, 2 where it is as wide as they are; a blank adds half a step or a whole one. Where the
# network saw a character is known to half a step.
WIDE_SEPARATOR = 1.75
LONGEST_OVER_SEPARATOR = 2.5
LONGEST_STEP = 1.5
FEWEST = 3  # separators that tell how wide they are on a page
# Between neighbours, 1 and 1 at the most, no more than .7 steps are white; a blank leaves 1.1 and more.
WHITE_BLANK = 0.95
CLOSE = 1.25  # figures so near to each other are not set a whole em apart
WHITE = 0.5  # of the way from ink to paper


@dataclass(frozen=True, slots=True)
class _Pitch:
    """Of a page: the step from figure to figure, as a share of a line's height; how many of these steps it
    takes from one figure over a comma or point to the next, None where too few were seen."""

    step: float
    over_separator: float | None


def well_spaced(lines: Sequence[DetectedLine], raster: Raster) -> tuple[DetectedLine, ...]:
    """The lines of a page (boxes in points) without blanks in numbers where there is no room for one, and
    with those between numbers that `raster` shows."""
    pitch = _pitch([line for line in lines if _is_measured(line)])
    if pitch is None:
        return tuple(lines)
    closed = (_closed(line, pitch) if _is_measured(line) else line for line in lines)
    return tuple(_opened(line, pitch, raster) if _is_measured(line) else line for line in closed)


def _is_measured(line: DetectedLine) -> bool:
    return not line.vertical and 0 < len(line.text) == len(line.centers)


def _pitch(lines: Sequence[DetectedLine]) -> _Pitch | None:
    steps = [
        (right - left) / line.box.height
        for line in lines
        for (a, left), (b, right) in pairwise(zip(line.text, line.centers, strict=True))
        if a.isdigit() and b.isdigit()
    ]
    if not steps or median(steps) <= 0:
        return None
    step = median(steps)
    over = [
        (line.centers[match.end()] - line.centers[match.start() - 1]) / line.box.height / step
        for line in lines
        for match in _SEPARATED.finditer(line.text)
    ]
    return _Pitch(step, median(over) if len(over) >= FEWEST else None)


def _closed(line: DetectedLine, pitch: _Pitch) -> DetectedLine:
    """The line without the blanks that have no room."""
    stray = set(_stray(line, pitch))
    if not stray:
        return line
    text = "".join(character for at, character in enumerate(line.text) if at not in stray)
    return replace(line.saying(text), original=line.original or line.text)


def _stray(line: DetectedLine, pitch: _Pitch) -> Iterator[int]:
    """The places of the blanks that have no room."""
    step = pitch.step * line.box.height
    one_number = _ONE_NUMBER.fullmatch(line.text) is not None
    wide = pitch.over_separator is not None and pitch.over_separator >= WIDE_SEPARATOR
    for match in _BLANK.finditer(line.text):
        before, after = match.start() - 1, match.end()
        if line.text[before].isdigit() and line.text[after].isdigit():
            if wide and _distance(line, before, after, step) <= LONGEST_STEP * step:
                yield match.start()
            continue
        before -= not line.text[before].isdigit()
        after += not line.text[after].isdigit()
        narrow = _distance(line, before, after, step) <= LONGEST_OVER_SEPARATOR * step
        if narrow and (wide or (pitch.over_separator is None and one_number)):
            yield match.start()


def _distance(line: DetectedLine, before: int, after: int, step: float) -> float:
    """How far the figure `after` is from the figure `before`, by them and the figures next to them."""
    ends = [line.centers[at] + (before - at) * step for at in _figures(line.text, range(before, -1, -1))]
    starts = [
        line.centers[at] - (at - after) * step for at in _figures(line.text, range(after, len(line.text)))
    ]
    return fmean(starts) - fmean(ends)


def _figures(text: str, places: Iterable[int]) -> list[int]:
    """The places up to the first that holds no figure."""
    return list(takewhile(lambda at: text[at].isdigit(), places))


def _opened(line: DetectedLine, pitch: _Pitch, raster: Raster) -> DetectedLine:
    """The line with blanks where so much paper lies between two figures of a run that others fill."""
    step = pitch.step * line.box.height
    places: list[int] = []
    for run in _FIGURES.finditer(line.text):
        steps = [line.centers[at] - line.centers[at - 1] for at in range(run.start() + 1, run.end())]
        if min(steps) <= CLOSE * step:
            wide = [at for at, far in enumerate(steps, run.start() + 1) if far > CLOSE * step]
            places += [at for at in wide if _paper_before(line, at, raster) >= WHITE_BLANK * step]
    if not places:
        return line
    text = "".join(" " * (at in places) + character for at, character in enumerate(line.text))
    centers = [
        told
        for at, center in enumerate(line.centers)
        for told in ([(line.centers[at - 1] + center) / 2] * (at in places) + [center])
    ]
    return replace(
        line,
        text=text,
        original=line.original or line.text,
        centers=tuple(centers),
        certainties=(),
        rivals=(),
    )


def _paper_before(line: DetectedLine, at: int, raster: Raster) -> float:
    """How wide the widest paper between the characters `at - 1` and `at` is, in points."""
    scale = raster.points_per_pixel
    top, foot = round(line.box.y0 / scale), round(line.box.y1 / scale)
    left, right = round(line.centers[at - 1] / scale), round(line.centers[at] / scale)
    strip = raster.pixels[max(top, 0) : foot, max(left, 0) : right].min(axis=2)
    if not strip.size:
        return 0.0
    paper, ink = float(np.percentile(strip, 90)), float(strip.min())
    white = strip.min(axis=0) >= ink + WHITE * (paper - ink)
    return max((len(list(run)) for is_white, run in groupby(white.tolist()) if is_white), default=0) * scale
