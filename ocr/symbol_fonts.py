"""Characters of symbol fonts, which have codes of their own in the private use area, as the signs they draw.

Word and its kin set bullets and check boxes in Symbol and Wingdings, at U+F000 plus the code in the font; a
PDF made from them says only that. Known are the signs of lists and forms, and arrows.
"""

from __future__ import annotations

_SIGNS = {
    0xB7: "•", 0x6C: "●", 0xA1: "○", 0x6D: "○", 0x6E: "■", 0xA7: "▪", 0x6F: "□", 0xA8: "□", 0x71: "□",
    0x72: "□", 0x75: "◆", 0x76: "◆", 0xD8: "▶", 0x9F: "•", 0xFB: "×", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
    0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "→", 0xF0: "⇒", 0xAB: "★",
}  # fmt: skip
SIGNS = {chr(0xF000 + code): sign for code, sign in _SIGNS.items()}
