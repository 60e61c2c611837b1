"""Rulings that are typed: rows of dashes, as programs of line printers draw them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ocr.detection import DetectedLine, Ruling
from ocr.structure.script import without_blanks

_RULE = re.compile(r"[-=_+*─━═－＝＿―‐—]{8,}")
_SIGNS_ALONE = re.compile(r"[+*]+")


def typed_rules(
    lines: Iterable[DetectedLine],
) -> tuple[dict[DetectedLine, Ruling], tuple[DetectedLine, ...]]:
    """The lines that are nothing but a ruling, each as that, and all other lines."""
    rules: dict[DetectedLine, Ruling] = {}
    others: list[DetectedLine] = []
    for line in lines:
        if is_typed_rule(line):
            y = line.box.center[1]
            rules[line] = Ruling(line.box.x0, y, line.box.x1, y)
        else:
            others.append(line)
    return rules, tuple(others)


def is_typed_rule(line: DetectedLine) -> bool:
    solid = without_blanks(line.text)
    return not line.vertical and bool(_RULE.fullmatch(solid)) and not _SIGNS_ALONE.fullmatch(solid)


def count_between(rules: Sequence[Ruling], top: float, bottom: float) -> int:
    """How many rows of typed rulings stand between two heights."""
    return len({round(rule.y0) for rule in rules if top < rule.y0 < bottom})
