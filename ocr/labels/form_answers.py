"""The answers of a fillable form outside of any ruling: fields with the labels that are printed beside them.

Where a field lies and what was filled in is known; which words name it is told by their place: to its left,
else above it, else the form's own name for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.labels.label_likeness import LIKELY_LABEL, label_likeness
from ocr.script.widths import em, text_width

# Shares of the lower of two heights that two things on one row have in common, and of a line's height within
# which a tall field begins beside its label.
SAME_ROW = 0.5
FIRST_LINES = 1.6
# Ems: from a label to its field, between the parts of one answer, from a label to the field below it, from
# one option to that below it, and how long a word between two fields may be.
FARTHEST_LABEL = 20.0
NEXT = 1.6
ABOVE = 1.2
NEXT_ROW = 1.5
LONGEST_LINK = 2.5
ALIGNED = 2.0
TOLERANCE = 2.0  # points that boxes may overlap


@dataclass(frozen=True, slots=True)
class Slot:
    """A field of a form: its place, the lines of what stands in it, and the form's own name for it. An option
    is a tick with the words that it belongs to."""

    box: Box
    lines: tuple[DetectedLine, ...] = ()
    tooltip: str = ""
    option: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A label and the lines of its answer, none where it is empty; `room` is where that would stand."""

    name: DetectedLine
    value: tuple[DetectedLine, ...]
    room: Box

    @property
    def box(self) -> Box:
        return Box.around((self.name.box, self.room, *(line.box for line in self.value)))


def find_answers(
    slots: Iterable[Slot], printed: Sequence[DetectedLine]
) -> tuple[tuple[Answer, ...], tuple[DetectedLine, ...]]:
    """The answers, and the lines that are part of none; `printed` are the page's other lines.

    Slots that nothing names give their lines back.
    """
    form = _Form(sorted(slots, key=lambda slot: (slot.box.y0, slot.box.x0)), printed)
    for number in range(len(form.slots)):
        form.place(number)
    answers = [form.answer(first) for first in sorted(form.groups)]
    used = {id(line) for first in form.groups for line in form.lines_of(first)}
    loose = [line for number in form.nameless for line in form.slots[number].lines]
    free = [line for line in printed if id(line) not in used]
    return tuple(answers), (*free, *loose)


