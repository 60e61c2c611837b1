"""Writing that a typed page draws instead of typing it: outlined titles, text as curves, letters as pictures.

The layer says nothing of it. What it does say, rulings and pictures explain some of the drawn page's ink;
what is left and looks like writing is read by OCR, and a page that is mostly such writing is read from its
pixels.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from ocr.document import Box, SourceReason
from ocr.ink.unexplained import Unexplained, unexplained_ink
from ocr.layers.text_layer import TextLayer, turned_box
from ocr.layers.trust import PICTURE_WORTH_READING, LayerVerdict, Trust, joined_boxes
from ocr.layout.page import PageText
from ocr.proofreading.calibrated_confidence import with_ink
from ocr.raster import turned as turned_gray
from ocr.sources.pages import Pages

# Of the page's ink that looks like writing and is not typed, from which the page is a drawing; of its typed
# letters that reading its pixels must find.
MOSTLY = 0.5
# Of its ink that looks like writing and could not be read, from which a page is doubtful.
MUCH = 0.1
# Points around writing that the detector wants to see.
MARGIN = 8.0
# So many small pictures are letters or lines of writing, fewer are logos and seals.
MANY_PICTURES = 4


def with_drawn_writing(verdict: LayerVerdict, pages: Pages, number: int) -> LayerVerdict:
    """The verdict on a page that is to be read from its layer, with what of its writing is drawn.

    Draws the page, coarsely, only where it has drawings that may be letters. Raises ReadingError as drawing
    does.
    """
    layer = verdict.layer
    if verdict.trust is Trust.PIXELS or not (layer.sketches or len(_small_pictures(layer)) >= MANY_PICTURES):
        return verdict
    gray, scale = pages.coarse(number)
    ink = unexplained_ink(gray, scale, _explained(layer))
    if ink.written >= MOSTLY:
        return replace(
            verdict, trust=Trust.PIXELS, reason=SourceReason.DRAWN_WRITING, regions=(), unexplained=ink.share
        )
    if not ink.writing:
        return replace(verdict, unexplained=ink.share)
    paper = Box(0.0, 0.0, layer.width, layer.height)
    wider = (Box(b.x0 - MARGIN, b.y0 - MARGIN, b.x1 + MARGIN, b.y1 + MARGIN) for b in ink.writing)
    drawn = joined_boxes(common for box in wider if (common := box.common(paper)) is not None)
    reason = verdict.reason if verdict.regions else SourceReason.DRAWN_WRITING
    return replace(verdict, trust=Trust.BOTH, reason=reason, drawn=tuple(drawn), unexplained=ink.share)


def as_both(verdict: LayerVerdict) -> LayerVerdict:
    """A verdict for pixels as one for what is typed and all that is drawn beside it."""
    paper = Box(0.0, 0.0, verdict.layer.width, verdict.layer.height)
    return replace(verdict, trust=Trust.BOTH, regions=(), drawn=(paper,))


def holds_what_is_typed(found: PageText, layer: TextLayer) -> bool:
    """Whether what was read of the pixels of a page holds most of the letters that are typed on it."""
    typed = Counter(c for character in layer.characters for c in _letters(character.text))
    common = typed & Counter(_letters(found.text))
    return sum(common.values()) >= MOSTLY * sum(typed.values())


def _letters(text: str) -> list[str]:
    return [c for c in unicodedata.normalize("NFKC", text) if c.isalnum()]


def with_unexplained_ink(found: PageText, verdict: LayerVerdict, pages: Pages) -> PageText:
    """The page with the share of its ink that neither its layer nor what was read of its drawings explains.

    Its confidence stays where that is little: in a logo that the engine finds no writing in, there is none.
    """
    layer, page = verdict.layer, found.page
    ink = Unexplained(share=verdict.unexplained)
    if verdict.drawn:
        gray, scale = pages.coarse(page.number)
        boxes = [turned_box(box, page.rotation, layer.width, layer.height) for box in _explained(layer)]
        read = [line.box for line in page.lines if line.confidence < 1]
        ink = unexplained_ink(turned_gray(gray, page.rotation), scale, [*boxes, *read])
        if ink.written < MUCH:
            ink = replace(ink, written=0.0)
    return replace(found, page=with_ink(page, ink))


def _explained(layer: TextLayer) -> Iterator[Box]:
    yield from (widget.box for widget in layer.widgets)
    yield from (character.box for character in layer.characters if character.text.strip())
    yield from (ruling.box for ruling in layer.rulings)
    small = _small_pictures(layer)
    few = len(small) < MANY_PICTURES
    yield from (picture.box for picture in layer.pictures if few or picture.box not in small)


def _small_pictures(layer: TextLayer) -> list[Box]:
    largest = PICTURE_WORTH_READING * layer.width * layer.height
    return [picture.box for picture in layer.pictures if picture.box.area < largest]
