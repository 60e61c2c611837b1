"""Numbers as Japanese writes them: 1,234, 3億1,870万, 一万二千."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")}
_SMALL = {"十": 10, "百": 100, "千": 1_000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
_FIGURES = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
NUMBER = rf"(?:{_FIGURES}[千百]?[兆億万]?)+|[一二三四五六七八九十百千][〇一二三四五六七八九十百千万億兆]*"
"""A number in figures, or in Chinese numerals."""
_PART = re.compile(rf"{_FIGURES}|[〇一二三四五六七八九十百千万億兆]")


def number_of(text: str) -> str:
    """The plain decimal that a match of NUMBER says: 3億1,870万 is 318700000."""
    total = section = Decimal(0)
    pending: Decimal | None = None
    for part in _PART.findall(text):
        if part in _DIGITS:
            pending = (pending or 0) * 10 + Decimal(_DIGITS[part])
        elif part in _SMALL:
            section += (1 if pending is None else pending) * _SMALL[part]
            pending = None
        elif part in _LARGE:
            whole = section + (pending or 0)
            total += (whole or 1) * _LARGE[part]
            section, pending = Decimal(0), None
        else:
            pending = Decimal(part.replace(",", ""))
    return f"{(total + section + (pending or 0)).normalize():f}"
