"""What was filled into a fillable form, among the lines of its page.

Ticks become marks before the words that they stand beside; typed values are lines of their own, whatever
stands near them. A value is taken as it is drawn; where that lacks letters of it (no glyphs for them) or
there is no drawing, as the file has it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.labels.form_answers import Slot
from ocr.layers.layer_fonts import is_meaningless
from ocr.layers.layer_parts import Character
from ocr.layers.text_layer import TextLayer, turned_box
from ocr.layers.widgets import Widget, WidgetKind
from ocr.script.widths import CHECK_BOXES, character_centres, cut, text_width

# Points: the type of a value that is not drawn, at most, and its share of a low field's height; the pitch of
# its lines in ems.
USUAL_TYPE = 10.5
OF_THE_HEIGHT = 0.75
PITCH = 1.3
# Times its height that words may stand behind a tick that they belong to, and before it.
BEHIND, BEFORE = 3.0, 1.5
_LOOK_LIKE_BOXES = frozenset(CHECK_BOXES + "口ロ囗√✓レ")
LinesOf = Callable[[TextLayer], Sequence[DetectedLine]]


@dataclass(frozen=True, slots=True)
class FilledForm:
    """The printed lines of a page with the marks of its ticks, its fields with what stands in them, and where
    the ticks are."""

    printed: tuple[DetectedLine, ...]
    slots: tuple[Slot, ...] = ()
    ticks: tuple[Widget, ...] = ()


def filled_form(layer: TextLayer, turn: int, lines_of: LinesOf) -> FilledForm:
    """The page as it is turned clockwise by `turn`; `lines_of` gives the lines of a layer so turned."""
    if not layer.widgets:
        return FilledForm(tuple(lines_of(layer)))
    ticks = [widget for widget in layer.widgets if widget.is_tick]
    typed = [widget for widget in layer.widgets if not widget.is_tick]
    inside: list[list[Character]] = [[] for _ in typed]
    others: list[Character] = [_mark(widget, turn) for widget in ticks]
    for character in layer.characters:
        at = None if character.hidden else _field_of(character, typed)
        if at is not None:
            inside[at].append(character)
        elif _field_of(character, ticks) is None:  # else it is the drawing of a tick
            others.append(character)
    slots: list[Slot] = []
    notes: list[DetectedLine] = []
    for widget, characters in zip(typed, inside, strict=True):
        box = turned_box(widget.box, turn, layer.width, layer.height)
        if _is_whole(characters, widget.value):
            lines = tuple(lines_of(replace(layer, characters=tuple(characters), widgets=())))
        else:
            lines = tuple(_set(widget.value, box))
        if widget.kind is WidgetKind.NOTE:
            notes.extend(lines)
        else:
            slots.append(Slot(box, lines, widget.tooltip))
    printed = lines_of(replace(layer, characters=tuple(others), widgets=()))
    boxes = (turned_box(widget.box, turn, layer.width, layer.height) for widget in ticks)
    turned = tuple(replace(widget, box=box) for widget, box in zip(ticks, boxes, strict=True))
    return FilledForm((*printed, *notes), tuple(slots), turned)


def _field_of(character: Character, widgets: Sequence[Widget]) -> int | None:
    x, y = character.box.center
    return next((at for at, widget in enumerate(widgets) if widget.box.contains(x, y)), None)


def _mark(widget: Widget, turn: int) -> Character:
    return Character(widget.mark, widget.box, min(widget.box.width, widget.box.height), turn)


def _is_whole(characters: Sequence[Character], value: str) -> bool:
    """Whether what is drawn in a field is its value, in whatever format, and not some letters of it."""
    shown = _plain("".join(character.text for character in characters))
    said = _plain(value)
    if not shown or (said and any(map(is_meaningless, characters))):
        return False
    return shown == said or not _is_part(shown, said)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _is_part(some: str, whole: str) -> bool:
    """Whether the letters of the first stand in the second in their order."""
    rest = iter(whole)
    return all(letter in rest for letter in some)


def _set(value: str, box: Box) -> Iterable[DetectedLine]:
    """The lines of a value as a program would set them in its field."""
    texts = [text for text in value.split("\n") if text.strip()]
    size = min(USUAL_TYPE, OF_THE_HEIGHT * box.height / max(len(texts), 1))
    top = box.y0 if len(texts) > 1 else box.center[1] - size / 2
    for row, text in enumerate(texts):
        y = top + row * PITCH * size
        width = min(text_width(text) * size, box.width)
        yield DetectedLine(text.strip(), Box(box.x0, y, box.x0 + width, y + size), 1.0)


def with_known_ticks(
    printed: Sequence[DetectedLine], read: Sequence[DetectedLine], ticks: Sequence[Widget]
) -> tuple[list[DetectedLine], list[DetectedLine]]:
    """Both kinds of lines, each tick once: where a box was `read` that the form has, it is marked as the form
    has it, and its mark among the `printed` lines goes."""
    marked: list[DetectedLine] = []
    known: list[Box] = []
    for line in read:
        text = line.text
        for tick in ticks:
            if line.vertical or not line.box.contains(*tick.box.center):
                continue
            centres = character_centres(line)
            at = min(range(len(text)), key=lambda at: abs(centres[at] - tick.box.center[0]), default=None)
            if at is not None and text[at] in _LOOK_LIKE_BOXES:
                text = text[:at] + tick.mark + text[at + 1 :]
                known.append(tick.box)
        changed = text != line.text
        marked.append(replace(line, text=text, certainties=(), rivals=()) if changed else line)
    left = [
        line
        for line in printed
        if not (_is_mark(line) and any(box.contains(*line.box.center) for box in known))
    ]
    return left, marked


def _is_mark(line: DetectedLine) -> bool:
    return line.text.strip() in CHECK_BOXES


def with_options(
    lines: Iterable[DetectedLine], ticks: Sequence[Widget]
) -> tuple[list[DetectedLine], list[Slot]]:
    """The lines of a page without the options of its form, and these: each mark with the words beside it."""
    plain: list[DetectedLine] = []
    marked: list[DetectedLine] = []
    for line in lines:
        if not any(line.box.contains(*tick.box.center) for tick in ticks):
            plain.append(line)
            continue
        at = next((at for at, character in enumerate(line.text) if character in CHECK_BOXES), 0)
        if at and line.text[-1] not in CHECK_BOXES:  # a label, and the options behind it
            head, line = cut(line, at)
            plain.append(head)
        marked.append(line)
    taken: set[int] = set()
    options = []
    for line in marked:
        words = [line]
        if len(line.text.strip()) == 1 and (beside := _words_beside(line, plain, marked)) is not None:
            words = sorted([line, beside], key=lambda part: part.box.x0)
            taken.add(id(beside))
        tooltip = next((tick.tooltip for tick in ticks if line.box.contains(*tick.box.center)), "")
        options.append(Slot(Box.around(part.box for part in words), tuple(words), tooltip, option=True))
    return [line for line in plain if id(line) not in taken], options


def _words_beside(
    mark: DetectedLine, plain: Sequence[DetectedLine], marked: Sequence[DetectedLine]
) -> DetectedLine | None:
    """The words of a mark that stands alone: right behind it, else right before it."""
    row = [line for line in plain if mark.box.y0 < line.box.center[1] < mark.box.y1]
    ends = [other.box.x0 for other in marked if other is not mark and other.box.x0 > mark.box.x0
            and mark.box.y0 < other.box.center[1] < mark.box.y1]  # fmt: skip
    end = min(ends, default=float("inf"))
    behind = [line for line in row if mark.box.center[0] < line.box.x0 < end]
    nearest = min(behind, key=lambda line: line.box.x0, default=None)
    if nearest is not None and nearest.box.x0 - mark.box.x1 <= BEHIND * mark.box.height:
        return nearest
    before = [line for line in row if line.box.x1 <= mark.box.center[0]]
    nearest = max(before, key=lambda line: line.box.x1, default=None)
    near = nearest is not None and mark.box.x0 - nearest.box.x1 <= BEFORE * mark.box.height
    return nearest if near else None
