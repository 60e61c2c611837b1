"""What is done to every line that an engine has read before a page is made of it."""

from __future__ import annotations

from dataclasses import replace

from ocr.detection import DetectedLine
from ocr.proofreading.calibrated_confidence import calibrated
from ocr.proofreading.hallucinations import is_invention
from ocr.proofreading.lookalikes import repaired


def proofread(line: DetectedLine, engine: str) -> DetectedLine:
    """`line` as `engine` read it, with look-alikes put right, inventions marked and confidence calibrated."""
    right = repaired(line)
    return calibrated(replace(right, doubtful=is_invention(right.text)), engine)
