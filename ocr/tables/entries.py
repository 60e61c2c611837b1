"""The labels of a ruled form and the cells of their values.

The label cells of a row are found as the likeliest path through two states, label and value (Viterbi
1967): a label is followed by its value, whatever the words alone would make of either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log

from ocr.grids.cells import FilledCell
from ocr.grids.headers import sides
from ocr.labels.label_likeness import LIKELY_LABEL, is_approver
from ocr.values.numbers import is_unit

FIRST_IS_VALUE = -2.0  # log weights of a row's path
LABEL_AFTER_LABEL = -2.0
VALUE_AFTER_VALUE = -0.7
LAST_IS_LABEL = -2.0
LOWEST_SEAL_BOX = 24.0  # points; a seal is 10 mm and more across
WIDEST_SEAL_BOX = 2.0  # times as wide as high


@dataclass(frozen=True, slots=True)
class FormEntry:
    """A label cell and the cells of its value; a cell that belongs to no label has `label` None.

    `group` is the label that stands before several rows with labels of their own: 依頼者 before 氏名 and
    住所. Where `sealed`, the value is the box for a seal, and what is read in it the seal's own text.
    """

    label: FilledCell | None
    values: tuple[FilledCell, ...]
    group: FilledCell | None = None
    sealed: bool = False


def best_path(row: Sequence[FilledCell], likeness: Mapping[FilledCell, float]) -> tuple[float, list[bool]]:
    """The log weight of the likeliest reading of a row, and which of its cells are labels in it."""
    first = likeness[row[0]]
    as_label: tuple[float, list[bool]] = (log(first), [True])
    as_value: tuple[float, list[bool]] = (log(1 - first) + FIRST_IS_VALUE, [False])
    for filled in row[1:]:
        label, value = log(likeness[filled]), log(1 - likeness[filled])
        to_label = max((as_label[0] + LABEL_AFTER_LABEL, as_label[1]), as_value, key=lambda path: path[0])
        to_value = max(as_label, (as_value[0] + VALUE_AFTER_VALUE, as_value[1]), key=lambda path: path[0])
        as_label = (to_label[0] + label, [*to_label[1], True])
        as_value = (to_value[0] + value, [*to_value[1], False])
    return max((as_label[0] + LAST_IS_LABEL, as_label[1]), as_value, key=lambda path: path[0])


def heads_values_with_units(
    header: Sequence[FilledCell], under: Sequence[FilledCell], likeness: Mapping[FilledCell, float]
) -> bool:
    """Whether each cell of `header` is the label of the cell below it, some of these parted from their
    units by a ruling."""
    labelled = all(likeness[filled] >= LIKELY_LABEL for filled in header)
    units = [filled for filled in under if is_unit(filled.compact)]
    values = [filled for filled in under if filled not in units]
    inner = {filled.cell.box.x0 for filled in units}
    return labelled and bool(units) and sides(under) - inner == sides(header) and len(values) == len(header)


def heads_seal_boxes(header: Sequence[FilledCell], under: Sequence[FilledCell]) -> bool:
    """Whether the cells of `header` name those who put their seals below."""
    return (
        all(is_approver(label.text) for label in header)
        and all(map(_is_seal_box, under))
        and sides(header) == sides(under)
    )


def entries_below(header: Sequence[FilledCell], under: Sequence[FilledCell]) -> list[FormEntry]:
    """The labels of `header`, each with what stands in the row under it."""
    below = {label: [filled for filled in under if _stands_under(label, filled)] for label in header}
    sealed = heads_seal_boxes(header, under)
    return [
        FormEntry(label if label.lines else None, tuple(values), sealed=sealed)
        for label, values in below.items()
        if label.lines or any(filled.lines for filled in values)
    ]


def entries_of(
    cells: Sequence[FilledCell], headed: Sequence[FormEntry], likeness: Mapping[FilledCell, float]
) -> tuple[FormEntry, ...]:
    """The entries of a form's cells; those of `headed` are known already."""
    taken = {cell for entry in headed for cell in (entry.label, *entry.values) if cell}
    free = [filled for filled in cells if filled not in taken]
    labels = _labels(free, likeness)
    entries = list(headed)
    for label in labels:
        values = _values_beside(label, free, labels, taken) or _value_under(label, free, labels, taken)
        taken.update(values)
        if values:
            taken.add(label)
            entries.append(FormEntry(label, values, _group_of(label, labels)))
    if all(_is_for_a_seal(entry) for entry in entries if entry.label):
        entries = [replace(entry, sealed=entry.label is not None) for entry in entries]
    entries.extend(FormEntry(None, (filled,)) for filled in free if filled not in taken and filled.lines)
    return tuple(sorted(entries, key=_position))


