"""Rows out of what a business expert keeps: Excel, OpenDocument, CSV or TSV."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nlu.text.folding import plain

Row = tuple[str, ...]

MOST_BYTES = 64 * 2**20
ZIPPED, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_TELLING_LINES = 10
HEADING_ROWS = 10
"""Rows from the top within which headings stand: above them is a title, a date, a name."""
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class UnreadableSpreadsheetError(ValueError):
    """A file that holds no table; its message says in Japanese why, and what to do."""


def read_spreadsheet(data: bytes) -> dict[str, list[Row]]:
    """The rows of each sheet, by its name in the order of the file; a CSV or TSV is one sheet without a name.

    What the file is, its bytes tell: .xlsx, .xlsm, .xls, .ods, or text in UTF-8 (with or without BOM) or
    CP932, parted by commas or tabs. Cells are texts without white space around them: whole numbers without
    decimals, dates as 2024-04-19. Raises UnreadableSpreadsheetError.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableSpreadsheetError(
            f"ファイルが大きすぎます（上限 {MOST_BYTES >> 20} MiB）。表だけの小さなファイルにしてください。"
        )
    if data.startswith((ZIPPED, OLE)):
        return _workbook(data)
    return {"": _text_rows(_decoded(data))}


def _workbook(data: bytes) -> dict[str, list[Row]]:
    import pandas as pd

    try:
        sheets = pd.read_excel(
            io.BytesIO(data), sheet_name=None, header=None, dtype=object, na_filter=False, engine="calamine"
        )
    except Exception as error:  # the reader of untrusted bytes raises what it likes
        raise UnreadableSpreadsheetError(
            "Excel（.xlsx、.xls）か OpenDocument（.ods）の表として開けません。"
            "パスワードを外し、表計算ソフトで保存し直してください。"
        ) from error
    return {
        str(name): [tuple(map(_text, row)) for row in frame.itertuples(index=False, name=None)]
        for name, frame in sheets.items()
    }


def _text(cell: Any) -> str:
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _decoded(data: bytes) -> str:
    if not data.startswith(_UTF_16_MARKS):
        for encoding in ("utf-8-sig", "cp932"):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise UnreadableSpreadsheetError(
        "文字コードが UTF-8 でも CP932（Shift_JIS）でもありません。"
        "表計算ソフトで「CSV UTF-8」として保存し直してください。"
    )


def _text_rows(text: str) -> list[Row]:
    """The rows of CSV or TSV: the first lines say by which of both their cells are parted."""
    first = "\n".join(text.split("\n", _TELLING_LINES)[:_TELLING_LINES])
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    try:
        return [
            tuple(cell.strip() for cell in row)
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise UnreadableSpreadsheetError(
            f'CSV として読めません（{error}）。引用符「"」が閉じているか確かめてください。'
        ) from error


def plain_heading(heading: str) -> str:
    """A heading as it is compared: widths, cases and blanks put aside."""
    return "".join(plain(heading).split())


def find_headings(
    sheets: Iterable[Sequence[Row]], are_headings: Callable[[Row], bool]
) -> tuple[Sequence[Row], int] | None:
    """The first sheet with a row of headings near its top, and the place of that row; None without any."""
    for rows in sheets:
        for place, row in enumerate(rows[:HEADING_ROWS]):
            if are_headings(row):
                return rows, place
    return None


def is_blank(row: Sequence[str]) -> bool:
    """Whether nothing stands in the row."""
    return not any(row)
