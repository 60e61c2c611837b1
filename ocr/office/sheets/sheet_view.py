"""A worksheet without its hidden rows and columns, and with one empty one where there are many.

Rows and columns of a view count from 0. Where at least one that can be seen is empty, one empty one stands
for all: what it parts stays apart.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ocr.errors import FailureCategory, ReadingError
from ocr.office.sheets.worksheet import Area, Place, SheetCell, Worksheet
from ocr.written.content_model import Align, Paragraph

MOST_PLACES = 400_000  # of merged areas, or of one table: a table of more is no table for a reader
BETWEEN = 0.5  # added to the number of a row or column: the empty one behind it


@dataclass(frozen=True, slots=True)
class Region:
    """Rows `top` to `bottom` and columns `left` to `right`, the latter two not included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def area(self) -> int:
        return (self.bottom - self.top) * (self.right - self.left)

    def places(self) -> Iterator[Place]:
        for row in range(self.top, self.bottom):
            for column in range(self.left, self.right):
                yield row, column


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in a place; `is_whole` where the edges of the place are drawn or merged, not only those of
    the sheet's own lines."""

    place: Region
    paragraphs: tuple[Paragraph, ...] = ()
    is_whole: bool = False


class SheetView:
    """What can be seen of a sheet. `rows` are the numbers that the sheet gives to the rows of the view.

    Raises ReadingError(TOO_COMPLEX) for merged areas of too many cells.
    """

    def __init__(self, sheet: Worksheet) -> None:
        heads = {area[:2]: area for area in sheet.merged if area[:2] in sheet.cells}
        self._cells = {place: cell for place, cell in sheet.cells.items() if not _is_hidden(sheet, *place)}
        seen = {*self._cells, *(place for area in heads.values() for place in _first_seen(sheet, area))}
        self.rows = _with_gaps({row for row, _ in seen}, sheet.hidden_rows)
        self._columns = _with_gaps({column for _, column in seen}, sheet.hidden_columns)
        self._heights = [sheet.height(int(row)) for row in self.rows]
        self._widths = [
            _width(sheet, column, after)
            for column, after in zip(self._columns, self._columns[1:], strict=False)
        ]
        self._widths += [sheet.width(int(column)) for column in self._columns[-1:]]
        self._begin: dict[Place, Place] = {}  # of each place in a merged area, where the area begins
        self._texts = dict(self._merged_texts(sheet, heads))
        self._texts |= dict(self._single_texts())
        self._left_edges, self._top_edges = self._edges()
        self._boxed_rows = _spans(self._left_edges)
        self._ruled_columns = _spans({(column, row) for row, column in self._top_edges})
        self._by_row: dict[int, list[Shown]] = defaultdict(list)
        for _, shown in sorted(self._texts.items(), key=lambda entry: entry[0]):
            self._by_row[shown.place.top].append(shown)

    @property
    def everything(self) -> Region:
        return Region(0, 0, len(self.rows), len(self._columns))

    def height(self, top: int, bottom: int) -> float:
        """Of rows, in points."""
        return sum(self._heights[top:bottom])

    def width(self, left: int, right: int) -> float:
        """Of columns, in points."""
        return sum(self._widths[left:right])

    def shown(self, region: Region) -> Iterator[Shown]:
        """The texts that begin in a region, row by row."""
        for row in range(region.top, region.bottom):
            yield from (s for s in self._by_row.get(row, ()) if region.left <= s.place.left < region.right)

    def boxed_rows(self, region: Region) -> set[int]:
        """The rows of a region with a line beside one of their places in it."""
        return _touched(self._boxed_rows, (region.top, region.bottom), (region.left, region.right))

    def ruled_columns(self, region: Region) -> set[int]:
        """The columns of a region with a line above or below one of their places in it."""
        return _touched(self._ruled_columns, (region.left, region.right), (region.top, region.bottom))

    def has_left_edge(self, row: int, column: int) -> bool:
        return (row, column) in self._left_edges

    def has_top_edge(self, row: int, column: int) -> bool:
        return (row, column) in self._top_edges

    def begin(self, place: Place) -> Place:
        """Where the merged area begins that the place lies in; the place itself outside of any."""
        return self._begin.get(place, place)

    def _region(self, area: Area) -> Region:
        """The rows and columns of the view that lie in an area of the sheet."""
        return Region(
            bisect_left(self.rows, area[0]),
            bisect_left(self._columns, area[1]),
            bisect_right(self.rows, area[2]),
            bisect_right(self._columns, area[3]),
        )

    def _merged_texts(self, sheet: Worksheet, heads: dict[Place, Area]) -> Iterator[tuple[Place, Shown]]:
        for place, area in heads.items():
            region = self._region(area)
            if region.area < 1:
                continue
            if len(self._begin) + region.area > MOST_PLACES:
                raise too_complex()
            self._begin |= dict.fromkeys(region.places(), (region.top, region.left))
            if sheet.cells[place].text:
                yield (region.top, region.left), Shown(region, _paragraphs(sheet.cells[place]), is_whole=True)

    def _single_texts(self) -> Iterator[tuple[Place, Shown]]:
        for (row, column), cell in self._cells.items():
            top, left = bisect_left(self.rows, row), bisect_left(self._columns, column)
            if cell.text and (top, left) not in self._begin:
                yield (top, left), Shown(Region(top, left, top + 1, left + 1), _paragraphs(cell))

    def _edges(self) -> tuple[set[Place], set[Place]]:
        """The places that have a line on their left, and above them; none inside of a merged area."""
        lefts: set[Place] = set()
        tops: set[Place] = set()
        for (number, letter), cell in self._cells.items():
            style = cell.style
            if not style.is_bordered:
                continue
            row, column = bisect_left(self.rows, number), bisect_left(self._columns, letter)
            lefts |= {(row, column)} if style.left else set()
            lefts |= {(row, column + 1)} if style.right else set()
            tops |= {(row, column)} if style.top else set()
            tops |= {(row + 1, column)} if style.bottom else set()
        return (
            {(row, column) for row, column in lefts if not self._are_one((row, column), (row, column - 1))},
            {(row, column) for row, column in tops if not self._are_one((row, column), (row - 1, column))},
        )

    def _are_one(self, place: Place, other: Place) -> bool:
        return place in self._begin and self._begin.get(other) == self._begin[place]