class _Form:
    """Slots in reading order as they find their labels; a group is the slots of one answer by its first."""

    def __init__(self, slots: Sequence[Slot], printed: Sequence[DetectedLine]) -> None:
        self.slots = slots
        self._printed = [line for line in printed if not line.vertical]
        self._names: dict[int, DetectedLine] = {}
        self._links: dict[int, list[DetectedLine]] = {}
        self._first: dict[int, int] = {}
        self._taken: set[int] = set()
        self.nameless: list[int] = []

    @property
    def groups(self) -> set[int]:
        return set(self._names)

    def place(self, number: int) -> None:
        """Finds out which answer the slot is part of."""
        slot = self.slots[number]
        before = self._slot_before(number)
        line = self._line_before(slot, before)
        if line is not None and before is not None and self._links_to(line, before, slot):
            self._join(number, before, line)
        elif line is not None:
            self._name(number, line)
        elif before is not None and (slot.option or self._is_part(before, slot)):
            self._join(number, before)
        elif slot.option and (above := self._option_above(slot)) is not None:
            self._join(number, above)
        elif (label := self._line_above(slot)) is not None:
            self._name(number, label)
        elif slot.tooltip:
            corner = Box(slot.box.x0, slot.box.y0, slot.box.x0, slot.box.y1)
            self._name(number, DetectedLine(slot.tooltip, corner, 1.0))
        elif before is not None:
            self._join(number, before)
        else:
            self.nameless.append(number)

    def answer(self, first: int) -> Answer:
        members = [at for at, of in self._first.items() if of == first]
        lines = [line for at in members for line in self.slots[at].lines]
        links = self._links.get(first, [])
        value = sorted([*lines, *links], key=lambda line: (line.box.y0, line.box.x0))
        room = Box.around(self.slots[at].box for at in members)
        return Answer(self._names[first], tuple(_linked(_in_rows(value), set(map(id, links)))), room)

    def lines_of(self, first: int) -> list[DetectedLine]:
        """The printed lines that the answer has taken."""
        return [self._names[first], *self._links.get(first, ())]

    def _name(self, number: int, line: DetectedLine) -> None:
        self._names[number] = line
        self._first[number] = number
        self._taken.add(id(line))
        self._take_link_behind(number)

    def _join(self, number: int, before: int, link: DetectedLine | None = None) -> None:
        first = self._first.get(before)
        if first is None:
            self.nameless.append(number)
            return
        self._first[number] = first
        if link is not None and id(link) not in self._taken:
            self._links.setdefault(first, []).append(link)
            self._taken.add(id(link))
        self._take_link_behind(number)

    def _take_link_behind(self, number: int) -> None:
        """A short word right behind a field, before no other one, is its unit."""
        slot = self.slots[number]
        if slot.option:
            return
        for line in self._free():
            gap = line.box.x0 - slot.box.x1
            if -TOLERANCE <= gap <= NEXT * em(line) and _same_row(line.box, slot.box) and _is_link(line):
                if any(_is_right_of(o.box, line.box) and o.box.x0 - line.box.x1 <= FARTHEST_LABEL * em(line)
                       and label_likeness(line.text) >= LIKELY_LABEL for o in self.slots):  # fmt: skip
                    return
                self._links.setdefault(self._first[number], []).append(line)
                self._taken.add(id(line))
                return

    def _free(self) -> list[DetectedLine]:
        return [line for line in self._printed if id(line) not in self._taken]

    def _slot_before(self, number: int) -> int | None:
        """The nearest slot to the left on the same row."""
        slot = self.slots[number]
        left = [
            at
            for at, other in enumerate(self.slots)
            if at != number and _is_right_of(slot.box, other.box) and _same_row(slot.box, other.box)
        ]
        return max(left, key=lambda at: self.slots[at].box.x1, default=None)

    def _line_before(self, slot: Slot, before: int | None) -> DetectedLine | None:
        """The nearest free line to the left on the row, behind the slot before."""
        start = self.slots[before].box.x1 - TOLERANCE if before is not None else float("-inf")
        left = [
            line
            for line in self._free()
            if _is_right_of(slot.box, line.box)
            and line.box.x0 >= start
            and _begins_beside(line.box, slot.box)
        ]
        line = max(left, key=lambda line: line.box.x1, default=None)
        if line is None or slot.box.x0 - line.box.x1 > FARTHEST_LABEL * em(line):
            return None
        return line

    def _links_to(self, line: DetectedLine, before: int, slot: Slot) -> bool:
        """Whether the line is no label but stands between the parts of one answer: 2024 年 5 月."""
        size = em(line)
        near = (
            line.box.x0 - self.slots[before].box.x1 <= NEXT * size
            and slot.box.x0 - line.box.x1 <= NEXT * size
        )
        return near and _is_link(line) and label_likeness(line.text) < LIKELY_LABEL and not slot.option

    def _is_part(self, before: int, slot: Slot) -> bool:
        other = self.slots[before].box
        return slot.box.x0 - other.x1 <= NEXT * min(slot.box.height, other.height)

    def _option_above(self, slot: Slot) -> int | None:
        """The option right above, of the same answer."""
        for at, other in enumerate(self.slots):
            gap = slot.box.y0 - other.box.y1
            aligned = abs(other.box.x0 - slot.box.x0) <= slot.box.height
            if (
                other.option
                and aligned
                and -TOLERANCE <= gap <= NEXT_ROW * slot.box.height
                and at in self._first
            ):
                return at
        return None

    def _line_above(self, slot: Slot) -> DetectedLine | None:
        above = [
            line
            for line in self._free()
            if -TOLERANCE <= slot.box.y0 - line.box.y1 <= ABOVE * em(line)
            and abs(line.box.x0 - slot.box.x0) <= ALIGNED * em(line)
        ]
        return max(above, key=lambda line: line.box.y1, default=None)


def _is_right_of(box: Box, other: Box) -> bool:
    return other.x1 <= box.x0 + TOLERANCE and other.x0 < box.x0


def _same_row(box: Box, other: Box) -> bool:
    common = min(box.y1, other.y1) - max(box.y0, other.y0)
    return common >= SAME_ROW * min(box.height, other.height)


def _begins_beside(line: Box, slot: Box) -> bool:
    """Whether the line stands on the field's row; beside a field of several rows, on the first."""
    tall = slot.height > 2 * FIRST_LINES * line.height
    return _same_row(line, slot) and (not tall or line.center[1] <= slot.y0 + FIRST_LINES * line.height)


def _is_link(line: DetectedLine) -> bool:
    return text_width(line.text) <= LONGEST_LINK


def _in_rows(lines: Sequence[DetectedLine]) -> list[DetectedLine]:
    """Lines that are sorted by height row by row from left to right."""
    rows: list[list[DetectedLine]] = []
    for line in lines:
        if rows and _same_row(rows[-1][0].box, line.box):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.box.x0)]


def _linked(lines: Sequence[DetectedLine], links: set[int]) -> list[DetectedLine]:
    """The lines with what a link stands between, or behind, as one: 03 - 1234."""
    found: list[DetectedLine] = []
    joins = False
    for line in lines:
        if found and (joins or id(line) in links) and _same_row(found[-1].box, line.box):
            box = Box.around((found[-1].box, line.box))
            sure = min(found[-1].confidence, line.confidence)
            found[-1] = replace(found[-1], text=found[-1].text + line.text, box=box, confidence=sure)
        else:
            found.append(line)
        joins = id(line) in links
    return found


def without_colon(line: DetectedLine) -> DetectedLine:
    """A label without the colon at its end."""
    return replace(line, text=line.text.rstrip(" 　：:") or line.text)
