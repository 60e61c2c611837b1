"""What of the text of a PDF page is seen: sure facts first, pixels where they leave a doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pypdfium2.raw as pdfium
from pypdfium2 import PdfPage

from ocr.document import Box
from ocr.layers.layer_parts import Character, Font, Unseen, is_blank, only_shapes_text
from ocr.limits import Limits
from ocr.pdfs.pdf_geometry import Frame
from ocr.pdfs.pdf_ink import Doubted, check_pictures, has_glyph, hidden_of, tight_box
from ocr.pdfs.pdf_objects import Drawn, Panel, TextObject, address_of
from ocr.pdfs.visibility import Panels, is_odd, why_unseen

# The box of a glyph without ink is a line; that of the flattest letter is higher than this (ems).
LEAST_INK = 0.01
UNKNOWN = "\ufffd"


@dataclass(frozen=True, slots=True)
class TextRun:
    """What the characters of one text object share: `x`, `y` where it starts, in the page's own points, and
    the number of its font among those of the page; `symbols` is the name of a font of pictures, else empty.
    """

    piece: TextObject | None
    size: float
    turn: int
    x: float
    y: float
    invisible: bool
    font: int
    symbols: str = ""

    @property
    def may_be_gone(self) -> bool:
        """Whether its characters may be known to be unseen by themselves."""
        return self.invisible or (self.piece is not None and self.piece.clip is not None)


@dataclass(slots=True)
class PageCharacters:
    """The characters of a page in the order of its text, and which of them each text object has; `indices`
    are pdfium's own numbers for them, the keys of `fonts` its addresses."""

    characters: list[Character] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)
    runs: list[tuple[TextRun, list[int]]] = field(default_factory=list)
    fonts: dict[int, Font] = field(default_factory=dict)

    def begin(self, run: TextRun) -> list[int]:
        """Where the numbers of the characters that come next are to be noted, those of `run`."""
        self.runs.append((run, []))
        return self.runs[-1][1]


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page that can be asked and drawn."""

    page: PdfPage
    text: pdfium.FPDF_TEXTPAGE
    frame: Frame
    drawn: Drawn
    limits: Limits


def surely_unseen(box: Box, run: TextRun, drawn: Drawn) -> Unseen | None:
    """Why nobody sees a character at `box`, where that needs no look; None where it may be seen.

    A character whose middle is cut off or lies under a picture counts as gone.
    """
    if run.invisible:
        return Unseen.NO_INK
    if run.piece is None:
        return None
    middle = box.center
    if run.piece.clip is not None and not run.piece.clip.contains(*middle):
        return Unseen.CLIPPED
    order = run.piece.order
    if any(later > order and cover.contains(*middle) for later, cover in drawn.opaque):
        return Unseen.COVERED
    return None


def mark_unseen(written: PageCharacters, shown: OpenPage) -> None:
    """Marks the characters that are hidden by anything that only pixels tell of, and gives those that their
    font calls blanks and that have ink the character for what is not known.

    Draws nothing where nothing is doubtful. Raises ReadingError(TOO_MANY_PIXELS, SIDE_TOO_LONG).
    """
    panels = Panels.of(shown.drawn.panels)
    doubted = _doubted(written, panels, shown)
    if not doubted:
        return
    check_pictures(shown.drawn.pictures, shown.limits)
    spoken = {address_of(run.piece.item) for run, _ in written.runs if run.piece is not None}
    silent = [piece.item for address, piece in shown.drawn.texts.items() if address not in spoken]
    asked = [_asked(entry, written, shown) for entry in doubted]
    hidden = hidden_of(shown.page, shown.frame, shown.limits, asked, silent)
    for entry, gone in zip(doubted, hidden, strict=True):
        _mark(entry, gone, written, looked=True)


@dataclass(frozen=True, slots=True)
class _SeenObject:
    """A text object that is looked at, the numbers of its characters, and the panels drawn over it."""

    piece: TextObject
    numbers: list[int]
    over: list[Panel]


def _doubted(written: PageCharacters, panels: Panels, shown: OpenPage) -> list[_SeenObject]:
    asked: list[tuple[TextRun, TextObject, Box, list[int]]] = []
    known: set[tuple[int, str]] = set()
    for run, numbers in written.runs:
        gone = run.may_be_gone or shown.drawn.opaque
        left = [at for at in numbers if not written.characters[at].hidden] if gone else numbers
        if not left or run.piece is None:
            continue
        piece = run.piece
        if not is_odd(piece) and _has_odd_glyphs(run, left, written, shown, known):
            piece = replace(piece, odd=True)
        if is_odd(piece) or panels.panels:
            asked.append((run, piece, Box.around(written.characters[at].box for at in left), left))
    found = panels.doubtful([(piece, box) for _, piece, box, _ in asked])
    fonts = list(written.fonts.values())
    doubted = []
    for (run, piece, box, numbers), is_so in zip(asked, found, strict=True):
        if not is_so:
            continue
        entry = _SeenObject(piece, numbers, panels.over(piece, box))
        embedded = run.font >= 0 and fonts[run.font].embedded
        letters = (written.characters[at].text for at in numbers)
        letter = next((text for text in letters if not is_blank(text)), "")
        if embedded or not letter or has_glyph(piece.item, letter):
            doubted.append(entry)
        else:  # another machine would draw it
            _mark(entry, _covered(entry, written), written, looked=False)
    return doubted


def _has_odd_glyphs(
    run: TextRun,
    numbers: Sequence[int],
    written: PageCharacters,
    shown: OpenPage,
    known: set[tuple[int, str]],
) -> bool:
    """Whether one of the blanks has a glyph, or the first letter has none. What was asked of a font becomes
    `known`: the glyph of a blank is always the same, that of another letter is like it."""
    for at in numbers:
        text = written.characters[at].text
        if only_shapes_text(text):
            continue  # whatever its glyph, a box mostly, nobody means it
        asked = (run.font, "" if text.isalnum() else text)
        if asked in known:
            continue
        known.add(asked)
        blank = is_blank(text)
        box = tight_box(shown.text, written.indices[at], shown.frame)
        inked = min(box.width, box.height) > LEAST_INK * run.size * shown.frame.unit
        if inked is blank:
            known.discard(asked)  # the next piece that holds one is to be looked at, too
            return True
    return False


def _covered(entry: _SeenObject, written: PageCharacters) -> list[bool]:
    """For each character whether its middle lies under a panel without holes that anyone knows of."""
    covers = [panel.box for panel in entry.over if panel.tone is not None]
    boxes = (written.characters[at].box for at in entry.numbers)
    return [any(cover.contains(*box.center) for cover in covers) for box in boxes]


def _asked(entry: _SeenObject, written: PageCharacters, shown: OpenPage) -> Doubted:
    text = "".join(written.characters[at].text for at in entry.numbers)
    boxes = tuple(tight_box(shown.text, written.indices[at], shown.frame) for at in entry.numbers)
    return Doubted(entry.piece.item, text, boxes, tuple(_covered(entry, written)))


def _mark(entry: _SeenObject, hidden: Sequence[bool], written: PageCharacters, *, looked: bool) -> None:
    """Marks characters that are hidden; blanks that are not have ink where they were `looked` at."""
    before = all(hidden)  # a blank goes with the letter before it
    for at, is_so in zip(entry.numbers, hidden, strict=True):
        character = written.characters[at]
        blank = is_blank(character.text)
        if not blank:
            before = is_so
        elif looked and not is_so and not only_shapes_text(character.text):
            written.characters[at] = replace(character, text=UNKNOWN, unmapped=True)
            before = False
        if before:
            why = why_unseen(entry.piece, character.box.center, entry.over)
            written.characters[at] = replace(character, hidden=True, unseen=why)
