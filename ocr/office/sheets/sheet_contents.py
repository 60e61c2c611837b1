"""A worksheet in the pieces that the eye sees: boxed tables and forms, lists, and lines of text.

A sheet is one grid to Excel and several things to its reader. It is cut at empty rows, where boxed rows begin
and end, and at wide empty columns, one cut inside the other (after the XY-cut of Nagy and Seth, 1984). Inside
of boxes a cell is what lines are drawn around, whatever number of cells of the sheet lies in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from ocr.office.sheets.sheet_boxes import boxed_cells
from ocr.office.sheets.sheet_view import MOST_PLACES, Region, SheetView, Shown, too_complex
from ocr.office.sheets.worksheet import Worksheet
from ocr.written.content_model import Align, CellContent, Content, Paragraph, TableContent

# Points of empty columns between things that stand beside each other.
GUTTER = 36.0
MOST_CUTS = 40  # levels of cuts inside cuts


def sheet_contents(sheet: Worksheet, drawings: Sequence[tuple[int, Content]]) -> list[Content]:
    """All that can be seen of the sheet in reading order; each of `drawings` stands before what begins below
    the row that it begins in. Raises ReadingError(TOO_COMPLEX)."""
    view = SheetView(sheet)
    waiting = sorted(drawings, key=lambda drawing: drawing[0])
    found: list[Content] = []
    for region in _regions(view, view.everything, 0):
        while waiting and waiting[0][0] < view.rows[region.top]:
            found.append(waiting.pop(0)[1])
        found.extend(_contents(view, region))
    return [*found, *(content for _, content in waiting)]


def _regions(view: SheetView, region: Region, depth: int) -> Iterator[Region]:
    """The region cut into the pieces that stand apart, in reading order."""
    for cut in (_bands, _alone, _columns) if depth < MOST_CUTS else ():
        parts = cut(view, region)
        if parts != [region]:
            for part in parts:
                yield from _regions(view, part, depth + 1)
            return
    yield region


def _bands(view: SheetView, region: Region) -> list[Region]:
    """The runs of rows with anything in them, boxed ones apart from others."""
    boxed, written = _rows(view, region)
    used = boxed | written
    bands = []
    for kind, rows in groupby(
        range(region.top, region.bottom), key=lambda row: row in boxed if row in used else None
    ):
        some = list(rows)
        if kind is not None:
            bands.append(Region(some[0], region.left, some[-1] + 1, region.right))
    return bands


def _alone(view: SheetView, region: Region) -> list[Region]:
    """A title above a list and remarks below it, which stand alone in their rows, apart from it."""
    if view.boxed_rows(region):
        return [region]
    several = [row for row, shown in _by_row(view, region) if len(shown) > 1]
    if not several:
        return [region]
    first, last = several[0], several[-1] + 1
    edges = sorted({region.top, first, last, region.bottom})
    return [Region(top, region.left, bottom, region.right) for top, bottom in pairwise(edges)]


def _by_row(view: SheetView, region: Region) -> list[tuple[int, list[Shown]]]:
    """The texts of a region by the row that they begin in."""
    return [(row, list(some)) for row, some in groupby(view.shown(region), key=lambda shown: shown.place.top)]


def _rows(view: SheetView, region: Region) -> tuple[set[int], set[int]]:
    """The rows of a region with lines down them, and those that something is written in."""
    boxed = view.boxed_rows(region)
    written = {row for shown in view.shown(region) for row in range(shown.place.top, shown.place.bottom)}
    return boxed, written


def _columns(view: SheetView, region: Region) -> list[Region]:
    """The runs of columns with anything in them, where the empty ones between are wide."""
    used = view.ruled_columns(region)
    used |= {column for shown in view.shown(region) for column in range(shown.place.left, shown.place.right)}
    runs: list[list[int]] = []
    for column in sorted(used & set(range(region.left, region.right))):
        if runs and view.width(runs[-1][-1] + 1, column) < GUTTER:
            runs[-1].append(column)
        else:
            runs.append([column])
    return [Region(region.top, run[0], region.bottom, run[-1] + 1) for run in runs]


def _contents(view: SheetView, region: Region) -> Iterator[Content]:
    boxed, _ = _rows(view, region)
    if boxed and region.area <= MOST_PLACES:
        yield from _table(view, boxed_cells(view, region))
        return
    by_row = _by_row(view, region)
    if any(len(shown) > 1 for _, shown in by_row):
        yield from _table(view, [one for _, shown in by_row for one in shown])
    else:
        yield from (line for _, shown in by_row for line in _lines(shown[0]))


def _lines(shown: Shown) -> Iterator[Paragraph]:
    """A cell as lines of text."""
    for one in shown.paragraphs:
        yield replace(one, align=Align.CENTER if one.align is Align.CENTER else Align.LEFT)


def _table(view: SheetView, cells: Sequence[Shown]) -> Iterator[Content]:
    """The cells on the rows and columns that any of them begins or is drawn to end in, with the empty places
    between them."""
    whole = [cell.place for cell in cells if cell.is_whole]
    tops = sorted({cell.place.top for cell in cells} | {place.bottom for place in whole})
    lefts = sorted({cell.place.left for cell in cells} | {place.right for place in whole})
    bottom, right = max(cell.place.bottom for cell in cells), max(cell.place.right for cell in cells)
    tops, lefts = sorted({*tops, bottom}), sorted({*lefts, right})
    rows, columns = len(tops) - 1, len(lefts) - 1
    if rows == columns == 1:
        yield from (line for cell in cells for line in _lines(cell))
        return
    if rows * columns > MOST_PLACES:
        raise too_complex()
    row_at = {edge: place for place, edge in enumerate(tops)}
    column_at = {edge: place for place, edge in enumerate(lefts)}
    free = set(Region(0, 0, rows, columns).places())
    found = []
    for cell in cells:
        row, column = row_at[cell.place.top], column_at[cell.place.left]
        end_row = row_at[cell.place.bottom] if cell.is_whole else row + 1
        end_column = column_at[cell.place.right] if cell.is_whole else column + 1
        free.difference_update(Region(row, column, end_row, end_column).places())
        found.append(CellContent(row, column, end_row - row, end_column - column, cell.paragraphs))
    found += [CellContent(row, column, 1, 1, ()) for row, column in free]
    yield TableContent(
        columns=tuple(view.width(lefts[at], lefts[at + 1]) for at in range(columns)),
        rows=tuple(view.height(tops[at], tops[at + 1]) for at in range(rows)),
        cells=tuple(sorted(found, key=lambda cell: (cell.row, cell.column))),
    )