def _is_for_a_seal(entry: FormEntry) -> bool:
    return entry.label is not None and is_approver(entry.label.text) and all(map(_is_seal_box, entry.values))


def _is_seal_box(filled: FilledCell) -> bool:
    box = filled.cell.box
    return box.height >= LOWEST_SEAL_BOX and box.width <= WIDEST_SEAL_BOX * box.height


def _stands_under(label: FilledCell, filled: FilledCell) -> bool:
    return label.cell.box.x0 <= filled.cell.box.x0 and filled.cell.box.x1 <= label.cell.box.x1


def _group_of(label: FilledCell, labels: Iterable[FilledCell]) -> FilledCell | None:
    """The label of several rows that ends where `label` begins, in one of these rows."""
    row, column = label.cell.row, label.cell.column
    return next(
        (
            other
            for other in labels
            if other.cell.row_span > label.cell.row_span
            and other.cell.row <= row < other.cell.row + other.cell.row_span
            and other.cell.column + other.cell.column_span == column
        ),
        None,
    )


def _labels(cells: Sequence[FilledCell], likeness: Mapping[FilledCell, float]) -> list[FilledCell]:
    """The label cells among `cells`, row by row; a cell to the right of a label that began further up
    follows that label."""
    found: list[FilledCell] = []
    for row in sorted({filled.cell.row for filled in cells}):
        begin = [filled for filled in cells if filled.cell.row == row]
        spanning = [
            filled for filled in cells if filled.cell.row < row < filled.cell.row + filled.cell.row_span
        ]
        whole = sorted([*begin, *spanning], key=lambda filled: filled.cell.column)
        known = {
            filled: (0.98 if filled in found else 0.02) if filled in spanning else likeness[filled]
            for filled in whole
        }
        roles = best_path(whole, known)[1]
        found.extend(
            filled for filled, is_label in zip(whole, roles, strict=True) if is_label and filled in begin
        )
    return [filled for filled in found if filled.lines]


def _values_beside(
    label: FilledCell, cells: Sequence[FilledCell], labels: Sequence[FilledCell], taken: set[FilledCell]
) -> tuple[FilledCell, ...]:
    """The value cells right of a label up to the next label, in each row that the label spans."""
    found: list[FilledCell] = []
    rows = range(label.cell.row, label.cell.row + label.cell.row_span)
    for row in rows:
        right = [
            filled
            for filled in cells
            if filled.cell.row <= row < filled.cell.row + filled.cell.row_span
            and filled.cell.column > label.cell.column
        ]
        for filled in sorted(right, key=lambda filled: filled.cell.column):
            if filled in labels or filled in taken:
                break
            if filled not in found:
                found.append(filled)
    return tuple(found)


def _value_under(
    label: FilledCell, cells: Sequence[FilledCell], labels: Sequence[FilledCell], taken: set[FilledCell]
) -> tuple[FilledCell, ...]:
    box = label.cell.box
    return tuple(
        filled
        for filled in cells
        if filled.cell.box.y0 == box.y1
        and (filled.cell.box.x0, filled.cell.box.x1) == (box.x0, box.x1)
        and filled not in labels
        and filled not in taken
    )


def _position(entry: FormEntry) -> tuple[int, int]:
    first = (entry.label or entry.values[0]).cell
    return first.row, first.column
