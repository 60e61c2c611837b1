"""Ruled regions as cells: rulings -> merged edges -> intersections -> cells -> grids.

The steps are those of pdfplumber's table finder, which follows Anssi Nurminen's thesis "Algorithmic
Extraction of Data in Tables in PDF Documents" (2013). Lengths are points.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf

from ocr.detection import Ruling
from ocr.document import Box

SNAP = 3.0  # rulings this close are one: double rules, and the two edges of a thick one
REACH = 4.0  # how far an end may miss the ruling it was drawn to meet
WIDEST_BREAK = 30.0  # a punched hole, a fold, a finger
WIDEST_LOSS = 60.0  # toner that a copy of a copy no longer has
FEWEST_MET = 2  # crossing edges that an edge of a grid meets; an underline in a cell meets one at most
SMALLEST_CELL = 6.0
FEWEST_OPEN_ENDS = 3  # lines that stop together where a side is not drawn: two may stop by chance


@dataclass(frozen=True, slots=True)
class Edge:
    """A ruled line at `position` across its direction, from `start` to `end` along it."""

    position: float
    start: float
    end: float

    def covers(self, start: float, end: float) -> bool:
        return self.start - REACH <= start and end <= self.end + REACH


@dataclass(frozen=True, slots=True)
class GridCell:
    """A ruled cell; rows and columns count from 0 within its grid."""

    row: int
    column: int
    row_span: int
    column_span: int
    box: Box


@dataclass(frozen=True, slots=True)
class RuledGrid:
    """Cells that touch, by row and column; `worn` where some of its rulings had lost their ink."""

    box: Box
    cells: tuple[GridCell, ...]
    worn: bool = False


def merge_edges(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Edges within SNAP of each other at their common position, collinear pieces as one."""
    by_position: list[list[Edge]] = []
    for edge in sorted(edges, key=lambda e: (e.position, e.start, e.end)):
        if by_position and edge.position - by_position[-1][0].position <= SNAP:
            by_position[-1].append(edge)
        else:
            by_position.append([edge])
    merged: list[Edge] = []
    for group in by_position:
        position = sum(edge.position for edge in group) / len(group)
        pieces = sorted((edge.start, edge.end) for edge in group)
        start, end = pieces[0]
        for next_start, next_end in pieces[1:]:
            if next_start > end + REACH:
                merged.append(Edge(position, start, end))
                start, end = next_start, next_end
            else:
                end = max(end, next_end)
        merged.append(Edge(position, start, end))
    return tuple(merged)


def bridge(edges: Sequence[Edge], crossing: Sequence[Edge]) -> tuple[Edge, ...]:
    """The edges with those made one that a scan broke, and drawn out to the crossing edge that they no longer
    reach: a ruling of a grid ends where it meets another, unless ink is lost there.

    Where several edges end together nothing is lost: a table without its sides, or a column of underlines.
    """
    ends = _EdgeEnds.of(edges, crossing)
    bridged: list[Edge] = []
    for edge in sorted(edges, key=lambda e: (e.position, e.start)):
        before = bridged[-1] if bridged else None
        if before is not None and _is_broken(before, edge, ends):
            bridged[-1] = Edge(edge.position, before.start, edge.end)
        else:
            bridged.append(edge)
    return tuple(_drawn_out(edge, ends) for edge in bridged)


@dataclass(frozen=True, slots=True)
class _EdgeEnds:
    """Where edges end, with their positions, and the edges across them by position; both in order."""

    ends: list[tuple[float, float]]
    crossing: list[Edge]

    @staticmethod
    def of(edges: Iterable[Edge], crossing: Iterable[Edge]) -> _EdgeEnds:
        ends = sorted((end, edge.position) for edge in edges for end in (edge.start, edge.end))
        return _EdgeEnds(ends, sorted(crossing, key=_position))

    def met(self, position: float, start: float, end: float) -> list[Edge]:
        """The crossing edges that an edge at `position` meets between two places, and just beyond them."""
        first = bisect_left(self.crossing, start - REACH, key=_position)
        last = bisect_right(self.crossing, end + REACH, key=_position)
        return [c for c in self.crossing[first:last] if c.covers(position, position)]

    def are_free(self, position: float, *ends: float) -> bool:
        """Whether an edge at `position` meets none at these of its ends."""
        return not any(self.met(position, end, end) for end in ends)

    def is_lost(self, position: float, end: float) -> bool:
        """Whether it meets none there, and no more than one other edge ends beside it."""
        if not self.are_free(position, end):
            return False
        near = self.ends[bisect_left(self.ends, (end - REACH,)) : bisect_right(self.ends, (end + REACH, inf))]
        return len({other for _, other in near} - {position}) < FEWEST_OPEN_ENDS - 1


