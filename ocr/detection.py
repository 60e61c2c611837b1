"""What is found on a page before it has structure: lines of writing and ruled lines.

Boxes are page points with the origin at the top left of the upright page. A text layer and an engine
give the same two kinds of thing, so that one structure code serves both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from ocr.document import Box


class Boxed(Protocol):
    """Anything that has a place on a page."""

    @property
    def box(self) -> Box: ...


@dataclass(frozen=True, slots=True)
class DetectedLine:
    """A run of writing in one direction; `confidence` is 0–1, `vertical` a column read downwards.

    `original` and `doubtful` are as in `Line`. An engine that can tell gives for each character of `text`
    its probability (`certainties`) and the one that came second (`rivals`, empty where none was close).
    `label` marks what is known for the label of what follows by more than its words: by an underline.
    `centers` are the middles of the characters along the line, blanks included: x, or y in a column; empty
    where they are not known.
    """

    text: str
    box: Box
    confidence: float
    vertical: bool = False
    original: str = ""
    doubtful: bool = False
    certainties: tuple[float, ...] = ()
    rivals: tuple[str, ...] = ()
    label: bool = False
    centers: tuple[float, ...] = ()

    def moved(self, x: float, y: float) -> DetectedLine:
        by = y if self.vertical else x
        return replace(self, box=self.box.moved(x, y), centers=tuple(center + by for center in self.centers))

    def scaled(self, factor: float) -> DetectedLine:
        return replace(
            self, box=self.box.scaled(factor), centers=tuple(center * factor for center in self.centers)
        )

    def saying(self, text: str) -> DetectedLine:
        """The line with `text` in place of its own.

        The centers stay known where characters were exchanged one for one or left out, else they are
        dropped, as are certainties and rivals where their number does not fit.
        """
        same_length = len(text) == len(self.text)
        return replace(
            self,
            text=text,
            certainties=self.certainties if same_length else (),
            rivals=self.rivals if same_length else (),
            centers=_kept(self.text, self.centers, text),
        )


def _kept(before: str, centers: tuple[float, ...], after: str) -> tuple[float, ...]:
    """The centers of the characters of `after`, made from `before` by exchanging some or leaving some out."""
    if len(centers) != len(before):
        return ()
    if len(after) == len(before):
        return centers
    kept: list[float] = []
    for character, center in zip(before, centers, strict=True):
        if len(kept) < len(after) and character == after[len(kept)]:
            kept.append(center)
    return tuple(kept) if len(kept) == len(after) else ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """A ruled line parallel to a page edge; `x0 <= x1`, `y0 <= y1`, one pair (nearly) equal."""

    x0: float
    y0: float
    x1: float
    y1: float

    def moved(self, x: float, y: float) -> Ruling:
        return Ruling(self.x0 + x, self.y0 + y, self.x1 + x, self.y1 + y)

    @property
    def box(self) -> Box:
        return Box(self.x0, self.y0, self.x1, self.y1)

    @property
    def horizontal(self) -> bool:
        return self.x1 - self.x0 >= self.y1 - self.y0
