"""What reading returns: text with structure, every piece of it traceable to ink.

Lengths are page points (1/72 inch) with the origin at the top left of the upright page; offsets are
characters of `Document.text`, half open. Everything is frozen, picklable, and turns to JSON and back
through `ocr.serialization`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SCHEMA_VERSION = 3


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    FIELD = "field"
    HEADER = "header"
    FOOTER = "footer"
    STAMP = "stamp"
    FIGURE = "figure"


class TextSource(StrEnum):
    """Where the text of a page came from."""

    TEXT_LAYER = "text_layer"
    OCR = "ocr"
    MIXED = "mixed"
    BLANK = "blank"


class SourceReason(StrEnum):
    """Why the text of a page was taken from where it was."""

    NO_LAYER = "no_layer"
    GOOD_LAYER = "good_layer"
    PICTURE_REGIONS = "picture_regions"
    BAD_CHARACTERS = "bad_characters"
    NO_UNICODE_MAP = "no_unicode_map"
    NOT_JAPANESE = "not_japanese"
    HIDDEN_TEXT = "hidden_text"
    DRAWN_WRITING = "drawn_writing"
    BROKEN_FONT = "broken_font"
    SECOND_READER = "second_reader"
    BLANK_PAGE = "blank_page"
    OFFICE_TEXT = "office_text"
    MAIL_TEXT = "mail_text"


class ValueKind(StrEnum):
    """What the value of a field is; the form of `Field.normalized` follows from it."""

    TEXT = "text"
    DATE = "date"
    TIME = "time"
    PERIOD = "period"
    MONEY = "money"
    NUMBER = "number"
    PHONE = "phone"
    POSTAL_CODE = "postal_code"
    CHOICE = "choice"
    TAX_REGISTRATION = "tax_registration"
    CORPORATE_NUMBER = "corporate_number"


class CodeKind(StrEnum):
    """What kind of code for machines."""

    QR = "qr"
    BAR = "bar"
    PATCH = "patch"


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle; `x0 <= x1`, `y0 <= y1`."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def center(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def area(self) -> float:
        return self.width * self.height

    def common(self, other: Box) -> Box | None:
        """What both cover; None where that has no area."""
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        x1, y1 = min(self.x1, other.x1), min(self.y1, other.y1)
        return Box(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None

    def contains(self, x: float, y: float) -> bool:
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1

    def moved(self, x: float, y: float) -> Box:
        return Box(self.x0 + x, self.y0 + y, self.x1 + x, self.y1 + y)

    def scaled(self, factor: float) -> Box:
        return Box(self.x0 * factor, self.y0 * factor, self.x1 * factor, self.y1 * factor)

    @staticmethod
    def around(boxes: Iterable[Box]) -> Box:
        """The smallest box that holds all of `boxes`. Raises ValueError where there is none."""
        found = list(boxes)
        if not found:
            raise ValueError("no boxes to draw a box around")
        return Box(
            min(box.x0 for box in found),
            min(box.y0 for box in found),
            max(box.x1 for box in found),
            max(box.y1 for box in found),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line (or column, where `vertical`); `confidence` is 0–1, 1 for a text layer.

    `original` is what the engine read where `text` was repaired, else empty; `doubtful` marks text that
    reads like an invention of the engine (a run of repeated characters).
    """

    text: str
    box: Box
    confidence: float
    start: int
    end: int
    vertical: bool = False
    original: str = ""
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together, in reading order; `Document.text[start:end]` is their joined text."""

    kind: BlockKind
    box: Box
    start: int
    end: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; rows and columns count from 0, `text` is empty where nothing is written.

    `start` and `end` are the offsets of `text`; an empty cell has `start == end`. `confidence` (0–1) is
    that of its least sure line, None where nothing is written.
    """

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    box: Box
    start: int
    end: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by row; the first `header_rows` rows head the columns, 0 in a form.

    A table inside a form is one of its own: `label` is the form's label that it stands beside or under
    (作業時間 beside the rows of 月日, 開始 and 終了), without blanks, empty where there is none.
    """

    box: Box
    cells: tuple[Cell, ...]
    header_rows: int = 0
    label: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled value of a form: `name` as printed without its spaces, `value` as printed.

    A label inside a group of labels has the group's before it: 依頼者 氏名.

    `start` and `end` are the offsets of `value`; an empty value has `value_box` where it would stand.
    `normalized` is the value in one form for its `kind`, empty where there is none; `unit` is the unit
    printed beside it; `key` is the column that an application's field dictionary gives it.
    """

    name: str
    value: str
    name_box: Box
    value_box: Box
    confidence: float
    start: int
    end: int
    kind: ValueKind = ValueKind.TEXT
    normalized: str = ""
    unit: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A code for machines; `text` is what it says, empty where it cannot be told."""

    kind: CodeKind
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class PageFailure:
    """A page that could not be read, and why; `message` is Japanese and says what to do next."""

    page: int
    category: str
    retryable: bool
    message: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `number` from 1, size in points after `rotation` (degrees the page was turned
    clockwise to stand upright: 0, 90, 180, 270) and `skew` (degrees turned back, counterclockwise).

    `corners` are those of the sheet in a photograph at an angle, clockwise from the top left as it lies in
    the picture, (x, y) in shares of the picture's sides: the page is what lies between them, straightened
    before it was turned. Empty for any other page.

    `confidence` is the 5th percentile of the line confidences, None on a blank page; `rotation_confidence`
    and `skew_confidence` are 0–1; `handwriting` is the likelihood (0–1) that the page is written by hand;
    `passed_over` is the engine whose reading of the page was thought worse than that of `engine`;
    `codes` are looked for on pages that hold little else;
    `hidden_characters` counts those of a text layer that nobody sees, which are left out; `unexplained_ink`
    is the share (0–1) of the page's ink that was neither read nor found to be a ruling, a figure or a seal;
    where much of it looks like writing, `confidence` is lower for it.
    """

    number: int
    width: float
    height: float
    source: TextSource
    engine: str
    rotation: int
    skew: float
    confidence: float | None
    blocks: tuple[Block, ...]
    tables: tuple[Table, ...]
    fields: tuple[Field, ...]
    seconds: float = 0.0
    reason: SourceReason = SourceReason.NO_LAYER
    rotation_confidence: float = 1.0
    skew_confidence: float = 1.0
    handwriting: float = 0.0
    passed_over: str = ""
    codes: tuple[Code, ...] = ()
    hidden_characters: int = 0
    unexplained_ink: float = 0.0
    corners: tuple[tuple[float, float], ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for block in self.blocks for line in block.lines)


@dataclass(frozen=True, slots=True)
class Document:
    """The pages of one source, or of a range of its pages, and the text that their offsets count in.

    `begins` are the pages on which further documents seem to begin in a source that was read as one.
    """

    text: str
    pages: tuple[Page, ...]
    failures: tuple[PageFailure, ...] = ()
    begins: tuple[int, ...] = ()
    schema_version: int = SCHEMA_VERSION
