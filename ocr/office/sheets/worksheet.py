"""A worksheet as what can be seen of it: its cells as shown, hidden rows and columns left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ocr.errors import FailureCategory, ReadingError
from ocr.media.package import Package
from ocr.media.package_names import R, S
from ocr.office.number_formats import shown, shown_text
from ocr.office.sheets.sheet_styles import CellStyle

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MOST_CELLS = 100_000  # with something in them, or with borders
# Empty cells with borders are places of a form; rows of nothing else are not kept without end.
MOST_EMPTY = 5_000
EMPTY_ROWS_KEPT = 3  # below the last row with anything in it: a box for a seal
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
DEFAULT_HEIGHT = 15.0  # points
DEFAULT_WIDTH = 8.43  # characters
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_TAGS = tuple(
    f"{S}{name}" for name in ("row", "col", "sheetFormatPr", "mergeCell", "drawing", "legacyDrawing")
)

Place = tuple[int, int]
Area = tuple[int, int, int, int]  # first row, first column, last row, last column


@dataclass(frozen=True, slots=True)
class SheetCell:
    """`confidence` is below 1 where the file does not say what the cell shows: a formula never calculated."""

    text: str
    style: CellStyle
    is_number: bool = False
    confidence: float = 1.0


@dataclass
class Worksheet:
    """Rows and columns count from 1. `cells` hold something or have borders; `merged` are areas whose first
    cell is shown in all of them."""

    cells: dict[Place, SheetCell] = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    heights: dict[int, float] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)
    default_height: float = DEFAULT_HEIGHT
    default_width: float = DEFAULT_WIDTH
    rows_hidden: bool = False
    drawings: list[str] = field(default_factory=list)

    def height(self, row: int) -> float:
        """In points."""
        return self.heights.get(row, self.default_height)

    def width(self, column: int) -> float:
        """In points: a character of the usual typeface is 7 dots wide, of which 96 are an inch."""
        return (7 * self.widths.get(column, self.default_width) + 5) * 0.75

    @cached_property
    def widest(self) -> float:
        """The width of all columns that hold anything, in points."""
        columns = {column for _, column in self.cells} - self.hidden_columns
        return sum(map(self.width, columns))


def read_sheet(
    package: Package,
    part: str,
    styles: Sequence[CellStyle],
    texts: Sequence[str],
    *,
    since_1904: bool,
) -> Worksheet:
    """Raises ReadingError: CORRUPT, TOO_COMPLEX for more than MOST_CELLS cells."""
    sheet = Worksheet()
    reader = _Rows(sheet, styles, texts, since_1904)
    for element in package.elements(part, _TAGS):
        match element.tag.rpartition("}")[2]:
            case "row":
                reader.read(element)
            case "col":
                _column(element, sheet)
            case "sheetFormatPr":
                sheet.default_height = _float(element.get("defaultRowHeight"), DEFAULT_HEIGHT)
                sheet.default_width = _float(element.get("defaultColWidth"), DEFAULT_WIDTH)
                sheet.rows_hidden = element.get("zeroHeight") in ("1", "true")
            case "mergeCell":
                area = _area(element.get("ref", ""))
                if area is not None:
                    sheet.merged.append(area)
            case _:
                sheet.drawings.append(element.get(f"{R}id", ""))
    reader.close()
    heads = _hidden_heads(sheet)
    if heads:
        for element in package.elements(part, [f"{S}row"]):
            reader.read_heads(element, heads)
    return sheet


def _hidden_heads(sheet: Worksheet) -> set[Place]:
    """The first cells in hidden rows of merged areas that reach into rows that can be seen."""
    return {
        (top, left)
        for top, left, bottom, _ in sheet.merged
        if top in sheet.hidden_rows and not sheet.hidden_rows.issuperset(range(top, bottom + 1))
    }


class _Rows:
    """Takes the rows of a sheet up one by one."""

    def __init__(
        self, sheet: Worksheet, styles: Sequence[CellStyle], texts: Sequence[str], since_1904: bool
    ) -> None:
        self._sheet = sheet
        self._styles = styles
        self._texts = texts
        self._since_1904 = since_1904
        self._bordered = {str(at) for at, style in enumerate(styles) if style.is_bordered}
        self._empty: dict[Place, SheetCell] = {}  # with borders, since the last cell that holds anything
        self._are_many = False
        self._last = 0

    def read(self, row: Element) -> None:
        number = min(max(_whole(row.get("r"), self._last + 1), 1), LAST_ROW)
        self._last = number
        height = _float(row.get("ht"), self._sheet.default_height)
        if row.get("hidden", "1" if self._sheet.rows_hidden else "0") in ("1", "true") or height == 0:
            self._sheet.hidden_rows.add(number)
            return
        found = dict(self._cells(row, number))
        if found:
            self._sheet.heights[number] = height
            self._keep(found)

    def read_heads(self, row: Element, heads: set[Place]) -> None:
        """Takes up those cells of a hidden row that are shown in rows below it."""
        number = _whole(row.get("r"), 0)
        if number in self._sheet.hidden_rows:
            found = {place: cell for place, cell in self._cells(row, number) if place in heads}
            self._sheet.cells |= found

    def _cells(self, row: Element, number: int) -> Iterator[tuple[Place, SheetCell]]:
        column = 0
        for cell in row:
            if not len(cell) and cell.get("s", "0") not in self._bordered and cell.get("r"):
                column = 0  # what follows tells its place itself, as this one does
                continue
            place = _REFERENCE.fullmatch(cell.get("r", ""))
            column = min(_column_number(place[1]) if place else column + 1, LAST_COLUMN)
            told = self._cell(cell)
            if told is not None:
                yield (number, column), told

    def close(self) -> None:
        """Keeps the first of the empty rows at the end."""
        last = max((row for row, _ in self._sheet.cells), default=0)
        kept = {place: cell for place, cell in self._empty.items() if place[0] <= last + EMPTY_ROWS_KEPT}
        self._sheet.cells |= kept

    def _keep(self, found: dict[Place, SheetCell]) -> None:
        if any(cell.text for cell in found.values()):
            if not self._are_many:
                self._sheet.cells |= self._empty
            self._sheet.cells |= found
            self._empty, self._are_many = {}, False
        elif len(self._empty) < MOST_EMPTY:
            self._empty |= found
        else:
            self._are_many = True
        if len(self._sheet.cells) > MOST_CELLS:
            raise ReadingError(
                FailureCategory.TOO_COMPLEX,
                f"シートのセルが多すぎます（上限{MOST_CELLS:,}個）。シートを分けるか、必要な範囲だけを"
                "別のブックに保存してください。",
            )

    def _cell(self, cell: Element) -> SheetCell | None:
        """The cell as it is shown; None where nothing is."""
        at = _whole(cell.get("s"), 0)
        style = self._styles[at] if at < len(self._styles) else CellStyle()
        text, is_number, confidence = self._shown(cell, style)
        if not text.strip():
            return SheetCell("", style) if style.is_bordered else None
        return SheetCell(text, style, is_number, confidence)

    def _shown(self, cell: Element, style: CellStyle) -> tuple[str, bool, float]:
        """What the cell shows, whether it is a number, and how sure that is."""
        kind = cell.get("t", "n")
        value = cell.findtext(f"{S}v")
        if kind == "inlineStr":
            inline = cell.find(f"{S}is")
            value = None if inline is None else rich_text(inline)
        if value is None or (kind == "n" and not value.strip()):
            formula = cell.findtext(f"{S}f")
            return (f"={formula}", False, 0.0) if formula else ("", False, 1.0)
        match kind:
            case "s":
                at = _whole(value, len(self._texts))
                text = self._texts[at] if at < len(self._texts) else ""
                return shown_text(text, style.code), False, 1.0
            case "str" | "inlineStr":
                return shown_text(value, style.code), False, 1.0
            case "b":
                return ("TRUE" if value.strip() == "1" else "FALSE"), False, 1.0
            case "e" | "d":
                return value, False, 1.0
        try:
            return shown(float(value), style.code, since_1904=self._since_1904), True, 1.0
        except (ValueError, OverflowError):
            return value, False, 1.0


def _column(element: Element, sheet: Worksheet) -> None:
    first, last = _whole(element.get("min"), 1), _whole(element.get("max"), 1)
    width = _float(element.get("width"), DEFAULT_WIDTH)
    is_hidden = element.get("hidden") in ("1", "true") or width == 0
    for column in range(max(first, 1), min(last, LAST_COLUMN) + 1):
        sheet.widths[column] = min(width, 255.0)
        if is_hidden:
            sheet.hidden_columns.add(column)


def _area(reference: str) -> Area | None:
    ends = [_REFERENCE.fullmatch(end) for end in reference.split(":")]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        return None
    rows = sorted(min(int(end[2]), LAST_ROW) for end in ends if end is not None)
    columns = sorted(min(_column_number(end[1]), LAST_COLUMN) for end in ends if end is not None)
    return rows[0], columns[0], rows[1], columns[1]


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else otherwise


def _float(text: str | None, otherwise: float) -> float:
    try:
        return float(text) if text else otherwise
    except ValueError:
        return otherwise


def rich_text(item: Element) -> str:
    """The text of a shared or inline string in all its runs, without the kana that tell how it is read."""
    texts = [text for text in item.iter(f"{S}t") if not _is_phonetic(text)]
    return "".join(text.text or "" for text in texts)


def _is_phonetic(text: Element) -> bool:
    holder = text.getparent()
    return holder is not None and holder.tag == f"{S}rPh"
