"""What lines are drawn around on a worksheet: the cells that a reader sees, whatever the sheet's own are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ocr.office.sheets.sheet_view import Region, SheetView, Shown
from ocr.office.sheets.worksheet import Place


@dataclass(frozen=True, slots=True)
class _Box:
    """Places with no line between them, and the texts that begin in them."""

    region: Region
    texts: tuple[Shown, ...]
    is_full: bool  # whether the places fill their region

    @property
    def filled_rows(self) -> int:
        return len({text.place.top for text in self.texts})

    @property
    def is_cell(self) -> bool:
        """Whether it is one cell to the eye: at most one text in each of its rows."""
        return self.is_full and self.filled_rows == len(self.texts)


def boxed_cells(view: SheetView, region: Region) -> tuple[Shown, ...]:
    """The cells of a boxed region, empty ones too, by row."""
    boxes = list(_boxes(view, region))
    # Lists without lines between their rows: boxes side by side, each with texts in several rows.
    heights = Counter((b.region.top, b.region.bottom) for b in boxes if b.is_cell and b.filled_rows > 1)
    found: list[Shown] = []
    for box in boxes:
        rows = (box.region.top, box.region.bottom)
        if not box.is_cell:
            found.extend(_apart(box))
        elif heights[rows] > 1:
            found.extend(_by_row(box))
        else:
            paragraphs = tuple(one for text in box.texts for one in text.paragraphs)
            found.append(Shown(box.region, paragraphs, is_whole=True))
    return tuple(sorted(found, key=lambda shown: (shown.place.top, shown.place.left)))


def _boxes(view: SheetView, region: Region) -> Iterator[_Box]:
    texts: dict[Place, Shown] = {(s.place.top, s.place.left): s for s in view.shown(region)}
    seen: set[Place] = set()
    for start in region.places():
        if start in seen:
            continue
        seen.add(start)
        places, waiting = [start], [start]
        while waiting:
            place = waiting.pop()
            fresh = [other for other in _joined(view, region, place) if other not in seen]
            seen.update(fresh)
            places.extend(fresh)
            waiting.extend(fresh)
        rows, columns = [row for row, _ in places], [column for _, column in places]
        around = Region(min(rows), min(columns), max(rows) + 1, max(columns) + 1)
        inside = tuple(texts[place] for place in sorted(places) if place in texts)
        yield _Box(around, inside, is_full=around.area == len(places))


def _joined(view: SheetView, region: Region, place: Place) -> Iterator[Place]:
    """The places beside it in the region without a line between."""
    row, column = place
    if column + 1 < region.right and not view.has_left_edge(row, column + 1):
        yield row, column + 1
    if column > region.left and not view.has_left_edge(row, column):
        yield row, column - 1
    if row + 1 < region.bottom and not view.has_top_edge(row + 1, column):
        yield row + 1, column
    if row > region.top and not view.has_top_edge(row, column):
        yield row - 1, column


def _by_row(box: _Box) -> Iterator[Shown]:
    """A column of a list: a cell for each row."""
    texts = {text.place.top: text for text in box.texts}
    for row in range(box.region.top, box.region.bottom):
        place = Region(row, box.region.left, row + 1, box.region.right)
        yield Shown(place, texts[row].paragraphs if row in texts else (), is_whole=True)


def _apart(box: _Box) -> Iterator[Shown]:
    """The texts of what is no cell, each as far to the right as nothing else stands there."""
    for number, text in enumerate(box.texts):
        following: Sequence[Shown] = box.texts[number + 1 :]
        right = text.place.right
        if box.is_full:
            beside = (other.place.left for other in following if other.place.top == text.place.top)
            right = next(beside, box.region.right)
        yield Shown(
            Region(text.place.top, text.place.left, text.place.bottom, right), text.paragraphs, is_whole=True
        )