def _position(edge: Edge) -> float:
    return edge.position


def _is_broken(before: Edge, after: Edge, ends: _EdgeEnds) -> bool:
    """Whether two pieces are of one ruling: one of them ends where nothing else does, or, over a wide gap,
    both of them, and both are of a grid."""
    at, gap = before.position, after.start - before.end
    if at != after.position or gap > WIDEST_LOSS:
        return False
    lost = ends.is_lost(at, before.end), ends.is_lost(at, after.start)
    if gap <= WIDEST_BREAK and (any(lost) or ends.are_free(at, before.end, after.start)):
        return True
    return all(lost) and all(ends.met(at, piece.start, piece.end) for piece in (before, after))


def _drawn_out(edge: Edge, ends: _EdgeEnds) -> Edge:
    """The edge of a grid with its lost ends drawn out to the next crossing edge, where that is near."""
    at, start, end = edge.position, edge.start, edge.end
    lost = ends.is_lost(at, start), ends.is_lost(at, end)
    if not any(lost) or len(ends.met(at, start, end)) < FEWEST_MET:
        return edge
    before = [c.position for c in ends.met(at, start - WIDEST_LOSS, start)]
    after = [c.position for c in ends.met(at, end, end + WIDEST_LOSS)]
    return Edge(
        at, max(before, default=start) if lost[0] else start, min(after, default=end) if lost[1] else end
    )


def _meet(edge: Edge, crossing: Edge) -> bool:
    return edge.covers(crossing.position, crossing.position) and crossing.covers(edge.position, edge.position)


def with_sides(
    horizontal: Sequence[Edge], vertical: Sequence[Edge]
) -> tuple[tuple[Edge, ...], tuple[Edge, ...]]:
    """The edges, and the sides of tables that are drawn without them: where most of the lines that cross
    each other stop together beyond the outermost of those across them."""
    added_across: list[Edge] = []
    added_down: list[Edge] = []
    for across, down in _crossing(horizontal, vertical):
        left, right = _open_ends(across, down)
        top, bottom = _open_ends(down, across)
        xs = [edge.position for edge in down] + [x for x in (left, right) if x is not None]
        ys = [edge.position for edge in across] + [y for y in (top, bottom) if y is not None]
        added_down += [Edge(x, min(ys), max(ys)) for x in (left, right) if x is not None]
        added_across += [Edge(y, min(xs), max(xs)) for y in (top, bottom) if y is not None]
    return (*horizontal, *added_across), (*vertical, *added_down)


def _crossing(
    horizontal: Sequence[Edge], vertical: Sequence[Edge]
) -> Iterable[tuple[list[Edge], list[Edge]]]:
    """The horizontal and the vertical edges of each figure of edges that cross or meet."""
    groups: list[tuple[set[int], set[int]]] = []  # places in `horizontal` and in `vertical`
    for number, h in enumerate(horizontal):
        across = {number}
        down = {at for at, v in enumerate(vertical) if _meet(h, v)}
        apart = []
        for group in groups:
            if group[1].isdisjoint(down):
                apart.append(group)
            else:
                across, down = across | group[0], down | group[1]
        groups = [*apart, (across, down)]
    return (
        ([horizontal[at] for at in sorted(across)], [vertical[at] for at in sorted(down)])
        for across, down in groups
        if down
    )


def _open_ends(edges: Sequence[Edge], crossing: Sequence[Edge]) -> tuple[float | None, float | None]:
    """Where most of `edges` begin before, and end after, all that is drawn across them; None where not."""
    first, last = min(edge.start for edge in edges), max(edge.end for edge in edges)
    begin = [edge for edge in edges if edge.start - first <= REACH]
    end = [edge for edge in edges if last - edge.end <= REACH]
    free_before = first + SMALLEST_CELL < min(edge.position for edge in crossing)
    free_after = last - SMALLEST_CELL > max(edge.position for edge in crossing)
    return (
        first if free_before and _are_most(begin, edges) else None,
        last if free_after and _are_most(end, edges) else None,
    )


