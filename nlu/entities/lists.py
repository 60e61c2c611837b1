"""The company's own lists: products, customers, sites, each with its other names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.entities.entity import Entity, Group, Source
from nlu.entities.folded import FoldedText
from nlu.errors import ApplicationError
from nlu.spreadsheets import UnreadableSpreadsheetError, is_blank, plain_heading, read_spreadsheet

_NAMES = frozenset({"名前", "名称", "正式名称", "品名", "商品名", "製品名", "会社名", "氏名", "name"})
_ALIASES = re.compile(r"(?:別名|別称|略称|通称|旧名|表記|alias(?:es)?)\d*")
_BETWEEN = re.compile(r"[、,;；/／|｜\n]")
_KEY = 2  # characters by which names are found; a shorter one would stand in too many words
_WORD = re.compile(r"[A-Za-z0-9]{2}|[ァ-ヶー]{2}")
_LABELS = {
    Group.ORGANIZATION: "Company",
    Group.PERSON: "Person",
    Group.PLACE: "Location_Other",
    Group.PRODUCT: "Product_Other",
    Group.LAW: "Law",
    Group.ADDRESS: "Postal_Address",
}


@dataclass(frozen=True, slots=True)
class ListedName:
    """A thing of a list: its `group`, its `name`, and `aliases` it goes by as well."""

    group: Group
    name: str
    aliases: tuple[str, ...] = ()


def read_list(data: bytes, group: Group, path: Path) -> tuple[ListedName, ...]:
    """The names of a spreadsheet with columns 名前 and, where there is one, 別名 (parted by 、 or ,).

    Raises ApplicationError.
    """
    try:
        sheets = read_spreadsheet(data)
    except UnreadableSpreadsheetError as error:
        raise ApplicationError(path, [str(error)]) from error
    rows = [row for rows in sheets.values() for row in rows if not is_blank(row)][:1_000_000]
    heading = [plain_heading(cell) for cell in rows[0]] if rows else []
    name_at = next((number for number, cell in enumerate(heading) if cell in _NAMES), None)
    if name_at is None:
        raise ApplicationError(
            path, ["見出し「名前」の列がありません。1 行目に 名前,別名 と書いてください。"]
        )
    alias_at = [number for number, cell in enumerate(heading) if _ALIASES.fullmatch(cell)]
    listed = tuple(
        ListedName(group, row[name_at], tuple(_aliases(row, alias_at)))
        for row in rows[1:]
        if name_at < len(row) and row[name_at]
    )
    short = [name for one in listed for name in (one.name, *one.aliases) if len(name) < _KEY]
    if short:
        raise ApplicationError(path, [f"1 文字の名前「{short[0]}」は使えません。2 文字以上にしてください。"])
    return listed


def _aliases(row: Sequence[str], columns: Sequence[int]) -> Iterator[str]:
    for column in columns:
        if column < len(row):
            yield from filter(None, map(str.strip, _BETWEEN.split(row[column])))


class NameLists:
    """Finds the names of lists in texts, in time that does not grow with their number."""

    def __init__(self, listed: Iterable[ListedName]) -> None:
        self._by_start: dict[str, list[tuple[str, ListedName]]] = defaultdict(list)
        for one in listed:
            for name in dict.fromkeys((one.name, *one.aliases)):
                folded = FoldedText.of(name, 0, len(name)).text
                self._by_start[folded[:_KEY]].append((folded, one))
        for names in self._by_start.values():
            names.sort(key=lambda named: -len(named[0]))

    def found(self, folded: FoldedText, text: str) -> Iterator[Entity]:
        """The longest name at each place, none of them a part of a longer word of letters or katakana."""
        of = folded.text
        for start in range(len(of) - 1) if self._by_start else ():
            for name, one in self._by_start.get(of[start : start + _KEY], ()):
                end = start + len(name)
                if of.startswith(name, start) and not _goes_on(of, start) and not _goes_on(of, end):
                    first, last = folded.span(start, end)
                    label = _LABELS.get(one.group, "Name_Other")
                    yield Entity(first, last, text[first:last], one.name, one.group, label, Source.LIST)
                    break


def _goes_on(of: str, place: int) -> bool:
    """Whether a word of letters or katakana goes on over a place."""
    return 0 < place < len(of) and bool(_WORD.match(of, place - 1))
