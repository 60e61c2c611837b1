"""The label sheet: the three-level category table that a business expert keeps in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.errors import LabelSheetError

COLUMNS = ("大分類", "中分類", "小分類", "定義", "キーワード")

_BETWEEN_KEYWORDS = re.compile(r"[、，,；;｜|\s]+")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


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
    """The labels of one task in the order of the sheet."""

    labels: tuple[Label, ...]

    @staticmethod
    def read(path: Path) -> LabelSheet:
        """Read a CSV in UTF-8 (with or without BOM) or CP932. Raises LabelSheetError.

        An empty 大分類 or 中分類 takes the value above it, as merged cells are exported.
        """
        try:
            return LabelSheet.parse(path.read_bytes(), path)
        except OSError as error:
            raise LabelSheetError(
                path, ["ファイルを開けません。場所と読み取り権限を確かめてください。"]
            ) from error

    @staticmethod
    def parse(data: bytes, source: Path) -> LabelSheet:
        """The sheet in the bytes of a CSV file; `source` is its name in messages. Raises LabelSheetError."""
        rows = list(csv.reader(io.StringIO(_decode(data, source), newline="")))
        columns = _find_columns(rows, source)
        labels, problems = _read_rows(rows, columns)
        if not labels and not problems:
            problems = ["見出しの下に行がありません。2 行目からラベルを書いてください。"]
        if problems:
            raise LabelSheetError(source, problems)
        return LabelSheet(tuple(labels))

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


def _decode(data: bytes, source: Path) -> str:
    if not data.startswith(_UTF_16_MARKS):
        for encoding in ("utf-8-sig", "cp932"):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    remedy = "表計算ソフトで「CSV UTF-8」として保存し直してください。"
    raise LabelSheetError(source, [f"文字コードが UTF-8 でも CP932（Shift_JIS）でもありません。{remedy}"])


def _find_columns(rows: Sequence[Sequence[str]], source: Path) -> Mapping[str, int]:
    header = [cell.strip() for cell in rows[0]] if rows else []
    missing = [name for name in COLUMNS if name not in header]
    unknown = [
        f"1 行目 {place} 列目の見出し「{name}」は使えません。列は {'・'.join(COLUMNS)} だけにしてください。"
        for place, name in enumerate(header, start=1)
        if name and name not in COLUMNS
    ]
    repeated = [
        f"1 行目に見出し「{name}」が {header.count(name)} 回あります。1 つにしてください。"
        for name in COLUMNS
        if header.count(name) > 1
    ]
    problems = [f"1 行目に見出し「{name}」がありません。列を加えてください。" for name in missing]
    if problems or unknown or repeated:
        raise LabelSheetError(source, [*problems, *unknown, *repeated])
    return {name: header.index(name) for name in COLUMNS}


def _read_rows(
    rows: Sequence[Sequence[str]], columns: Mapping[str, int]
) -> tuple[Sequence[Label], Sequence[str]]:
    labels: list[Label] = []
    problems: list[str] = []
    first_seen: dict[str, int] = {}
    major = middle = ""
    for number, row in enumerate(rows[1:], start=2):
        cells = {name: row[place].strip() if place < len(row) else "" for name, place in columns.items()}
        if not any(cells.values()):
            continue
        if cells["大分類"] and cells["大分類"] != major:
            major, middle = cells["大分類"], ""
        middle = cells["中分類"] or middle
        minor = cells["小分類"]
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
