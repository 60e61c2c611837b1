"""Rulings that are typed: rows of dashes, as programs of line printers draw them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.detection import DetectedLine, Ruling
from ocr.order.xy_cut import rows_of
from ocr.script.widths import without_blanks

SHORTEST, SHORTEST_PIECE = 8, 3  # dashes of a row, and of each of its pieces
_RULE = re.compile(r"[-=_+*─━═－＝＿―‐—]+")
_SIGNS_ALONE = re.compile(r"[+*]+")


def typed_rules(
    lines: Sequence[DetectedLine],
) -> tuple[dict[DetectedLine, Ruling], tuple[DetectedLine, ...]]:
    """The lines that are nothing but a ruling, each as that, and all other lines.

    A row of dashes may be in pieces, one a column.
    """
    if not any(map(_is_piece, lines)):
        return {}, tuple(lines)  # nearly every page, told without its rows
    rules: dict[DetectedLine, Ruling] = {}
    others: list[DetectedLine] = []
    for row in rows_of(lines):
        if all(map(_is_piece, row)) and sum(len(without_blanks(line.text)) for line in row) >= SHORTEST:
            y = row[0].box.center[1]
            rules |= {line: Ruling(line.box.x0, y, line.box.x1, y) for line in row}
        else:
            others.extend(row)
    return rules, tuple(others)


def _is_piece(line: DetectedLine) -> bool:
    solid = without_blanks(line.text)
    dashes = bool(_RULE.fullmatch(solid)) and not _SIGNS_ALONE.fullmatch(solid)
    return dashes and len(solid) >= SHORTEST_PIECE and not line.vertical


def count_between(rules: Sequence[Ruling], top: float, bottom: float) -> int:
    """How many rows of typed rulings stand between two heights."""
    return len({round(rule.y0) for rule in rules if top < rule.y0 < bottom})
