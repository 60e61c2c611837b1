"""What is found on a page before it has an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.grids.ruled_lines import RuledLines
from ocr.labels.form_answers import Answer


@dataclass(frozen=True, slots=True)
class PageElements:
    """Lines, and what else stands on a page; boxes are points of the upright page.

    What is read in one of `seals` outside of any ruled cell is set apart as a stamp, and does not count in
    the confidence of the page; no more do `imprints`, the lines of stamps that were read for themselves, in
    their order. Each of `figures` becomes a block without text before the lines that stand in it. `answers`
    are fields whose label and value are known; their lines are not among `lines`.
    """

    lines: Sequence[DetectedLine] = ()
    ruled: RuledLines = field(default_factory=RuledLines)
    seals: Sequence[Box] = ()
    imprints: Sequence[Sequence[DetectedLine]] = ()
    figures: Sequence[Box] = ()
    answers: Sequence[Answer] = ()
