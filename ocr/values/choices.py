"""Check boxes in a line of options: which of them are ticked."""

from __future__ import annotations

import re

from ocr.document import ValueKind
from ocr.values.value import Value

EMPTY_BOXES = "☐□▢❏❑◻⬜"
TICKED_BOXES = "☑☒■✓✔✅◼🗹"
_SURE_TICKS = frozenset("☑☒✓✔✅🗹")
_MARK = re.compile(f"[{EMPTY_BOXES}{TICKED_BOXES}]")
_EMPTY_BRACKETS = re.compile(r"[（(〔\[]\s*[）)〕\]]$")


def choice_value(text: str) -> Value | None:
    """The ticked options, joined by 、, empty where none is: ☑電話　□メール is 電話.

    The boxes stand before their options, or behind each of them. None for a text without boxes, and for
    one with a single ■ or □ at its head, which may be a bullet.
    """
    marks = [match.group() for match in _MARK.finditer(text)]
    if not marks or (len(marks) == 1 and marks[0] not in _SURE_TICKS):
        return None
    before, *options = _MARK.split(text)
    if before.strip():
        if options[-1].strip():
            return None  # whether the boxes lead or follow cannot be told
        options = [before, *options[:-1]]
    chosen = [_tidy(option) for option, mark in zip(options, marks, strict=True) if mark in TICKED_BOXES]
    return Value(ValueKind.CHOICE, "、".join(option for option in chosen if option))


def _tidy(option: str) -> str:
    """The option without the blanks and signs that part it from the next, and without an unfilled bracket."""
    return _EMPTY_BRACKETS.sub("", re.sub(r"\s+", " ", option).strip(" 　、,・/／|")).strip()
