"""Engines that hang or die on pages of certain widths (pixels), for the supervised reader's tests."""

from __future__ import annotations

import ctypes
import itertools
import os
import signal

import numpy as np

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits

HANGS, IS_KILLED, SEGFAULTS, RAISES, RUNS_OUT = 700, 720, 740, 760, 780
WELL_BEHAVED = 600


class Unruly:
    """Reads the number of the process it runs in, unless the page's width tells it to misbehave."""

    name = "unruly"
    fingerprint = "unruly:1"

    def recognize(self, image: np.ndarray) -> tuple[DetectedLine, ...]:
        match image.shape[1]:
            case 700:
                sum(itertools.repeat(0))  # never ends, never looks at signals, never lets go of the lock
            case 720:
                os.kill(os.getpid(), signal.SIGKILL)
            case 740:
                ctypes.string_at(0)
            case 760:
                raise LookupError("a decoder's own kind of error")
            case 780:
                raise MemoryError
        return (DetectedLine(f"PID{os.getpid()}", Box(50, 50, 400, 90), 0.9),)


def unruly(limits: Limits) -> Unruly:
    return Unruly()


def missing(limits: Limits) -> Unruly:
    raise ReadingError(FailureCategory.ENGINE_MISSING, "エンジンがありません。入れてください。")
