"""How alike a found table and the true one are: TEDS, TEDS-Struct, and the cells that are right.

TEDS is tree edit distance similarity (Zhong, ShafieiBavani and Jimeno Yepes, "Image-based table recognition:
data, model, and evaluation", 2020): both tables as trees table -> rows -> cells, the cost of a change of
text being its normalised edit distance. TEDS-Struct leaves the texts out. Head and body are not told
apart. The distance is APTED's (Pawlik and Augsten, 2016).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apted import APTED, Config
from rapidfuzz.distance import Levenshtein

from benchmarks.measures import plain
from fixtures.page_truth import TrueCell

Cells = Sequence[TrueCell]

# Tables that share less of their characters are not the same table.
LEAST_SHARED = 0.3


@dataclass(frozen=True, slots=True)
class _Node:
    name: str
    row_span: int = 1
    column_span: int = 1
    text: str = ""
    children: tuple[_Node, ...] = ()


class _Costs(Config):
    """An insertion, a deletion and a change of span cost 1, a change of text its share of the text."""

    def rename(self, one: _Node, other: _Node) -> float:
        if (one.name, one.row_span, one.column_span) != (other.name, other.row_span, other.column_span):
            return 1.0
        return float(Levenshtein.normalized_distance(one.text, other.text))

    def children(self, node: _Node) -> tuple[_Node, ...]:
        return node.children


def teds(truth: Cells, found: Cells, *, structure_only: bool = False) -> float:
    """From 0 (nothing in common) to 1 (the same table)."""
    one, other = _tree(truth, structure_only), _tree(found, structure_only)
    size = max(_size(one), _size(other))
    distance: Any = APTED(one, other, _Costs()).compute_edit_distance()
    return 1.0 - float(distance) / size if size else 1.0


def _tree(cells: Cells, structure_only: bool) -> _Node:
    rows: dict[int, list[TrueCell]] = {}
    for cell in sorted(cells, key=lambda cell: (cell.row, cell.column)):
        rows.setdefault(cell.row, []).append(cell)
    return _Node("table", children=tuple(_row(row, structure_only) for row in rows.values()))


def _row(cells: Cells, structure_only: bool) -> _Node:
    return _Node(
        "row",
        children=tuple(
            _Node("cell", cell.row_span, cell.column_span, "" if structure_only else plain(cell.text))
            for cell in cells
        ),
    )


def _size(tree: _Node) -> int:
    """The rows and cells of a tree; the table itself does not count, as in the authors' program."""
    return sum(1 + len(row.children) for row in tree.children)


@dataclass(frozen=True, slots=True)
class Matches:
    """True positives of so many found and so many true things; adds up over tables."""

    right: int = 0
    found: int = 0
    true: int = 0

    def __add__(self, other: Matches) -> Matches:
        return Matches(self.right + other.right, self.found + other.found, self.true + other.true)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, self.found + self.true)


def cell_matches(truth: Cells, found: Cells) -> Matches:
    """A cell is right when its row, column, spans and text (NFKC, no blanks) are."""
    return _matches([_exact(cell) for cell in truth], [_exact(cell) for cell in found])


def _exact(cell: TrueCell) -> tuple[int, int, int, int, str]:
    return cell.row, cell.column, cell.row_span, cell.column_span, plain(cell.text)


def neighbour_matches(truth: Cells, found: Cells) -> Matches:
    """Pairs of texts that stand side by side or one above the other, empty cells passed over: the adjacency
    relations of Göbel et al., "A methodology for evaluating algorithms for table understanding in PDF
    documents" (2012)."""
    return _matches(_neighbours(truth), _neighbours(found))


def _neighbours(cells: Cells) -> list[tuple[str, str, str]]:
    written = [cell for cell in cells if plain(cell.text)]
    pairs = []
    for cell in written:
        right = [
            other
            for other in written
            if other.column >= cell.column + cell.column_span
            and other.row < cell.row + cell.row_span
            and cell.row < other.row + other.row_span
        ]
        below = [
            other
            for other in written
            if other.row >= cell.row + cell.row_span
            and other.column < cell.column + cell.column_span
            and cell.column < other.column + other.column_span
        ]
        nearest_column = min((other.column for other in right), default=-1)
        nearest_row = min((other.row for other in below), default=-1)
        pairs += [("right", cell.text, other.text) for other in right if other.column == nearest_column]
        pairs += [("below", cell.text, other.text) for other in below if other.row == nearest_row]
    return [(side, plain(one), plain(other)) for side, one, other in pairs]


def _matches(truth: Sequence[object], found: Sequence[object]) -> Matches:
    return Matches((Counter(truth) & Counter(found)).total(), len(found), len(truth))


def paired(truths: Sequence[Cells], found: Sequence[Cells]) -> tuple[Cells, ...]:
    """For each true table the found one that shares most of its characters, empty where none does; no found
    table is taken twice."""
    shares = sorted(
        (
            (_shared(truth, table), at, number)
            for at, truth in enumerate(truths)
            for number, table in enumerate(found)
        ),
        key=lambda share: (-share[0], share[1], share[2]),
    )
    taken: dict[int, int] = {}
    for share, at, number in shares:
        if share >= LEAST_SHARED and at not in taken and number not in taken.values():
            taken[at] = number
    return tuple(found[taken[at]] if at in taken else () for at in range(len(truths)))


def _shared(truth: Cells, found: Cells) -> float:
    """The share, 0-1, of characters that two tables have in common."""
    one, other = (Counter("".join(plain(cell.text) for cell in cells)) for cells in (truth, found))
    return 2 * (one & other).total() / max(1, one.total() + other.total())
