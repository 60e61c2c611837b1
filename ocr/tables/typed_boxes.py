"""Boxes that are typed: tables whose rulings are drawn with characters (┌─┬─┐, +---+, │ and |)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from ocr.detection import DetectedLine, Ruling
from ocr.document import Box
from ocr.order.xy_cut import rows_of
from ocr.script.widths import character_centres, em, without_blanks

SHORTEST = 6  # characters of a row that is a ruling
NEAR = 0.6  # ems between an upright and the corners that it stands under

_CORNERS = frozenset("+┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛┯┿┷┠╂┨╔╦╗╠╬╣╚╩╝")
_UPRIGHTS = frozenset("|｜│┃║")
_RULING = re.compile(rf"[{re.escape(''.join(_CORNERS | _UPRIGHTS))}\-=─━═－＝ー]+")

Row = Sequence[DetectedLine]


def without_typed_boxes(
    lines: Iterable[DetectedLine],
) -> tuple[tuple[DetectedLine, ...], tuple[Ruling, ...]]:
    """The lines without the characters that draw boxes around them, and the rulings that those are."""
    everything = tuple(lines)
    if all(_CORNERS.isdisjoint(line.text) for line in everything):
        return everything, ()
    rows = rows_of(line for line in everything if not line.vertical)
    ruled = [at for at, row in enumerate(rows) if _is_ruling(row)]
    rulings: list[Ruling] = []
    parted: dict[DetectedLine, list[DetectedLine]] = {}
    for top, bottom in pairwise(ruled):
        corners = [x for at in (top, bottom) for x in _places(rows[at], _CORNERS)]
        uprights = [
            [x for x in _places(row, _UPRIGHTS) if _is_near(x, corners, row)]
            for row in rows[top + 1 : bottom]
        ]
        if not uprights or not all(uprights):
            continue
        high, low = (rows[at][0].box.center[1] for at in (top, bottom))
        places = _places(rows[top], _CORNERS | _UPRIGHTS) + _places(rows[bottom], _CORNERS | _UPRIGHTS)
        rulings += [Ruling(min(places), y, max(places), y) for y in (high, low)]
        rulings += [Ruling(x, high, x, low) for x in uprights[0]]
        parted |= {line: [] for at in (top, bottom) for line in rows[at]}
        for row, xs in zip(rows[top + 1 : bottom], uprights, strict=True):
            parted |= {line: _parts(line, xs) for line in row}
    if not rulings:
        return everything, ()
    return tuple(part for line in everything for part in parted.get(line, [line])), tuple(rulings)


def _is_ruling(row: Row) -> bool:
    text = "".join(without_blanks(line.text) for line in row)
    return len(text) >= SHORTEST and bool(_RULING.fullmatch(text)) and not _CORNERS.isdisjoint(text)


def _places(row: Row, characters: frozenset[str]) -> list[float]:
    """Where some characters of the row stand, from left to right."""
    return [
        x
        for line in row
        for character, x in zip(line.text, character_centres(line), strict=True)
        if character in characters
    ]


def _is_near(x: float, corners: Sequence[float], row: Row) -> bool:
    return any(abs(x - corner) <= NEAR * em(row[0]) for corner in corners)


def _parts(line: DetectedLine, uprights: Sequence[float]) -> list[DetectedLine]:
    """What stands between the uprights of the line, as lines of their own."""
    centres = character_centres(line)
    cuts = [at for at, x in enumerate(centres) if line.text[at] in _UPRIGHTS and x in uprights]
    parts: list[DetectedLine] = []
    for start, end in pairwise([-1, *cuts, len(line.text)]):
        if not line.text[start + 1 : end].strip():
            continue
        x0 = centres[start] if start >= 0 else line.box.x0
        x1 = centres[end] if end < len(centres) else line.box.x1
        text = line.text[start + 1 : end]
        places = [x for x, character in zip(centres[start + 1 : end], text, strict=True) if character != " "]
        half = em(line) / 2
        box = Box(max(places[0] - half, x0), line.box.y0, min(places[-1] + half, x1), line.box.y1)
        parts.append(replace(line, text=text.strip(), box=box, certainties=(), rivals=(), centers=()))
    return parts
