"""The text of a page as it grows, and where in it each line came to stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ocr.detection import DetectedLine
from ocr.document import Line
from ocr.script.widths import em, glue, without_blanks

WORD_GAP = 0.7  # ems between two pieces of a row beyond which a blank stands between them


class TextWriter:
    """Appends lines and separators; offsets are characters of `text`, half open."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._last = ""
        self._placed: dict[int, Line] = {}
        self.position = 0

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def put(self, separator: str) -> None:
        self._parts.append(separator)
        self._last = separator or self._last
        self.position += len(separator)

    def write(self, lines: Sequence[DetectedLine], *, compact: bool = False) -> tuple[Line, ...]:
        """The lines joined as Japanese is, with their offsets; `compact` leaves no blank in a line."""
        written: list[Line] = []
        before: DetectedLine | None = None
        for line in lines:
            shown = replace(line, text=without_blanks(line.text)) if compact else line
            if before is not None:
                self.put("" if compact else _between(before, shown))
            start = self.position
            self.put(shown.text)
            placed = Line(
                shown.text, line.box, line.confidence, start, self.position, line.vertical,
                line.original, line.doubtful,
            )  # fmt: skip
            self._placed[id(line)] = placed
            written.append(placed)
            before = shown
        return tuple(written)

    def span(self, lines: Iterable[DetectedLine]) -> tuple[int, int]:
        """From the start of the first to the end of the last of `lines`, all written before."""
        placed = [self._placed[id(line)] for line in lines]
        return min(line.start for line in placed), max(line.end for line in placed)


def _between(before: DetectedLine, after: DetectedLine) -> str:
    same_row = not after.vertical and before.box.y0 < after.box.center[1] < before.box.y1
    if same_row and after.box.x0 - before.box.x1 > WORD_GAP * em(after):
        return " "
    return glue(before.text, after.text)
