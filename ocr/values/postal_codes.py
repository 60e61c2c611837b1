"""Postal codes: 〒123-4567."""

from __future__ import annotations

import re

from ocr.document import ValueKind
from ocr.values.normal_script import plain
from ocr.values.value import Value
from ocr.values.value_labels import names_a_postal_code

_CODE = re.compile(r"(?P<sign>〒|郵便番号:?)?\s?(?P<area>\d{3})[- ]?(?P<town>\d{4})")


def postal_code_value(text: str, label: str = "") -> Value | None:
    """A postal code behind its sign, or under a label that promises one; none for a whole address."""
    match = _CODE.fullmatch(plain(text))
    if match is None or not (match["sign"] or names_a_postal_code(label)):
        return None
    return Value(ValueKind.POSTAL_CODE, f"{match['area']}-{match['town']}")
