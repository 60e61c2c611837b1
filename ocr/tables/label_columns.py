"""Forms without rulings and without colons: labels one under the other, their values in a second column.

Lists and tables of two columns look the same. They are told apart by what they say: the labels of a form
are those that forms have, or its values are of several kinds, a date, an amount, a telephone number, where
a column of a table holds one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ocr.detection import DetectedLine, Ruling
from ocr.document import Box, ValueKind
from ocr.labels.inline_labels import unmarked_cuts
from ocr.labels.label_likeness import LIKELY_LABEL, is_usual_label, label_likeness
from ocr.labels.label_rows import ALIGNED, AT_COLON, LabelledText, labelled_texts, may_be_label
from ocr.labels.pairs import COLON, Pair, without_rest
from ocr.order.xy_cut import rows_of
from ocr.script.item_marks import without_mark
from ocr.script.widths import cut, em, without_blanks
from ocr.tables.aligned import find_aligned
from ocr.values.field_values import kind_of_value

FEWEST_ROWS = 3
FEWEST_VALUES = 2
WIDEST_PITCH = 4.0  # ems from a line down to the next label
NEXT_LINE = 2.0  # ems from a line of a value down to its next
LEAST_USUAL, LEAST_LIKELY = 0.5, 0.6  # shares of the labels that forms have, and that look like labels
LEAST_DISTINCT = 0.7  # share of the labels
MOST_LABELS = 0.3  # share of the values that are labels themselves
FEWEST_KINDS = 2  # of values, in one column
WITHIN_VALUE = 3.0  # ems of white inside of a value
COLUMNS_OF_A_TABLE = 3
SHARED_ROWS = 0.5  # share of the labels that have one beside them
_NUMERIC = frozenset({ValueKind.NUMBER, ValueKind.MONEY})
_HEADING = re.compile("項目名?|事項|区分|種別|名称|内容|詳細|値|説明|摘要|記入欄|備考")


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """A label with its value, which stands in `room`, behind a printed `colon` or none."""

    pair: Pair
    room: Box
    colon: bool = False

    @property
    def label(self) -> DetectedLine:
        return self.pair.name


@dataclass(frozen=True, slots=True)
class LabelColumns:
    """Labelled values in reading order, and the lines that they were read as."""

    entries: tuple[ColumnEntry, ...]
    lines: frozenset[DetectedLine]

    @property
    def box(self) -> Box:
        return Box.around(line.box for line in self.lines)


@dataclass(frozen=True, slots=True)
class _LabelColumn:
    """Where labels begin and end, and where their values begin."""

    left: float
    right: float
    at: float


def find_label_columns(
    lines: Sequence[DetectedLine], rulings: Sequence[Ruling], size: float
) -> tuple[tuple[LabelColumns, ...], tuple[DetectedLine, ...]]:
    """The columns of labels and values among `lines`, which stand in no grid, and the lines in none of them.

    `size` is the body type size in points.
    """
    rows = rows_of(line for line in lines if not line.vertical)
    members = [member for row in rows for member in labelled_texts(row, size)]
    runs = _runs(members, size)
    heads = frozenset(m.lines[0] for _, run in runs if len(run) >= FEWEST_ROWS for m in run)
    found = [
        part
        for column, run in runs
        for part in _stretches(column, run, rows, heads, size)
        if _is_form(part.entries)
    ]
    if found:
        found = _beside_tables(_without_overlaps(found), lines, rulings, size)
    taken = {line for part in found for line in part.lines}
    return _side_by_side(found), tuple(line for line in lines if line not in taken)


def _runs(members: Sequence[LabelledText], size: float) -> list[tuple[_LabelColumn, list[LabelledText]]]:
    """The members whose labels share an edge and whose values begin one under the other."""
    runs: list[tuple[_LabelColumn, list[LabelledText]]] = []
    for member in sorted(members, key=lambda member: member.slack):
        box = member.label.box
        for column, run in runs:
            edge = min(abs(box.x0 - column.left), abs(box.x1 - column.right))
            if edge <= ALIGNED * size and abs(member.at - column.at) <= member.slack:
                run.append(member)
                break
        else:
            runs.append((_LabelColumn(box.x0, box.x1, member.at), [member]))
    return [(column, run) for column, run in runs if len(run) >= FEWEST_VALUES]


def _stretches(
    column: _LabelColumn,
    run: Sequence[LabelledText],
    rows: Sequence[Sequence[DetectedLine]],
    heads: frozenset[DetectedLine],
    size: float,
) -> Iterator[LabelColumns]:
    """The parts of a run that nothing else interrupts, with labels that have no value, and the further lines
    of values; `heads` are the labels of all runs."""
    members = {id(member.lines[0]): member for member in run}  # what is drawn twice is equal
    left = min(member.label.box.x0 for member in run)
    slack = max(min(member.slack for member in run), ALIGNED * size)
    found: list[tuple[LabelledText, list[DetectedLine]]] = []
    bottom = 0.0
    for row in rows:
        inside = [line for line in row if line.box.x1 > left and line.box.x0 < column.at + ALIGNED * size]
        if not inside:
            continue
        first = inside[0]
        member = members.get(id(first)) or (_alone(first, column, size) if len(inside) == 1 else None)
        far = first.box.y0 - bottom > WIDEST_PITCH * size
        if member is not None and set(inside) <= set(member.lines):
            if far:
                yield from _as_columns(found, size, near=False)
                found = []
            value = _along(row, member, heads, size)
            found.append((member, value))
            bottom = max(line.box.y1 for line in (first, *value))
        elif found and len(inside) == 1 and _goes_on(first, column.at, found[-1][1], slack):
            found[-1][1].append(first)
            bottom = first.box.y1
        else:
            yield from _as_columns(found, size, near=first.box.y0 - bottom <= size)
            found = []
    yield from _as_columns(found, size, near=False)


def _alone(line: DetectedLine, column: _LabelColumn, size: float) -> LabelledText | None:
    """The line as a label without a value, where it stands as one and looks like one."""
    edge = min(abs(line.box.x0 - column.left), abs(line.box.x1 - column.right))
    if edge > ALIGNED * size or not may_be_label(line.text) or label_likeness(line.text) < LIKELY_LABEL:
        return None
    return LabelledText(line, None, column.at, (line,), ALIGNED * size)


def _along(
    row: Sequence[DetectedLine], member: LabelledText, heads: frozenset[DetectedLine], size: float
) -> list[DetectedLine]:
    """The value with what follows it on its row, up to the next label."""
    if member.value is None:
        return []
    value = [member.value]
    for line in row[row.index(member.lines[-1]) + 1 :]:
        apart = line.box.x0 - value[-1].box.x1 > WITHIN_VALUE * size
        if apart or line in heads or is_usual_label(line.text):
            break
        value.append(line)
    return value


def _goes_on(line: DetectedLine, at: float, value: Sequence[DetectedLine], slack: float) -> bool:
    """Whether the line is the next of the value above it."""
    if not value or abs(line.box.x0 - at) > slack:
        return False
    return line.box.center[1] - value[-1].box.center[1] <= NEXT_LINE * em(value[-1])


def _as_columns(
    found: Sequence[tuple[LabelledText, list[DetectedLine]]], size: float, *, near: bool
) -> Iterator[LabelColumns]:
    """The labels and values, without the labels at either end that may head something else: what stands
    `near` below, or a section."""
    kept = list(found)
    while kept and (_heads_columns(*kept[0]) or _is_doubtful(*kept[0])):
        kept.pop(0)
    while kept and (_is_doubtful(*kept[-1]) or (near and not kept[-1][1])):
        kept.pop()
    if len(kept) < FEWEST_ROWS:
        return
    colons = sum(bool(AT_COLON.search(member.label.text)) for member, _ in kept)
    if 2 * colons > len(kept) and all(len(rows_of(value)) < 2 for _, value in kept):
        return  # pairs, which are read line by line
    lines = {line for member, value in kept for line in (*member.lines, *value[1:])}
    right = max(line.box.x1 for line in lines)
    entries = [entry for member, value in kept for entry in _entries(member, value, right)]
    yield LabelColumns(tuple(entries), frozenset(lines))


def _is_doubtful(member: LabelledText, value: Sequence[DetectedLine]) -> bool:
    return not value and not is_usual_label(member.label.text)


def _heads_columns(member: LabelledText, value: Sequence[DetectedLine]) -> bool:
    """Whether the row is a heading over both columns: 項目, 内容."""
    heads = (member.label.text, "".join(line.text for line in value))
    return all(_HEADING.fullmatch(without_blanks(text)) for text in heads)


def _entries(member: LabelledText, value: Sequence[DetectedLine], right: float) -> list[ColumnEntry]:
    """The label with its value, and the further labels that stand with theirs on the value's line."""
    label = member.label
    colon = AT_COLON.search(label.text)
    name = replace(label, text=label.text[: colon.start()]) if colon else label
    room = Box(member.at, label.box.y0, max(right, member.at + em(label)), label.box.y1)
    head = f"{name.text}{COLON}"
    first, more = list(value[:1]), tuple(value[1:])
    entries: list[ColumnEntry] = []
    for label_at, value_at in reversed(unmarked_cuts(head + first[0].text) if first else ()):
        before, pair = cut(first[0], label_at - len(head))
        further, rest = cut(pair, value_at - label_at)
        entries.append(
            ColumnEntry(Pair(further, (rest, *more)), replace(rest.box, x1=max(right, rest.box.x1)))
        )
        first, more = [before], ()
    entries.append(ColumnEntry(without_rest(Pair(name, (*first, *more))), room, bool(colon)))
    return entries[::-1]


