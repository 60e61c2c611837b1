"""What was read, drawn over the page: where, in which order, how surely, and what belongs to what."""

from __future__ import annotations

from collections.abc import Sequence
from math import atan2, cos, pi, sin

from PIL import Image, ImageChops, ImageDraw, ImageFont

from ocr.document import BlockKind, Box, Field, Page

Colour = tuple[int, int, int]
Point = tuple[float, float]

SURE, DOUBTFUL = 0.95, 0.80  # confidences from which a line is drawn green, orange; red below
GREEN, ORANGE, RED = (0, 140, 60), (230, 130, 0), (215, 30, 30)
CELL, ARROW, PAPER = (120, 150, 200), (20, 70, 200), (255, 255, 255)
MARKER = (255, 240, 90)
KINDS: dict[BlockKind, Colour] = {
    BlockKind.HEADING: (150, 0, 150),
    BlockKind.PARAGRAPH: (90, 90, 90),
    BlockKind.LIST_ITEM: (0, 120, 120),
    BlockKind.TABLE: (20, 70, 200),
    BlockKind.FIELD: (20, 70, 200),
    BlockKind.HEADER: (150, 110, 40),
    BlockKind.FOOTER: (150, 110, 40),
    BlockKind.STAMP: (200, 0, 60),
    BlockKind.FIGURE: (60, 100, 60),
}
TYPE_SIZE = 7.0  # points
STROKE = 0.7
ARROW_HEAD = 5.0


def draw(page: Page, image: Image.Image, marked: Sequence[Box] = ()) -> Image.Image:
    """A copy of `image`, the upright page, as RGB with what `page` says drawn on it.

    `marked` boxes are coloured as with a highlighter. Cells are outlined in pale blue; blocks in the colour
    of their kind, which is written at their top right; lines in green, orange or red as they are sure,
    doubtful or poor, numbered in reading order; an arrow leads from the name of each field to its value.
    All text in the picture is ASCII.
    """
    canvas = _Canvas(image, image.width / page.width)
    for box in marked:
        canvas.mark(box)
    for table in page.tables:
        for cell in table.cells:
            canvas.box(cell.box, CELL)
    for block in page.blocks:
        canvas.box(block.box, KINDS[block.kind], margin=1.5)
        canvas.write((block.box.x1, block.box.y0), block.kind.value, KINDS[block.kind], right=True)
    for number, line in enumerate(page.lines, 1):
        colour = confidence_colour(line.confidence)
        canvas.box(line.box, colour)
        canvas.write((line.box.x0, line.box.y0), str(number), colour)
    for field in page.fields:
        canvas.arrow(*arrow_of(field))
    return canvas.image


def confidence_colour(confidence: float) -> Colour:
    if confidence >= SURE:
        return GREEN
    return ORANGE if confidence >= DOUBTFUL else RED


def arrow_of(field: Field) -> tuple[Point, Point]:
    """From the edge of the name to the edge of the value that faces it, in points."""
    name, value = field.name_box, field.value_box
    if value.y0 >= name.center[1]:
        x = min(max(name.center[0], value.x0), value.x1)
        return (name.center[0], name.y1), (x, value.y0)
    if value.x1 <= name.x0:
        return (name.x0, name.center[1]), (value.x1, value.center[1])
    y = min(max(name.center[1], value.y0), value.y1)
    return (name.x1, name.center[1]), (value.x0, y)


class _Canvas:
    """Draws in page points on a copy of an image."""

    def __init__(self, image: Image.Image, scale: float) -> None:
        self.image = image.convert("RGB")
        self._draw = ImageDraw.Draw(self.image)
        self._scale = scale
        self._stroke = max(round(STROKE * scale), 1)
        self._font = ImageFont.load_default(max(TYPE_SIZE * scale, 8.0))

    def box(self, box: Box, colour: Colour, *, margin: float = 0.0) -> None:
        k = self._scale
        corners = (
            (box.x0 - margin) * k,
            (box.y0 - margin) * k,
            (box.x1 + margin) * k,
            (box.y1 + margin) * k,
        )
        self._draw.rectangle(corners, outline=colour, width=self._stroke)

    def mark(self, box: Box) -> None:
        k = self._scale
        corners = (round(box.x0 * k), round(box.y0 * k), round(box.x1 * k) + 1, round(box.y1 * k) + 1)
        paper = self.image.crop(corners)
        # Multiplied, so that the ink under the colour stays black.
        self.image.paste(ImageChops.multiply(paper, Image.new("RGB", paper.size, MARKER)), corners[:2])

    def write(self, at: Point, text: str, colour: Colour, *, right: bool = False) -> None:
        """The text on paper white, its lower left (or right) corner at the point."""
        place = (at[0] * self._scale, at[1] * self._scale)
        anchor = "rb" if right else "lb"
        self._draw.rectangle(self._draw.textbbox(place, text, self._font, anchor=anchor), fill=PAPER)
        self._draw.text(place, text, fill=colour, font=self._font, anchor=anchor)

    def arrow(self, start: Point, end: Point) -> None:
        x0, y0, x1, y1 = (value * self._scale for value in (*start, *end))
        self._draw.line((x0, y0, x1, y1), fill=ARROW, width=2 * self._stroke)
        direction, size = atan2(y1 - y0, x1 - x0), ARROW_HEAD * self._scale
        wings = [
            (x1 - size * cos(direction + turn), y1 - size * sin(direction + turn))
            for turn in (-pi / 7, pi / 7)
        ]
        self._draw.polygon([(x1, y1), *wings], fill=ARROW)
