"""Telephone numbers of Japan, with the hyphens of the numbering plan: 03-1234-5678, 0120-000-123."""

from __future__ import annotations

import re

from ocr.document import ValueKind
from ocr.values.normal_script import plain
from ocr.values.value import Value
from ocr.values.value_labels import names_a_phone

_NAMED = re.compile(
    r"^(?:電話|TEL|Tel|tel|FAX|Fax|携帯|直通|代表)[:.]?\s?|\((?:代表?|直通|携帯|自宅|会社|勤務先)\)$"
)
_EXTENSION = re.compile(r"\s?\(?内線[:.]?\s?(?P<number>\d{1,6})\)?$")
_NUMBER = re.compile(
    r"(?:\+81[- ]?(?:\(0\))?(?P<country>\d{1,4})|\(?(?P<area>0\d{1,4})\)?)"
    r"[- (]?(?P<office>\d{1,4})[- )]?(?P<line>\d{3,4})"
)
# Prefix, and the lengths of the three groups (numbering plan of the Ministry of Internal Affairs).
_GROUPS = (
    (re.compile(r"0(?:120|570|990)\d{6}"), (4, 3, 3)),
    (re.compile(r"0800\d{7}"), (4, 3, 4)),
    (re.compile(r"0[25-9]0\d{8}"), (3, 4, 4)),
    (re.compile(r"0[36]\d{8}"), (2, 4, 4)),
)
_LANDLINE = re.compile(r"0[1-9]\d{8}")


def phone_value(text: str, label: str = "") -> Value | None:
    """A telephone number; the unit is 内線 with the extension where one is printed.

    Where the area code of a landline is not set off, the digits stand without hyphens, and only under a
    label that promises a telephone number. +81 becomes 0.
    """
    found = plain(text)
    extension = _EXTENSION.search(found)
    if extension:
        found = found[: extension.start()]
    found = _NAMED.sub("", found).strip()
    number = _grouped(found, promised=names_a_phone(label))
    return (
        Value(ValueKind.PHONE, number, f"内線{extension['number']}" if extension else "") if number else None
    )


def _grouped(text: str, *, promised: bool) -> str:
    match = _NUMBER.fullmatch(text)
    if match is None:
        return ""
    area = match["area"] or "0" + match["country"]
    groups = (area, match["office"], match["line"])
    digits = "".join(groups)
    set_off = len(re.findall(r"\d+", text.removeprefix("+81"))) >= 3 or "+81" in text
    fitting = [lengths for pattern, lengths in _GROUPS if pattern.fullmatch(digits)]
    if fitting:
        if not (set_off or promised or not text.isdigit()):
            return ""
        printed = tuple(map(len, groups))
        first, second, _ = printed if printed in fitting else fitting[0]
        return f"{digits[:first]}-{digits[first : first + second]}-{digits[first + second :]}"
    if not _LANDLINE.fullmatch(digits):
        return ""
    if not text.isdigit() and len(area) + len(match["office"]) == 6 and len(match["line"]) == 4:
        return "-".join(groups)
    return digits if promised and text.isdigit() else ""
