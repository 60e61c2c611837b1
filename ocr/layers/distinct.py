"""Characters of a text layer that are there to be read: each once, none without a body.

Programs draw a text twice for a bold look or a shadow, and some draw a whole page twice, one pass over the
other. Format characters (Unicode's Cf, zero-width blanks above all) say how to break and shape a text. One
glyph may stand for several characters: a ligature, a letter with its mark.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from ocr.layers.layer_parts import Character, only_shapes_text
from ocr.layers.symbol_fonts import SIGNS

SAME_PLACE = 0.12  # ems between a character and its shadow
SAME_PLACE_OF_NARROW = 0.4  # of its own width, where that is less: the l of "ll" are two
SAME_SIZE = 0.1  # of the larger size
_CELL = 8.0  # points
_SOFT_HYPHEN = "\u00ad"
_LIGATURES = frozenset("ﬀﬁﬂﬃﬄﬅﬆ")


def distinct(characters: Iterable[Character]) -> list[Character]:
    """The characters in drawing order without format characters, and each that is drawn again at its own
    place once: as it is seen, where one of them is hidden."""
    kept: list[Character] = []
    places: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    for character in map(_shown, characters):
        if character is None:
            continue
        if kept and _is_of_one_glyph(kept[-1], character):
            kept[-1] = replace(kept[-1], text=kept[-1].text + character.text)
            continue
        x, y = character.box.center
        at = _twin(character, x, y, kept, places)
        if at is None:
            places[character.text, int(x // _CELL), int(y // _CELL)].append(len(kept))
            kept.append(character)
        elif kept[at].hidden and not character.hidden:
            kept[at] = character
    return kept


def _shown(character: Character) -> Character | None:
    """None for a character that only tells how to set others; a hyphen where a soft one is printed, the
    letters of a ligature, the sign of a symbol font."""
    if character.text.isascii():
        return character
    if character.text in _LIGATURES:
        return replace(character, text=unicodedata.normalize("NFKC", character.text))
    if character.text in SIGNS:
        return replace(character, text=SIGNS[character.text])
    if not only_shapes_text(character.text):
        return character
    if character.text == _SOFT_HYPHEN and min(character.box.width, character.box.height) > 0:
        return replace(character, text="-")
    return None


def _is_of_one_glyph(before: Character, character: Character) -> bool:
    """Whether both were drawn by one glyph of one string."""
    drawn = character.piece is not None and character.piece == before.piece
    return drawn and character.box == before.box and character.text != before.text


def _twin(
    character: Character,
    x: float,
    y: float,
    kept: list[Character],
    places: dict[tuple[str, int, int], list[int]],
) -> int | None:
    """Where in `kept` the same character at the same place is."""
    along = character.box.height if character.hangs or character.turn % 180 else character.box.width
    near = min(SAME_PLACE * max(character.size, 1.0), SAME_PLACE_OF_NARROW * along or SAME_PLACE)
    columns = {int((x - near) // _CELL), int((x + near) // _CELL)}
    rows = {int((y - near) // _CELL), int((y + near) // _CELL)}
    for column in columns:
        for row in rows:
            for at in places.get((character.text, column, row), ()):
                other = kept[at]
                other_x, other_y = other.box.center
                alike = abs(other.size - character.size) <= SAME_SIZE * max(other.size, character.size)
                if abs(other_x - x) <= near and abs(other_y - y) <= near and alike:
                    return at
    return None
