"""What Office files and mails hold, in reading order, before it has a place on a page.

Lengths are points. What a reader of one format knows (a heading, a table's cells) is said; what it does not
know is left to the code that reads printed pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from ocr.document import BlockKind

BODY_SIZE = 10.5  # points: what Word sets Japanese in


class Align(Enum):
    LEFT = auto()
    CENTER = auto()
    RIGHT = auto()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`text` in which tabs part what stands apart on one line; `kind` is None where its looks are to tell.

    `size` is the type size, `indent` the room left of it, `stops` where tabs lead to from there: text begins
    at a stop, or ends at it where True. `confidence` is below 1 where the text is not what
    a reader of the file would see.
    """

    text: str
    kind: BlockKind | None = None
    size: float = BODY_SIZE
    align: Align = Align.LEFT
    indent: float = 0.0
    stops: tuple[tuple[float, bool], ...] = ()
    confidence: float = 1.0
    bold: bool = False


@dataclass(frozen=True, slots=True)
class CellContent:
    """A cell; rows and columns count from 0."""

    row: int
    column: int
    row_span: int
    column_span: int
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class TableContent:
    """Cells that cover `rows` x `columns` once each; the two hold widths, and heights at least."""

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    cells: tuple[CellContent, ...]


@dataclass(frozen=True, slots=True)
class Crop:
    """The shares (0-1) of a picture that are cut off at its sides."""

    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0


@dataclass(frozen=True, slots=True)
class PictureContent:
    """A picture that is shown `width` x `height`; `load` gives its bytes in whatever format they are.

    It is cut by `crop`, then turned clockwise by `turn`: 0, 90, 180 or 270 degrees.
    """

    load: Callable[[], bytes]
    width: float
    height: float
    crop: Crop = Crop()
    turn: int = 0


@dataclass(frozen=True, slots=True)
class LabelledContent:
    """A label with its value, whatever the words are like: a header of a mail."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class TypedText:
    """Text in lines as somebody typed them, in type as wide as it is high or half so."""

    text: str


@dataclass(frozen=True, slots=True)
class Running:
    """What stands in the margins of a page: `head` above its text, `foot` below. PAGE and PAGES in it stand
    for the number of the page and how many there are."""

    head: tuple[Paragraph, ...] = ()
    foot: tuple[Paragraph, ...] = ()


PAGE, PAGES = "\x01", "\x02"


@dataclass(frozen=True, slots=True)
class PageSetup:
    """Pages to write on, with their margins, in which `odd` stands on every page but the first, where there
    is a `first`, and those of even numbers, where there is an `even`."""

    width: float = 595.3
    height: float = 841.9
    left: float = 57.0
    top: float = 64.0
    right: float = 57.0
    bottom: float = 64.0
    odd: Running = Running()
    even: Running | None = None
    first: Running | None = None

    @property
    def room(self) -> float:
        """The width between the margins."""
        return max(self.width - self.left - self.right, 72.0)


@dataclass(frozen=True, slots=True)
class PageEnd:
    """What follows stands on another page, on another `paper` where one is named."""

    paper: PageSetup | None = None


Content = Paragraph | TableContent | PictureContent | LabelledContent | TypedText | PageEnd
