"""The tables and fields of a document as pandas data frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from ocr.document import Cell, Document, Table

FIELD_COLUMNS = ("page", "name", "value", "normalized", "kind", "unit", "key", "confidence")


def to_tables(document: Document) -> list[pd.DataFrame]:
    """A frame for each table and form of the document, in its order.

    Header rows name the columns, several joined by a blank; columns without a header are numbered from 0. A
    cell that spans others stands in each of them.
    """
    return [_frame(table) for page in document.pages for table in page.tables]


def to_fields(document: Document) -> pd.DataFrame:
    """The labelled values of the document, a row each; `page` counts from 1."""
    rows = [
        {
            "page": page.number,
            **{name: value for name, value in asdict(field).items() if name in FIELD_COLUMNS},
        }
        for page in document.pages
        for field in page.fields
    ]
    frame = pd.DataFrame(rows, columns=[*FIELD_COLUMNS])
    return frame.assign(kind=frame["kind"].map(str))


def _frame(table: Table) -> pd.DataFrame:
    height = max(cell.row + cell.row_span for cell in table.cells)
    width = max(cell.column + cell.column_span for cell in table.cells)
    rows = [[""] * width for _ in range(height)]
    for cell in table.cells:
        _spread(rows, cell)
    header, body = rows[: table.header_rows], rows[table.header_rows :]
    return pd.DataFrame(body, columns=[_heading(column, header) for column in range(width)])


def _spread(rows: list[list[str]], cell: Cell) -> None:
    for row in range(cell.row, cell.row + cell.row_span):
        for column in range(cell.column, cell.column + cell.column_span):
            rows[row][column] = cell.text


def _heading(column: int, header: Sequence[Sequence[str]]) -> str | int:
    words = dict.fromkeys(row[column] for row in header if row[column])
    return " ".join(words) if words else column
