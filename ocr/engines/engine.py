"""The contract of the engines that read pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ocr.detection import DetectedLine
from ocr.raster import Pixels


class Engine(Protocol):
    """Reads one upright page at a time.

    An engine is made in the process that uses it and is never pickled; it is called from one thread and
    starts no others, its own libraries included, because the batch already runs one worker a core.
    """

    @property
    def name(self) -> str:
        """What the published tables call it."""

    @property
    def fingerprint(self) -> str:
        """The versions and settings that change what it reads."""

    def recognize(self, image: Pixels) -> tuple[DetectedLine, ...]:
        """The lines on `image` (upright, BGR, height x width x 3, uint8), in no particular order.

        Boxes are pixels of `image`; confidences are 0-1; a column of vertical writing is one line with
        `vertical` set. A page without writing gives no lines. Raises ReadingError: TIMEOUT,
        ENGINE_FAILED, OUT_OF_MEMORY.
        """


@dataclass(frozen=True, slots=True)
class Orientation:
    """Degrees clockwise (0, 90, 180, 270) that stand a page upright, and how sure that is (0–1)."""

    rotation: int
    confidence: float


@runtime_checkable
class FindsOrientation(Protocol):
    """An engine that can also tell how a page lies; for one that cannot, PP-OCR's networks do."""

    @property
    def fingerprint(self) -> str:
        """The versions and settings that change what it tells."""

    def find_orientation(self, image: Pixels) -> Orientation:
        """How to turn `image` (BGR, as it was scanned) for its writing to stand upright.

        A page of vertical writing is upright when its columns run from top to bottom. A page without
        readable writing is left as it is, with no confidence.
        """

    def is_to_be_read(self, faint: Pixels) -> bool:
        """Whether the faint writing of an upright page, drawn dark on white (BGR), stands as print does:
        that of the back of the sheet is mirrored, that of a watermark slanted."""


@runtime_checkable
class ReadsLines(Protocol):
    """An engine that can also read the lines that another one found."""

    def recognize_lines(self, image: Pixels, found: Sequence[DetectedLine]) -> tuple[DetectedLine, ...]:
        """What it reads in the boxes of `found` on `image`, as `Engine.recognize` would give it."""
