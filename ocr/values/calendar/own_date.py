"""The date of a document itself among all that it names: the day it was issued, received, signed.

What could be that date is ranked by how the paper sets it off: a label that says so, a place of its own at
the top right, the title, a line of its own; the first in running text is the last resort.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from ocr.document import Block, BlockKind, Document, Field, Line, Page, Table, ValueKind
from ocr.values.calendar.date_labels import (
    DateSort,
    goes_on_as_another_day,
    labels_another_day,
    names_another_day,
    own_date,
)
from ocr.values.calendar.date_values import Mention, dates_in, mentions_in

FIRST_YEAR, LAST_YEAR = 1900, 2099  # of what an office has on file; others are misread, or no dates
TOP = 0.35  # of the page height, within which a letter is dated
TITLE_BLOCKS = 8  # a paper's title stands among its first blocks
LONGEST_TITLE = 30  # characters
LONGEST_LABEL = 14  # characters before a date that may speak of it
BESIDE, UNDER = 12.0, 2.0  # line heights from a label to the date behind it, and down to one under it

TOP_RIGHT, TITLE, LINE, TEXT = "top_right", "title", "line", "text"
_ISO_DAY = len("2024-04-12")
_WITH_THE_DATE = re.compile(
    r"\s?(?:[(（].{1,3}[)）]|[月火水木金土日]曜日?)?\s?付?\s?(?:(?:午前|午後)?\s?\d{1,2}[:時].{0,6})?"
)
_PAPER = r"(?:請|通知|明細|案内)?(?:書|票|証|届|状|伝票|日報)"  # 納品書 is the paper of a 納品日
_END_OF_PERIOD = re.compile(r"(?:[~〜]|(?<=[\d日)])\s?[\-ー―]|から|より|至)\s*$")
_START_OF_PERIOD = re.compile(r"\s?(?:\(.{1,3}\))?\s?(?:[~〜]|から|より)")


class _Rank(IntEnum):
    """The lower, the likelier the date of the paper."""

    NAMED_AS_TITLE = 1
    LABELLED = 2
    TOP_RIGHT = 3
    EVENT = 4
    TITLE = 5
    LINE = 6
    TEXT = 7
    PERIOD = 8


@dataclass(frozen=True, slots=True)
class DocumentDate:
    """The date of a document and where it was found: `source` is its label as printed, or TOP_RIGHT, TITLE,
    LINE or TEXT where it has none; `sort` is None there."""

    date: datetime.date
    source: str
    sort: DateSort | None = None


_Ranked = tuple[_Rank, DocumentDate]


def document_date(document: Document, *, completed: bool = True) -> DocumentDate | None:
    """The date of the paper itself, None where it names none but deadlines and other days.

    Of equals the first in reading order. Unless `completed`, a field's date counts only where it is printed
    whole, whatever its value was taken for.
    """
    title = _title_of(document)
    found = [
        *_of_fields(document, title, completed=completed),
        *(ranked for page in document.pages for ranked in _of_page(page, document, title)),
    ]
    plausible = [ranked for ranked in found if is_plausible(ranked[1].date)]
    return min(plausible, key=lambda ranked: ranked[0])[1] if plausible else None


def reference_date(document: Document) -> datetime.date | None:
    """The day from which dates without a year are completed: that of the paper, else the first it names."""
    own = document_date(document, completed=False)
    if own is not None:
        return own.date
    blocks = (document.text[block.start : block.end] for page in document.pages for block in page.blocks)
    return next((date for text in blocks for date in dates_in(text) if is_plausible(date)), None)


def is_plausible(date: datetime.date) -> bool:
    """Whether a document that an office has on file can be of that day."""
    return FIRST_YEAR <= date.year <= LAST_YEAR


def date_of(field: Field, *, completed: bool = True) -> datetime.date | None:
    """The day that a field names; its year may be `completed` from the document's."""
    if completed and field.kind is ValueKind.DATE and len(field.normalized) >= _ISO_DAY:
        return datetime.date.fromisoformat(field.normalized[:_ISO_DAY])
    return next(dates_in(field.value), None)


def _title_of(document: Document) -> str:
    """What may be the title: the short lines among the first blocks, without their blanks."""
    blocks = [block for page in document.pages[:1] for block in page.blocks[:TITLE_BLOCKS]]
    lines = (line.text for block in blocks if block.kind is not BlockKind.FIELD for line in block.lines)
    short = (re.sub(r"\s+", "", text) for text in lines if len(text) <= LONGEST_TITLE and "。" not in text)
    return "\n".join(short)


def _of_fields(document: Document, title: str, *, completed: bool) -> Iterator[_Ranked]:
    for page in document.pages:
        for field in page.fields:
            date = date_of(field, completed=completed)
            if date is not None and field.kind is not ValueKind.PERIOD:
                yield from _labelled(date, field.name, title)


