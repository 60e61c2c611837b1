"""Text as patterns look at it: half width, lines joined, each character's place kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HALF_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_FOLDED = {**_HALF_WIDTH, 0x3000: " ", 0xFFE5: "¥", **dict.fromkeys(map(ord, "‐‑–−"), "-")}
_BREAK = re.compile(r"[ \u3000]*\r?\n[ \u3000]*")


@dataclass(frozen=True, slots=True)
class FoldedText:
    """`text` is folded; its character `i` stands at `places[i]` of what it was folded from, and
    `places[len(text)]` is behind the last."""

    text: str
    places: tuple[int, ...]

    @staticmethod
    def of(text: str, start: int, end: int) -> FoldedText:
        """The stretch of `text` from `start` to `end`, folded: line breaks go, widths become half."""
        kept = list(range(start, end))
        if "\n" in text[start:end]:
            for found in reversed(list(_BREAK.finditer(text, start, end))):
                del kept[found.start() - start : found.end() - start]
        return FoldedText("".join(text[place] for place in kept).translate(_FOLDED), (*kept, end))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a non-empty stretch of the folded text stands in the other."""
        return self.places[start], self.places[end - 1] + 1
