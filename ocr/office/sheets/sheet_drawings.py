"""What floats over a worksheet: text boxes, pictures, charts, and the check boxes of forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ocr.errors import ReadingError
from ocr.media.package import Package
from ocr.media.package_names import EXCEL_VML, SHEET_DRAWING, VML
from ocr.office.drawings import hung, paragraphs_of, pictures, size_of, text_of
from ocr.office.sheets.worksheet import Worksheet
from ocr.office.word.word_runs import TICKED, UNTICKED
from ocr.written.content_model import Content, Paragraph

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


_NOTES = ("Note",)  # come up only when somebody points at their cell
_BOXES = ("Checkbox", "Radio")
MOST_SPANNED = 500  # rows or columns that a drawing lies over


def drawing_contents(package: Package, part: str, sheet: Worksheet) -> Iterator[tuple[int, Content]]:
    """What is drawn on the sheet at `part`, each with the row that it begins in. Raises ReadingError."""
    related = package.related(part)
    for identity in dict.fromkeys(sheet.drawings):
        found = related.get(identity)
        if found is None or found.target not in package:
            continue
        if found.kind == "vmlDrawing":
            yield from _controls(package, found.target)
        else:
            yield from _anchored(package, found.target, sheet)


def _anchored(package: Package, part: str, sheet: Worksheet) -> Iterator[tuple[int, Content]]:
    related = package.related(part)
    for anchor in package.xml(part):
        hidden = anchor.find(f".//{SHEET_DRAWING}cNvPr[@hidden='1']")
        if not isinstance(anchor.tag, str) or hidden is not None:
            continue
        row = _row(anchor.findtext(f"{SHEET_DRAWING}from/{SHEET_DRAWING}row"))
        for body in anchor.iter(f"{SHEET_DRAWING}txBody"):
            for paragraph in paragraphs_of(body):
                for line in text_of(paragraph).split("\n"):
                    yield row, Paragraph(line)
        room = _room(anchor, sheet)
        for content in (*pictures(anchor, related, package, room), *hung(anchor, related, package, room)):
            yield row, content


def _room(anchor: Element, sheet: Worksheet) -> tuple[float, float]:
    """Width and height of an anchor in points, told as such or by the places of its corners."""
    extent = anchor.find(f"{SHEET_DRAWING}ext")
    if extent is not None:
        return size_of(extent)
    columns, rows = (
        [_number(anchor.findtext(f"{SHEET_DRAWING}{end}/{SHEET_DRAWING}{axis}")) for end in ("from", "to")]
        for axis in ("col", "row")
    )
    return (
        sum(
            sheet.width(column + 1)
            for column in range(columns[0], min(columns[1], columns[0] + MOST_SPANNED))
        ),
        sum(sheet.height(row + 1) for row in range(rows[0], min(rows[1], rows[0] + MOST_SPANNED))),
    )


def _controls(package: Package, part: str) -> Iterator[tuple[int, Content]]:
    """Check boxes, option buttons and labels of a form; older programs' drawings are no well-formed XML."""
    try:
        root = package.xml(part)
    except ReadingError:
        return
    for shape in root.iter(f"{VML}shape"):
        data = shape.find(f"{EXCEL_VML}ClientData")
        kind = "" if data is None else data.get("ObjectType", "")
        if data is None or kind in _NOTES:
            continue
        text = "".join(t for box in shape.iter(f"{VML}textbox") for t in box.itertext()).strip()
        if not text:
            continue
        if kind in _BOXES:
            is_ticked = (data.findtext(f"{EXCEL_VML}Checked") or "0").strip() == "1"
            text = f"{TICKED if is_ticked else UNTICKED} {text}"
        anchor = (data.findtext(f"{EXCEL_VML}Anchor") or "").split(",")
        yield _row(anchor[2].strip() if len(anchor) > 2 else None), Paragraph(" ".join(text.split()))


def _row(text: str | None) -> int:
    """A row, from 0 in the file, from 1 in a sheet."""
    return _number(text) + 1


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0
