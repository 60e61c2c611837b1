"""The label sheet: the three-level category table that a business expert keeps in a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.errors import LabelSheetError
from nlu.spreadsheets import (
    Row,
    UnreadableSpreadsheetError,
    find_headings,
    is_blank,
    plain_heading,
    read_spreadsheet,
)

COLUMNS = ("大分類", "中分類", "小分類", "定義", "キーワード")

# What else people call the columns, compared without blanks, remarks in brackets and differences of width.
_SYNONYMS = {
    "大分類": ("大カテゴリ", "大カテゴリー", "大区分", "大項目", "分類1", "カテゴリ1"),
    "中分類": ("中カテゴリ", "中カテゴリー", "中区分", "中項目", "分類2", "カテゴリ2"),
    "小分類": (
        "小カテゴリ", "小カテゴリー", "小区分", "小項目", "分類3", "カテゴリ3", "カテゴリ", "カテゴリー",
        "分類", "区分", "ラベル", "分類名", "カテゴリ名", "カテゴリー名", "ラベル名",
    ),
    "定義": ("説明", "意味", "定義・説明", "分類の定義", "内容", "概要"),
    "キーワード": ("例", "キーワード例", "用語", "関連語", "語句", "例文"),
}  # fmt: skip
_MAY_BE_MISSING = ("大分類", "中分類")
_REMARK = re.compile(r"[(\[【〔<].*?[)\]】〕>]")
_BETWEEN_KEYWORDS = re.compile(r"[、，,；;｜|\s]+")


@dataclass(frozen=True, slots=True)
class Label:
    """One row of the sheet. Records name it by `minor`, which is unique in its sheet."""

    major: str
    middle: str
    minor: str
    definition: str
    keywords: tuple[str, ...]

    @property
    def path(self) -> tuple[str, str, str]:
        return self.major, self.middle, self.minor


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """The labels of one task in the order of the sheet; `ignored` are the headings of further columns, which
    say nothing to a model."""

    labels: tuple[Label, ...]
    ignored: tuple[str, ...] = ()

    @staticmethod
    def read(path: Path) -> LabelSheet:
        """Read a spreadsheet: .xlsx, .xls, .ods, CSV or TSV in UTF-8 or CP932. Raises LabelSheetError.

        An empty 大分類 or 中分類 takes the value above it, as merged cells are exported; where the column is
        missing, the value of the next lower level.
        """
        try:
            return LabelSheet.parse(path.read_bytes(), path)
        except OSError as error:
            raise LabelSheetError(
                path, ["ファイルを開けません。場所と読み取り権限を確かめてください。"]
            ) from error

    @staticmethod
    def parse(data: bytes, source: Path) -> LabelSheet:
        """The sheet in the bytes of a spreadsheet, the first of a workbook that has the headings; `source` is
        its name in messages. Raises LabelSheetError."""
        try:
            sheets = list(read_spreadsheet(data).values())
        except UnreadableSpreadsheetError as error:
            raise LabelSheetError(source, [str(error)]) from error
        rows, top = _with_headings(sheets)
        columns, ignored = _find_columns(rows[top] if rows else (), top + 1, source)
        labels, problems = _read_rows(rows, top, columns)
        if not labels and not problems:
            problems = ["見出しの下に行がありません。次の行からラベルを書いてください。"]
        if problems:
            raise LabelSheetError(source, problems)
        return LabelSheet(tuple(labels), ignored)

    @property
    def names(self) -> tuple[str, ...]:
        """The 小分類 in sheet order."""
        return tuple(label.minor for label in self.labels)

    def index(self, minor: str) -> int:
        """The place of a 小分類 in the sheet, from 0. Raises ValueError where it is not on it."""
        return self.names.index(minor)

    def roll_up(self, probabilities: Sequence[float], *, exclusive: bool) -> Mapping[tuple[str, ...], float]:
        """Probability of every 大分類 `(major,)` and 中分類 `(major, middle)` from those of the 小分類.

        A parent is the sum of its children where labels exclude each other and their maximum where they do
        not, so that no child is ever more probable than its parent.
        """
        totals: dict[tuple[str, ...], float] = {}
        for label, probability in zip(self.labels, probabilities, strict=True):
            for parent in ((label.major,), (label.major, label.middle)):
                seen = totals.get(parent, 0.0)
                totals[parent] = min(1.0, seen + probability) if exclusive else max(seen, probability)
        return totals


def _plain(heading: str) -> str:
    return _REMARK.sub("", plain_heading(heading)).rstrip(":*※")


def _meaning(heading: str) -> str | None:
    """The column that a heading names, by its own name or a synonym."""
    plain = _plain(heading)
    return next((name for name in COLUMNS if plain == name or plain in _SYNONYMS[name]), None)


def _names_labels(row: Row) -> bool:
    named = set(map(_meaning, row))
    return "小分類" in named and bool(named & {"定義", "キーワード"})


def _with_headings(sheets: Sequence[Sequence[Row]]) -> tuple[Sequence[Row], int]:
    """The sheet and the place of its row of headings: the first that names labels and what they mean, else
    the first row of all that says anything."""
    if found := find_headings(sheets, _names_labels):
        return found
    for rows in sheets:
        for place, row in enumerate(rows):
            if not is_blank(row):
                return rows, place
    return (), 0


def _find_columns(header: Row, row: int, source: Path) -> tuple[Mapping[str, int], tuple[str, ...]]:
    """Where each column stands, and the headings that name none. A column's own name goes before synonyms."""
    problems: list[str] = []
    columns: dict[str, int] = {}
    for name in COLUMNS:
        own = [place for place, heading in enumerate(header) if _plain(heading) == name]
        alike = own or [place for place, heading in enumerate(header) if _meaning(heading) == name]
        if len(alike) > 1:
            told = "」「".join(header[place] for place in alike)
            problems.append(
                f"{row} 行目に「{name}」にあたる見出しが {len(alike)} 回あります（「{told}」）。"
                "1 つにしてください。"
            )
        elif alike:
            columns[name] = alike[0]
        elif name not in _MAY_BE_MISSING:
            known = "・".join(_SYNONYMS[name][:6])
            problems.append(
                f"{row} 行目に見出し「{name}」がありません。列を加えてください"
                f"（{known} などでも分かります）。"
            )
    if problems:
        raise LabelSheetError(source, problems)
    taken = set(columns.values())
    return columns, tuple(heading for place, heading in enumerate(header) if heading and place not in taken)


