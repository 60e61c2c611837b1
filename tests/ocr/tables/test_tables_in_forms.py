"""Tables told from forms, tables inside of forms, and how sure their cells are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ocr.detection import DetectedLine, Ruling
from ocr.document import BlockKind, Document, Table
from ocr.engines.engine import Engine
from ocr.export.markdown import to_markdown
from ocr.limits import Limits
from ocr.reading.reader import read
from tests.support.ocr.paper import blocks_of, built, fields_of, ruled, texts_of, written

LEFT, WIDE = 50.0, 90.0


def rows_of(table: Table) -> list[tuple[str, ...]]:
    count = max(cell.row for cell in table.cells) + 1
    return [tuple(cell.text for cell in table.cells if cell.row == row) for row in range(count)]


def split(text: str) -> list[tuple[str, ...]]:
    """A row a line, its cells parted by |."""
    return [tuple(cell.strip() for cell in row.split("|")) for row in text.strip().split("\n")]


class Paper:
    """Ruled parts of a form, each as wide as the page, drawn below each other in rows of 20 points."""

    def __init__(self) -> None:
        self.lines: list[DetectedLine] = []
        self.rulings: list[Ruling] = []
        self.top = 100.0

    def grid(self, rows: Sequence[Sequence[str]], left: float = LEFT, right: float = 500.0) -> None:
        count = len(rows[0])
        xs = [left + (right - left) * n / count for n in range(count + 1)]
        for number, row in enumerate(rows):
            y = self.top + 20 * number + 4
            self.lines += [written(x + 4, y, text) for x, text in zip(xs, row, strict=False) if text]
        self.rulings += ruled(xs, [self.top + 20 * n for n in range(len(rows) + 1)])

    def form(self, text: str) -> None:
        """Rows of labels and values."""
        rows = split(text)
        self.grid(rows)
        self.top += 20 * len(rows)

    def nested(self, label: str, text: str) -> None:
        """A label as high as all the rows of a table to its right."""
        rows = split(text)
        self.grid(rows, LEFT + WIDE)
        self.rulings += ruled([LEFT, LEFT + WIDE], [self.top, self.top + 20 * len(rows)])
        self.lines.append(written(LEFT + 4, self.top + 10 * len(rows) - 6, label))
        self.top += 20 * len(rows)


def table_page(text: str) -> tuple[dict[str, str], list[Table], set[BlockKind]]:
    paper = Paper()
    paper.form(text)
    page = built(paper.lines, paper.rulings)
    return fields_of(page), list(page.page.tables), {kind for kind, _ in blocks_of(page)}


REMARKS = """
品番 | 品名 | 倉庫 | 4月 | 5月 | 合計 | 備考
A-100 | ボルト | 川崎 | 437 | 23 | 460 | 廃番予定
A-101 | ナット | 川崎 | 51 | 161 | 212 | 要発注
A-102 | ボルト | 本社 | 391 | 363 | 754 |
A-103 | ナット | 本社 | 129 | 410 | 539 | 廃番予定
"""
UNITS = "温度 | 23.5 | ℃\n湿度 | 45 | %\n重量 | 12 | kg"
TABLES = {
    "remarks that end as labels do": REMARKS,
    "an empty first column": ("確認 | 品名 | 数量 | 金額\n | 封筒 | 300 | 3,600\n | 付箋 | 24 | 4,320"),
    "numbers of rows under nothing": (
        " | 氏名 | 内線 | 備考\n1 | 大伴 | 203 |\n2 | 香椎 | 411 | 時短勤務\n3 | 水無月 | 118 |"
    ),
    "a column half filled": (
        "月日 | 摘要 | 承認番号 | 担当者\n"
        "5/1 | 治具の製作 | | 大伴\n"
        "5/8 | 校正 | K-2211 | 香椎\n"
        "5/9 | 補修 | | 大伴"
    ),
    "two rows": ("日付 | 品名 | 数量 | 備考\n5/1 | 検査治具 | 1 |\n5/8 | 測定器の校正 | 3 | 確認予定"),
    "nothing filled in": ("月日 | 品名 | 数量 | 金額 | 備考\n | | | |\n | | | |\n | | | |"),
}
FORMS = {
    "values of one type": (
        "小計 | 12,000 | 消費税 | 1,200\n合計 | 13,200 | 値引 | 0\n請求日 | 5/31 | 支払期限 | 6/30"
    ),
    "dates under a name": (
        "氏名 | 香椎 直人 | 所属 | 製造一課\n開始日 | 5/1 | 終了日 | 5/31\n申請日 | 4/20 | 承認日 | 4/25"
    ),
    "the same label in every row": (
        "第一希望 | 5/8 | 時間 | 10:00\n第二希望 | 5/9 | 時間 | 13:00\n第三希望 | 5/10 | 時間 | 15:30"
    ),
    "labels of an uncommon kind": (
        "産地 | 長野 | 基本給 | 110,000\n仕上げ | 研磨 | 材質 | SUS304\n到着 | 11:40 | 出発 | 8:00"
    ),
    "counts that end as labels do": "人数 | 2名 | 回数 | 3回\n年齢 | 8歳 | 日数 | 4日",
    "one label for every row": "\n".join(["時刻 | 9:00 | 人数 | 12"] * 3),
    "nothing filled in": ("氏名 | | 所属 | \n電話 | | FAX | \n日付 | | 時間 | "),
}


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_what_repeats_its_types_down_the_columns_is_a_table(text: str) -> None:
    fields, (table,), kinds = table_page(text)

    assert fields == {}
    assert kinds == {BlockKind.TABLE}
    assert rows_of(table) == split(text)


def test_a_group_of_headings_leaves_the_cell_over_another_heading_empty() -> None:
    rows = split(" | 件数 | 金額 | 備考\n札幌 | 12 | 1,200 |\n仙台 | 8 | 760 | 改装")
    paper = Paper()
    paper.top += 20
    paper.grid(rows)
    paper.lines.append(written(230, 104, "上期"))
    paper.rulings += [Ruling(LEFT, 100, 500, 100), *(Ruling(x, 100, x, 120) for x in (50, 162.5, 387.5, 500))]
    (table,) = built(paper.lines, paper.rulings).page.tables

    assert table.header_rows == 2
    assert rows_of(table) == [("", "上期", ""), *rows]


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_labels_with_values_to_their_right_are_a_form(text: str) -> None:
    fields, tables, _ = table_page(text)

    pairs = [pair for row in split(text) for pair in zip(row[::2], row[1::2], strict=True)]
    assert fields == dict(pairs)
    assert [table.header_rows for table in tables] == [0]


def test_units_behind_numbers_are_no_column_of_a_table_and_no_labels() -> None:
    fields, _, _ = table_page(UNITS)

    assert {name: value.replace(" ", "") for name, value in fields.items()} == {
        "温度": "23.5℃",
        "湿度": "45%",
        "重量": "12kg",
    }
    fields, _, _ = table_page("支払サイト | 60 | 日")
    assert fields == {"支払サイト": "60 日"}


TIMES = (
    "月日 | 開始 | 終了\n"
    "5月8日 | 17:30 | 19:00\n"
    "5月9日 | 17:30 | 20:15\n"
    "月 日 | 時 分 | 時 分\n"
    "月 日 | 時 分 | 時 分"
)
NESTED = {
    "times": ("作業時間", TIMES),
    "nothing but blanks to fill in": (
        "予定時間",
        ("月日 | 開始 | 終了\n月 日 | 時 分 | 時 分\n月 日 | 時 分 | 時 分"),
    ),
    "nothing at all": ("出勤予定", ("月日 | 開始 | 終了\n | | \n | | \n | | ")),
    "one row": ("予定時間", ("月日 | 開始 | 終了\n5月8日 | 17:30 | 19:00")),
    "a family": (
        "家族構成",
        ("氏名 | 続柄 | 生年月日 | 同居\n水無月 透 | 夫 | 平成元年2月3日 | 有\n | | | "),
    ),
    "a career": (
        "職歴",
        ("期間 | 会社名 | 職務内容\n2012/4 | タマモ商会 | 営業\n2016/4 | ミサゴ建材 | 経理"),
    ),
    "items with their total": (
        "明細",
        ("品名 | 数量 | 単価 | 金額\n封筒 | 300 | 12 | 3,600\n | | | \n合計 | | | 3,600"),
    ),
}


@pytest.mark.parametrize(("label", "text"), NESTED.values(), ids=NESTED)
def test_a_table_beside_a_label_is_one_of_its_own(label: str, text: str) -> None:
    paper = Paper()
    paper.form("所属 | 製造一課 | 氏名 | 香椎 直人")
    paper.nested(label, text)
    paper.form("理由 | 納期の前倒し")
    page = built(paper.lines, paper.rulings)
    before, table, after = page.page.tables

    assert fields_of(page) == {"所属": "製造一課", "氏名": "香椎 直人", "理由": "納期の前倒し"}
    assert rows_of(table) == split(text)
    assert (table.label, table.header_rows) == (label, 1)
    assert (before.label, after.label) == ("", "")
    assert label in [cell.text for cell in before.cells]
    assert texts_of(page)[2:4] == [label, "\n".join("\t".join(row) for row in split(text))]
    assert "| 理由 | 納期の前倒し |" in to_markdown(Document(page.text, (page.page,)))


def test_tables_beside_and_under_labels_are_told_apart() -> None:
    paper = Paper()
    paper.form("氏名 | 香椎 直人")
    shifts = "日 | 開始 | 終了\n8日 | {0}:00 | {1}:30\n9日 | {0}:00 | {1}:30"
    for label, left, hours in (("変更前", 50.0, (9, 17)), ("変更後", 275.0, (13, 21))):
        paper.grid(split(shifts.format(*hours)), left + 60, left + 225)
        paper.rulings += ruled([left, left + 60], [paper.top, paper.top + 60])
        paper.lines.append(written(left + 4, paper.top + 24, label))
    paper.top += 60
    paper.form("職 歴")
    paper.form("期間 | 会社名 | 職務内容\n2012/4 | タマモ商会 | 営業\n | | ")
    page = built(paper.lines, paper.rulings)

    assert [table.label for table in page.page.tables if table.header_rows] == ["変更前", "変更後", "職歴"]
    assert fields_of(page) == {"氏名": "香椎 直人"}


def test_groups_of_labels_are_no_tables() -> None:
    paper = Paper()
    paper.nested("期間", "開始 | 5月8日 9:00\n終了 | 5月9日 17:30")
    paper.nested("届け先", ("氏名 | 大伴 一郎\n住所 | 横浜市西区\n電話 | 045-000-1234"))

    assert fields_of(built(paper.lines, paper.rulings)) == {
        "期間 開始": "5月8日 9:00",
        "期間 終了": "5月9日 17:30",
        "届け先 氏名": "大伴 一郎",
        "届け先 住所": "横浜市西区",
        "届け先 電話": "045-000-1234",
    }


def test_a_cell_is_as_sure_as_its_least_sure_line() -> None:
    paper = Paper()
    paper.form("品名 | 数量 | 金額\n封筒 | 300 | 3,600\n付箋 | | 4,320")
    doubtful = [replace(line, confidence=0.4 if line.text == "3,600" else 0.9) for line in paper.lines]
    (table,) = built([*doubtful, written(54, 133, "白", confidence=0.5)], paper.rulings).page.tables
    sure = {(cell.row, cell.column): cell.confidence for cell in table.cells}

    assert sure[1, 2] == 0.4
    assert sure[1, 0] == 0.5
    assert sure[2, 1] is None
    assert sure[0, 0] == 0.9


def test_a_wide_table_with_remarks_is_read_as_one(shared: Path, ppocr: Engine, limits: Limits) -> None:
    data = (shared / "cases" / "last_column_partly_empty.pdf").read_bytes()
    page = read(data, engine=ppocr, limits=limits).pages[0]
    (table,) = page.tables

    assert page.fields == ()
    assert len(table.cells) == 13 * 11
    assert rows_of(table)[5] == (
        "A-104",
        "ボルト",
        "川崎",
        "161",
        "377",
        "67",
        "134",
        "407",
        "195",
        "7,610",
        "",
    )