def _spans(edges: Iterable[Place]) -> dict[int, list[int]]:
    """For each first number of the edges the others, in order."""
    found: dict[int, list[int]] = defaultdict(list)
    for line, place in sorted(edges):
        found[line].append(place)
    return dict(found)


def _touched(spans: dict[int, list[int]], lines: tuple[int, int], places: tuple[int, int]) -> set[int]:
    """The lines (the last not included) with an edge in `places`, both ends included."""
    candidates = spans if len(spans) < lines[1] - lines[0] else range(*lines)
    return {
        line
        for line in candidates
        if lines[0] <= line < lines[1]
        and (found := spans.get(line))
        and bisect_left(found, places[0]) < bisect_right(found, places[1])
    }


def too_complex() -> ReadingError:
    return ReadingError(
        FailureCategory.TOO_COMPLEX,
        f"シートの表が大きすぎます（上限{MOST_PLACES:,}セル）。シートを分けるか、必要な範囲だけを別のブックに"
        "保存してください。",
    )


def _is_hidden(sheet: Worksheet, row: int, column: int) -> bool:
    return row in sheet.hidden_rows or column in sheet.hidden_columns


def _first_seen(sheet: Worksheet, area: Area) -> Iterator[Place]:
    """The first place of a merged area that can be seen, if any can."""
    row = next((row for row in range(area[0], area[2] + 1) if row not in sheet.hidden_rows), None)
    column = next((one for one in range(area[1], area[3] + 1) if one not in sheet.hidden_columns), None)
    if row is not None and column is not None:
        yield row, column


def _with_gaps(numbers: Iterable[int], hidden: set[int]) -> list[float]:
    """The numbers in order, and one between two that leave an empty one between them that can be seen."""
    concealed = sorted(hidden)
    found: list[float] = []
    for number in sorted(numbers):
        if found:
            before = int(found[-1])
            between = bisect_left(concealed, number) - bisect_right(concealed, before)
            if number - before - 1 > between:
                found.append(before + BETWEEN)
        found.append(number)
    return found


def _width(sheet: Worksheet, column: float, after: float) -> float:
    """Of a column, or of all empty ones that one stands for up to `after`."""
    if column == int(column):
        return sheet.width(int(column))
    empty = set(range(int(column) + 1, int(after))) - sheet.hidden_columns
    return sum(map(sheet.width, empty))


def _paragraphs(cell: SheetCell) -> tuple[Paragraph, ...]:
    style = cell.style
    align = style.align or (Align.RIGHT if cell.is_number else Align.LEFT)
    return tuple(
        Paragraph(line, size=style.size, align=align, confidence=cell.confidence, bold=style.bold)
        for line in cell.text.split("\n")
        if line.strip()
    )