def _is_form(entries: Sequence[ColumnEntry]) -> bool:
    """Whether labels and values are those of a form: usual labels, or values of several kinds."""
    labels = [without_mark(entry.label.text) for entry in entries]
    texts = ["".join(line.text for line in (*entry.pair.value, *entry.pair.rest)) for entry in entries]
    values = [(label, text) for label, text in zip(labels, texts, strict=True) if text]
    if len(values) < FEWEST_VALUES or len({*map(without_blanks, labels)}) < LEAST_DISTINCT * len(labels):
        return False
    kinds = [kind_of_value(value, label) for label, value in values]
    if _NUMERIC.issuperset(kinds) or _share(is_usual_label(value) for _, value in values) > MOST_LABELS:
        return False
    if 2 * sum(value.endswith("。") for _, value in values) > len(values):
        return False
    if len({*kinds} - {ValueKind.TEXT}) >= FEWEST_KINDS:
        return True
    usual = _share(is_usual_label(label) for label in labels)
    likely = _share(label_likeness(label) >= LIKELY_LABEL for label in labels)
    return usual >= LEAST_USUAL and likely >= LEAST_LIKELY


def _without_overlaps(found: Iterable[LabelColumns]) -> list[LabelColumns]:
    """The largest of those that share a line."""
    kept: list[LabelColumns] = []
    for part in sorted(found, key=lambda part: -len(part.entries)):
        if all(part.lines.isdisjoint(other.lines) for other in kept):
            kept.append(part)
    return kept


