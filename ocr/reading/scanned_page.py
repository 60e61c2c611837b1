"""A page read from its pixels: cleaned, recognised, and put in order with what else is drawn on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from math import ceil
from typing import Any

from ocr.cleaning.cleanup import CleanPage, clean, is_blank
from ocr.cleaning.handwriting import handwriting
from ocr.detection import DetectedLine, Ruling
from ocr.document import BlockKind, Box, SourceReason, TextSource
from ocr.engines.engine import Engine, ReadsLines
from ocr.engines.ppocr.engine import models
from ocr.engines.second_engine import first_of, second_look
from ocr.grids.grid import find_grids
from ocr.ink.check_boxes import find_check_boxes, may_bear_check_boxes, with_check_boxes
from ocr.ink.codes import find_codes, holds_little
from ocr.ink.dark_areas import with_dark_areas
from ocr.ink.figures import find_figures
from ocr.ink.options import with_parted_options, with_ringed_options
from ocr.ink.rings import Ring, find_rings, without_rings
from ocr.ink.rulings import find_rulings
from ocr.ink.seals import covering, find_seals, without_seals
from ocr.ink.unexplained import unexplained_ink
from ocr.layout.page import PageText, build_page
from ocr.proofreading.confidence import with_ink
from ocr.proofreading.proofreading import proofread
from ocr.proofreading.sanity import sane_lines
from ocr.raster import Raster
from ocr.reading.leftovers import with_leftovers
from ocr.reading.passed_over import with_passed_over_marks
from ocr.reading.spacing import well_spaced
from ocr.stamps import lift_stamps, read_stamp


def from_pixels(original: Raster, number: int, engine: Engine, reason: SourceReason) -> PageText:
    """The page that `original` shows, as `engine` and its second engine, where it has one, read it.

    `reason` says why its pixels are read; a page without writing is blank for that reason alone.
    """
    if is_blank(original):
        empty = _built(number, CleanPage(original), (), TextSource.BLANK, engine)
        return _told(empty, reason=SourceReason.BLANK_PAGE)
    page = clean(original, models())
    scale = page.raster.points_per_pixel
    lifted = lift_stamps(page.raster)
    page = replace(page, raster=lifted.raster)
    rings = find_rings(page.raster.gray, scale)
    seals = (*find_seals(page.raster.pixels, scale), *(s.box for s in lifted.stamps if s.alone))

    def read_by(asked: Engine) -> tuple[DetectedLine, ...]:
        return lifted.doubted(recognized(page.raster, asked, rings, seals))

    found = read_by(engine)
    imprints = [read_stamp(stamp, engine, scale) for stamp in lifted.stamps]
    turned = {
        "rotation_confidence": page.rotation_confidence,
        "skew_confidence": page.skew_confidence,
        "corners": page.corners,
    }
    if not any(character.isalnum() for line in chain(found, *imprints) for character in line.text):
        # Punch holes and stains are read as dots and dashes, and so are bar codes.
        empty = _built(number, page, (), TextSource.BLANK, engine)
        told = _told(empty, reason=SourceReason.BLANK_PAGE, codes=find_codes(page.raster), **turned)
        return _with_ink(told, page.raster, [line.box for line in found])
    opinion = second_look(engine, found, scale, read_by)
    rulings = rulings_of(page.raster, seals)
    kept = with_passed_over_marks(page.raster, opinion.lines)
    if grids := find_grids(rulings):
        bare = Raster(without_rings(page.raster.pixels, rings, scale), scale)
        reader = partial(_read_boxes, bare, first_of(opinion.engine))
        kept = with_leftovers(bare, kept, grids, seals, reader)
    read = _built(number, page, kept, TextSource.OCR, opinion.engine, seals, rulings, imprints)
    found_there = ([line.box for line in kept], [r.box for r in rulings], [ring.box for ring in rings], seals)
    read = _with_ink(read, page.raster, list(chain.from_iterable(found_there)))
    ringed = replace(read, page=with_ringed_options(read.page, [ring.box for ring in rings]))
    by_hand = handwriting(page.raster, kept)
    codes = find_codes(page.raster) if holds_little(read.page) else ()
    of_page = {"passed_over": opinion.passed_over, "handwriting": by_hand, "codes": codes, **turned}
    return _told(ringed, reason=reason, **of_page)


def _with_ink(found: PageText, raster: Raster, explained: Sequence[Box]) -> PageText:
    """The page with what of its ink neither `explained` nor its figures tell of."""
    figures = [block.box for block in found.page.blocks if block.kind is BlockKind.FIGURE]
    ink = unexplained_ink(raster.gray, raster.points_per_pixel, [*explained, *figures])
    return replace(found, page=with_ink(found.page, ink))


def _read_boxes(raster: Raster, engine: Engine, boxes: Sequence[Box]) -> list[DetectedLine | None]:
    """What the engine reads in each of the boxes (points), if it can read boxes at all."""
    if not isinstance(engine, ReadsLines):
        return [None] * len(boxes)
    scale = raster.points_per_pixel
    asked = [DetectedLine("", box.scaled(1 / scale), 1.0) for box in boxes]
    told = {line.box: line for line in sane_lines(engine.recognize_lines(raster.pixels, asked))}
    return [
        proofread(line.scaled(scale), engine.name) if (line := told.get(one.box)) else None for one in asked
    ]


def _told(found: PageText, **of_the_page: Any) -> PageText:
    """The page with more said about it."""
    return replace(found, page=replace(found.page, **of_the_page))


def recognized(
    raster: Raster, engine: Engine, rings: Sequence[Ring] = (), seals: Sequence[Box] = ()
) -> tuple[DetectedLine, ...]:
    """The lines of a page (boxes in points) as they stand without the rings that a pen drew around some of
    their words, and without the red of the seals that lie on them."""
    scale = raster.points_per_pixel
    pixels = without_rings(raster.pixels, rings, scale)
    pixels = without_seals(pixels, covering(seals, pixels, scale), scale)
    found = sane_lines(engine.recognize(pixels))
    read = well_spaced([proofread(line.scaled(scale), engine.name) for line in found], raster)
    return tuple(_with_choices(line, raster, rings) for line in read)


def rulings_of(raster: Raster, seals: Sequence[Box]) -> tuple[Ruling, ...]:
    """The ruled lines of a page without the strokes of its red seals."""
    scale = raster.points_per_pixel
    gray = Raster(without_seals(raster.pixels, seals, scale), scale).gray
    return with_dark_areas(find_rulings(gray, scale), gray, scale)


def _with_choices(line: DetectedLine, raster: Raster, rings: Sequence[Ring]) -> DetectedLine:
    """The line with its check boxes as the pixels show them, and the options around its rings parted."""
    line = with_parted_options(line, [ring.box for ring in rings])
    if line.vertical or not may_bear_check_boxes(line):
        return line
    scale = raster.points_per_pixel
    before = line.box.x0 - line.box.height  # a line may be found from behind its first box on
    left, top = max(int(before / scale), 0), max(int(line.box.y0 / scale), 0)
    strip = raster.gray[top : ceil(line.box.y1 / scale), left : ceil(line.box.x1 / scale)]
    found = find_check_boxes(strip, scale)
    return with_check_boxes(line, [replace(c, box=c.box.moved(left * scale, top * scale)) for c in found])


def _built(
    number: int,
    page: CleanPage,
    detected: Sequence[DetectedLine],
    source: TextSource,
    engine: Engine,
    seals: Sequence[Box] = (),
    rulings: Sequence[Ruling] = (),
    imprints: Sequence[Sequence[DetectedLine]] = (),
) -> PageText:
    raster = page.raster
    figures: tuple[Box, ...] = ()
    if source is not TextSource.BLANK:
        occupied = [*(grid.box for grid in find_grids(rulings)), *seals]
        written = [line.box for line in detected]
        figures = find_figures(raster.gray, raster.points_per_pixel, written, rulings, occupied)
    return build_page(
        number=number,
        width=raster.width,
        height=raster.height,
        detected=detected,
        rulings=rulings,
        source=source,
        engine=engine.name,
        rotation=page.rotation,
        skew=page.skew,
        seals=seals,
        imprints=imprints,
        figures=figures,
    )
