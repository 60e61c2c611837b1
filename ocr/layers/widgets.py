"""What was filled into a fillable form, as its file tells it: the fields of a page and their values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ocr.document import Box


class WidgetKind(StrEnum):
    """What a widget takes: typed text, a choice from a list, a tick, one of several ticks; a note is a
    text box that somebody put on the page."""

    TEXT = "text"
    CHOICE = "choice"
    CHECK = "check"
    RADIO = "radio"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Widget:
    """A field of a form on its page: `value` as it would be displayed, its lines parted by line feeds;
    `checked` of a tick; `tooltip` is what the form calls the field where it says so."""

    kind: WidgetKind
    box: Box
    value: str = ""
    checked: bool = False
    tooltip: str = ""

    @property
    def is_tick(self) -> bool:
        return self.kind in (WidgetKind.CHECK, WidgetKind.RADIO)

    @property
    def mark(self) -> str:
        """How a tick is written."""
        return "☑" if self.checked else "□"