def _beside_tables(
    found: Sequence[LabelColumns], lines: Sequence[DetectedLine], rulings: Sequence[Ruling], size: float
) -> list[LabelColumns]:
    """Those that are no part of a table of more columns than two."""
    tables = [
        {line for cell in table.cells for line in cell.lines}
        for table in find_aligned(lines, rulings, size)[0]
        if max(filled.cell.column + filled.cell.column_span for filled in table.cells) >= COLUMNS_OF_A_TABLE
    ]
    return [part for part in found if all(part.lines.isdisjoint(table) for table in tables)]


def _side_by_side(found: Sequence[LabelColumns]) -> tuple[LabelColumns, ...]:
    """The columns, those that share their rows as one that is read row by row."""
    joined: list[LabelColumns] = []
    for part in sorted(found, key=lambda part: (part.box.x0, part.box.y0)):
        beside = next((other for other in joined if _share_rows(other, part)), None)
        if beside is None:
            joined.append(part)
            continue
        entries = {entry.label: entry for entry in (*beside.entries, *part.entries)}
        order = [entries[label] for row in rows_of(entries) for label in row]
        joined[joined.index(beside)] = LabelColumns(tuple(order), beside.lines | part.lines)
    return tuple(joined)


def _share_rows(one: LabelColumns, other: LabelColumns) -> bool:
    """Whether half of the labels of `other` have one of `one` on their line."""
    middles = [entry.label.box.center[1] for entry in one.entries]
    boxes = [entry.label.box for entry in other.entries]
    return _share(any(box.y0 < y < box.y1 for y in middles) for box in boxes) >= SHARED_ROWS


def _share(flags: Iterable[bool]) -> float:
    found = list(flags)
    return sum(found) / len(found) if found else 0.0
