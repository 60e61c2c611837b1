"""All that can be seen of a written file is read, and once, however oddly it is put together."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage

import docx
import openpyxl
import pptx
from docx.document import Document as WordFile
from docx.table import _Cell as WordCell
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Border, Side
from openpyxl.utils import get_column_letter
from pptx.shapes.shapetree import GroupShapes, SlideShapes
from pptx.util import Cm

from ocr.document import Document
from tests.support.ocr.office_files import read, saved

_LINE = Side(style="thin")
_WORD = re.compile(r"値\d{3}字")
bounded = settings(max_examples=40, deadline=None, derandomize=True)
seeds = st.integers(0, 100_000).map(random.Random)


class Words:
    """Words of which each is another."""

    def __init__(self) -> None:
        self.given: Counter[str] = Counter()

    def next(self) -> str:
        word = f"値{len(self.given):03}字"
        self.given[word] += 1
        return word

    def unseen(self) -> str:
        return f"値{999 - len(self.given):03}字"


def is_whole(document: Document, words: Words) -> bool:
    """Words of the text, and of all lines, where one may be broken in two."""
    found = Counter(_WORD.findall(document.text))
    lines = "".join(line.text.replace(" ", "") for page in document.pages for line in page.lines)
    shown = Counter(_WORD.findall(lines))
    return found == words.given == shown and not document.failures


Area = tuple[int, int, int, int]


def areas(some: random.Random, rows: int, columns: int, *, beyond: int = 0) -> list[Area]:
    """Areas of more than one place that do not overlap: first row and column, last row and column."""
    taken: set[tuple[int, int]] = set()
    found = []
    for _ in range(some.choice([0, 0, 2, 6])):
        top, left = some.randrange(rows), some.randrange(columns)
        bottom = min(top + some.randrange(3), rows - 1 + beyond)
        right = min(left + some.randrange(3), columns - 1 + beyond)
        places = {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
        if len(places) > 1 and not places & taken:
            taken |= places
            found.append((top, left, bottom, right))
    return found


def around(place: tuple[int, int], merged: list[Area]) -> Area:
    row, column = place
    return next(
        (area for area in merged if area[0] <= row <= area[2] and area[1] <= column <= area[3]),
        (row, column, row, column),
    )


@bounded
@given(seeds)
def test_of_a_sheet(some: random.Random) -> None:
    """Merged areas, lines here and there, hidden rows and columns."""
    made, words = openpyxl.Workbook(), Words()
    page = made.active
    rows, columns = some.randint(1, 12), some.randint(1, 8)
    merged = areas(some, rows, columns, beyond=2)
    hidden_rows = {row for row in range(rows + 2) if some.random() < 0.1}
    hidden_columns = {column for column in range(columns + 2) if some.random() < 0.1}
    filled, lined = some.choice([0.2, 0.5, 0.9]), some.choice([0, 0.3, 0.8, 1])
    for row, column in ((row, column) for row in range(rows) for column in range(columns)):
        area = around((row, column), merged)
        cell = page.cell(row + 1, column + 1)
        if some.random() < filled and area[:2] == (row, column):
            is_seen = not hidden_rows.issuperset(range(area[0], area[2] + 1))
            is_seen = is_seen and not hidden_columns.issuperset(range(area[1], area[3] + 1))
            cell.value = words.next() if is_seen else words.unseen()
        if area[:2] == area[2:] and some.random() < lined:
            left, right, top, bottom = (_LINE if some.random() < 0.8 else None for _ in range(4))
            cell.border = Border(left=left, right=right, top=top, bottom=bottom)
    for top, left, bottom, right in merged:
        page.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    for row in hidden_rows:
        page.row_dimensions[row + 1].hidden = True
    for column in hidden_columns:
        page.column_dimensions[get_column_letter(column + 1)].hidden = True
    if words.given:
        assert is_whole(read(saved(made)), words)


def write(into: WordFile | WordCell, some: random.Random, words: Words, depth: int) -> None:
    for _ in range(some.randint(1, 6 if depth == 0 else 2)):
        kind = some.choice(["text", "text", "item", "tabs", "break", "table"])
        if kind == "table" and depth < 3:
            write_table(into, some, words, depth)
            continue
        paragraph = into.add_paragraph(words.next())
        if kind == "item":
            paragraph.style = some.choice(["List Bullet", "List Number", "Heading 1", "Heading 2", "Title"])
        elif kind == "tabs":
            paragraph.add_run(f"\t{words.next()}\t{words.next()}")
        elif kind == "break":
            paragraph.add_run().add_break()
            paragraph.add_run(words.next())


def write_table(into: WordFile | WordCell, some: random.Random, words: Words, depth: int) -> None:
    rows, columns = some.randint(1, 4), some.randint(1, 4)
    table = into.add_table(rows, columns)
    if isinstance(into, WordFile) and some.random() < 0.7:
        table.style = "Table Grid"
    for top, left, bottom, right in areas(some, rows, columns):
        table.cell(top, left).merge(table.cell(bottom, right))
    for cell in dict.fromkeys(cell._tc for row in table.rows for cell in row.cells):
        held = WordCell(cell, table)
        kind = some.random()
        if kind < 0.7:
            held.text = words.next()
        elif kind < 0.8:
            write(held, some, words, depth + 1)


@bounded
@given(seeds)
def test_of_a_word_file(some: random.Random) -> None:
    """Tables in tables, merged cells, lists, tabs."""
    made, words = docx.Document(), Words()
    write(made, some, words, 0)
    assert is_whole(read(saved(made)), words)


def draw(shapes: SlideShapes | GroupShapes, some: random.Random, words: Words, depth: int) -> None:
    for _ in range(some.randint(1, 4)):
        left, top, width, height = (Cm(some.uniform(*span)) for span in ((0, 15), (0, 12), (3, 10), (1, 5)))
        if some.random() < 0.2 and depth < 3:
            draw(shapes.add_group_shape().shapes, some, words, depth + 1)
        elif some.random() < 0.3 and isinstance(shapes, SlideShapes):
            rows, columns = some.randint(1, 4), some.randint(1, 4)
            table = shapes.add_table(rows, columns, left, top, width, height).table
            merged = areas(some, rows, columns)
            for area in merged:
                table.cell(*area[:2]).merge(table.cell(*area[2:]))
            for place in ((row, column) for row in range(rows) for column in range(columns)):
                if around(place, merged)[:2] == place and some.random() < 0.7:
                    table.cell(*place).text = words.next()
        else:
            frame = shapes.add_textbox(left, top, width, height).text_frame
            frame.text = "\n".join(words.next() for _ in range(some.randint(1, 3)))


@bounded
@given(seeds)
def test_of_slides(some: random.Random) -> None:
    """Boxes over each other, groups in groups, tables."""
    made, words = pptx.Presentation(), Words()
    for _ in range(some.randint(1, 3)):
        page = made.slides.add_slide(made.slide_layouts[some.choice([1, 5, 6])])
        for held in page.placeholders:
            held.text_frame.text = words.next()
        draw(page.shapes, some, words, 0)
    assert is_whole(read(saved(made)), words)


def html(some: random.Random, words: Words, depth: int) -> Iterator[str]:
    for _ in range(some.randint(1, 4)):
        if some.random() < 0.1:
            yield f"{words.next()}<br>{words.next()}"
            continue
        kind = some.choice(["p", "div", "h2", "ul", "dl", "table", "span", "blockquote"])
        inside = "".join(html(some, words, depth + 1)) if depth < 3 and some.random() < 0.4 else words.next()
        if kind == "ul":
            yield f"<ul><li>{words.next()}<li>{inside}</ul>"
        elif kind == "dl":
            yield f"<dl><dt>{words.next()}<dd>{inside}</dl>"
        elif kind == "table":
            span = some.choice(["", " colspan=2", " rowspan=2", " rowspan=0", " colspan=0"])
            yield (
                f"<table border=1><tr><td{span}>{inside}<td>{words.next()}<tr><th>{words.next()}"
                f"<td style='display:none'>{words.unseen()}</table>"
            )
        else:
            yield f"<{kind}>{inside}</{kind}>"


@bounded
@given(seeds)
def test_of_a_mail(some: random.Random) -> None:
    """HTML of tables in tables, lists in lists."""
    made, words = EmailMessage(), Words()
    made["Subject"], made["From"] = "件名", "a@example.com"
    made.set_content("".join(html(some, words, 0)), subtype="html")
    assert is_whole(read(made.as_bytes()), words)
