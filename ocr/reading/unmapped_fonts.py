"""A page whose fonts do not tell all of its characters: asked of a second reader, then of the drawn page.

A font may have no map for its characters, a broken one, or one that tells something else than its glyphs
show. Where pdfium has no meaning for a character and pdfminer has one, that is taken. What neither knows, and
what is unlikely to stand in Japanese text, is read by OCR in the line that it stands in; the rest of the
layer stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from ocr.detection import DetectedLine
from ocr.document import Box, SourceReason
from ocr.engines.engine import Engine
from ocr.ink.page_ink import PageInk
from ocr.layers.layer_fonts import Doubts, doubts_about, is_meaningless
from ocr.layers.layer_parts import Character, is_blank
from ocr.layers.second_reader import ReadCharacter
from ocr.layers.text_layer import TextLayer, reading_turn, turned_box
from ocr.layers.trust import LayerVerdict, Trust, judge_page, without_hidden
from ocr.pdfs.pdf_seen import UNKNOWN
from ocr.proofreading.calibrated_confidence import MOST
from ocr.raster import Raster, upright
from ocr.reading.glyph_reading import Glyph, Strip, Told, agreed, strips_of, told_in
from ocr.reading.scanned_page import recognized
from ocr.sources.pages import Pages

# Faults of a whole layer that another reader may not find in it.
_OF_THE_MAPS = (SourceReason.NO_UNICODE_MAP, SourceReason.BAD_CHARACTERS, SourceReason.NOT_JAPANESE)
# Ems between the middles of one character as two readers place it; of the shorter side of a glyph, from which
# on it is another one.
SAME_PLACE = 0.5
SAME_MIDDLE = 0.4
CELL = 16.0  # points
# Gray levels (of 255) that a place spans where there is ink.
LEAST_TONES = 60
# Strips that are looked at to judge a font that tells nothing but unlikely signs.
FEW_STRIPS = 4
# Of the characters looked at that must look as the font tells them for it to be believed.
BELIEVED = 0.5
# Of a page's characters that its other fonts must tell for these to be kept.
ENOUGH_SOUND = 0.3
# Characters and strokes of a page that pdfminer reads in seconds.
MOST_READ_TWICE = 50_000
# Beyond so many strips the whole page is read at once.
MANY_STRIPS = 10


def judge_maps(layer: TextLayer, pages: Pages, number: int) -> LayerVerdict:
    """As `judge_page`; a layer whose maps are of no use is judged again as a second reader has them, and
    without the fonts that tell nothing where others say enough."""
    verdict = judge_page(layer)
    if verdict.trust is not Trust.PIXELS or verdict.reason not in _OF_THE_MAPS:
        return verdict
    other = with_readings(layer, second_readings(layer, pages, number), range(len(layer.characters)))
    again = judge_page(other)
    if again.trust is not Trust.PIXELS:
        good = again.reason is SourceReason.GOOD_LAYER
        return replace(again, reason=SourceReason.SECOND_READER) if good else again
    doubts = doubts_about(other)
    told = [c for at, c in enumerate(other.characters) if at not in doubts.meaningless | doubts.unlikely]
    every, sound = _count(other.characters), _count(told)
    if sound == every or sound < ENOUGH_SOUND * every:
        return verdict
    of_the_others = judge_page(replace(other, characters=tuple(told)))
    if of_the_others.trust is Trust.PIXELS:
        return verdict
    return replace(of_the_others, layer=without_hidden(other))


def _count(characters: Iterable[Character]) -> int:
    return sum(not (c.hidden or is_blank(c.text)) for c in characters)


def with_told_characters(verdict: LayerVerdict, pages: Pages, number: int, engine: Engine) -> LayerVerdict:
    """The verdict on a page that is read from its layer, with what its fonts do not tell as it looks.

    A character that nobody can read stays as it is told, with certainty 0. Raises ReadingError as drawing and
    the engine do.
    """
    if verdict.trust is Trust.PIXELS or not (doubts := doubts_about(verdict.layer)):
        return verdict
    layer = verdict.layer
    readings: tuple[ReadCharacter, ...] = ()
    if doubts.meaningless:
        readings = second_readings(layer, pages, number)
        layer = with_readings(layer, readings, doubts.meaningless)
        doubts = doubts_about(layer)
    if doubts:
        layer = _Looks(layer, readings, pages, number, engine).told(doubts)
    if layer == verdict.layer:
        return verdict
    if verdict.reason is not SourceReason.GOOD_LAYER:
        return replace(verdict, layer=layer)
    was_read = any(character.certainty < 1 for character in layer.characters)
    reason = SourceReason.BROKEN_FONT if was_read else SourceReason.SECOND_READER
    return replace(verdict, layer=layer, reason=reason)


def second_readings(layer: TextLayer, pages: Pages, number: int) -> tuple[ReadCharacter, ...]:
    """What a second reader makes of the page of `layer`; nothing where that would take it minutes."""
    drawn = len(layer.characters) + len(layer.rulings) + len(layer.sketches)
    return pages.readings(number) if drawn <= MOST_READ_TWICE else ()


def with_readings(layer: TextLayer, readings: Iterable[ReadCharacter], numbers: Collection[int]) -> TextLayer:
    """The layer with the characters of these `numbers` as another reader has them, where it knows them."""
    places = Places(readings)
    characters = list(layer.characters)
    for at in numbers:
        reading = places.at(characters[at])
        if reading is None or is_blank(reading.text):
            continue
        told = replace(characters[at], text=reading.text, unmapped=False)
        if not is_meaningless(told):
            characters[at] = told
    return replace(layer, characters=tuple(characters))


def with_left_out(layer: TextLayer, readings: Iterable[ReadCharacter], drawn: Raster) -> TextLayer:
    """The layer with what pdfium leaves out and has ink on the drawn page, as unknown characters at its end.

    Of several blanks in a row pdfium tells the first alone, and a broken font may call its figures blanks.
    """
    places = Places(ReadCharacter(c.text, c.box) for c in layer.characters)
    unknown = [c for c in layer.characters if UNKNOWN in c.text]
    if not unknown:
        return layer
    added = []
    for reading in readings:
        box = reading.box
        near = SAME_MIDDLE * min(box.width, box.height)
        if not is_blank(reading.text) or places.nearest(box, near) or not _has_ink(drawn, box):
            continue
        beside = min(unknown, key=lambda c: _apart(c.box, *box.center))
        row = beside.box if beside.box.y0 < box.center[1] < beside.box.y1 else box
        added.append(replace(beside, text=UNKNOWN, box=Box(box.x0, row.y0, box.x1, row.y1), piece=None))
    return replace(layer, characters=(*layer.characters, *added))


def _has_ink(drawn: Raster, box: Box) -> bool:
    pixels = box.scaled(1 / drawn.points_per_pixel)
    cut = drawn.pixels[
        max(int(pixels.y0), 0) : int(pixels.y1) + 1, max(int(pixels.x0), 0) : int(pixels.x1) + 1
    ]
    return bool(cut.size) and int(np.ptp(cut)) >= LEAST_TONES


class Places:
    """Readings by where they stand."""

    def __init__(self, readings: Iterable[ReadCharacter]) -> None:
        self._cells: dict[tuple[int, int], list[ReadCharacter]] = defaultdict(list)
        for reading in readings:
            x, y = reading.box.center
            self._cells[int(x // CELL), int(y // CELL)].append(reading)

    def at(self, character: Character) -> ReadCharacter | None:
        """The reading of the same place."""
        return self.nearest(character.box, SAME_PLACE * max(character.size, 1.0))

    def nearest(self, box: Box, near: float) -> ReadCharacter | None:
        """The reading whose middle is nearest to that of the box, within `near` points both ways."""
        x, y = box.center
        columns = {int((x - near) // CELL), int((x + near) // CELL)}
        rows = {int((y - near) // CELL), int((y + near) // CELL)}
        found = [r for column in columns for row in rows for r in self._cells.get((column, row), ())]
        nearest = min(found, key=lambda reading: _apart(reading.box, x, y), default=None)
        return nearest if nearest is not None and _apart(nearest.box, x, y) <= near else None


def _apart(box: Box, x: float, y: float) -> float:
    return max(abs(box.center[0] - x), abs(box.center[1] - y))


class _Looks:
    """A page whose characters are read as they look."""

    def __init__(
        self, layer: TextLayer, readings: Iterable[ReadCharacter], pages: Pages, number: int, engine: Engine
    ) -> None:
        self._turn = reading_turn(layer)
        self._engine = engine
        self._places = Places(readings)
        drawn = pages.raster(number, layer)
        self._raster = upright(drawn, self._turn, 0.0)
        self._known = len(layer.characters)
        self._layer = with_left_out(layer, readings, drawn)

    def told(self, doubts: Doubts) -> TextLayer:
        unlikely = self._overruled(doubts.unlikely) if doubts.unlikely else frozenset()
        added = range(self._known, len(self._layer.characters))
        unknown = doubts.meaningless | unlikely | frozenset(added)
        if not unknown:
            return self._layer
        glyphs = self._glyphs(unknown)
        strips = strips_of(glyphs.values())
        told = agreed(self._read(strips), glyphs)
        characters = list(self._layer.characters)
        for at in unknown:
            known = told.get(at)
            if known is None:
                characters[at] = replace(characters[at], certainty=0.0)
            else:
                certainty = min(known.certainty, MOST)
                characters[at] = replace(characters[at], text=known.text, certainty=certainty, unmapped=False)
        return replace(self._layer, characters=tuple(characters))

    def _overruled(self, unlikely: frozenset[int]) -> frozenset[int]:
        """Those of the unlikely characters whose font tells something else than some of them show."""
        by_font: dict[int, set[int]] = defaultdict(set)
        for at in unlikely:
            by_font[self._layer.characters[at].font].add(at)
        found: set[int] = set()
        for numbers in by_font.values():
            strips = strips_of(self._glyphs(numbers).values())
            told = self._read(sorted(strips, key=_how_sure, reverse=True)[:FEW_STRIPS])
            alike = sum(self._layer.characters[at].text == known.text for at, known in told.items())
            if told and alike < BELIEVED * len(told):
                found |= numbers
        return frozenset(found)

    def _glyphs(self, unknown: Collection[int]) -> dict[int, Glyph]:
        """The characters that can be read, those of `unknown` without their text."""
        layer = self._layer
        found = {}
        for at, character in enumerate(layer.characters):
            if character.hidden or character.turn != self._turn:
                continue
            if is_blank(character.text) and at not in unknown:
                continue
            box = turned_box(character.box, self._turn, layer.width, layer.height)
            text, kind = character.text, None
            if at in unknown:
                text, kind = "", self._kind(character)
            found[at] = Glyph(at, text, box, character.size, character.hangs, kind)
        return found

    def _kind(self, character: Character) -> tuple[int, str] | None:
        """What tells one glyph of a font from another: its code, as far as anyone tells it."""
        if "\ufffd" not in character.text:
            return (character.font, character.text)
        reading = self._places.at(character)
        return (character.font, reading.code) if reading is not None and reading.code else None

    def _read(self, strips: Sequence[Strip]) -> dict[int, Told]:
        told: dict[int, Told] = {}
        if len(strips) > MANY_STRIPS:
            lines: Sequence[DetectedLine] = recognized(PageInk(self._raster), self._engine)
        for strip in strips:
            if len(strips) <= MANY_STRIPS:
                lines = self._lines_in(strip.box)
            told.update(told_in(strip, [line for line in lines if _is_of(line, strip)]))
        return told

    def _lines_in(self, box: Box) -> list[DetectedLine]:
        raster = self._raster
        pixels = box.scaled(1 / raster.points_per_pixel)
        left, top = max(int(pixels.x0), 0), max(int(pixels.y0), 0)
        cut = raster.pixels[top : int(pixels.y1) + 1, left : int(pixels.x1) + 1]
        if not cut.size:
            return []
        across, down = left * raster.points_per_pixel, top * raster.points_per_pixel
        lines = recognized(PageInk(raster.with_pixels(cut)), self._engine)
        return [line.moved(across, down) for line in lines]


def _how_sure(strip: Strip) -> float:
    """The share of the strip's characters that are known."""
    return sum(bool(glyph.text) for glyph in strip.glyphs) / len(strip.glyphs)


def _is_of(line: DetectedLine, strip: Strip) -> bool:
    """Whether the line was read along the strip and not above or below it."""
    box = strip.box
    x, y = line.box.center
    if strip.vertical:
        return box.x0 < x < box.x1 and line.box.y0 < box.y1 and box.y0 < line.box.y1
    return box.y0 < y < box.y1 and line.box.x0 < box.x1 and box.x0 < line.box.x1
