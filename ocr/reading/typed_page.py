"""A page read from its text layer, and from its pictures where the layer says nothing of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ocr.detection import DetectedLine, Ruling
from ocr.document import Box, Page, TextSource
from ocr.engines.engine import Engine
from ocr.grids.ruled_lines import RuledLines
from ocr.ink.codes import find_codes, holds_little
from ocr.ink.figures import figure_sized
from ocr.ink.page_ink import PageInk
from ocr.ink.ringed_options import may_hold_ringed_options, with_ringed_options
from ocr.ink.rings import find_rings
from ocr.labels.form_answers import Answer, find_answers
from ocr.layers.text_layer import TextLayer, lines, reading_turn, turned_box, turned_ruling
from ocr.layers.trust import LayerVerdict
from ocr.layers.watermarks import Slanted, part_slanted
from ocr.layout.page import PageText, build_page, empty_page
from ocr.layout.page_elements import PageElements
from ocr.proofreading.sanity import sane_lines
from ocr.raster import Raster, upright
from ocr.reading.filled_forms import FilledForm, filled_form, with_known_ticks, with_options
from ocr.reading.scanned_page import recognized, seals_of
from ocr.sources.pages import Pages
from ocr.stamps import lift_stamps, read_stamp

LAYER_READER = "pdfium"
# Gray levels that a picture spans where it shows anything; all but its darkest and lightest specks for one
# without writing.
LEAST_TONES = 30
TONES = (5, 95)
# A recognised line that lines of the layer cover this far is read twice.
SAME_LINE = 0.3


def from_layer(layer: TextLayer, number: int, engine: Engine) -> PageText:
    """The page that `layer` tells all of; `engine` is the one that read some of its characters."""
    slanted = part_slanted(layer)
    layer = slanted.layer
    turn = reading_turn(layer)
    source = TextSource.MIXED if _was_read(layer) else TextSource.TEXT_LAYER
    page = _page(layer, number, turn, source, engine)
    ruled = RuledLines(_rulings(layer, turn))
    form = _filled(layer, turn)
    detected, answers = _matched(form, [*form.printed, *_labels(slanted, turn)], ruled)
    pictures = [turned_box(picture.box, turn, layer.width, layer.height) for picture in layer.pictures]
    figures = figure_sized(pictures, page.width, page.height)
    imprints = _watermarks(slanted, turn)
    return build_page(
        page, PageElements(detected, ruled, imprints=imprints, figures=figures, answers=answers)
    )


def _page(layer: TextLayer, number: int, turn: int, source: TextSource, engine: Engine) -> Page:
    """The page of the layer, turned clockwise by `turn`, without anything on it."""
    sideways = turn % 180 == 90
    width, height = (layer.height, layer.width) if sideways else (layer.width, layer.height)
    reader = engine.name if source is TextSource.MIXED else LAYER_READER
    return empty_page(number, width, height, source, reader, turn)


def _rulings(layer: TextLayer, turn: int) -> tuple[Ruling, ...]:
    return tuple(turned_ruling(ruling, turn, layer.width, layer.height) for ruling in layer.rulings)


def written_lines(layer: TextLayer, turn: int) -> tuple[DetectedLine, ...]:
    """The lines of the layer after the page is turned clockwise by `turn`, each as sure as the least sure of
    its characters."""
    found = tuple(sane_lines(lines(layer, turn)))
    doubtful = [
        (turned_box(character.box, turn, layer.width, layer.height).center, character.certainty)
        for character in layer.characters
        if character.certainty < 1
    ]
    if not doubtful:
        return found
    sure = (min((c for place, c in doubtful if line.box.contains(*place)), default=1.0) for line in found)
    return tuple(replace(line, confidence=c) for line, c in zip(found, sure, strict=True))


def _was_read(layer: TextLayer) -> bool:
    """Whether an engine read some of the layer's characters."""
    return any(character.certainty < 1 for character in layer.characters)


def from_both(pages: Pages, verdict: LayerVerdict, number: int, engine: Engine) -> PageText:
    """The layer's lines, and what the engine reads in pictures and drawings where the layer says nothing."""
    slanted = part_slanted(verdict.layer)
    layer = slanted.layer
    turn = reading_turn(layer)
    form = _filled(layer, turn)
    labels = _labels(slanted, turn)
    written = [*form.printed, *labels, *(line for slot in form.slots for line in slot.lines)]
    parts = list(_parts(pages, verdict, layer, turn, number, engine))
    added = [
        line
        for part in parts
        for line in part.lines
        if sum(_overlap(line.box, other.box) for other in written) <= SAME_LINE
    ]
    ruled = RuledLines(_rulings(layer, turn)) + tuple(ruling for part in parts for ruling in part.rulings)
    printed, added = with_known_ticks(form.printed, added, form.ticks)
    detected, answers = _matched(form, [*printed, *labels, *added], ruled)
    source = TextSource.MIXED if added or _was_read(layer) else TextSource.TEXT_LAYER
    found = PageElements(
        lines=detected,
        ruled=ruled,
        seals=[seal for part in parts for seal in part.seals],
        imprints=[*_watermarks(slanted, turn), *(imprint for part in parts for imprint in part.imprints)],
        figures=[part.place for part in parts if part.is_figure],
        answers=answers,
    )
    return build_page(_page(layer, number, turn, source, engine), found)


