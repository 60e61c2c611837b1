"""Why a text layer was believed, or was not: every character with what is held of it, every font, the
page."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ocr.layers.layer_fonts import doubts_about
from ocr.layers.layer_parts import Character, Font, is_blank
from ocr.layers.second_reader import ReadCharacter
from ocr.layers.text_layer import TextLayer
from ocr.layers.trust import LayerVerdict
from ocr.reading.drawn_writing import with_drawn_writing
from ocr.reading.unmapped_fonts import Places, judge_maps, second_readings
from ocr.sources.pages import Pages


class State(StrEnum):
    """What is held of a character: kept as it is told; hidden from the eye; meaning nothing, or unlikely to
    be what it is told as, and read by OCR instead."""

    KEPT = "kept"
    HIDDEN = "hidden"
    MEANINGLESS = "meaningless"
    UNLIKELY = "unlikely"


@dataclass(frozen=True, slots=True)
class FontReport:
    """A font of the page: how many of its characters are in which state, and the share (0–1) of those on
    which two readers agree, None where the second did not read them."""

    font: Font
    states: Counter[State]
    agreed: float | None


@dataclass(frozen=True, slots=True)
class LayerReport:
    """The layer of a page as it was found, the state of each of its characters, and what came of it."""

    layer: TextLayer
    states: tuple[State, ...]
    fonts: tuple[FontReport, ...]
    verdict: LayerVerdict


def report_on(pages: Pages, number: int) -> LayerReport | None:
    """What is held of the layer of page `number`; None for a page without one: a picture, or a PDF page that
    has no characters. Raises ReadingError as reading does."""
    layer = pages.layer(number)
    if layer is None or not any(not is_blank(character.text) for character in layer.characters):
        return None
    verdict = with_drawn_writing(judge_maps(layer, pages, number), pages, number)
    doubts = doubts_about(layer)
    states = tuple(
        _state(character, at in doubts.meaningless, at in doubts.unlikely)
        for at, character in enumerate(layer.characters)
    )
    return LayerReport(layer, states, _fonts(layer, states, second_readings(layer, pages, number)), verdict)


def _state(character: Character, meaningless: bool, unlikely: bool) -> State:
    if character.hidden:
        return State.HIDDEN
    if meaningless:
        return State.MEANINGLESS
    return State.UNLIKELY if unlikely else State.KEPT


def _fonts(
    layer: TextLayer, states: Sequence[State], readings: Sequence[ReadCharacter]
) -> tuple[FontReport, ...]:
    places = Places(readings)
    found = []
    for number, font in enumerate(layer.fonts):
        own = [at for at, c in enumerate(layer.characters) if c.font == number and not is_blank(c.text)]
        said = [(layer.characters[at], places.at(layer.characters[at])) for at in own]
        both = [_same(character, reading) for character, reading in said if reading is not None]
        agreed = sum(both) / len(both) if both else None
        found.append(FontReport(font, Counter(states[at] for at in own), agreed))
    return tuple(found)


def _same(character: Character, reading: ReadCharacter) -> bool:
    return unicodedata.normalize("NFKC", character.text) == unicodedata.normalize("NFKC", reading.text)
