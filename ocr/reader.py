"""Reading a document: each page from its text layer, its pixels, or both; a bad page costs only itself."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from math import ceil

import numpy as np

from ocr.cleanup import CleanPage, clean, is_blank
from ocr.detection import DetectedLine, Ruling
from ocr.document import Box, Document, PageFailure, SourceReason, TextSource
from ocr.engines import Engine
from ocr.engines.ppocr import models
from ocr.errors import FailureCategory, ReadingError
from ocr.handwriting import handwriting
from ocr.limits import Limits
from ocr.pages import Pages, open_pages
from ocr.proofreading import proofread
from ocr.raster import Raster, upright
from ocr.sanity import sane_lines
from ocr.second import second_look
from ocr.structure.check_boxes import find_check_boxes, may_bear_check_boxes, with_check_boxes
from ocr.structure.figures import figure_sized, find_figures
from ocr.structure.grid import find_grids
from ocr.structure.options import may_hold_ringed_options, with_parted_options, with_ringed_options
from ocr.structure.page import PageText, build_page
from ocr.structure.rings import Ring, find_rings, without_rings
from ocr.structure.rulings import find_rulings
from ocr.structure.seals import covering, find_seals, without_seals
from ocr.text_layer import TextLayer, lines, reading_turn, turned_box, turned_ruling
from ocr.trust import Trust, Verdict, judge
from ocr.whole import whole

LAYER_READER = "pdfium"
# Gray levels that a picture spans where it shows anything; all but its darkest and lightest specks for one
# without writing.
LEAST_TONES = 30
TONES = (5, 95)
# A recognised line that lines of the layer cover this far is read twice.
SAME_LINE = 0.3

_log = logging.getLogger(__name__)


def read(
    data: bytes,
    *,
    first: int = 1,
    last: int | None = None,
    engine: Engine,
    limits: Limits,
    passwords: Sequence[str] = (),
) -> Document:
    """Pages `first` to `last` (from 1, both included, the end where None) of `data`, in this process.

    A page that cannot be read is one of `failures` and the others stay. Raises ReadingError for a file
    that cannot be opened or is over `limits`. Nothing here bounds the time a page takes; `SupervisedReader`
    does.
    """
    with open_pages(data, limits, passwords=passwords) as pages:
        end = min(last or pages.info.pages, pages.info.pages)
        return whole([read_page(pages, number, engine) for number in range(first, end + 1)])


def read_page(pages: Pages, number: int, engine: Engine) -> Document:
    """One page as a document of its own: its text, or the one failure that says why there is none."""
    started = time.perf_counter()
    try:
        found = _page(pages, number, engine)
    except ReadingError as error:
        return failed(number, error)
    except MemoryError:
        return failed(
            number,
            ReadingError(
                FailureCategory.OUT_OF_MEMORY,
                "ページを読む途中でメモリが足りなくなりました。同時に動かす数（--workers）を減らしてやり直してください。",
            ),
        )
    except Exception as error:
        # Decoders and networks raise what they like on bytes they were not made for; the night goes on.
        _log.exception("page %d could not be read", number)
        return failed(
            number,
            ReadingError(
                FailureCategory.ENGINE_FAILED,
                f"ページの処理中に予期しないエラーが起きました（{type(error).__name__}）。"
                "やり直しても続く場合は、ページをスキャンし直すか、別のエンジンを試してください。",
            ),
        )
    page = replace(found.page, seconds=time.perf_counter() - started)
    return Document(text=found.text, pages=(page,))


def failed(number: int, error: ReadingError) -> Document:
    """A document that holds nothing but the reason why page `number` is missing."""
    return Document("", (), (PageFailure(number, error.category.value, error.retryable, error.message),))


def _page(pages: Pages, number: int, engine: Engine) -> PageText:
    layer = pages.layer(number)
    if layer is None:
        return _from_pixels(pages.raster(number, None), number, engine, SourceReason.NO_LAYER)
    verdict = judge(layer)
    match verdict.trust:
        case Trust.LAYER:
            found = _with_drawn_rings(_from_layer(verdict.layer, number), pages, verdict.layer)
        case Trust.PIXELS:
            return _from_pixels(pages.raster(number, layer), number, engine, verdict.reason)
        case Trust.BOTH:
            found = _from_both(pages, verdict, number, engine)
    return _because(found, verdict.reason)


def _as_sure(found: PageText, cleaned: CleanPage) -> PageText:
    """The page with how sure its angles are."""
    sure = replace(
        found.page,
        rotation_confidence=cleaned.rotation_confidence,
        skew_confidence=cleaned.skew_confidence,
    )
    return replace(found, page=sure)


def _because(found: PageText, reason: SourceReason) -> PageText:
    return replace(found, page=replace(found.page, reason=reason))


def _with_drawn_rings(found: PageText, pages: Pages, layer: TextLayer) -> PageText:
    """The page with its ringed options: a layer has the words, but not what is drawn around them."""
    if not may_hold_ringed_options(found.page):
        return found
    raster = upright(pages.raster(found.page.number, layer), found.page.rotation, 0.0)
    rings = [ring.box for ring in find_rings(raster.gray, raster.points_per_pixel)]
    return replace(found, page=with_ringed_options(found.page, rings))


def _from_layer(layer: TextLayer, number: int) -> PageText:
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


def _from_pixels(original: Raster, number: int, engine: Engine, reason: SourceReason) -> PageText:
    blank = SourceReason.BLANK_PAGE
    if is_blank(original):
        return _because(_built(number, original, (), TextSource.BLANK, engine, 0, 0.0), blank)
    page = clean(original, models())
    rings = find_rings(page.raster.gray, page.raster.points_per_pixel)
    seals = find_seals(page.raster.pixels, page.raster.points_per_pixel)
    found = _recognized(page.raster, engine, rings, seals)
    if not any(character.isalnum() for line in found for character in line.text):
        # Punch holes and stains are read as dots and dashes.
        empty = _built(number, page.raster, (), TextSource.BLANK, engine, page.rotation, page.skew)
        return _because(_as_sure(empty, page), blank)
    scale = page.raster.points_per_pixel
    opinion = second_look(engine, found, scale, lambda asked: _recognized(page.raster, asked, rings, seals))
    kept = opinion.lines
    read = _built(number, page.raster, kept, TextSource.OCR, opinion.engine, page.rotation, page.skew, seals)
    by_hand = handwriting(page.raster, kept)
    told = replace(read.page, passed_over=opinion.passed_over, handwriting=by_hand)
    ringed = with_ringed_options(told, [ring.box for ring in rings])
    return _because(_as_sure(replace(read, page=ringed), page), reason)


def _from_both(pages: Pages, verdict: Verdict, number: int, engine: Engine) -> PageText:
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
        read = _recognized(raster, engine, seals=found)
        if not read and np.ptp(np.percentile(raster.gray, TONES)) >= LEAST_TONES:
            figures.append(place)
        for line in read:
            moved = replace(line, box=line.box.moved(place.x0, place.y0))
            if sum(_overlap(moved.box, other.box) for other in written) <= SAME_LINE:
                added.append(moved)
        rulings.extend(ruling.moved(place.x0, place.y0) for ruling in _rulings(raster, found))
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


def _recognized(
    raster: Raster, engine: Engine, rings: Sequence[Ring] = (), seals: Sequence[Box] = ()
) -> tuple[DetectedLine, ...]:
    """The lines of a page as they stand without the rings that a pen drew around some of their words, and
    without the red of the seals that lie on them."""
    scale = raster.points_per_pixel
    pixels = without_rings(raster.pixels, rings, scale)
    pixels = without_seals(pixels, covering(seals, pixels, scale), scale)
    return tuple(
        _with_choices(proofread(replace(line, box=line.box.scaled(scale)), engine.name), raster, rings)
        for line in sane_lines(engine.recognize(pixels))
    )


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
    raster: Raster,
    detected: Sequence[DetectedLine],
    source: TextSource,
    engine: Engine,
    rotation: int,
    skew: float,
    seals: Sequence[Box] = (),
) -> PageText:
    rulings: tuple[Ruling, ...] = ()
    figures: tuple[Box, ...] = ()
    if source is not TextSource.BLANK:
        rulings = _rulings(raster, seals)
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
        rotation=rotation,
        skew=skew,
        seals=seals,
        figures=figures,
    )


def _rulings(raster: Raster, seals: Sequence[Box]) -> tuple[Ruling, ...]:
    """The ruled lines of a page without the strokes of its red seals."""
    scale = raster.points_per_pixel
    return find_rulings(Raster(without_seals(raster.pixels, seals, scale), scale).gray, scale)


def _overlap(box: Box, other: Box) -> float:
    """The share of `box` that `other` covers."""
    width = min(box.x1, other.x1) - max(box.x0, other.x0)
    height = min(box.y1, other.y1) - max(box.y0, other.y0)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / max(box.width * box.height, 1e-6)
