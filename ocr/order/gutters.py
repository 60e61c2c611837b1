"""Columns of text side by side: the white gutters that run down between them, and how far they run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

from ocr.document import Box

GUTTER = 1.5  # ems of white between two columns
STRAIGHT_GUTTER = 0.6  # ems, where many bands stand on both sides of it: full stops hang into it
FEWEST_BESIDE = 4
FOREIGN_GUTTER = 0.3  # ems between writing of different directions, or beside a frame or figure
FEWEST_FOREIGN = 6  # characters; fewer are a label set downwards
NARROWEST_COLUMN = 6.0  # ems; rows with narrower parts are read across, as unruled tables are
STRIPE = 4.0  # ems of white across all columns that part them from what comes after
WIDER_STRIPE = 1.5  # times the gutter that such a stripe is
TABLE_GUTTERS = 4  # where rows with so many are no columns of text, the rows under them are none either
LIKE_WIDTH = 0.7  # of the widest column: one line that began the next column, not a date set right
LARGER_TYPE = 1.12  # times the body type: a heading over columns, not in one of them
CENTERED = 1.5  # ems the middle of a heading may miss that of the columns under it
NEXT_LINE = 1.3  # ems of white between two lines of one column


class Placed(Protocol):
    @property
    def box(self) -> Box: ...
    @property
    def characters(self) -> int: ...
    @property
    def em(self) -> float: ...
    @property
    def vertical(self) -> bool: ...
    @property
    def in_row(self) -> bool: ...
    @property
    def apart(self) -> bool: ...


class DirectedText(Protocol):
    @property
    def characters(self) -> int: ...
    @property
    def vertical(self) -> bool: ...


Item = TypeVar("Item", bound=Placed)


@dataclass(frozen=True)
class Band(Generic[Item]):
    """What stands between two stripes of white that run across the whole part of the page."""

    items: tuple[Item, ...]

    @cached_property
    def top(self) -> float:
        return min(item.box.y0 for item in self.items)

    @cached_property
    def bottom(self) -> float:
        return max(item.box.y1 for item in self.items)


@dataclass(frozen=True, slots=True)
class Gutter:
    """White from `left` to `right`, no narrower than `least`; `foreign` where writing of another direction
    or what stands apart (a frame, a figure) begins there, `walled` where it is the latter."""

    left: float
    right: float
    least: float
    foreign: bool = False
    walled: bool = False


def direction_of(written: Iterable[DirectedText], *, otherwise: bool) -> bool:
    """Whether most characters stand in vertical lines; a character alone has no direction."""
    down = across = 0
    for item in written:
        if item.characters < 2:
            continue
        if item.vertical:
            down += item.characters
        else:
            across += item.characters
    return otherwise if down == across else down > across


def columns_apart(items: Sequence[Item], em: float) -> list[list[Item]]:
    """The items parted where one direction of writing ends and the other begins over their whole height:
    a horizontal title over vertical text. Frames and figures part nothing by themselves."""
    gutters = [g for g in _gaps(items, em) if g.foreign and not g.walled]
    return split(items, gutters)


def columns_from(
    bands: Sequence[Band[Item]], start: int, em: float, before: Sequence[Band[Item]]
) -> tuple[list[list[Item]], int, int]:
    """The columns that begin at band `start`, the index after their last band, and how many bands of
    `before` (directly above) belong to them; no columns where the bands up to that index are read across.
    """
    end, gutters = _stretch(bands, start, em)
    if not gutters:
        return [], start + 1, 0
    end = _given_back(bands, start, end, gutters)
    back = _taken_along(before, bands[start], gutters, em)
    stretch = [*before[len(before) - back :], *bands[start:end]]
    columns = split([item for band in stretch for item in band.items], gutters)
    if not _reads_down(columns, bands[start:end], gutters, em):
        return [], end if len(gutters) >= TABLE_GUTTERS else start + 1, 0
    return columns, end, back


def split(items: Iterable[Item], gutters: Sequence[Gutter]) -> list[list[Item]]:
    """The items between the gutters, left to right."""
    columns: list[list[Item]] = [[] for _ in range(len(gutters) + 1)]
    for item in items:
        columns[_column(item, gutters)].append(item)
    return [column for column in columns if column]


def _column(item: Placed, gutters: Sequence[Gutter]) -> int:
    return sum(item.box.center[0] > gutter.right for gutter in gutters)


def _stretch(bands: Sequence[Band[Item]], start: int, em: float) -> tuple[int, tuple[Gutter, ...]]:
    """How far down the gutters of the band at `start` run: the index after the last band, the gutters."""
    gutters = _gaps(bands[start].items, em)
    end = start + 1
    while gutters and end < len(bands):
        narrowed = _free_of(gutters, bands[end].items)
        if not narrowed or _parts_columns(bands, start, end, gutters, em):
            break
        gutters = narrowed
        end += 1
    beside = sum(len(split(band.items, gutters)) > 1 for band in bands[start:end])
    wide = STRAIGHT_GUTTER if beside >= FEWEST_BESIDE else GUTTER
    return end, tuple(g for g in gutters if g.foreign or g.right - g.left >= wide * em)


def _gaps(items: Sequence[Placed], em: float) -> tuple[Gutter, ...]:
    """The stretches of x that part the items in columns, as wide as those must be."""
    groups: list[list[Placed]] = []
    right = float("-inf")
    for item in sorted(items, key=lambda item: (item.box.x0, item.box.x1)):
        if item.box.x0 - right >= FOREIGN_GUTTER * em:
            groups.append([])
        groups[-1].append(item)
        right = max(right, item.box.x1)
    found: list[Gutter] = []
    for before, after in pairwise(groups):
        left, right = max(item.box.x1 for item in before), min(item.box.x0 for item in after)
        walled = any(item.apart for item in (*before, *after))
        foreign = walled or _foreign(before, after)
        least = (FOREIGN_GUTTER if foreign else STRAIGHT_GUTTER) * em
        if right - left >= least:
            found.append(Gutter(left, right, least, foreign, walled))
    return tuple(found)


def _foreign(one: Sequence[Placed], other: Sequence[Placed]) -> bool:
    """Whether two neighbouring groups are written in different directions."""
    enough = all(sum(item.characters for item in group) >= FEWEST_FOREIGN for group in (one, other))
    return enough and direction_of(one, otherwise=False) is not direction_of(other, otherwise=False)


def _free_of(gutters: Sequence[Gutter], items: Sequence[Placed]) -> tuple[Gutter, ...]:
    """What is left of the gutters where `items` do not stand in them."""
    free = list(gutters)
    for item in items:
        x0, x1 = item.box.x0, item.box.x1
        touched = [gutter for gutter in free if gutter.left < x1 and x0 < gutter.right]
        if not touched:
            continue
        parts = [
            replace(gutter, left=left, right=right)
            for gutter in touched
            for left, right in (
                (gutter.left, min(gutter.right, x0)),
                (max(gutter.left, x1), gutter.right),
            )
            if right - left >= gutter.least
        ]
        free = sorted({*free, *parts} - {*touched}, key=lambda gutter: (gutter.left, gutter.right))
    return tuple(free)


def _parts_columns(
    bands: Sequence[Band[Item]], start: int, at: int, gutters: Sequence[Gutter], em: float
) -> bool:
    """Whether the columns above band `at` are read to their end before it, though it leaves the gutters
    free: after a broad stripe of white, or because it is a heading over the columns that follow."""
    band, above = bands[at], bands[at - 1]
    white = band.top - above.bottom
    if white >= max(STRIPE * em, WIDER_STRIPE * min(g.right - g.left for g in gutters)):
        return True
    places = {_column(item, gutters) for item in band.items}
    resumed = at + 1 < len(bands) and len(split(bands[at + 1].items, gutters)) > 1
    if len(places) > 1 or not resumed:
        return False
    [place] = places
    if place == 0:
        return white >= em and max(item.em for item in band.items) >= LARGER_TYPE * em
    items = [item for band in bands[start:at] for item in band.items]
    middle = (min(item.box.x0 for item in items) + max(item.box.x1 for item in items)) / 2
    own = (min(item.box.x0 for item in band.items) + max(item.box.x1 for item in band.items)) / 2
    return place < len(gutters) and abs(own - middle) <= CENTERED * em


def _given_back(bands: Sequence[Band[Item]], start: int, end: int, gutters: Sequence[Gutter]) -> int:
    """The end of the columns without a last line in the first of them that is nearer to what follows."""
    while end - 1 > start and end < len(bands):
        last = bands[end - 1]
        alone = all(_column(item, gutters) == 0 for item in last.items)
        if not alone or bands[end].top - last.bottom >= last.top - bands[end - 2].bottom:
            break
        end -= 1
    return end


def _taken_along(
    before: Sequence[Band[Item]], first: Band[Item], gutters: Sequence[Gutter], em: float
) -> int:
    """How many bands right above the columns are the first lines of one that starts higher."""
    taken = 0
    top = first.top
    for band in reversed(before):
        places = {_column(item, gutters) for item in band.items}
        free = len(_free_of(gutters, band.items)) == len(gutters)
        body = all(item.em < LARGER_TYPE * em for item in band.items)
        if len(places) > 1 or not free or not body or top - band.bottom > NEXT_LINE * em:
            break
        top = band.top
        taken += 1
    return taken


def _reads_down(
    columns: Sequence[Sequence[Placed]], bands: Sequence[Band[Item]], gutters: Sequence[Gutter], em: float
) -> bool:
    """Whether the columns are read one after the other rather than row by row across."""
    if len(columns) < 2 or any(sum(item.in_row for item in band.items) > 1 for band in bands):
        return False
    if all(gutter.foreign for gutter in gutters):
        return True
    if len(bands) == 1:
        return any(_stacked(column) for column in columns)
    beside = sum(len(split(band.items, gutters)) > 1 for band in bands)
    if beside == 1 and len(bands) >= FEWEST_BESIDE:
        widths = [max(item.box.width for item in column) for column in columns]
        return min(widths) >= LIKE_WIDTH * max(widths)
    usual = direction_of([item for column in columns for item in column], otherwise=False)
    return beside > 1 and all(
        _is_prose(column, em) for column in columns if direction_of(column, otherwise=usual) is usual
    )


def _stacked(column: Sequence[Placed]) -> bool:
    """Whether two items of the column stand one above the other."""
    middles = sorted((item.box.y0, item.box.center[1], item.box.y1) for item in column)
    return any(after[0] >= before[1] and after[1] >= before[2] for before, after in pairwise(middles))


def _is_prose(column: Sequence[Placed], em: float) -> bool:
    """Whether most of the column's characters stand in lines as long as text has them."""
    if all(item.apart for item in column):
        return True
    long = sum(item.characters for item in column if item.box.width > NARROWEST_COLUMN * em)
    return 2 * long >= sum(item.characters for item in column)
