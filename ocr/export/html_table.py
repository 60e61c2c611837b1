"""A table as HTML, which keeps its spans."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ocr.document import Cell


def html_table(rows: Sequence[Sequence[Cell]]) -> str:
    """A `table` element, a row a line; a line break within a cell is `<br>`.

    `rows` holds the cells that begin in each row, left to right. The header is the first row with all the
    rows that its cells span.
    """
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
