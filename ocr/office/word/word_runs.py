"""The letters of a Word paragraph as a reader sees them.

Tracked deletions, hidden text and the instructions of fields are left out; what hangs from the paragraph
(pictures, text boxes, notes, page ends) comes in its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ocr.media.package_names import COMPATIBILITY, MATH, W
from ocr.office.symbols import symbol, with_symbols
from ocr.office.word.word_styles import Look, look_of
from ocr.written.content_model import PAGE, PAGES

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

TICKED, UNTICKED = "☑", "☐"
_INSIDE = frozenset(
    f"{W}{name}"
    for name in (
        "hyperlink", "smartTag", "ins", "moveTo", "fldSimple", "dir", "bdo", "customXml", "sdt", "sdtContent",
    )
)  # fmt: skip
_DRAWINGS = frozenset(f"{W}{name}" for name in ("drawing", "pict", "object"))
_NOTES = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}


@dataclass(frozen=True, slots=True)
class LineEnd:
    """What follows stands on another line of the same paragraph."""


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows stands on another page; `rendered` where Word found so when it last drew the document."""

    rendered: bool


@dataclass(frozen=True, slots=True)
class Hanging:
    """A drawing, or an object with its picture."""

    element: Element


@dataclass(frozen=True, slots=True)
class NoteMark:
    """Refers to a note (`kind` is footnote or endnote) by its id."""

    kind: str
    identity: str


Piece = str | LineEnd | PageBreak | Hanging | NoteMark


@dataclass(slots=True)
class Runs:
    """Walks over the runs of one paragraph; fields may begin in one paragraph and end in another, so that one
    of these serves a whole document. `of_letters` counts the letters of each type size and weight.

    Where `in_margin`, the numbers of pages are left open (PAGE, PAGES); elsewhere they are as last shown.
    """

    in_margin: bool = False
    _instructing: list[bool] = field(default_factory=list)
    _instructions: list[str] = field(default_factory=list)
    _look: Look = field(default_factory=Look)
    of_letters: Counter[tuple[float, bool]] = field(default_factory=Counter)

    def pieces(self, paragraph: Element, look: Look) -> list[Piece]:
        """The pieces of a paragraph that looks as its style and own properties say, in their order."""
        self._look = look
        self.of_letters = Counter()
        return list(self._inside(paragraph))

    def _inside(self, parent: Element) -> Iterator[Piece]:
        for child in parent:
            tag = child.tag
            if tag == f"{W}r":
                yield from self._run(child)
            elif tag in _INSIDE:
                yield from self._instructed(child)
            elif tag == f"{COMPATIBILITY}AlternateContent":
                yield from self._inside(chosen(child))
            elif isinstance(tag, str) and tag.startswith(MATH):
                yield "".join(text.text or "" for text in child.iter(f"{MATH}t"))

    def _instructed(self, element: Element) -> Iterator[Piece]:
        """What stands inside, a page number in the place of a field that shows one."""
        shown = self._number(element.get(f"{W}instr") or "") if element.tag == f"{W}fldSimple" else None
        if shown is not None:
            yield shown
        else:
            yield from self._inside(element)

    def _run(self, run: Element) -> Iterator[Piece]:
        look = look_of(None, run.find(f"{W}rPr")).over(self._look)
        for child in run:
            for piece in self._piece(child):
                if any(self._instructing) or (look.hidden and not isinstance(piece, PageBreak)):
                    continue
                if isinstance(piece, str):
                    self.of_letters[look.size or 0.0, bool(look.bold)] += len(piece.strip())
                yield piece

    def _piece(self, child: Element) -> Iterator[Piece]:
        tag = child.tag
        if tag == f"{W}t":
            yield with_symbols(child.text or "")
        elif tag in (f"{W}tab", f"{W}ptab"):
            yield "\t"
        elif tag in (f"{W}br", f"{W}cr"):
            yield PageBreak(False) if child.get(f"{W}type") == "page" else LineEnd()
        elif tag == f"{W}lastRenderedPageBreak":
            yield PageBreak(True)
        elif tag == f"{W}noBreakHyphen":
            yield "-"
        elif tag == f"{W}sym":
            yield symbol(child.get(f"{W}char") or "")
        elif tag == f"{W}fldChar":
            yield from self._field(child)
        elif tag == f"{W}instrText" and self._instructions:
            self._instructions[-1] += child.text or ""
        elif tag == f"{W}ruby":
            yield from self._inside_of(child.find(f"{W}rubyBase"))
        elif tag in _DRAWINGS:
            yield Hanging(child)
        elif tag in _NOTES:
            yield NoteMark(_NOTES[tag], child.get(f"{W}id") or "")
        elif tag == f"{COMPATIBILITY}AlternateContent":
            for inner in chosen(child):
                yield from self._piece(inner)

    def _inside_of(self, element: Element | None) -> Iterator[Piece]:
        if element is not None:
            yield from self._inside(element)

    def _number(self, instruction: str) -> str | None:
        """What stands for the number that a field shows; None for any other field."""
        words = instruction.split() if self.in_margin else ()
        return {"PAGE": PAGE, "NUMPAGES": PAGES}.get(words[0].upper()) if words else None

    def _field(self, mark: Element) -> Iterator[Piece]:
        """A field begins with its instruction and goes on, behind a mark, with what it shows."""
        kind = mark.get(f"{W}fldCharType")
        if kind == "begin":
            ticked = _ticked(mark)
            if ticked is not None:
                yield TICKED if ticked else UNTICKED
            self._instructing.append(True)
            self._instructions.append("")
        elif kind == "separate" and self._instructing:
            shown = self._number(self._instructions[-1])
            self._instructing[-1] = False
            if shown is not None:
                yield shown
                self._instructing[-1] = True  # what it showed last is left out
        elif kind == "end" and self._instructing:
            self._instructing.pop()
            self._instructions.pop()


def chosen(alternatives: Element) -> Element:
    """Of a mc:AlternateContent what a program of today shows: the first choice, or what older ones show."""
    choices = alternatives.findall(f"{COMPATIBILITY}Choice")
    fallback = alternatives.find(f"{COMPATIBILITY}Fallback")
    return choices[0] if choices else fallback if fallback is not None else alternatives


def _ticked(mark: Element) -> bool | None:
    """Whether the field is a check box that is ticked; None where it is none."""
    box = mark.find(f"{W}ffData/{W}checkBox")
    if box is None:
        return None
    state = box.find(f"{W}checked")
    state = box.find(f"{W}default") if state is None else state
    return state is not None and state.get(f"{W}val", "1") not in ("0", "false")
