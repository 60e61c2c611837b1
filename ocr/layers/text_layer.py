"""The text layer of a PDF page, and the lines that its characters form.

Pure functions on plain data; `ocr.pdfs.pdf_layer` fills it. Boxes are points, origin top left, page as
displayed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ocr.detection import DetectedLine, Ruling
from ocr.document import Box
from ocr.layers.layer_parts import Character, Font, Picture
from ocr.layers.line_assembly import upright_lines
from ocr.layers.widgets import Widget


@dataclass(frozen=True, slots=True)
class TextLayer:
    """What a PDF page says of itself; `width` and `height` in points, characters in drawing order, those that
    are hidden last.

    `lost` counts pieces of vertical text in a typeface that neither the PDF nor this machine has: nothing is
    drawn of them, and no character is known. `sketches` are the boxes of drawings that may be letters,
    `widgets` the fields of a form.
    """

    width: float
    height: float
    characters: tuple[Character, ...]
    rulings: tuple[Ruling, ...]
    pictures: tuple[Picture, ...]
    lost: int = 0
    fonts: tuple[Font, ...] = ()
    sketches: tuple[Box, ...] = ()
    widgets: tuple[Widget, ...] = ()


def reading_turn(layer: TextLayer) -> int:
    """The clockwise turn (0, 90, 180, 270) in which most of the characters stand upright."""
    turns = Counter(character.turn for character in layer.characters if character.text.strip())
    return turns.most_common(1)[0][0] if turns else 0


def turned_box(box: Box, turn: int, width: float, height: float) -> Box:
    """Where `box` lies after a page of `width` x `height` is turned clockwise by `turn`."""
    match turn % 360:
        case 90:
            return Box(height - box.y1, box.x0, height - box.y0, box.x1)
        case 180:
            return Box(width - box.x1, height - box.y1, width - box.x0, height - box.y0)
        case 270:
            return Box(box.y0, width - box.x1, box.y1, width - box.x0)
        case _:
            return box


def turned_ruling(ruling: Ruling, turn: int, width: float, height: float) -> Ruling:
    box = turned_box(Box(ruling.x0, ruling.y0, ruling.x1, ruling.y1), turn, width, height)
    return Ruling(box.x0, box.y0, box.x1, box.y1)


def lines(layer: TextLayer, page_turn: int) -> tuple[DetectedLine, ...]:
    """The written lines of the page after it is turned clockwise by `page_turn`, confidence 1."""
    found: list[DetectedLine] = []
    for turn in sorted({character.turn for character in layer.characters}):
        sideways = turn % 180 == 90
        width, height = (layer.height, layer.width) if sideways else (layer.width, layer.height)
        rulings = [turned_ruling(ruling, turn, layer.width, layer.height) for ruling in layer.rulings]
        characters = [
            Character(c.text, turned_box(c.box, turn, layer.width, layer.height), c.size, turn, c.hangs)
            for c in layer.characters
            if c.turn == turn
        ]
        for line in upright_lines(characters, rulings):
            box = turned_box(line.box, (page_turn - turn) % 360, width, height)
            found.append(DetectedLine(line.text, box, 1.0, line.vertical))
    return tuple(found)
