"""What a text layer is made of: characters, the fonts that they are set in, pictures."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from ocr.document import Box


class Unseen(StrEnum):
    """Why nobody sees a character."""

    NO_INK = "no_ink"
    COVERED = "covered"
    CLIPPED = "clipped"
    FAINT = "faint"
    SWITCHED_OFF = "switched_off"


@dataclass(frozen=True, slots=True)
class Character:
    """`turn` is how far clockwise the page must be turned to read it; `hangs` in a vertical font.

    `unmapped` where the font does not say which character it is; `hidden` where nobody sees it, `unseen`
    saying why: it is drawn without ink, lies under something drawn later or beyond its clip, has the colour
    of what it is drawn on, or is in a layer that is off. `certainty` (0–1) is below 1 where an engine
    read it because its font does not tell. `font` is its number among the fonts of the layer, -1 where it is
    not known; `piece` numbers the strings that were drawn, None where that is not known.
    """

    text: str
    box: Box
    size: float
    turn: int = 0
    hangs: bool = False
    unmapped: bool = False
    hidden: bool = False
    piece: int | None = None
    unseen: Unseen | None = None
    font: int = -1
    certainty: float = 1.0


@dataclass(frozen=True, slots=True)
class Font:
    """A font of a page: its name without the prefix of a subset, and whether the PDF carries its glyphs."""

    name: str
    embedded: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture placed on a page: its box in points and its own size in pixels."""

    box: Box
    width: int
    height: int

    @property
    def dpi(self) -> float:
        area = max(self.box.area, 1.0)
        return 72.0 * math.sqrt(self.width * self.height / area)


def only_shapes_text(text: str) -> bool:
    """Whether the characters say how to break and join a text and are no part of it (Unicode's Cf)."""
    return not text.isascii() and all(unicodedata.category(c) == "Cf" for c in text)


def is_blank(text: str) -> bool:
    """Whether the characters leave no ink: white space, and what is only there to part or join."""
    if text.isalnum():
        return False
    return all(c.isspace() or unicodedata.category(c) in ("Cf", "Cc") for c in text)
