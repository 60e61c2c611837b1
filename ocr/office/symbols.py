"""Letters of picture typefaces (Wingdings, Symbol), which have no code points of their own in a file."""

from __future__ import annotations

import re

_WINGDINGS = {
    0x6C: "●", 0x6D: "○", 0x6E: "■", 0x6F: "□", 0x70: "□", 0x71: "❑", 0x72: "❒", 0x73: "◆", 0x74: "◆",
    0x75: "◆", 0x76: "❖", 0x77: "◆", 0x9E: "・", 0x9F: "•", 0xA1: "○", 0xA7: "■", 0xA8: "□", 0xAB: "★",
    0xB2: "☆", 0xB7: "・", 0xD8: "➢", 0xDC: "➲", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔",
    0xF0: "⇨", 0xFB: "☒", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_PRIVATE = re.compile("[\uf020-\uf0ff]")


def symbol(code: str) -> str:
    """The letter that a hexadecimal code in such a typeface shows, U+FFFD for one that is not known."""
    try:
        number = int(code, 16)
    except ValueError:
        return "\ufffd"
    private = 0xF000 <= number <= 0xF0FF
    if not private and number > 0xFF:
        return chr(number) if number <= 0x10FFFF and not 0xD800 <= number < 0xE000 else "\ufffd"
    return _WINGDINGS.get(number & 0xFF, "\ufffd")


def with_symbols(text: str) -> str:
    """The text with the letters of such typefaces, which some programs write as private characters, shown."""
    return _PRIVATE.sub(lambda found: _WINGDINGS.get(ord(found[0]) & 0xFF, "\ufffd"), text)
