"""Engines of others: one that only reads, and one that also finds how a page lies."""

from __future__ import annotations

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.engines.engine import Orientation
from ocr.limits import Limits
from ocr.raster import Pixels

TEXT = "受付番号は上にあります"


class Plain:
    """Says the same of every page."""

    name = fingerprint = "plain"

    def recognize(self, image: Pixels) -> tuple[DetectedLine, ...]:
        return (DetectedLine(TEXT, Box(20, 20, image.shape[1] / 2, 60), 0.99),)


class Oriented(Plain):
    """Takes every page for one that lies on its left side."""

    name = fingerprint = "oriented"

    def find_orientation(self, image: Pixels) -> Orientation:
        return Orientation(90, 0.9)

    def is_to_be_read(self, faint: Pixels) -> bool:
        return True


def plain(_: Limits) -> Plain:
    return Plain()


def oriented(_: Limits) -> Oriented:
    return Oriented()