def _labelled(date: datetime.date, label: str, title: str) -> Iterator[_Ranked]:
    """The date behind a label, where the label speaks of the paper."""
    own = own_date(label)
    if own is None:
        return
    if own.stem and re.search(rf"{own.stem}{_PAPER}", title):
        rank = _Rank.NAMED_AS_TITLE
    elif own.sort is DateSort.PAID:
        return
    else:
        rank = _Rank.LABELLED if own.general else _Rank.EVENT
    yield rank, DocumentDate(date, label, own.sort)


def _of_page(page: Page, document: Document, title: str) -> Iterator[_Ranked]:
    first = page is document.pages[0]
    for number, block in enumerate(page.blocks):
        table = _table_of(block, page)
        if table is not None:
            yield from _of_table(table, title)
            continue
        heading = first and number < TITLE_BLOCKS and block.kind is BlockKind.HEADING
        at = block.start
        for line in block.lines if block.kind is not BlockKind.FIELD else ():
            date = _alone(line.text)
            if date is None:
                continue
            yield from _of_text(document.text[at : line.start], title, heading=heading)
            yield from _of_line(line, date, page, title, first=first)
            at = line.end
        yield from _of_text(document.text[at : block.end], title, heading=heading)


def _alone(text: str) -> datetime.date | None:
    """The date that is all the text says, with its weekday or time."""
    mentions = list(mentions_in(text))
    if len(mentions) != 1:
        return None
    [mention] = mentions
    whole = not mention.before.strip(" (（") and _WITH_THE_DATE.fullmatch(mention.after)
    return mention.date if whole else None


def _of_line(line: Line, date: datetime.date, page: Page, title: str, *, first: bool) -> Iterator[_Ranked]:
    """A date alone on its line: what stands left of it or above may be its label."""
    label = _label_of(line, page)
    labelled = list(_labelled(date, label, title))
    if labelled or labels_another_day(label):
        yield from labelled
        return
    x, y = line.box.center
    if first and not line.vertical and x > page.width / 2 and y < TOP * page.height:
        yield _Rank.TOP_RIGHT, DocumentDate(date, TOP_RIGHT)
    else:
        yield _Rank.LINE, DocumentDate(date, LINE)


def _label_of(line: Line, page: Page) -> str:
    """The short text before the line, or over it where none is beside it; one with its own value is none."""
    box, middle = line.box, line.box.center[1]
    blocks = (block for block in page.blocks if block.kind is not BlockKind.FIELD)
    lines = (other for block in blocks for other in block.lines if other is not line)
    short = [other for other in lines if len(other.text) <= LONGEST_LABEL]
    left = [
        other
        for other in short
        if 0 <= box.x0 - other.box.x1 <= BESIDE * box.height and other.box.y0 < middle < other.box.y1
    ]
    if left:
        return max(left, key=lambda other: other.box.x1).text
    over = [
        other
        for other in short
        if other.box.y1 <= middle
        and box.y0 - other.box.y1 <= (UNDER - 1) * box.height
        and min(other.box.x1, box.x1) > max(other.box.x0, box.x0)
    ]
    return max(over, key=lambda other: other.box.y1).text if over else ""


def _of_text(text: str, title: str, *, heading: bool) -> Iterator[_Ranked]:
    for mention in mentions_in(text):
        before = re.split(r"[。、\n\d]", mention.before)[-1][-LONGEST_LABEL:].rstrip(" :：\t（(")
        label = re.split(r"\s", before)[-1]
        labelled = list(_labelled(mention.date, label, title)) if own_date(before) else []
        if labelled:
            yield from labelled
        elif not (names_another_day(before) or _is_another_day(mention)):
            if _START_OF_PERIOD.match(mention.after):
                yield _Rank.PERIOD, DocumentDate(mention.date, TEXT)
            elif heading:
                yield _Rank.TITLE, DocumentDate(mention.date, TITLE)
            else:
                yield _Rank.TEXT, DocumentDate(mention.date, TEXT)


def _is_another_day(mention: Mention) -> bool:
    return goes_on_as_another_day(mention.after) or bool(_END_OF_PERIOD.search(mention.before))


def _table_of(block: Block, page: Page) -> Table | None:
    if block.kind is not BlockKind.TABLE:
        return None
    return next((table for table in page.tables if table.box == block.box), None)


def _of_table(table: Table, title: str) -> Iterator[_Ranked]:
    """The dates of a data table: under a heading of one row of values as behind a label, else as in text."""
    heads = {cell.column: cell.text for cell in table.cells if cell.row < table.header_rows}
    body = [cell for cell in table.cells if cell.row >= table.header_rows]
    rows = {cell.row for cell in body}
    for cell in body:
        head = heads.get(cell.column, "")
        for mention in mentions_in(cell.text):
            if names_another_day(head) or names_another_day(mention.before) or _is_another_day(mention):
                continue
            labelled = list(_labelled(mention.date, head, title)) if len(rows) == 1 else []
            yield from labelled or [(_Rank.TEXT, DocumentDate(mention.date, TEXT))]