@dataclass(frozen=True, slots=True)
class _ReadRegion:
    """What is read and found in a part of a page, at `place`; all boxes are those of the upright page."""

    place: Box
    lines: tuple[DetectedLine, ...]
    rulings: tuple[Ruling, ...]
    seals: tuple[Box, ...]
    imprints: tuple[tuple[DetectedLine, ...], ...]
    is_figure: bool


def _parts(
    pages: Pages, verdict: LayerVerdict, layer: TextLayer, turn: int, number: int, engine: Engine
) -> Iterator[_ReadRegion]:
    """The parts of the page that the layer says nothing of: pictures, and writing that is drawn."""
    drawn = ((region, pages.drawing(number, layer, region)) for region in verdict.drawn)
    shown = ((region, pages.region(number, layer, region)) for region in verdict.regions)
    for region, part in (*shown, *drawn):
        raster = upright(part, turn, 0.0)
        if np.ptp(raster.gray) >= LEAST_TONES:
            yield _read_part(raster, turned_box(region, turn, layer.width, layer.height), engine)


def _read_part(original: Raster, place: Box, engine: Engine) -> _ReadRegion:
    lifted = lift_stamps(original)
    raster, scale = lifted.raster, lifted.raster.points_per_pixel
    imprints = (read_stamp(stamp, engine, scale) for stamp in lifted.stamps)
    ink = PageInk(raster, seals=seals_of(lifted))
    read = lifted.doubted(recognized(ink, engine))
    shows_something = np.ptp(np.percentile(raster.gray, TONES)) >= LEAST_TONES

    def moved(lines: Iterable[DetectedLine]) -> tuple[DetectedLine, ...]:
        return tuple(line.moved(place.x0, place.y0) for line in lines)

    return _ReadRegion(
        place=place,
        lines=moved(read),
        rulings=tuple(ruling.moved(place.x0, place.y0) for ruling in ink.ruled.rulings),
        seals=tuple(seal.moved(place.x0, place.y0) for seal in ink.seals),
        imprints=tuple(map(moved, imprints)),
        is_figure=not read and bool(shows_something),
    )


def _labels(slanted: Slanted, turn: int) -> tuple[DetectedLine, ...]:
    """The slanted labels of a page after it is turned clockwise by `turn`."""
    return tuple(sane_lines(_turned_line(label, slanted.layer, turn) for label in slanted.labels))


def _watermarks(slanted: Slanted, turn: int) -> list[list[DetectedLine]]:
    return [[_turned_line(mark, slanted.layer, turn)] for mark in slanted.watermarks]


def _turned_line(line: DetectedLine, layer: TextLayer, turn: int) -> DetectedLine:
    """Where the line lies after the page of `layer` is turned clockwise by `turn`."""
    return replace(line, box=turned_box(line.box, turn, layer.width, layer.height))


def with_codes(found: PageText, pages: Pages, layer: TextLayer) -> PageText:
    """The page with its codes where it holds little else: a layer says nothing of them."""
    if not holds_little(found.page):
        return found
    raster = upright(pages.raster(found.page.number, layer), found.page.rotation, 0.0)
    return replace(found, page=replace(found.page, codes=find_codes(raster)))


def _filled(layer: TextLayer, turn: int) -> FilledForm:
    return filled_form(layer, turn, lambda part: written_lines(part, turn))


def _matched(
    form: FilledForm, lines: Sequence[DetectedLine], ruled: RuledLines
) -> tuple[tuple[DetectedLine, ...], tuple[Answer, ...]]:
    """The lines of a page that are part of no answer, and the answers of its form with their labels among
    `lines`; what lies in a ruled grid is left to the grid."""
    if not (form.slots or form.ticks):
        return tuple(lines), ()
    plain, options = with_options(lines, form.ticks)
    slots = [*form.slots, *options]
    in_grids = [slot for slot in slots if any(grid.contains(*slot.box.center) for grid in ruled.tables)]
    inside = [line for line in plain if any(grid.contains(*line.box.center) for grid in ruled.tables)]
    outside = [line for line in plain if line not in inside]
    answers, free = find_answers([slot for slot in slots if slot not in in_grids], outside)
    return (*inside, *free, *(line for slot in in_grids for line in slot.lines)), answers


def with_drawn_rings(found: PageText, pages: Pages, layer: TextLayer) -> PageText:
    """The page with its ringed options: a layer has the words, but not what is drawn around them."""
    if not may_hold_ringed_options(found.page):
        return found
    raster = upright(pages.raster(found.page.number, layer), found.page.rotation, 0.0)
    rings = [ring.box for ring in find_rings(raster.gray, raster.points_per_pixel)]
    return replace(found, page=with_ringed_options(found.page, rings))


def _overlap(box: Box, other: Box) -> float:
    """The share of `box` that `other` covers."""
    common = box.common(other)
    return 0.0 if common is None else common.area / max(box.area, 1e-6)