def _read_rows(
    rows: Sequence[Row], top: int, columns: Mapping[str, int]
) -> tuple[Sequence[Label], Sequence[str]]:
    """The labels below the headings in row `top`, and what is wrong with them by their number from 1."""
    labels: list[Label] = []
    problems: list[str] = []
    first_seen: dict[str, int] = {}
    major = middle = ""
    for number, row in enumerate(rows[top + 1 :], start=top + 2):
        cells = {name: row[place] if place < len(row) else "" for name, place in columns.items()}
        if is_blank(list(cells.values())):
            continue
        minor = cells["小分類"]
        cells.setdefault("中分類", minor)
        cells.setdefault("大分類", cells["中分類"])
        if cells["大分類"] and cells["大分類"] != major:
            major, middle = cells["大分類"], ""
        middle = cells["中分類"] or middle
        problems += _row_problems(number, major, middle, minor, first_seen)
        first_seen.setdefault(minor, number)
        labels.append(Label(major, middle, minor, cells["定義"], _keywords(cells["キーワード"])))
    return labels, problems


def _row_problems(
    number: int, major: str, middle: str, minor: str, first_seen: Mapping[str, int]
) -> Iterable[str]:
    if not major:
        yield f"{number} 行目の「大分類」が空で、上の行にもありません。大分類を書いてください。"
    elif not middle:
        yield f"{number} 行目の「中分類」が空です。大分類が変わる行には中分類を書いてください。"
    if not minor:
        yield f"{number} 行目の「小分類」が空です。名前を書くか、行を消してください。"
    elif minor in first_seen:
        yield (
            f"{number} 行目の「小分類」の「{minor}」は {first_seen[minor]} 行目にもあります。"
            "シートの中で重ならない名前にしてください。"
        )


def _keywords(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in _BETWEEN_KEYWORDS.split(cell) if word))
