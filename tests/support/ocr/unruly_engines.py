"""Engines that hang or die on pages of certain widths (pixels), for the supervised reader's tests."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time

import numpy as np

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits

HANGS, IS_KILLED, SEGFAULTS, RAISES, RUNS_OUT = 700, 720, 740, 760, 780
EATS, RUNS_A_PROGRAM, BABBLES, CANNOT_TELL = 800, 820, 840, 860
WELL_BEHAVED = 600
# Longer than any test; the program says by its arguments whose it is.
PROGRAM_SECONDS = 987


class UntellableError(LookupError):
    def __reduce__(self) -> str:
        raise TypeError("cannot be pickled")


class Unruly:
    """Reads the number of the process it runs in, unless the page's width tells it to misbehave."""

    name = "unruly"
    fingerprint = "unruly:1"

    def recognize(self, image: np.ndarray) -> tuple[DetectedLine, ...]:
        match image.shape[1]:
            case 700:
                ctypes.PyDLL(None).sleep(PROGRAM_SECONDS)  # native code that never lets go of the lock
            case 720:
                os.kill(os.getpid(), signal.SIGKILL)
            case 740:
                ctypes.string_at(0)
            case 760:
                raise LookupError("a decoder's own kind of error")
            case 780:
                raise MemoryError
            case 800:
                eaten = []
                while True:
                    eaten.append(b"\x01" * 50_000_000)
                    time.sleep(0.02)
            case 820:
                subprocess.run(["sleep", str(PROGRAM_SECONDS)], check=False)
            case 840:
                inverted, nowhere = Box(90, 50, 40, 90), Box(float("nan"), 0, float("inf"), 9)
                return (
                    DetectedLine("日報\ud83d\x00の件\udcff\uffff", Box(50, 50, 400, 90), float("nan")),
                    DetectedLine("担当\ud83d\ude00者", Box(50, 150, 400, 190), 7.5),
                    DetectedLine("裏返し", inverted, 0.5),
                    DetectedLine("どこでもない", nowhere, 0.5),
                )
            case 860:
                raise UntellableError
        return (DetectedLine(f"PID{os.getpid()}", Box(50, 50, 400, 90), 0.9),)


def unruly(limits: Limits) -> Unruly:
    return Unruly()


def missing(limits: Limits) -> Unruly:
    raise ReadingError(FailureCategory.ENGINE_MISSING, "エンジンがありません。入れてください。")
