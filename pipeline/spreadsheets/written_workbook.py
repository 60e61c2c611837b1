"""Sheets written as an Excel workbook or as CSV, safe to open: what was read on paper is never a formula."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline.spreadsheets.sheets import PICTURE, Sheet

if TYPE_CHECKING:
    import pandas as pd
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

# Limits of the format (ECMA-376, and Excel's own specifications).
MOST_ROWS = 1_048_576 - 1
LONGEST_CELL = 32_767
MOST_LINKS = 65_530
LONGEST_NAME = 31
CUT_SHORT = "…（以下略）"

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_NARROWEST, _WIDEST = 8, 60  # columns, in widths of a digit


def to_workbook(sheets: Sequence[Sheet], about: Sequence[tuple[str, str]]) -> bytes:
    """An .xlsx with a sheet that says what was exported, then `sheets`, each with a frozen header that
    filters. Rows over Excel's limit go on in a further sheet."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as workbook:
        parts = [part for sheet in sheets for part in _parts(sheet)]
        names = sheet_names([part.name for part in parts], taken=["抽出条件"])
        listed = [
            (f"シート「{name}」", f"{part.note}：{len(part.rows):,} 行")
            for name, part in zip(names, parts, strict=True)
        ]
        _write_about(workbook, [*about, *listed])
        for name, part in zip(names, parts, strict=True):
            _write_sheet(workbook, name, part.rows)
    return buffer.getvalue()


def to_csv(rows: pd.DataFrame) -> bytes:
    """The rows as CSV in UTF-8 with a byte order mark, as Excel expects it; a text that begins like a formula
    gets an apostrophe before it (OWASP, CSV injection)."""
    safe = rows.map(lambda cell: neutral(cell) if isinstance(cell, str) else cell)
    written: str = safe.to_csv(index=False, lineterminator="\r\n")
    return written.encode("utf-8-sig")


def neutral(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for the beginning of a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def sheet_names(names: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """Names that Excel takes: without the characters it forbids, short enough, and no two alike."""
    used = {name.casefold() for name in taken}
    found = []
    for name in names:
        plain = _NOT_IN_NAMES.sub("_", name).strip() or "_"
        short, number = plain[:LONGEST_NAME], 2
        while short.casefold() in used:
            ending = f" ({number})"
            short, number = plain[: LONGEST_NAME - len(ending)] + ending, number + 1
        used.add(short.casefold())
        found.append(short)
    return found


def _parts(sheet: Sheet) -> list[Sheet]:
    """The sheet cut into as many as Excel's limit of rows asks for."""
    starts = range(0, max(1, len(sheet.rows)), MOST_ROWS)
    return [Sheet(sheet.name, sheet.rows.iloc[start : start + MOST_ROWS], sheet.note) for start in starts]


def _write_about(workbook: Workbook, lines: Sequence[tuple[str, str]]) -> None:
    page = workbook.add_worksheet("抽出条件")
    bold, wrap = (
        workbook.add_format({"bold": True, "valign": "top"}),
        workbook.add_format({"text_wrap": True}),
    )
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 90)
    for row, (name, value) in enumerate(lines):
        page.write_string(row, 0, name, bold)
        page.write_string(row, 1, value, wrap)


def _write_sheet(workbook: Workbook, name: str, rows: pd.DataFrame) -> None:
    page = workbook.add_worksheet(name)
    header = workbook.add_format(
        {"bold": True, "bg_color": "#D9E1F2", "border": 1, "text_wrap": True, "valign": "top"}
    )
    formats = {
        datetime.date: workbook.add_format({"num_format": "yyyy/mm/dd", "valign": "top"}),
        datetime.datetime: workbook.add_format({"num_format": "yyyy/mm/dd hh:mm", "valign": "top"}),
        str: workbook.add_format({"text_wrap": True, "valign": "top"}),
        float: workbook.add_format({"valign": "top"}),
    }
    quoted = workbook.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
    for place, heading in enumerate(rows.columns):
        page.write_string(0, place, str(heading), header)
        cells = list(rows[heading])
        page.set_column(place, place, _width(str(heading), cells))
        links = heading == PICTURE
        for row, cell in enumerate(cells, start=1):
            _write_cell(page, (row, place), cell, formats, quoted, as_link=links and row <= MOST_LINKS)
    page.freeze_panes(1, 1)
    if len(rows.columns):
        page.autofilter(0, 0, len(rows), len(rows.columns) - 1)


def _write_cell(
    page: Worksheet,
    at: tuple[int, int],
    cell: Any,
    formats: dict[type, Format],
    quoted: Format,
    *,
    as_link: bool,
) -> None:
    import pandas as pd

    if cell is None or cell is pd.NaT or (isinstance(cell, float) and pd.isna(cell)) or cell == "":
        return
    if isinstance(cell, datetime.datetime):
        page.write_datetime(*at, cell, formats[datetime.datetime])
    elif isinstance(cell, datetime.date):
        page.write_datetime(*at, cell, formats[datetime.date])
    elif isinstance(cell, str):
        if as_link and page.write_url(*at, f"external:{cell}", string="開く") == 0:
            return
        page.write_string(*at, shortened(cell), quoted if _FORMULA.match(cell) else formats[str])
    else:
        page.write_number(*at, float(cell), formats[float])


def shortened(text: str) -> str:
    """The text as long as a cell may be, with a word that says so where something is left out."""
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(CUT_SHORT)] + CUT_SHORT


def _width(heading: str, cells: Sequence[Any]) -> int:
    """A width for most of the cells; full-width characters take two."""
    longest = max((len(line) for cell in cells[:500] for line in str(cell).split("\n")), default=0)
    return max(_NARROWEST, min(_WIDEST, 2 * max(len(heading), longest if longest < _WIDEST else _WIDEST) + 2))
