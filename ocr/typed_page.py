"""A page read from its text layer, and from its pictures where the layer says nothing of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ocr.detection import DetectedLine
from ocr.document import Box, TextSource
from ocr.engines import Engine
from ocr.pages import Pages
from ocr.raster import upright
from ocr.sanity import sane_lines
from ocr.scanned_page import recognized, rulings_of
from ocr.structure.figures import figure_sized
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


def from_layer(layer: TextLayer, number: int) -> PageText:
    """The page that `layer` tells all of."""
    turn = reading_turn(layer)
    sideways = turn % 180 == 90
    width, height = (layer.height, layer.width) if sideways else (layer.width, layer.height)
    pictures = [turned_box(picture.box, turn, layer.width, layer.height) for picture in layer.pictures]
    return build_page(
        number=number,
        width=width,
        height=height,
        detected=tuple(sane_lines(lines(layer, turn))),
        rulings=[turned_ruling(ruling, turn, layer.width, layer.height) for ruling in layer.rulings],
        source=TextSource.TEXT_LAYER,
        engine=LAYER_READER,
        rotation=turn,
        skew=0.0,
        figures=figure_sized(pictures, width, height),
    )


def from_both(pages: Pages, verdict: Verdict, number: int, engine: Engine) -> PageText:
    """The layer's lines, and what the engine reads in pictures where the layer says nothing."""
    layer = verdict.layer
    turn = reading_turn(layer)
    sideways = turn % 180 == 90
    written = tuple(sane_lines(lines(layer, turn)))
    added: list[DetectedLine] = []
    rulings = [turned_ruling(ruling, turn, layer.width, layer.height) for ruling in layer.rulings]
    seals: list[Box] = []
    figures: list[Box] = []
    for region in verdict.regions:
        raster = upright(pages.region(number, layer, region), turn, 0.0)
        if np.ptp(raster.gray) < LEAST_TONES:
            continue
        place = turned_box(region, turn, layer.width, layer.height)
        found = find_seals(raster.pixels, raster.points_per_pixel)
        read = recognized(raster, engine, seals=found)
        if not read and np.ptp(np.percentile(raster.gray, TONES)) >= LEAST_TONES:
            figures.append(place)
        for line in read:
            moved = line.moved(place.x0, place.y0)
            if sum(_overlap(moved.box, other.box) for other in written) <= SAME_LINE:
                added.append(moved)
        rulings.extend(ruling.moved(place.x0, place.y0) for ruling in rulings_of(raster, found))
        seals.extend(seal.moved(place.x0, place.y0) for seal in found)
    return build_page(
        number=number,
        width=layer.height if sideways else layer.width,
        height=layer.width if sideways else layer.height,
        detected=(*written, *added),
        rulings=rulings,
        source=TextSource.MIXED if added else TextSource.TEXT_LAYER,
        engine=engine.name if added else LAYER_READER,
        rotation=turn,
        skew=0.0,
        seals=seals,
        figures=figures,
    )


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
