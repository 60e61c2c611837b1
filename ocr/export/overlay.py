"""A page with everything that was found drawn over it, for eyes to check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, sin

from PIL import Image, ImageChops, ImageDraw, ImageFont

from ocr.document import Box, Field, Line, Page
from ocr.export.overlay_legend import (
    ARROW,
    CELL,
    EVIDENCE,
    EVIDENCE_LABEL,
    KINDS,
    RED,
    Colour,
    confidence_colour,
    japanese_typeface,
    with_legend,
)  # fmt: skip

Point = tuple[float, float]

TYPE_SIZE, SMALL_TYPE_SIZE = 6.0, 4.5  # points
STROKE = 0.6
ARROW_HEAD = 4.0
BAR_MARGIN = 0.35  # of a character's size
TINT = 0.12  # how much of a block's colour its paper takes on


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of evidence, and the label that it proves; "" where that is not to be written."""

    box: Box
    label: str = ""


def draw(
    page: Page, image: Image.Image, marks: Sequence[Mark] = (), hidden: Sequence[Box] = ()
) -> Image.Image:
    """A copy of `image`, the upright page, as RGB with what `page` says drawn on it and a legend below.

    `marks` are coloured as with a highlighter, their labels above them. Blocks are tinted and outlined in the
    colour of their kind; the cells of tables are outlined and told by row and column, from 1; lines are
    outlined in green, orange or red as they are sure, doubtful or poor, and numbered in reading order; an
    arrow leads from the name of each field to its value. A black bar covers `hidden` boxes, and a little
    beside them: where a character stands in its line is an estimate.
    """
    canvas = _Canvas(image, image.width / page.width)
    for block in page.blocks:
        canvas.tint(block.box, KINDS[block.kind])
    for mark in marks:
        canvas.colour(mark.box, EVIDENCE)
    for table in page.tables:
        for cell in table.cells:
            canvas.box(cell.box, CELL)
            place = (cell.box.x0 + 1, cell.box.y0 + 1)
            canvas.write(place, f"{cell.row + 1},{cell.column + 1}", CELL, anchor="lt", small=True)
    for block in page.blocks:
        canvas.box(block.box, KINDS[block.kind], margin=1.5)
    for field in page.fields:
        canvas.arrow(*arrow_of(field))
    for number, line in enumerate(page.lines, 1):
        colour = RED if line.doubtful else confidence_colour(line.confidence)
        canvas.box(line.box, colour)
        _write_number(canvas, line, number, colour)
    for mark in marks:
        canvas.label((mark.box.x0, mark.box.y0 - STROKE), mark.label)
    for box in hidden:
        canvas.bar(box)
    return with_legend(canvas.image, page, bool(marks))


def _write_number(canvas: _Canvas, line: Line, number: int, colour: Colour) -> None:
    """Where there is least ink: above a column, at the end of a line (arrows lead to its start)."""
    if line.vertical:
        canvas.write((line.box.center[0], line.box.y0 - 0.5), str(number), colour, anchor="mb")
    else:
        canvas.write((line.box.x1 + 1.5, line.box.center[1]), str(number), colour, anchor="lm")


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
        self._small_font = ImageFont.load_default(max(SMALL_TYPE_SIZE * scale, 7.0))

    def box(self, box: Box, colour: Colour, *, margin: float = 0.0) -> None:
        k = self._scale
        corners = (
            (box.x0 - margin) * k,
            (box.y0 - margin) * k,
            (box.x1 + margin) * k,
            (box.y1 + margin) * k,
        )
        self._draw.rectangle(corners, outline=colour, width=self._stroke)

    def tint(self, box: Box, colour: Colour) -> None:
        red, green, blue = (round(255 - TINT * (255 - value)) for value in colour)
        self.colour(box, (red, green, blue))

    def colour(self, box: Box, colour: Colour) -> None:
        """Colours the paper; ink stays as black as it is."""
        k = self._scale
        corners = (round(box.x0 * k), round(box.y0 * k), round(box.x1 * k) + 1, round(box.y1 * k) + 1)
        paper = self.image.crop(corners)
        self.image.paste(ImageChops.multiply(paper, Image.new("RGB", paper.size, colour)), corners[:2])

    def bar(self, box: Box) -> None:
        k, margin = self._scale, BAR_MARGIN * min(box.width, box.height)
        corners = ((box.x0 - margin) * k, (box.y0 - margin) * k, (box.x1 + margin) * k, (box.y1 + margin) * k)
        self._draw.rectangle(corners, fill="black")

    def write(self, at: Point, text: str, colour: Colour, *, anchor: str, small: bool = False) -> None:
        place = (at[0] * self._scale, at[1] * self._scale)
        font = self._small_font if small else self._font
        self._draw.text(place, text, fill=colour, font=font, anchor=anchor)

    def label(self, at: Point, text: str) -> None:
        """Words above a stretch; nothing where the machine has no Japanese typeface to write them in."""
        font = japanese_typeface(round(max(TYPE_SIZE * self._scale, 8.0)))
        if font is not None:
            place = (at[0] * self._scale, at[1] * self._scale)
            self._draw.text(place, text, fill=EVIDENCE_LABEL, font=font, anchor="lb")

    def arrow(self, start: Point, end: Point) -> None:
        x0, y0, x1, y1 = (value * self._scale for value in (*start, *end))
        self._draw.line((x0, y0, x1, y1), fill=ARROW, width=2 * self._stroke)
        direction, size = atan2(y1 - y0, x1 - x0), ARROW_HEAD * self._scale
        wings = [
            (x1 - size * cos(direction + turn), y1 - size * sin(direction + turn))
            for turn in (-pi / 7, pi / 7)
        ]
        self._draw.polygon([(x1, y1), *wings], fill=ARROW)
