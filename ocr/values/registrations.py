"""Registration numbers of firms: T and 13 digits for the consumption tax, the 13 of the corporate number."""

from __future__ import annotations

import re

from ocr.document import ValueKind
from ocr.values.normal_script import plain
from ocr.values.value import Value
from ocr.values.value_labels import names_a_corporate_number

DIGITS = 13
_GROUPED = rf"[0-9](?:[- ]?[0-9]){{{DIGITS - 1}}}"
_REMARK = r"(?:\([^()\d]{1,20}\))?"
_LABEL = r"(?:(?:適格請求書発行事業者)?(?:登録番号|法人番号)[:.]?)?"
_TAX = re.compile(rf"{_LABEL}\(?(?P<number>[Tt][-. ]?{_GROUPED})\)?{_REMARK}")
_CORPORATE = re.compile(rf"{_LABEL}(?P<number>{_GROUPED}){_REMARK}")


def registration_value(text: str, label: str = "") -> Value | None:
    """The number a firm is registered under for the consumption tax (T1234567890123), or its corporate
    number, which needs a label that promises one.

    A number whose check digit is wrong is one that was misprinted or misread: it has no normal form.
    """
    found = plain(text)
    if match := _TAX.fullmatch(found):
        digits = re.sub("[^0-9]", "", match["number"])
        return Value(ValueKind.TAX_REGISTRATION, f"T{digits}" if has_check_digit(digits) else "")
    if names_a_corporate_number(label) and (match := _CORPORATE.fullmatch(found)):
        digits = re.sub("[^0-9]", "", match["number"])
        return Value(ValueKind.CORPORATE_NUMBER, digits if has_check_digit(digits) else "")
    return None


def has_check_digit(digits: str) -> bool:
    """Whether the first of the 13 digits is 9 less the remainder by 9 of the others' sum, every second of
    them, from the last but one on, counted twice (ordinance on the corporate number, 2014)."""
    total = sum(int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits[1:])))
    return len(digits) == DIGITS and int(digits[0]) == 9 - total % 9
