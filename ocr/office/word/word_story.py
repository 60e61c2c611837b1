"""The contents of one part of a Word document (its body, a header, a note), block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ocr.document import BlockKind
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.media.package import Package
from ocr.media.package_names import COMPATIBILITY, W
from ocr.office.drawings import TEXT_BOX, hung, own_elements, pictures
from ocr.office.word.word_numbering import Numbering
from ocr.office.word.word_runs import Hanging, LineEnd, NoteMark, PageBreak, Piece, Runs, chosen
from ocr.office.word.word_styles import LAST_OUTLINE_LEVEL, Look, WordStyles, look_of, value
from ocr.office.word.word_tables import table_contents
from ocr.written.content_model import BODY_SIZE, Align, Content, PageEnd, PageSetup, Paragraph

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_AROUND = frozenset(f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))
MOST_PARAGRAPHS = 200_000  # a thousand pages of tables have fewer
_ON_PAGE = ("continuous", "nextColumn")


@dataclass(frozen=True, slots=True)
class Shared:
    """What the parts of a document have in common; `notes` by their kind and id."""

    package: Package
    limits: Limits
    styles: WordStyles
    numbering: Numbering
    notes: Mapping[tuple[str, str], Element]


class Story:
    """Reads one part. `papers` are those of the sections that follow the first; `is_paged` tells, once all is
    read, whether Word noted where it ended pages."""

    def __init__(
        self,
        shared: Shared,
        part: str,
        papers: Sequence[tuple[PageSetup, str]] = (),
        *,
        in_margin: bool = False,
    ) -> None:
        self._shared = shared
        self._related = shared.package.related(part)
        self._runs = Runs(in_margin)
        self._papers = list(papers)
        self._notes: list[Content] = []
        self._note_number = 0
        self._depth = 0
        self._paragraphs = 0
        self._is_new_page = True
        self.is_paged = False

    def contents(self, root: Element) -> Iterator[Content]:
        """All that stands in a part, notes at the foot of the page that refers to them."""
        for content in self._blocks(root):
            if isinstance(content, PageEnd):
                yield from self._notes
                self._notes.clear()
            yield content
        yield from self._notes
        self._notes.clear()

    def _blocks(self, parent: Element) -> Iterator[Content]:
        self._depth += 1
        if self._depth > self._shared.limits.max_nesting:
            raise ReadingError(
                FailureCategory.TOO_COMPLEX,
                f"表や枠の入れ子が深すぎます（上限{self._shared.limits.max_nesting}段）。"
                "元の文書からPDFに保存して、そのPDFを置いてください。",
            )
        for child in parent:
            if child.tag == f"{W}p":
                self._count()
                yield from self._paragraph(child)
            elif child.tag == f"{W}tbl":
                yield from self._told(table_contents(child, self._cell))
            elif child.tag in _AROUND:
                yield from self._blocks(child)
            elif child.tag == f"{COMPATIBILITY}AlternateContent":
                yield from self._blocks(chosen(child))
        self._depth -= 1

    def _count(self) -> None:
        self._paragraphs += 1
        if self._paragraphs > MOST_PARAGRAPHS:
            raise ReadingError(
                FailureCategory.TOO_COMPLEX,
                f"段落が多すぎます（上限{MOST_PARAGRAPHS:,}個）。文書を分割してください。",
            )

    def _cell(self, cell: Element) -> list[Content]:
        return list(self._blocks(cell))

    def _told(self, contents: Iterator[Content]) -> Iterator[Content]:
        """The same, noting whether a page has just begun."""
        for content in contents:
            self._is_new_page = isinstance(content, PageEnd)
            yield content

    def _paragraph(self, paragraph: Element) -> Iterator[Content]:
        properties = paragraph.find(f"{W}pPr")
        style = self._shared.styles.look(None if properties is None else value(properties, "pStyle"))
        look = look_of(properties).over(style)
        before = None if properties is None else properties.find(f"{W}pageBreakBefore")
        if before is not None and before.get(f"{W}val", "1") not in ("0", "false") and not self._is_new_page:
            yield self._page_end()
        pieces = self._runs.pieces(paragraph, look)
        label = self._shared.numbering.label(look.numbered) if look.numbered is not None else None
        yield from self._set(pieces, look, label)
        section = None if properties is None else properties.find(f"{W}sectPr")
        if section is not None and self._papers:
            paper, kind = self._papers.pop(0)
            if kind not in _ON_PAGE:
                yield self._page_end(paper)

    def _page_end(self, paper: PageSetup | None = None) -> PageEnd:
        self._is_new_page = True
        return PageEnd(paper)

    def _set(self, pieces: Sequence[Piece], look: Look, label: str | None) -> Iterator[Content]:
        """The pieces as lines of one look, what hangs from them behind them."""
        letters = self._runs.of_letters.most_common(1)
        size, bold = letters[0][0] if letters else (look.size, False)
        is_heading = look.outline is not None and look.outline <= LAST_OUTLINE_LEVEL
        shown = Paragraph(
            text="",
            kind=BlockKind.HEADING if is_heading else BlockKind.LIST_ITEM if label else None,
            size=size or BODY_SIZE,
            align=look.align or Align.LEFT,
            indent=look.indent or 0.0,
            stops=look.stops or (),
            bold=bold,
        )
        before = f"{label} " if label else ""
        for stretch in _stretches(pieces):
            text = before + stretch.text
            before = ""
            for line in text.split("\n") if text.strip() or not stretch.ended else ():
                self._is_new_page = self._is_new_page and not line.strip()
                yield replace(shown, text=line)
            for mark in stretch.notes:
                self._note(mark)
            for drawing in stretch.hanging:
                yield from self._hung(drawing)
            if stretch.ended is not None:
                self.is_paged = self.is_paged or stretch.ended.rendered
                if not (stretch.ended.rendered and self._is_new_page):
                    yield self._page_end()

    def _hung(self, drawing: Element) -> Iterator[Content]:
        """What a drawing holds: text boxes, pictures, the words of charts and diagrams."""
        self._is_new_page = False
        for box in own_elements(drawing, TEXT_BOX):
            runs, self._runs = self._runs, Runs(self._runs.in_margin)
            yield from self._blocks(box)
            self._runs = runs
        yield from pictures(drawing, self._related, self._shared.package)
        yield from hung(drawing, self._related, self._shared.package)

    def _note(self, mark: NoteMark) -> None:
        """Keeps a note for the foot of the page, with its number: in the text it could pass for a figure."""
        root = self._shared.notes.get((mark.kind, mark.identity))
        if root is None:
            return
        self._note_number += 1
        number = f"注{self._note_number} "
        runs, self._runs = self._runs, Runs()
        for one in self._blocks(root):
            if isinstance(one, Paragraph) and one.text.strip():
                self._notes.append(Paragraph(number + one.text.strip(), BlockKind.PARAGRAPH, one.size))
                number = ""
        self._runs = runs


@dataclass(slots=True)
class _Stretch:
    """Text up to the end of a page or of the paragraph, and what hangs from it."""

    text: str = ""
    hanging: list[Element] = field(default_factory=list)
    notes: list[NoteMark] = field(default_factory=list)
    ended: PageBreak | None = None


def _stretches(pieces: Iterable[Piece]) -> Iterator[_Stretch]:
    found = _Stretch()
    for piece in pieces:
        match piece:
            case str():
                found.text += piece
            case LineEnd():
                found.text += "\n"
            case Hanging():
                found.hanging.append(piece.element)
            case NoteMark():
                found.notes.append(piece)
            case PageBreak():
                found.ended = piece
                yield found
                found = _Stretch()
    yield found
