"""A PowerPoint presentation: a page for each slide that is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from ocr.document import Box, SourceReason
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.media.package import Package
from ocr.media.package_names import P, R
from ocr.office.drawings import size_of
from ocr.office.slides.slide_shapes import Shape, shapes_of
from ocr.order.xy_cut import LayoutItem, flows
from ocr.written.content_model import Content, PageSetup, Paragraph, PictureContent, Running
from ocr.written.layout import ENDLESS, lay_out
from ocr.written.placed import WrittenPage
from ocr.written.written_source import WrittenSource

MARGIN = 36.0  # points
USUAL_SLIDE = (720.0, 540.0)
LARGEST_SLIDE = 4032.0  # points; the most that PowerPoint takes
TYPE_SIZE = 18.0  # points, of a shape of which nothing else is known
EMBEDDED = ("oleObject", "package")
_KEPT_PAGES = 2


def open_slides(package: Package, limits: Limits) -> WrittenSource:
    """Raises ReadingError: CORRUPT, TOO_COMPLEX; UNSUPPORTED_FORMAT where no slide is shown."""
    root = package.xml(package.main)
    related = package.related(package.main)
    listed = (related.get(one.get(f"{R}id") or "") for one in root.iterfind(f"{P}sldIdLst/{P}sldId"))
    parts = [one.target for one in listed if one is not None and one.target in package]
    shown = [part for part in parts if package.xml(part).get("show", "1") not in ("0", "false")]
    if not shown:
        raise ReadingError(
            FailureCategory.UNSUPPORTED_FORMAT,
            "表示されているスライドがありません。読みたいスライドを表示して保存し直してください。",
        )
    size = root.find(f"{P}sldSz")
    width, height = size_of(size) if size is not None else USUAL_SLIDE
    usual = 0 < width <= LARGEST_SLIDE and 0 < height <= LARGEST_SLIDE
    paper_size = (width, height) if usual else USUAL_SLIDE

    def page(number: int) -> WrittenPage:
        shapes = list(shapes_of(package, shown[number - 1], limits))
        return lay_out(_in_order(shapes), _paper(shapes, *paper_size), ENDLESS, limits)[0]

    return WrittenSource(
        page_count=len(shown),
        page=lru_cache(maxsize=_KEPT_PAGES)(page),
        reason=SourceReason.OFFICE_TEXT,
        attachments=sum(one.kind in EMBEDDED for part in shown for one in package.related(part).values()),
    )


def _paper(shapes: Sequence[Shape], width: float, height: float) -> PageSetup:
    foot = tuple(
        one for shape in shapes if shape.is_foot for one in shape.contents if isinstance(one, Paragraph)
    )
    return PageSetup(width, height, MARGIN, MARGIN, MARGIN, MARGIN, odd=Running((), foot))


def _in_order(shapes: Sequence[Shape]) -> Iterator[Content]:
    """The title, then what is written as the eye goes over it, then the pictures."""
    body = [shape for shape in shapes if not shape.is_foot and shape.contents]
    for shape in body:
        if shape.is_title:
            yield from shape.contents
    written = [shape for shape in body if not shape.is_title and not shape.is_picture]
    pieces = [LayoutItem(_box(shape), shape, shape.characters, TYPE_SIZE) for shape in written]
    for flow in flows(pieces, TYPE_SIZE):
        for row in flow.rows:
            for piece in row:
                yield from piece.content.contents
    pictures = [shape for shape in body if shape.is_picture]
    for shape in sorted(pictures, key=lambda shape: (shape.box.y0, shape.box.x0)):
        yield from shape.contents


def _box(shape: Shape) -> Box:
    """Where the shape is, with some size."""
    box = shape.box
    return Box(box.x0, box.y0, max(box.x1, box.x0 + 1.0), max(box.y1, box.y0 + 1.0))


__all__ = ["PictureContent", "open_slides"]
