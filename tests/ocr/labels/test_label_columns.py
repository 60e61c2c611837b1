"""Labels in one column, their values in the next, no colons or rulings: forms, and what looks like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr.detection import DetectedLine
from ocr.document import BlockKind, Document, ValueKind
from ocr.engines.engine import Engine
from ocr.limits import Limits
from ocr.reading.reader import read
from ocr.reading.whole import whole
from tests.support.ocr.paper import blocks_of, built, fields_of, written

RECEIPT = {
    "受付日": "令和元年5月1日",
    "会社名": "早瀬機械工業株式会社",
    "金額": "￥1,250,000-",
    "税込": "¥1,375,000（税込）",
    "電話": "03-1234-5678",
    "住所": "東京都千代田区霞が関1-2-3",
}
QUOTE = {"見積番号": "Q-0512", "見積日": "2024年5月8日", "有効期限": "2024年6月7日", "納期": "ご注文後2週間"}
TEXT = "本書のとおり受け付けましたのでご確認ください。内容に変更があるときは担当までご連絡をお願いします。"


def _columns(
    pairs: dict[str, str], *, x: float = 60, at: float = 150, y: float = 100, pitch: float = 20
) -> list[DetectedLine]:
    lines = []
    for number, (label, value) in enumerate(pairs.items()):
        lines.append(written(x, y + pitch * number, label))
        if value:
            lines.append(written(at, y + pitch * number, value))
    return lines


@pytest.mark.parametrize(
    ("at", "y", "pitch"),
    [(150, 100, 20), (112, 100, 16), (300, 100, 26), (150, 41, 26)],
    ids=["usual", "close", "far", "at the very top"],
)
def test_labels_at_one_edge_and_values_at_another_are_fields(at: float, y: float, pitch: float) -> None:
    page = built([*_columns(RECEIPT, at=at, y=y, pitch=pitch), written(60, 400, TEXT)])
    assert fields_of(page) == RECEIPT
    kinds = {kind for kind, _ in blocks_of(page)}
    assert kinds == {BlockKind.FIELD, BlockKind.PARAGRAPH}
    values = whole([Document(page.text, (page.page,))]).pages[0].fields
    assert [(field.kind, field.normalized) for field in values[2:4]] == [
        (ValueKind.MONEY, "1250000"),
        (ValueKind.MONEY, "1375000"),
    ]


def test_two_pairs_of_columns_are_read_row_by_row() -> None:
    contact = {"担当者": "佐藤 光一", "部署": "営業部", "電話": "03-1234-5678", "FAX": "03-1234-5679"}
    lines = [*_columns(QUOTE, at=130), *_columns(contact, x=320, at=390)]
    assert list(fields_of(built(lines))) == [
        "見積番号", "担当者", "見積日", "部署", "有効期限", "電話", "納期", "FAX",
    ]  # fmt: skip


def test_two_pairs_of_columns_that_share_no_rows_are_read_one_after_the_other() -> None:
    contact = {"担当者": "佐藤 光一", "部署": "営業部", "電話": "03-1234-5678"}
    lines = [*_columns(QUOTE, at=130, pitch=18), *_columns(contact, x=320, at=390, y=107, pitch=25)]
    assert fields_of(built(lines)) == {**QUOTE, **contact}


def test_a_value_that_wraps_is_one_and_an_empty_one_stays_empty() -> None:
    lines = [
        *_columns({"件名": "ポンプ設備更新工事に伴う機器の納入及び据付", "納期": ""}, pitch=34),
        written(150, 113, "調整業務一式"),
        *_columns({"納入場所": "川崎市川崎区1-2-3", "支払条件": "月末締め翌月末払い"}, y=154),
    ]
    page = built([*lines, written(60, 300, TEXT)])
    assert fields_of(page) == {
        "件名": "ポンプ設備更新工事に伴う機器の納入及び据付調整業務一式",
        "納期": "",
        "納入場所": "川崎市川崎区1-2-3",
        "支払条件": "月末締め翌月末払い",
    }
    assert page.page.fields[1].value_box.x0 == pytest.approx(150)


def test_letters_of_a_label_may_stand_apart_in_lines_of_their_own() -> None:
    spread = [written(x, 100 + 20 * row, c) for row, text in enumerate(("氏名", "住所")) for x, c in
              zip((60, 120), text, strict=True)]  # fmt: skip
    values = [written(180, 100, "山田 太郎"), written(180, 120, "東京都港区芝1-2-3")]
    lines = [*spread, *values, *_columns({"電話番号": "03-1234-5678"}, at=180, y=140)]
    assert fields_of(built(lines)) == {
        "氏名": "山田 太郎",
        "住所": "東京都港区芝1-2-3",
        "電話番号": "03-1234-5678",
    }


def test_labels_of_any_words_are_known_by_the_kinds_of_their_values() -> None:
    pairs = {"ポンプの号機": "3号機", "据付のとき": "令和元年5月1日", "値引き後": "¥1,200-", "重さ": "120kg"}
    assert fields_of(built(_columns(pairs, at=200))) == pairs


def test_some_labels_with_a_colon_keep_it_and_a_heading_over_both_columns_is_no_field() -> None:
    pairs = {"項目": "内容", "受付日：": "令和6年5月8日", "氏名": "佐藤", "会社名": "早瀬機械"}
    page = built(_columns(pairs))
    assert fields_of(page) == {"受付日": "令和6年5月8日", "氏名": "佐藤", "会社名": "早瀬機械"}
    assert "受付日：令和6年5月8日" in page.text
    assert "項目" in page.text


def test_a_label_over_a_text_is_a_heading_and_not_the_last_empty_field() -> None:
    pairs = {"納期": "令和6年8月31日", "担当者": "佐藤", "電話": "03-1234-5678", "内容": ""}
    page = built([*_columns(pairs), written(60, 176, TEXT)])
    assert "内容" not in fields_of(page)
    assert (BlockKind.HEADING, "内容") in blocks_of(page)


@pytest.mark.parametrize(
    "rows",
    [
        [("営業部", "佐藤 光一"), ("総務部", "鈴木 花子"), ("経理部", "高橋 次郎")],
        [("新宿支店", "03-1234-5678"), ("渋谷支店", "03-1234-5679"), ("池袋支店", "03-1234-5680")],
        [("代表取締役社長", "佐藤 光一"), ("営業部長", "鈴木 花子"), ("総務課長", "高橋 次郎")],
        [("ポンプ", "12,000円"), ("モーター", "8,000円"), ("バルブ", "1,200円")],
        [("見積書", "3部"), ("手順書", "1部"), ("名刺", "10枚")],
        [("10:00", "受付"), ("10:30", "開会"), ("11:00", "講演")],
        [("受付", "10:00"), ("開会", "10:30"), ("講演", "11:00")],
        [("納期", "納める期限をいう。"), ("単価", "一つの値段をいう。"), ("検収", "確かめることをいう。")],
        [("第1章 概要", "1"), ("第2章 契約", "5"), ("第3章 納期", "9")],
        [("項目", "A社", "B社"), ("納期", "5日", "7日"), ("単価", "1,000円", "900円"), ("送料", "込", "別")],
        [("氏名", "部署", "担当"), ("佐藤", "営業部", "関東"), ("鈴木", "総務部", "関西")],
        [("この契約の内容は次の", "とおり双方が合意の上"), ("定めるものとし、納期", "は別に定める。支払い"),
         ("は月末締め、担当者を", "定めて連絡するものと")],
    ],
)  # fmt: skip
def test_lists_tables_and_prose_of_two_columns_hold_no_fields(rows: list[tuple[str, ...]]) -> None:
    lines = [
        written(60 + 140 * x, 100 + 18 * y, text) for y, row in enumerate(rows) for x, text in enumerate(row)
    ]
    assert fields_of(built([*lines, written(60, 400, TEXT)])) == {}


def test_lines_that_were_drawn_twice_break_nothing() -> None:
    lines = _columns(RECEIPT)
    page = built([*lines, *lines, written(60, 400, TEXT)])
    assert all(value in page.text for value in RECEIPT.values())


def test_the_shared_case_is_twelve_fields(shared: Path, ppocr: Engine) -> None:
    case = shared / "cases" / "aligned_labels_without_colon.pdf"
    if not case.is_file():
        pytest.skip("the shared cases are not beside the repository")
    (page,) = read(case.read_bytes(), engine=ppocr, limits=Limits()).pages
    assert len(page.fields) == 12
    assert {(field.name, field.normalized) for field in page.fields} >= {
        ("受付日", "2019-05-01"),
        ("金額", "1250000"),
        ("値引", "-12000"),
        ("携帯", "090-1234-5678"),
    }
