"""Characters of symbol fonts, whose codes are their own, as the signs they draw.

Word and its kin set bullets and check boxes in Symbol and Wingdings, at U+F000 plus the code in the font; a
PDF made from them says only that, or the bare code (l is a black circle). Known are the signs of lists and
forms, arrows, numbers in circles.
"""

from __future__ import annotations

from functools import cache

_PRIVATE = 0xF000
# In the private use area whatever the name of the font: few other fonts put anything there.
_SIGNS = {
    0xB7: "•", 0x6C: "●", 0xA1: "○", 0x6D: "○", 0x6E: "■", 0xA7: "▪", 0x6F: "□", 0xA8: "□", 0x71: "□",
    0x72: "□", 0x75: "◆", 0x76: "◆", 0xD8: "▶", 0x9F: "•", 0xFB: "×", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
    0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "→", 0xF0: "⇒", 0xAB: "★",
}  # fmt: skip
SIGNS = {chr(_PRIVATE + code): sign for code, sign in _SIGNS.items()}
_WINGDINGS = {
    **{chr(code): sign for code, sign in _SIGNS.items() if code != 0xB7},
    "(": "☎", "*": "✉", "s": "◆", "t": "◆", "\x9e": "·", "\xa4": "◎",
    **{chr(0x80 + n): chr(0x2460 + n - 1) if n else "⓪" for n in range(11)},
    **{chr(0x8B + n): chr(0x2776 + n - 1) if n else "⓿" for n in range(11)},
}  # fmt: skip
_WINGDINGS_2 = {
    "O": "×", "P": "✓", "Q": "☒", "R": "☑", "S": "☒", "T": "☒", "\x97": "●", "\x98": "●", "\xa2": "■",
    "\xa3": "□", "\xa4": "□",
}  # fmt: skip
_SYMBOL = {
    "-": "−", "\xa3": "≤", "\xa5": "∞", "\xa8": "♦", "\xac": "←", "\xad": "↑", "\xae": "→", "\xaf": "↓",
    "\xb0": "°", "\xb1": "±", "\xb3": "≥", "\xb4": "×", "\xb7": "•", "\xb8": "÷", "\xb9": "≠", "\xbb": "≈",
    "\xbc": "…", "\xd6": "√", "\xd7": "⋅", "\xde": "⇒", "\xe5": "∑", "a": "α", "b": "β", "d": "δ",
    "D": "Δ", "m": "μ", "p": "π", "s": "σ", "S": "Σ", "W": "Ω", "w": "ω", "q": "θ", "l": "λ", "f": "φ",
}  # fmt: skip


def shows_symbols(font: str) -> bool:
    """Whether the font of this name is one of signs."""
    return bool(_shown(font))


def symbol_of(font: str, character: str) -> str:
    """What `character` shows in the font of this name; itself in any other font."""
    shown = _shown(font)
    if not shown:
        return character
    code = ord(character)
    if _PRIVATE <= code <= _PRIVATE + 0xFF:
        return shown.get(chr(code - _PRIVATE), character)
    # Symbol's letters are told as Greek by most programs; only what is told as a code is looked up.
    return character if shown is _SYMBOL else shown.get(_code_of(character), character)


@cache
def _shown(font: str) -> dict[str, str]:
    name = font.replace(" ", "").replace("-", "").lower()
    if name.startswith("wingdings2"):
        return _WINGDINGS_2
    if name.startswith("wingdings") and not name.startswith("wingdings3"):
        return _WINGDINGS
    return _SYMBOL if name.startswith("symbol") else {}


def _code_of(character: str) -> str:
    """The code of a character that a program has told as Windows' Latin has it."""
    try:
        return character.encode("cp1252").decode("latin-1")
    except UnicodeEncodeError:
        return character