def _are_most(some: Sequence[Edge], edges: Sequence[Edge]) -> bool:
    return len(some) >= FEWEST_OPEN_ENDS and 2 * len(some) > len(edges)


def find_cells(horizontal: Sequence[Edge], vertical: Sequence[Edge]) -> tuple[Box, ...]:
    """The smallest rectangles whose four sides are ruled, from merged edges, by top then left."""
    points = {(v.position, h.position) for h in horizontal for v in vertical if _meet(h, v)}
    rows: dict[float, list[float]] = defaultdict(list)
    columns: dict[float, list[float]] = defaultdict(list)
    for x, y in sorted(points):
        rows[y].append(x)
        columns[x].append(y)
    across: dict[float, list[Edge]] = defaultdict(list)
    down: dict[float, list[Edge]] = defaultdict(list)
    for edge in horizontal:
        across[edge.position].append(edge)
    for edge in vertical:
        down[edge.position].append(edge)

    def ruled(edges: Sequence[Edge], start: float, end: float) -> bool:
        return any(edge.covers(start, end) for edge in edges)

    def smallest_from(x0: float, y0: float) -> Box | None:
        for y1 in (y for y in columns[x0] if y > y0 and ruled(down[x0], y0, y)):
            for x1 in (x for x in rows[y0] if x > x0 and ruled(across[y0], x0, x)):
                if (x1, y1) in points and ruled(across[y1], x0, x1) and ruled(down[x1], y0, y1):
                    return Box(x0, y0, x1, y1)
        return None

    found = (smallest_from(x, y) for x, y in sorted(points, key=lambda point: (point[1], point[0])))
    return tuple(cell for cell in found if cell and min(cell.width, cell.height) >= SMALLEST_CELL)


def find_grids(rulings: Iterable[Ruling]) -> tuple[RuledGrid, ...]:
    """Grids of at least two cells, by top then left; a lone box is a frame, not a grid."""
    lines = tuple(rulings)
    horizontal = merge_edges(Edge((r.y0 + r.y1) / 2, r.x0, r.x1) for r in lines if r.horizontal)
    vertical = merge_edges(Edge((r.x0 + r.x1) / 2, r.y0, r.y1) for r in lines if not r.horizontal)
    across, down = bridge(horizontal, vertical), bridge(vertical, horizontal)
    mended = [Box(e.start, e.position, e.end, e.position) for e in set(across).difference(horizontal)]
    mended += [Box(e.position, e.start, e.position, e.end) for e in set(down).difference(vertical)]
    groups = _touching(find_cells(*with_sides(across, down)))
    grids = (grid_of(group) for group in groups if len(group) > 1)
    return tuple(
        replace(grid, worn=any(grid.box.contains(*edge.center) for edge in mended))
        for grid in sorted(grids, key=lambda grid: (grid.box.y0, grid.box.x0))
    )


def _touching(boxes: Sequence[Box]) -> list[list[Box]]:
    """The boxes in groups that share corners, each group in the order given."""
    groups: list[tuple[set[tuple[float, float]], list[Box]]] = []
    for box in boxes:
        corners = {(box.x0, box.y0), (box.x1, box.y0), (box.x0, box.y1), (box.x1, box.y1)}
        members = [box]
        apart = []
        for known, group in groups:
            if known.isdisjoint(corners):
                apart.append((known, group))
            else:
                corners |= known
                members = group + members
        groups = [*apart, (corners, members)]
    return [sorted(members, key=lambda box: (box.y0, box.x0)) for _, members in groups]


def grid_of(boxes: Sequence[Box]) -> RuledGrid:
    """The boxes as cells, their rows and columns counted by the edges that any of them has."""
    xs = sorted({x for box in boxes for x in (box.x0, box.x1)})
    ys = sorted({y for box in boxes for y in (box.y0, box.y1)})
    cells = (
        GridCell(
            row=ys.index(box.y0),
            column=xs.index(box.x0),
            row_span=ys.index(box.y1) - ys.index(box.y0),
            column_span=xs.index(box.x1) - xs.index(box.x0),
            box=box,
        )
        for box in boxes
    )
    return RuledGrid(Box.around(boxes), tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))))
