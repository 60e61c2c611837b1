"""The raised figure of ㎡ and ㎥, which the network sees and yet passes over: 245m is not 245m²."""

from __future__ import annotations

import re
from dataclasses import replace

from ocr.engines.ppocr.reading_edits import Sign, reading_of, signs_of
from ocr.engines.ppocr.recognition import Faint, LineReading

# What a raised figure is nearly seen as. Behind a plain m nothing is: measured on 8 to 15 points, 200 and 300
# dpi, in four typefaces.
RAISED = {"2": "²", "²": "²", "3": "³", "³": "³"}
_METRES = re.compile(r"\d ?m$")
_FIGURE = re.compile(r"\d ?$")


def with_powers(reading: LineReading) -> LineReading:
    """The reading with ² and ³ behind a number of metres where the network nearly saw one.

    What is put in is as certain as the network was, so that the line is less sure than others.
    """
    signs = signs_of(reading)
    for order in reversed(range(len(reading.faint))):
        faint = reading.faint[order]
        before = reading.text[: faint.at]
        if faint.text not in RAISED:
            continue
        metre = reading.faint[order - 1] if order else None
        if _METRES.search(before):
            signs.insert(faint.at, _raised(faint))
        elif metre is not None and (metre.text, metre.at) == ("m", faint.at) and _FIGURE.search(before):
            passed_over = Sign("m", metre.center, metre.likelihood)
            signs[faint.at : faint.at] = [passed_over, _raised(faint)]
    return reading_of(signs, replace(reading, faint=())) if len(signs) > len(reading.text) else reading


def square_metres(alone: LineReading) -> LineReading:
    """What stands alone in a crop, ㎡ where that is an m with a raised figure."""
    raised = next((faint for faint in alone.faint if faint.at == 1 and faint.text in RAISED), None)
    if alone.text != "m" or raised is None:
        return alone
    return reading_of([*signs_of(alone), _raised(raised)], replace(alone, faint=()))


def _raised(faint: Faint) -> Sign:
    return Sign(RAISED[faint.text], faint.center, faint.likelihood)
