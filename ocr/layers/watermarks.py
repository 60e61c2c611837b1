"""Slanted words of typed pages: watermarks, which are no part of the sentences they lie on, and labels.

What runs at a slant and is huge, lies across other writing or is repeated over the page is a watermark, and
so is a huge level word with writing all over it. A slanted label beside the writing, as of a chart or a
narrow column, is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.layers.text_layer import TextLayer

# Of the middles of characters that follow each other, in sizes: slanted where they differ by so much both
# across and down, and no further apart than this; a line of them keeps its direction within so many degrees.
SLANTED, FURTHEST = 0.15, 2.6
SAME_DIRECTION = 25.0
SAME_SIZE = 1.08  # times the other
# Degrees to the nearest side of the page: less is a skewed scan with a layer of its own.
LEAST_SLANT = 10.0
# Sizes of most of the page's characters that make a slanted word, and a level one, huge.
HUGE_SLANTED, HUGE_LEVEL = 1.8, 3.0
# Of a slanted word's letters lie on other writing; letters that lie on a huge level one; times that a small
# slanted one is repeated.
LEAST_ACROSS, LEAST_BURIED, LEAST_REPEATED = 0.3, 4, 3
# Looked at of a page that is made of slanted words.
MOST_RUNS, MOST_LETTERS = 200, 8

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _CharacterArrays:
    """The characters of a page as numbers: the corners of their boxes (count, 4) and their sizes (count,)."""

    boxes: Numbers
    sizes: Numbers

    @property
    def middles(self) -> Numbers:
        return (self.boxes[:, :2] + self.boxes[:, 2:]) / 2


@dataclass(frozen=True, slots=True)
class Slanted:
    """A layer without its slanted words, its watermarks, each once, and its slanted labels; boxes are points
    of the page as displayed."""

    layer: TextLayer
    watermarks: tuple[DetectedLine, ...] = ()
    labels: tuple[DetectedLine, ...] = ()


def part_slanted(layer: TextLayer) -> Slanted:
    """The layer's slanted words told apart; half a millisecond for a page without any."""
    if len(layer.characters) < 2:
        return Slanted(layer)
    boxes = np.array([(c.box.x0, c.box.y0, c.box.x1, c.box.y1) for c in layer.characters], np.float64)
    page = _CharacterArrays(boxes, np.maximum([c.size for c in layer.characters], 0.1))
    usual = float(np.median(page.sizes))
    texts = [c.text for c in layer.characters]
    slanted = list(islice(_slanted(page, HUGE_SLANTED * usual), MOST_RUNS))
    level = [
        run for run in _huge(page, HUGE_LEVEL * usual) if not any(_meet(run, other) for other in slanted)
    ]
    repeated = Counter(_said(texts, run) for run in slanted)
    marks = [
        run
        for run in slanted
        if page.sizes[run.start] >= HUGE_SLANTED * usual
        or repeated[_said(texts, run)] >= LEAST_REPEATED
        or _across(page, run) >= LEAST_ACROSS
    ]
    labels = [run for run in slanted if run not in marks]
    marks += [run for run in level if _buried(page, run) >= LEAST_BURIED]
    if not marks and not labels:
        return Slanted(layer)

    def line(run: slice) -> DetectedLine:
        return DetectedLine(_said(texts, run), Box.around(c.box for c in layer.characters[run]), 1.0)

    gone = {at for run in (*marks, *labels) for at in range(run.start, run.stop)}
    kept = tuple(c for at, c in enumerate(layer.characters) if at not in gone)
    once = {mark.text: mark for mark in map(line, reversed(marks))}
    return Slanted(replace(layer, characters=kept), tuple(once.values())[::-1], tuple(map(line, labels)))


def _said(texts: Sequence[str], run: slice) -> str:
    return " ".join("".join(texts[run]).split())


def _meet(run: slice, other: slice) -> bool:
    return bool(run.start < other.stop and other.start < run.stop)


def _slanted(page: _CharacterArrays, huge: float) -> Iterator[slice]:
    """The characters, one after the other, that run at a slant; two make a word where they are `huge`."""
    steps = np.diff(page.middles, axis=0)
    smaller, follows = _following(page, steps)
    follows &= np.abs(steps).min(axis=1) >= SLANTED * smaller
    if not follows.any():
        return
    angles = np.degrees(np.arctan2(steps[:, 1], steps[:, 0]))
    follows &= np.abs((angles + 45) % 90 - 45) >= LEAST_SLANT
    turned = np.abs((np.diff(angles) + 180) % 360 - 180) <= SAME_DIRECTION
    start = 0
    for at in range(1, len(follows) + 1):
        if at < len(follows) and follows[at] and follows[at - 1] and turned[at - 1]:
            continue
        # Two steps in one direction are no chance.
        if follows[start] and (at - start >= 2 or smaller[start] >= huge):
            yield slice(start, at + 1)
        start = at


def _huge(page: _CharacterArrays, least: float) -> Iterator[slice]:
    """The characters, one after the other, that are this large."""
    _, follows = _following(page, np.diff(page.middles, axis=0))
    large = np.flatnonzero(page.sizes >= least)
    parted = (np.diff(large) > 1) | ~follows[np.minimum(large[:-1], len(follows) - 1)]
    for group in np.split(large, np.flatnonzero(parted) + 1):
        if group.size:
            yield slice(int(group[0]), int(group[-1]) + 1)


def _following(page: _CharacterArrays, steps: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """The smaller size of each pair of characters, and whether the second goes on after the first."""
    smaller, larger = np.minimum(page.sizes[1:], page.sizes[:-1]), np.maximum(page.sizes[1:], page.sizes[:-1])
    near = np.abs(steps).max(axis=1) <= FURTHEST * smaller
    return smaller, np.asarray(near & (larger <= SAME_SIZE * smaller), np.bool_)


def _others(page: _CharacterArrays, run: slice) -> NDArray[np.bool_]:
    """Which characters are neither in the run nor as large as its."""
    others = page.sizes < page.sizes[run.start] / SAME_SIZE
    others |= page.sizes > page.sizes[run.start] * SAME_SIZE
    others[run] = False
    return np.asarray(others, np.bool_)


def _across(page: _CharacterArrays, run: slice) -> float:
    """The share of the run's letters that lie on other writing."""
    others = page.boxes[[*range(run.start), *range(run.stop, len(page.boxes))]]
    letters = page.middles[run][:MOST_LETTERS]
    if not len(others):
        return 0.0
    on = [
        bool(((others[:, :2] <= middle) & (middle <= others[:, 2:])).all(axis=1).any()) for middle in letters
    ]
    return sum(on) / len(on)


def _buried(page: _CharacterArrays, run: slice) -> int:
    """How many other letters lie on each of the run's, in the middle of them."""
    middles = page.middles[_others(page, run)]
    letters = page.boxes[run][:MOST_LETTERS]
    on = [((box[:2] <= middles) & (middles <= box[2:])).all(axis=1).sum() for box in letters]
    return int(np.median(on))
