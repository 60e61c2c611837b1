"""Vertical writing in text layers that do not say so: characters drawn one below the other.

Few programs use a vertical font. Most place upright characters one by one, turn Latin words by a quarter,
and set figures side by side in one em (縦中横). A column is believed only where the evidence for it is better
than that for rows: no string was drawn across it, its characters are nearer to those above and below than to
those beside, they do not stand on the lines of other text, and they were not drawn row by row.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from statistics import median

from ocr.detection import Ruling
from ocr.document import Box
from ocr.layers.layer_parts import Character
from ocr.layers.nearby import Nearby

# Ems: how far a character's middle may lie off its column, how far apart set solid may be, how far two may
# overlap.
OFF_MIDDLE = 0.4
WIDEST_GAP = 0.6
WIDEST_TURNED_GAP = 1.2  # beside a Latin word, which may have a blank before and after
DEEPEST_OVERLAP = 0.4
SAME_HEIGHT = 0.25
ON_ONE_LINE = 0.1  # ems between the feet of two characters of one line
WIDEST_CELL = 1.3
SIDE_BY_SIDE = 0.2  # ems between figures that share one em
MOST_SIDE_BY_SIDE = 4
FIGURES_LEVEL = 2.0  # points within which figures of one em stand on one line
LEAST_SIZE = 0.75  # of the larger of two: ruby is set at a half
NEARER = 0.05  # ems that the next of a column must be nearer than the next of a row
FARTHEST_BESIDE = 3.0  # ems; what stands further aside is no neighbour
LOOK_BACK = 3  # characters: readings may be drawn between two characters of a column
FEWEST = 3
FEWEST_AMONG_COLUMNS = 2
MOSTLY = 0.75  # share of a column's characters that have the next of the column nearer than one beside
IN_ROWS = 0.7  # share of a column's characters that stand on lines of other text, where it is one of a table
_FULL_WIDTH = str.maketrans("()[]{},:;!?", "（）［］｛｝，：；！？")


@dataclass(frozen=True, slots=True)
class _ColumnUnit:
    """What fills one em of a column: a character, or figures side by side."""

    characters: tuple[Character, ...]
    box: Box

    @property
    def size(self) -> float:
        return max(self.characters[0].size, 1.0)

    @property
    def turn(self) -> int:
        return self.characters[0].turn


def with_columns(characters: Sequence[Character], rulings: Sequence[Ruling] = ()) -> tuple[Character, ...]:
    """The characters in drawing order, those of columns marked as hanging, figures that stand side by side
    in a column as one character. Nothing else is changed or moved; no column runs across one of `rulings`."""
    candidates = _candidates(characters)
    if sum(not unit.characters[0].text.isascii() for unit in candidates) < FEWEST_AMONG_COLUMNS:
        return tuple(characters)
    page = _UprightPage(characters, candidates, rulings)
    chains = page.chains()
    columns = [chain for chain in chains if page.is_column(chain, FEWEST)]
    downwards = sum(len(unit.characters) for chain in columns for unit in chain)
    if 2 * downwards > sum(bool(character.text.strip()) for character in characters):
        columns = [chain for chain in chains if page.is_column(chain, FEWEST_AMONG_COLUMNS)]
    hung = {id(unit.characters[0]): unit for column in columns for unit in column}
    merged = {id(c) for column in columns for unit in column for c in unit.characters[1:]}
    return tuple(
        _hung(hung[id(character)]) if id(character) in hung else character
        for character in characters
        if id(character) not in merged
    )


def _candidates(characters: Sequence[Character]) -> list[_ColumnUnit]:
    """What may stand in a column: what was drawn alone, figures that share an em, Latin words on their side.
    A string drawn across is part of a row, whatever stands below it."""
    together = Counter(c.piece for c in characters if c.piece is not None and c.text.strip())

    def is_alone(character: Character) -> bool:
        count = 1 if character.piece is None else together[character.piece]
        return count == 1 or character.turn == 270 or (_is_figure(character) and count <= MOST_SIDE_BY_SIDE)

    found: list[_ColumnUnit] = []
    upright = (c for c in characters if c.text.strip() and not c.hangs and c.turn in (0, 270))
    for character in sorted(filter(is_alone, upright), key=_line_and_place):
        before = found[-1] if found else None
        if before is not None and _shares_em(before, character):
            found[-1] = _ColumnUnit((*before.characters, character), Box.around((before.box, character.box)))
        else:
            found.append(_ColumnUnit((character,), character.box))
    return [unit for unit in found if unit.turn or _is_whole(unit, together)]


def _line_and_place(character: Character) -> tuple[int, float]:
    return round(character.box.y1 / FIGURES_LEVEL), character.box.x0


def _is_whole(unit: _ColumnUnit, together: Counter[int]) -> bool:
    """Whether nothing that was drawn with its characters stands outside of it."""
    pieces = {character.piece for character in unit.characters if character.piece is not None}
    return sum(together[piece] for piece in pieces) <= len(unit.characters)


def _is_figure(character: Character) -> bool:
    return character.text.isascii() and character.text.isalnum() and character.turn == 0


def _shares_em(before: _ColumnUnit, character: Character) -> bool:
    """Whether the character stands behind figures, in the same em."""
    last, em = before.characters[-1], max(before.size, character.size)
    return (
        _is_figure(last)
        and _is_figure(character)
        and len(before.characters) < MOST_SIDE_BY_SIDE
        and abs(last.box.y0 - character.box.y0) <= SAME_HEIGHT * em
        and -SIDE_BY_SIDE * em <= character.box.x0 - last.box.x1 <= SIDE_BY_SIDE * em
        and character.box.x1 - before.box.x0 <= WIDEST_CELL * em
    )


class _UprightPage:
    """The upright characters of a page and the units that may form columns, found by place."""

    def __init__(
        self, characters: Sequence[Character], units: Sequence[_ColumnUnit], rulings: Sequence[Ruling]
    ) -> None:
        self._characters = characters
        self._units = units
        self._across = [ruling for ruling in rulings if ruling.horizontal]
        self._walls = [ruling for ruling in rulings if not ruling.horizontal]

    @cached_property
    def _nearby(self) -> Nearby[Character]:
        return Nearby(c for c in self._characters if c.text.strip() and not c.hangs and c.turn == 0)

    @cached_property
    def _order(self) -> dict[int, int]:
        return {id(c): order for order, c in enumerate(c for c in self._characters if c.text.strip())}

    @cached_property
    def _single(self) -> set[int]:
        return {id(character) for unit in self._units for character in unit.characters}

    def chains(self) -> list[list[_ColumnUnit]]:
        """Units one below the other, each in one chain at most, longest steps left out first."""
        nearby = Nearby(self._units)
        below: dict[int, tuple[float, _ColumnUnit]] = {}
        above: dict[int, tuple[float, _ColumnUnit]] = {}
        for unit in self._units:
            steps = [
                (other.box.y0 - unit.box.y1, other)
                for other in nearby.under(unit.box, WIDEST_TURNED_GAP * unit.size + unit.size)
                if self._is_below(unit, other)
            ]
            if not steps:
                continue
            gap, nearest = min(steps, key=lambda step: step[0])
            if id(nearest) not in above or gap < above[id(nearest)][0]:
                if id(nearest) in above:
                    below.pop(id(above[id(nearest)][1]))
                above[id(nearest)] = gap, unit
                below[id(unit)] = gap, nearest
        chains = []
        for unit in self._units:
            if id(unit) in above:
                continue
            chain = [unit]
            while id(chain[-1]) in below:
                chain.append(below[id(chain[-1])][1])
            chains.append(chain)
        return chains

    def is_column(self, chain: Sequence[_ColumnUnit], fewest: int) -> bool:
        """Whether a chain of at least `fewest` units, figures and Latin letters aside, reads downwards."""
        words = [unit for unit in chain if not unit.characters[0].text.isascii()]
        if len(words) < fewest or all(unit.turn for unit in chain):
            return False  # on a page lying on its side none stands upright
        upright = [unit for unit in chain if not unit.turn]
        down, across = self._drawn_down(chain), self._drawn_across(upright)
        # Drawn downwards throughout, a column may touch the next one, but no string stands on its lines.
        told = across == 0 and down >= MOSTLY * (len(chain) - 1)
        step = max(median(below.box.y0 - above.box.y1 for above, below in pairwise(chain)), 0.0)
        least = -NEARER if told else NEARER
        nearer = sum(self._room_beside(unit) > step / unit.size + least for unit in upright)
        if nearer < MOSTLY * len(upright) or down < across:
            return False
        in_rows = sum(self._stands_in_a_row(unit, strings_alone=told) for unit in upright)
        return in_rows < IN_ROWS * len(upright)

    def _is_below(self, above: _ColumnUnit, below: _ColumnUnit) -> bool:
        em = max(above.size, below.size)
        if min(above.size, below.size) < LEAST_SIZE * em or below.box.center[1] <= above.box.center[1]:
            return False
        widest = WIDEST_GAP if above.turn == below.turn else WIDEST_TURNED_GAP
        middle = above.box.center[0]
        return (
            abs(middle - below.box.center[0]) <= OFF_MIDDLE * em
            and -DEEPEST_OVERLAP * em <= below.box.y0 - above.box.y1 <= widest * em
            and not any(
                r.x0 <= middle <= r.x1 and above.box.center[1] < r.y0 < below.box.center[1]
                for r in self._across
            )
        )

    def _beside(self, unit: _ColumnUnit) -> Iterable[Character]:
        """The characters on the unit's line, ruby left out."""
        own = set(map(id, unit.characters))
        for other in self._nearby.beside(unit.box, FARTHEST_BESIDE * unit.size):
            if id(other) not in own and other.size >= LEAST_SIZE * unit.size:
                yield other

    def _room_beside(self, unit: _ColumnUnit) -> float:
        """The white to the nearest character on its line, in ems."""
        gaps = [_gap(unit.box, other.box) for other in self._beside(unit)]
        return max(min(gaps, default=FARTHEST_BESIDE * unit.size), 0.0) / unit.size

    def _stands_in_a_row(self, unit: _ColumnUnit, *, strings_alone: bool) -> bool:
        """Whether text that runs across stands on the same base line, however far, with no ruling between."""
        return any(
            abs(other.box.y1 - unit.box.y1) <= ON_ONE_LINE * unit.size
            and id(other) not in map(id, unit.characters)
            and self._runs_across(other, strings_alone=strings_alone)
            and not self._is_walled(unit, other)
            for other in self._nearby.on_line(unit.box)
        )

    def _runs_across(self, character: Character, *, strings_alone: bool) -> bool:
        """Whether it belongs to a string that was drawn across, or nearly touches what is beside it."""
        if id(character) not in self._single or strings_alone:
            return id(character) not in self._single
        near = SIDE_BY_SIDE * character.size
        return any(
            other is not character
            and other.size >= LEAST_SIZE * character.size
            and _gap(character.box, other.box) <= near
            for other in self._nearby.beside(character.box, 2 * character.size)
        )

    def _is_walled(self, unit: _ColumnUnit, other: Character) -> bool:
        left, right = sorted((unit.box.center[0], other.box.center[0]))
        return any(
            left < wall.x0 < right and wall.y0 <= unit.box.center[1] <= wall.y1 for wall in self._walls
        )

    def _drawn_down(self, chain: Sequence[_ColumnUnit]) -> int:
        return sum(self._soon_after(above, below.characters[0]) for above, below in pairwise(chain))

    def _drawn_across(self, units: Iterable[_ColumnUnit]) -> int:
        """How many units were drawn right before or after one beside them."""
        return sum(any(self._soon_after(unit, other, 1) for other in self._beside(unit)) for unit in units)

    def _soon_after(self, unit: _ColumnUnit, other: Character, most: int = LOOK_BACK) -> bool:
        return 0 < self._order[id(other)] - self._order[id(unit.characters[-1])] <= most


def _gap(one: Box, other: Box) -> float:
    """The white between two boxes of one line, negative where they overlap."""
    return max(other.x0 - one.x1, one.x0 - other.x1)


def _hung(unit: _ColumnUnit) -> Character:
    first = unit.characters[0]
    text = "".join(character.text for character in unit.characters)
    return replace(first, text=_upright(text), box=unit.box, turn=0, hangs=True)


def _upright(text: str) -> str:
    """The text with the vertical forms of punctuation (U+FE10-FE19, U+FE30-FE4F) as they are typed."""
    if all("\ufe10" <= c <= "\ufe19" or "\ufe30" <= c <= "\ufe4f" for c in text):
        return unicodedata.normalize("NFKC", text).translate(_FULL_WIDTH)
    return text
