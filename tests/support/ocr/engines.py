"""Engines that read nothing."""

from __future__ import annotations

import numpy as np

from ocr.detection import DetectedLine


class Unreading:
    """An engine for files whose pixels do not matter."""

    name = "unreading"
    fingerprint = "unreading:1"

    def recognize(self, image: np.ndarray) -> tuple[DetectedLine, ...]:
        return ()


class Silent:
    """An engine that must not be asked."""

    name = "silent"
    fingerprint = "silent:1"

    def recognize(self, image: np.ndarray) -> tuple[DetectedLine, ...]:
        raise AssertionError("no picture is to be read")
