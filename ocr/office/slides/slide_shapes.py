"""The shapes of a slide: what is written in them, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.document import BlockKind, Box
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.media.package import Package, Relationship
from ocr.media.package_names import COMPATIBILITY, A, P
from ocr.office.drawings import emu, hung, pictures, size_of, text_of, undrawn
from ocr.office.slides.slide_text import SlideStyles, slide_paragraphs
from ocr.office.word.word_runs import chosen
from ocr.written.content_model import CellContent, Content, Paragraph, PictureContent, TableContent

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_TITLES = ("title", "ctrTitle")
_FEET = ("ftr", "sldNum", "dt")
_NOWHERE = Box(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Shape:
    """`box` is in points of the slide; `role` is that of a placeholder, empty for any other shape."""

    box: Box
    contents: tuple[Content, ...]
    role: str = ""

    @property
    def is_title(self) -> bool:
        return self.role in _TITLES

    @property
    def is_foot(self) -> bool:
        return self.role in _FEET

    @property
    def is_picture(self) -> bool:
        return any(isinstance(one, PictureContent) for one in self.contents)

    @property
    def characters(self) -> int:
        return sum(len(one.text) for one in self.contents if isinstance(one, Paragraph))


@dataclass(frozen=True, slots=True)
class _GroupFrame:
    """Where the coordinates of a group lie on the slide."""

    x: float = 0.0
    y: float = 0.0
    across: float = 1.0
    down: float = 1.0

    def box(self, transform: Element) -> Box:
        offset, extent = transform.find(f"{A}off"), transform.find(f"{A}ext")
        if offset is None or extent is None:
            return _NOWHERE
        x, y = emu(offset.get("x")), emu(offset.get("y"))
        width, height = size_of(extent)
        left, top = self.x + x * self.across, self.y + y * self.down
        return Box(left, top, left + abs(width * self.across), top + abs(height * self.down))

    def inside(self, group: Element) -> _GroupFrame:
        transform = group.find(f"{P}grpSpPr/{A}xfrm")
        inner = None if transform is None else transform.find(f"{A}chOff")
        size = None if transform is None else transform.find(f"{A}chExt")
        if transform is None or inner is None or size is None:
            return self
        box, (width, height) = self.box(transform), size_of(size)
        across = box.width / width if width else self.across
        down = box.height / height if height else self.down
        return _GroupFrame(
            box.x0 - emu(inner.get("x")) * across, box.y0 - emu(inner.get("y")) * down, across, down
        )


def shapes_of(package: Package, part: str, limits: Limits) -> Iterator[Shape]:
    """The shapes of the slide at `part`, in drawing order. Raises ReadingError: CORRUPT, TOO_COMPLEX."""
    related = package.related(part)
    layout = _part(related, "slideLayout")
    layout_related = package.related(layout) if layout else {}
    master = _part(layout_related, "slideMaster")
    above = [package.xml(one) for one in (layout, master) if one and one in package]
    reader = _Slide(package, related, SlideStyles(above), limits)
    tree = package.xml(part).find(f"{P}cSld/{P}spTree")
    if tree is not None:
        yield from reader.shapes(tree, _GroupFrame(), 0)


def _part(related: dict[str, Relationship], kind: str) -> str:
    return next((one.target for one in related.values() if one.kind == kind), "")


class _Slide:
    def __init__(
        self, package: Package, related: dict[str, Relationship], styles: SlideStyles, limits: Limits
    ) -> None:
        self._package = package
        self._related = related
        self._styles = styles
        self._limits = limits

    def shapes(self, tree: Element, frame: _GroupFrame, depth: int) -> Iterator[Shape]:
        if depth > self._limits.max_nesting:
            raise ReadingError(
                FailureCategory.TOO_COMPLEX,
                f"図形のグループの入れ子が深すぎます（上限{self._limits.max_nesting}段）。"
                "元の文書からPDFに保存して、そのPDFを置いてください。",
            )
        for child in tree:
            if child.tag == f"{COMPATIBILITY}AlternateContent":
                yield from self.shapes(chosen(child), frame, depth + 1)
            elif _is_hidden(child):
                continue
            elif child.tag == f"{P}grpSp":
                yield from self.shapes(child, frame.inside(child), depth + 1)
            elif child.tag == f"{P}sp":
                yield self._shape(child, frame)
            elif child.tag == f"{P}pic":
                found = tuple(pictures(child, self._related, self._package))
                yield Shape(_placed(child.find(f"{P}spPr/{A}xfrm"), frame), found)
            elif child.tag == f"{P}graphicFrame":
                yield self._graphic(child, frame)

    def _shape(self, shape: Element, frame: _GroupFrame) -> Shape:
        placeholder = self._styles.placeholder(shape)
        transform = next(
            (
                one
                for holder in (shape, *placeholder.above)
                if (one := holder.find(f"{P}spPr/{A}xfrm")) is not None
            ),
            None,
        )
        kind = BlockKind.HEADING if placeholder.role in _TITLES else None
        body = shape.find(f"{P}txBody")
        written = () if body is None else slide_paragraphs(body, placeholder, self._styles, kind)
        filled = pictures(shape, self._related, self._package)  # a shape may be filled with a picture
        return Shape(_placed(transform, frame), (*written, *filled), placeholder.role)

    def _graphic(self, element: Element, frame: _GroupFrame) -> Shape:
        """A table, a chart, a diagram, or an object of another program."""
        transform = element.find(f"{P}xfrm")
        box = _placed(transform, frame)
        table = element.find(f".//{A}tbl")
        found: tuple[Content, ...]
        if table is not None:
            found = (_table(table),)
        else:
            found = (
                *pictures(element, self._related, self._package),
                *hung(element, self._related, self._package),
            )
        return Shape(box, found or (PictureContent(undrawn, box.width, box.height),))


def _placed(transform: Element | None, frame: _GroupFrame) -> Box:
    return _NOWHERE if transform is None else frame.box(transform)


def _is_hidden(shape: Element) -> bool:
    named = shape.find(f"*/{P}cNvPr")
    return named is not None and named.get("hidden") in ("1", "true")


def _table(table: Element) -> TableContent:
    columns = [emu(column.get("w")) for column in table.iterfind(f"{A}tblGrid/{A}gridCol")]
    rows = list(table.iterfind(f"{A}tr"))
    cells: list[CellContent] = []
    for number, row in enumerate(rows):
        for column, cell in enumerate(row.iterfind(f"{A}tc")):
            if cell.get("hMerge") in ("1", "true") or cell.get("vMerge") in ("1", "true"):
                continue
            across = min(_span(cell.get("gridSpan")), max(len(columns) - column, 1))
            down = min(_span(cell.get("rowSpan")), len(rows) - number)
            cells.append(CellContent(number, column, down, across, tuple(_texts(cell))))
    count = max((cell.column + cell.column_span for cell in cells), default=len(columns))
    widths = [*columns, *[72.0] * (count - len(columns))]
    return TableContent(tuple(widths[:count]), tuple(emu(row.get("h")) for row in rows), tuple(cells))


def _span(text: str | None) -> int:
    return max(int(text), 1) if text and text.isdecimal() else 1


def _texts(cell: Element) -> Iterator[Paragraph]:
    lines: Sequence[str] = [
        line for paragraph in cell.iter(f"{A}p") for line in text_of(paragraph).split("\n")
    ]
    yield from (Paragraph(line) for line in lines if line.strip())
