"""A page read from its text layer, and from its pictures where the layer says nothing of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocr.codes import find_codes, holds_little
from ocr.detection import DetectedLine, Ruling
from ocr.document import Box, TextSource
from ocr.engines import Engine
from ocr.filled_forms import FilledForm, filled_form, with_known_ticks, with_options
from ocr.pages import Pages
from ocr.raster import upright
from ocr.sanity import sane_lines
from ocr.scanned_page import recognized, rulings_of
from ocr.structure.answers import Answer, find_answers
from ocr.structure.figures import figure_sized
from ocr.structure.grid import find_grids
from ocr.structure.options import may_hold_ringed_options, with_ringed_options
from ocr.structure.page import PageText, build_page
from ocr.structure.rings import find_rings
from ocr.structure.seals import find_seals
from ocr.text_layer import TextLayer, lines, reading_turn, turned_box, turned_ruling
from ocr.trust import Verdict

LAYER_READER = "pdfium"
# Gray levels that a picture spans where it shows anything; all but its darkest and lightest specks for one
# without writing.
LEAST_TONES = 30
TONES = (5, 95)
# A recognised line that lines of the layer cover this far is read twice.
SAME_LINE = 0.3


def from_layer(layer: TextLayer, number: int, engine: Engine) -> PageText:
    """The page that `layer` tells all of; `engine` is the one that read some of its characters."""
    turn = reading_turn(layer)
    sideways = turn % 180 == 90
    width, height = (layer.height, layer.width) if sideways else (layer.width, layer.height)
    rulings = [turned_ruling(ruling, turn, layer.width, layer.height) for ruling in layer.rulings]
    form = _filled(layer, turn)
    detected, answers = _matched(form, form.printed, rulings)
    pictures = [turned_box(picture.box, turn, layer.width, layer.height) for picture in layer.pictures]
    return build_page(
        number=number,
        width=width,
        height=height,
        detected=detected,
        rulings=rulings,
        answers=answers,
        source=TextSource.MIXED if _was_read(layer) else TextSource.TEXT_LAYER,
        engine=engine.name if _was_read(layer) else LAYER_READER,
        rotation=turn,
        skew=0.0,
        figures=figure_sized(pictures, width, height),
    )


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


def from_both(pages: Pages, verdict: Verdict, number: int, engine: Engine) -> PageText:
    """The layer's lines, and what the engine reads in pictures and drawings where the layer says nothing."""
    layer = verdict.layer
    turn = reading_turn(layer)
    sideways = turn % 180 == 90
    form = _filled(layer, turn)
    written = [*form.printed, *(line for slot in form.slots for line in slot.lines)]
    added: list[DetectedLine] = []
    rulings = [turned_ruling(ruling, turn, layer.width, layer.height) for ruling in layer.rulings]
    seals: list[Box] = []
    figures: list[Box] = []
    drawn = [(region, pages.drawing(number, layer, region)) for region in verdict.drawn]
    shown = [(region, pages.region(number, layer, region)) for region in verdict.regions]
    for region, part in (*shown, *drawn):
        raster = upright(part, turn, 0.0)
        if np.ptp(raster.gray) < LEAST_TONES:
            continue
        place = turned_box(region, turn, layer.width, layer.height)
        found = find_seals(raster.pixels, raster.points_per_pixel)
        read = recognized(raster, engine, seals=found)
        if not read and np.ptp(np.percentile(raster.gray, TONES)) >= LEAST_TONES:
            figures.append(place)
        for line in read:
            moved = replace(line, box=line.box.moved(place.x0, place.y0))
            if sum(_overlap(moved.box, other.box) for other in written) <= SAME_LINE:
                added.append(moved)
        rulings.extend(ruling.moved(place.x0, place.y0) for ruling in rulings_of(raster, found))
        seals.extend(seal.moved(place.x0, place.y0) for seal in found)
    printed, added = with_known_ticks(form.printed, added, form.ticks)
    detected, answers = _matched(form, [*printed, *added], rulings)
    return build_page(
        number=number,
        width=layer.height if sideways else layer.width,
        height=layer.width if sideways else layer.height,
        detected=detected,
        rulings=rulings,
        source=TextSource.MIXED if added or _was_read(layer) else TextSource.TEXT_LAYER,
        engine=engine.name if added or _was_read(layer) else LAYER_READER,
        rotation=turn,
        skew=0.0,
        seals=seals,
        figures=figures,
        answers=answers,
    )


def with_codes(found: PageText, pages: Pages, layer: TextLayer) -> PageText:
    """The page with its codes where it holds little else: a layer says nothing of them."""
    if not holds_little(found.page):
        return found
    raster = upright(pages.raster(found.page.number, layer), found.page.rotation, 0.0)
    return replace(found, page=replace(found.page, codes=find_codes(raster)))


def _filled(layer: TextLayer, turn: int) -> FilledForm:
    return filled_form(layer, turn, lambda part: written_lines(part, turn))


def _matched(
    form: FilledForm, lines: Sequence[DetectedLine], rulings: Sequence[Ruling]
) -> tuple[tuple[DetectedLine, ...], tuple[Answer, ...]]:
    """The lines of a page that are part of no answer, and the answers of its form with their labels among
    `lines`; what lies in a ruled grid is left to the grid."""
    if not (form.slots or form.ticks):
        return tuple(lines), ()
    grids = [grid.box for grid in find_grids(rulings)]
    plain, options = with_options(lines, form.ticks)
    slots = [*form.slots, *options]
    ruled = [slot for slot in slots if any(grid.contains(*slot.box.center) for grid in grids)]
    inside = [line for line in plain if any(grid.contains(*line.box.center) for grid in grids)]
    outside = [line for line in plain if line not in inside]
    answers, free = find_answers([slot for slot in slots if slot not in ruled], outside)
    return (*inside, *free, *(line for slot in ruled for line in slot.lines)), answers


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
