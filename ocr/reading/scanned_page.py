"""A page read from its pixels: cleaned, recognised, and put in order with what else is drawn on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from math import ceil

from ocr.cleaning.cleanup import CleanPage, clean, is_blank
from ocr.cleaning.handwriting import handwriting
from ocr.detection import DetectedLine
from ocr.document import BlockKind, Box, Page, SourceReason, TextSource
from ocr.engines.engine import Engine, ReadsLines
from ocr.engines.registry import orientation_of
from ocr.engines.second_engine import ChosenReading, first_of, second_look
from ocr.ink.check_boxes import find_check_boxes, may_bear_check_boxes, with_check_boxes
from ocr.ink.codes import find_codes, holds_little
from ocr.ink.figures import find_figures
from ocr.ink.page_ink import PageInk
from ocr.ink.ringed_options import with_parted_options, with_ringed_options
from ocr.ink.rings import Ring, find_rings
from ocr.ink.seals import find_seals
from ocr.ink.unexplained import unexplained_ink
from ocr.layout.page import PageText, build_page, empty_page
from ocr.layout.page_elements import PageElements
from ocr.proofreading.calibrated_confidence import with_ink
from ocr.proofreading.proofreading import proofread
from ocr.proofreading.sanity import sane_lines
from ocr.raster import Raster
from ocr.reading.missed_cell_text import with_missed_cell_text
from ocr.reading.missed_marks import with_missed_marks
from ocr.reading.spacing import well_spaced
from ocr.stamps import Lifted, lift_stamps, read_stamp


def from_pixels(original: Raster, number: int, engine: Engine, reason: SourceReason) -> PageText:
    """The page that `original` shows, as `engine` and its second engine, where it has one, read it.

    `reason` says why its pixels are read; a page without writing is blank for that reason alone.
    """
    if is_blank(original):
        return PageText(_blank_page(CleanPage(original), number, engine), "")
    page = clean(original, orientation_of(first_of(engine)))
    lifted = lift_stamps(page.raster)
    scale = page.raster.points_per_pixel
    ink = PageInk(lifted.raster, find_rings(lifted.raster.gray, scale), seals_of(lifted))
    page = replace(page, raster=ink.raster)

    def read_by(asked: Engine) -> tuple[DetectedLine, ...]:
        return lifted.doubted(recognized(ink, asked))

    found = read_by(engine)
    imprints = [read_stamp(stamp, engine, scale) for stamp in lifted.stamps]
    if not any(character.isalnum() for line in chain(found, *imprints) for character in line.text):
        # Punch holes and stains are read as dots and dashes, and so are bar codes.
        blank = replace(_blank_page(page, number, engine), codes=find_codes(ink.raster))
        return PageText(_with_unexplained_ink(blank, ink.raster, [line.box for line in found]), "")
    best = second_look(engine, found, scale, read_by)
    lines = _with_lost_marks(best, ink)
    built = build_page(
        _empty(page, number, TextSource.OCR, best.engine, reason), _elements(ink, lines, imprints)
    )
    rings, rulings = [ring.box for ring in ink.rings], [ruling.box for ruling in ink.ruled.rulings]
    explained = [*(line.box for line in lines), *rulings, *rings, *ink.seals]
    told = with_ringed_options(_with_unexplained_ink(built.page, ink.raster, explained), rings)
    told = replace(
        told,
        passed_over=best.passed_over,
        handwriting=handwriting(ink.raster, lines),
        codes=find_codes(ink.raster) if holds_little(told) else (),
    )
    return PageText(told, built.text)


def _empty(page: CleanPage, number: int, source: TextSource, engine: Engine, reason: SourceReason) -> Page:
    """The cleaned page without anything on it."""
    raster = page.raster
    empty = empty_page(number, raster.width, raster.height, source, engine.name, page.rotation, page.skew)
    return replace(
        empty,
        reason=reason,
        rotation_confidence=page.rotation_confidence,
        skew_confidence=page.skew_confidence,
        corners=page.corners,
    )


def _blank_page(page: CleanPage, number: int, engine: Engine) -> Page:
    return _empty(page, number, TextSource.BLANK, engine, SourceReason.BLANK_PAGE)


def seals_of(lifted: Lifted) -> tuple[Box, ...]:
    """The boxes of the seals of a page, those that were lifted off it and lie on nothing among them."""
    found = find_seals(lifted.raster)
    return (*found, *(stamp.box for stamp in lifted.stamps if stamp.alone))


def recognized(ink: PageInk, engine: Engine) -> tuple[DetectedLine, ...]:
    """The lines of a page (boxes in points) as they stand without the rings that a pen drew around some of
    their words, and without the red of the seals that lie on them."""
    raster, scale = ink.raster, ink.raster.points_per_pixel
    found = sane_lines(engine.recognize(ink.legible.pixels))
    read = well_spaced([proofread(line.scaled(scale), engine.name) for line in found], raster)
    return tuple(_with_choices(line, raster, ink.rings) for line in read)


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


def _with_lost_marks(reading: ChosenReading, ink: PageInk) -> tuple[DetectedLine, ...]:
    """The lines of a page, and the marks and letters that stand in its tables and were not found."""
    lines = with_missed_marks(ink.raster, reading.lines)
    reader = partial(_read_boxes, ink.without_rings, first_of(reading.engine))
    return with_missed_cell_text(ink.without_rings, lines, ink.ruled.grids, ink.seals, reader)


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


def _elements(
    ink: PageInk, lines: Sequence[DetectedLine], imprints: Sequence[Sequence[DetectedLine]]
) -> PageElements:
    """What is read and what is drawn on a page, its figures among it."""
    raster, ruled = ink.raster, ink.ruled
    written = [line.box for line in lines]
    occupied = [*ruled.tables, *ink.seals]
    figures = find_figures(raster.gray, raster.points_per_pixel, written, ruled.rulings, occupied)
    return PageElements(lines, ruled, ink.seals, imprints, figures)


def _with_unexplained_ink(page: Page, raster: Raster, explained: Sequence[Box]) -> Page:
    """The page with what of its ink neither `explained` nor its figures tell of."""
    figures = [block.box for block in page.blocks if block.kind is BlockKind.FIGURE]
    return with_ink(page, unexplained_ink(raster.gray, raster.points_per_pixel, [*explained, *figures]))
