"""What is found on a page before it has structure: lines of writing and ruled lines.

Boxes are page points with the origin at the top left of the upright page. A text layer and an engine
give the same two kinds of thing, so that one structure code serves both.
"""

from __future__ import annotations

from dataclasses import dataclass

from ocr.document import Box


@dataclass(frozen=True, slots=True)
class DetectedLine:
    """A run of writing in one direction; `confidence` is 0–1, `vertical` a column read downwards.

    `original` and `doubtful` are as in `Line`. An engine that can tell gives for each character of `text`
    its probability (`certainties`) and the one that came second (`rivals`, empty where none was close).
    `label` marks what is known for the label of what follows by more than its words: by an underline.
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
