"""A page of our own with everything that stands on it; boxes are points, origin top left."""

from __future__ import annotations

from dataclasses import dataclass

from ocr.detection import DetectedLine
from ocr.document import BlockKind, Box
from ocr.grids.cells import FilledGrid
from ocr.written.content_model import PictureContent

Row = tuple[DetectedLine, ...]


@dataclass(frozen=True, slots=True)
class PlacedParagraph:
    """The rows of one paragraph; `kind` is None where its looks are to tell."""

    rows: tuple[Row, ...]
    kind: BlockKind | None = None

    @property
    def lines(self) -> tuple[DetectedLine, ...]:
        return tuple(line for row in self.rows for line in row)


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """`continued` are the lines (by `id`) that go on with the paragraph of the line before them."""

    grid: FilledGrid
    continued: frozenset[int] = frozenset()

    @property
    def lines(self) -> tuple[DetectedLine, ...]:
        return tuple(line for cell in self.grid.cells for line in cell.lines)


@dataclass(frozen=True, slots=True)
class PlacedPair:
    """A label, and the lines of its value."""

    name: DetectedLine
    value: tuple[DetectedLine, ...]

    @property
    def lines(self) -> tuple[DetectedLine, ...]:
        return (self.name, *self.value)


@dataclass(frozen=True, slots=True)
class PlacedTyping:
    """Lines whose structure is told by where they stand, as that of a printed page is."""

    lines: tuple[DetectedLine, ...]


@dataclass(frozen=True, slots=True)
class PlacedPicture:
    box: Box
    picture: PictureContent
    lines: tuple[DetectedLine, ...] = ()


Part = PlacedParagraph | PlacedTable | PlacedPair | PlacedTyping | PlacedPicture


@dataclass(frozen=True, slots=True)
class WrittenPage:
    """`parts` in reading order between `left` and `right`, `heads` and `feet` in the margins; `size` is the
    body type size."""

    width: float
    height: float
    left: float
    right: float
    size: float
    parts: tuple[Part, ...]
    heads: tuple[PlacedParagraph, ...] = ()
    feet: tuple[PlacedParagraph, ...] = ()

    @property
    def lines(self) -> tuple[DetectedLine, ...]:
        return tuple(line for part in (*self.heads, *self.parts, *self.feet) for line in part.lines)
