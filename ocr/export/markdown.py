"""A document as GitHub Markdown."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from ocr.document import Block, BlockKind, Cell, Document, Field, Page, Table, ValueKind
from ocr.export.html_table import html_table

_MARKUP = re.compile(r"([\\`*_<\[\]$]|&(?=#?\w+;))")
_BLOCK_MARKUP = re.compile(r"^(\d*)(#{1,6}(?= |$)|(?<!\d)[-+>=]|(?<=\d)[.)](?= ))", re.MULTILINE)
_NUMBER = re.compile(r"(\d{1,3})[.．]\s*(?!\d)")
_BULLET = re.compile(r"[・･•‣▪▶►●○◎◇◆■\-–—*＊]\s*")
_TICKED, _UNTICKED = re.compile(r"[☑☒✓✔]\s*"), re.compile(r"[☐□]\s*")
_FORM_PARTS = (BlockKind.FIELD, BlockKind.STAMP)
_MARGINS = (BlockKind.HEADER, BlockKind.FOOTER)
_PRINTED_OTHERWISE = re.compile(r"[^\d-]")


def to_markdown(document: Document) -> str:
    """Headings, lists (with task boxes), tables, each form as a table of its fields.

    The first heading of a document is of level 1, all others of level 2; a rule parts the documents of a
    stack. A table with spans is an HTML table, as Markdown has none; a field whose normalised value says more
    than its printed one shows both. What stands in the margins of a page, such as its number, and what
    free-standing seals say is left out.
    """
    parts: list[str] = []
    level = "#"
    for page in document.pages:
        if page.number in document.begins:
            parts.append("---")
            level = "#"
        body = [block for block in page.blocks if block.kind not in _MARGINS]
        for kind, blocks in groupby(body, key=_part):
            if kind is BlockKind.HEADING:
                for block in blocks:
                    parts.append(f"{level} {_one_line(_text(document, block))}")
                    level = "##"
            else:
                parts.extend(_markdown(document, page, kind, list(blocks)))
    return "\n\n".join(parts) + "\n"


def _text(document: Document, block: Block) -> str:
    return document.text[block.start : block.end]


def _part(block: Block) -> BlockKind:
    """The kind under which neighbouring blocks make one piece of Markdown."""
    return BlockKind.FIELD if block.kind in _FORM_PARTS else block.kind


def _markdown(document: Document, page: Page, kind: BlockKind, blocks: Sequence[Block]) -> Iterator[str]:
    if kind is BlockKind.FIELD:
        fields = [field for field in page.fields if any(b.start <= field.start <= b.end for b in blocks)]
        if fields:
            yield _form(fields)
    elif kind is BlockKind.TABLE:
        for block in blocks:
            yield _table(document, page, block)
    elif kind is BlockKind.LIST_ITEM:
        yield "\n".join(_list_item(_text(document, block)) for block in blocks)
    else:
        for block in blocks:
            if text := _text(document, block):
                yield _BLOCK_MARKUP.sub(r"\1\\\2", _inline(text)).replace("\n", "  \n")


def _form(fields: Sequence[Field]) -> str:
    if not any(_says_more(field) for field in fields):
        return _grid([("項目", "値"), *((field.name, field.value) for field in fields)])
    shown = ((f.name, f.value, f.normalized if _says_more(f) else "") for f in fields)
    return _grid([("項目", "値", "標準形"), *shown])


def _says_more(field: Field) -> bool:
    """Whether the normalised value is more than the printed one in half width, without its commas."""
    if not field.normalized or field.kind is ValueKind.TEXT:
        return False
    printed = unicodedata.normalize("NFKC", field.value)
    if field.kind is ValueKind.CHOICE:
        return field.normalized != printed
    return _PRINTED_OTHERWISE.sub("", field.normalized) != _PRINTED_OTHERWISE.sub("", printed)


def _table(document: Document, page: Page, block: Block) -> str:
    table = next((table for table in page.tables if table.box == block.box), None)
    if table is None:
        return _grid([row.split("\t") for row in _text(document, block).split("\n")])
    rows = _rows(table)
    if any(cell.row_span > 1 or cell.column_span > 1 for row in rows for cell in row):
        return html_table(rows)
    return _grid([[cell.text for cell in row] for row in rows])


def _rows(table: Table) -> list[list[Cell]]:
    """The cells that begin in each row, left to right, their places and spans counted in the rows and columns
    that any cell begins in: a table may share its rulings with a form that has more of them."""
    tops = sorted({cell.row for cell in table.cells})
    lefts = sorted({cell.column for cell in table.cells})
    rows: list[list[Cell]] = [[] for _ in tops]
    for cell in sorted(table.cells, key=lambda cell: cell.column):
        row, row_end = bisect_left(tops, cell.row), bisect_left(tops, cell.row + cell.row_span)
        column, column_end = (
            bisect_left(lefts, cell.column),
            bisect_left(lefts, cell.column + cell.column_span),
        )
        rows[row].append(
            replace(cell, row=row, column=column, row_span=row_end - row, column_span=column_end - column)
        )
    return rows


def _list_item(text: str) -> str:
    for box, mark in ((_TICKED, "- [x] "), (_UNTICKED, "- [ ] ")):
        if found := box.match(text):
            return mark + _one_line(text[found.end() :])
    if found := _NUMBER.match(text):
        return f"{found[1]}. {_one_line(text[found.end() :])}"
    return "- " + _one_line(_BULLET.sub("", text, count=1) if _BULLET.match(text) else text)


def _one_line(text: str) -> str:
    return _inline(text).replace("\n", "<br>")


def _inline(text: str) -> str:
    escaped = _MARKUP.sub(r"\\\1", text)
    # One alone, as in 10:00~12:00, strikes nothing out.
    return escaped.replace("~", r"\~") if text.count("~") > 1 else escaped


def _grid(rows: Sequence[Sequence[str]]) -> str:
    """A table whose first row is its header; short rows are filled up with empty cells."""
    width = max(map(len, rows))
    padded = [[*row, *[""] * (width - len(row))] for row in rows]
    lines = [_row(map(_in_cell, row)) for row in padded]
    return "\n".join((lines[0], _row(["---"] * width), *lines[1:]))


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _in_cell(text: str) -> str:
    return _one_line(text).replace("|", r"\|")
