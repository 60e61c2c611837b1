"""A table as HTML, which keeps its spans."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ocr.document import Cell, Table


def _rows(table: Table) -> list[list[Cell]]:
    """The cells row by row, left to right; a row that cells above span altogether is empty."""
    rows: list[list[Cell]] = [[] for _ in range(1 + max(cell.row for cell in table.cells))]
    for cell in sorted(table.cells, key=lambda cell: cell.column):
        rows[cell.row].append(cell)
    return rows


def html_table(table: Table) -> str:
    """A `table` element, a row a line; a line break within a cell is `<br>`.

    The header is the first row with all the rows that its cells span.
    """
    rows = _rows(table)
    header = max((cell.row_span for cell in rows[0]), default=0)
    lines = (_row(row, number < header) for number, row in enumerate(rows))
    return "\n".join(("<table>", *lines, "</table>"))


def _row(cells: Sequence[Cell], in_header: bool) -> str:
    return "<tr>" + "".join(_cell(cell, "th" if in_header else "td") for cell in cells) + "</tr>"


def _cell(cell: Cell, element: str) -> str:
    spans = (("colspan", cell.column_span), ("rowspan", cell.row_span))
    attributes = "".join(f' {name}="{span}"' for name, span in spans if span > 1)
    text = escape(cell.text, quote=False).replace("\n", "<br>")
    return f"<{element}{attributes}>{text}</{element}>"
