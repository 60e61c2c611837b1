"""Fields of forms in many layouts: from lines and rulings written by hand, from drawn pixels, from pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from fixtures.comparing.measures import plain
from fixtures.page_truth import PageTruth, read_pages
from ocr.detection import DetectedLine, Ruling
from ocr.document import BlockKind, Box, Document, ValueKind
from ocr.engines.engine import Engine
from ocr.ink.check_boxes import CheckBox, find_check_boxes, with_check_boxes
from ocr.ink.ringed_options import with_parted_options, with_ringed_options
from ocr.ink.rings import find_rings, without_rings
from ocr.limits import Limits
from ocr.reading.reader import read
from ocr.reading.whole import whole
from tests.support.ocr.paper import blocks_of, built, fields_of, ruled, texts_of, written

POINTS = 72 / 200  # a pixel of a 200 dpi scan
ARTICLE = "第3条 甲は、前条に定める期日：令和6年4月1日までに、乙に対し委託料を支払うものとする。"


def _values(lines: list[DetectedLine], rulings: list[Ruling]) -> list[tuple[str, str, ValueKind, str, str]]:
    page = built(lines, rulings)
    fields = whole([Document(page.text, (page.page,))]).pages[0].fields
    return [(f.name, f.value, f.kind, f.normalized, f.unit) for f in fields]


def test_a_value_parted_from_its_unit_by_a_ruling_has_both() -> None:
    lines = [written(60, 104, "所要時間"), written(160, 104, "90"), written(215, 104, "分")]
    rulings = ruled([50, 130, 210, 240], [100, 120])
    assert _values(lines, rulings) == [("所要時間", "90 分", ValueKind.NUMBER, "90", "分")]


def test_a_unit_that_waits_for_its_value_is_no_value() -> None:
    lines = [written(60, 104, "走行距離"), written(215, 104, "km")]
    page = built(lines, ruled([50, 130, 240], [100, 120]))
    (field,) = page.page.fields
    assert (field.value, field.unit, field.start) == ("", "km", field.end)
    assert field.value_box == Box(130, 100, 240, 120)
    assert "km" in page.text


def test_a_speck_behind_a_value_is_not_part_of_it() -> None:
    page = built([written(60, 104, "受付者"), written(140, 104, "菅野.")], ruled([50, 130, 300], [100, 120]))
    (field,) = page.page.fields
    assert (field.value, page.text[field.start : field.end]) == ("菅野", "菅野")


def test_the_stop_of_an_abbreviated_number_stays() -> None:
    assert fields_of(built([written(50, 100, "報告書No.：W-118")])) == {"報告書No.": "W-118"}


def test_labels_over_values_with_cells_for_units() -> None:
    lines = [
        *(written(55 + 100 * n, 104, label) for n, label in enumerate(["担当者", "作業時間", "走行距離"])),
        written(55, 124, "巻島"),
        written(155, 124, "90"),
        written(222, 124, "分"),
        written(322, 124, "km"),
    ]
    rulings = [
        *ruled([50, 150, 250, 350], [100, 120, 140]),
        Ruling(215, 120, 215, 140),
        Ruling(315, 120, 315, 140),
    ]
    page = built(lines, rulings)
    assert fields_of(page) == {"担当者": "巻島", "作業時間": "90 分", "走行距離": ""}


def test_labels_inside_a_group_carry_its_name() -> None:
    lines = [
        written(55, 115, "依頼者"),
        written(105, 104, "氏名"),
        written(165, 104, "香椎 直人"),
        written(105, 124, "住所"),
        written(165, 124, "福岡市東区"),
    ]
    rulings = [*ruled([50, 300], [100, 140]), Ruling(100, 120, 300, 120)]
    rulings += [Ruling(x, 100, x, 140) for x in (100, 160)]
    page = built(lines, rulings)
    assert fields_of(page) == {"依頼者 氏名": "香椎 直人", "依頼者 住所": "福岡市東区"}
    assert texts_of(page)[0] == "依頼者"


def test_a_typed_name_beside_a_seal_label_is_a_field() -> None:
    lines = [written(60, 104, "担当者"), written(140, 104, "佐藤 花子")]
    assert fields_of(built(lines, ruled([50, 130, 300], [100, 126]))) == {"担当者": "佐藤 花子"}


def test_labels_before_underlines() -> None:
    lines = [
        written(50, 100, "氏　名"),
        written(100, 100, "五百蔵 幸恵"),
        written(300, 100, "勤務先電話"),
        DetectedLine("月額料金金壱万円也", Box(50, 130, 156, 142), 0.99),  # read across the gap
    ]
    rulings = [Ruling(88, 114, 280, 114), Ruling(356, 114, 500, 114), Ruling(98, 144, 280, 144)]
    assert _values(lines, rulings) == [
        ("氏名", "五百蔵 幸恵", ValueKind.TEXT, "", ""),
        ("勤務先電話", "", ValueKind.TEXT, "", ""),
        ("月額料金", "金壱万円也", ValueKind.MONEY, "10000", "円"),
    ]
    work_phone = built(lines, rulings).page.fields[1]
    assert work_phone.name_box.x1 == pytest.approx(lines[2].box.x1)


def test_an_underlined_title_or_phrase_is_no_field() -> None:
    title = written(200, 60, "作業日報", size=16)
    words = written(50, 120, "返却の期限を過ぎたものは貸出しの対象としません。")
    rulings = [Ruling(195, 82, 270, 82), Ruling(110, 133, 170, 133)]
    assert fields_of(built([title, words], rulings)) == {}


def test_colons_of_either_width_several_to_a_line() -> None:
    lines = [
        written(50, 100, "担 当:村雨 様"),
        written(200, 100, "電話：0166-00-1234"),
        written(350, 100, "FAX : 0166-00-1235"),
        written(50, 120, "有効期限："),
        written(200, 120, "備考：検査成績書を添付のこと"),
    ]
    assert fields_of(built(lines)) == {
        "担当": "村雨 様",
        "電話": "0166-00-1234",
        "FAX": "0166-00-1235",
        "有効期限": "",
        "備考": "検査成績書を添付のこと",
    }


@pytest.mark.parametrize(
    "text",
    [
        "佐藤：来期の予算に回すことでよいと思います。",
        "注：税率は十パーセント",
        "図3：売上の推移",
        "例：R6.4.1",
        "開始 10:30 終了 12:00",
    ],
)
def test_speech_remarks_and_captions_are_no_fields(text: str) -> None:
    lines = [written(50, 80, "打合せの内容は以下に記すとおりであった。"), written(50, 120, text)]
    assert fields_of(built(lines)) == {}


def test_running_text_and_tables_hold_no_fields() -> None:
    article = [written(50, 80, ARTICLE[:44]), written(50, 96, ARTICLE[44:])]
    rows = [["品名", "数量", "単価"], ["封筒", "3,000", "16"], ["会社案内", "1,500", "110"]]
    cells = [
        written(55 + 100 * x, 204 + 20 * y, text) for y, row in enumerate(rows) for x, text in enumerate(row)
    ]
    page = built([*article, *cells], ruled([50, 150, 250, 350], [200, 220, 240, 260]))
    assert fields_of(page) == {}
    assert BlockKind.TABLE in {kind for kind, _ in blocks_of(page)}


TEXT = "本書の内容について変更があるときは、担当部署まで書面によりご連絡くださいますようお願い申し上げます。"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("件名: Re: 見積の件", {"件名": "Re: 見積の件"}),
        ("件名：Fw: Re: 納期: 変更の件", {"件名": "Fw: Re: 納期: 変更の件"}),
        ("URL：https://www.example.co.jp:8080/a", {"URL": "https://www.example.co.jp:8080/a"}),
        ("備考：10:30に来社、変更時は要連絡", {"備考": "10:30に来社、変更時は要連絡"}),
        ("氏名：佐藤 光一　電話：03-1234-5678", {"氏名": "佐藤 光一", "電話": "03-1234-5678"}),
        ("氏名：佐藤光一電話：03-1234-5678", {"氏名": "佐藤光一", "電話": "03-1234-5678"}),
        ("受付日：令和6年5月8日受付者：鈴木", {"受付日": "令和6年5月8日", "受付者": "鈴木"}),
        ("役職：課長 内線：123", {"役職": "課長", "内線": "123"}),
        ("担当者：佐藤 納期 5月末日", {"担当者": "佐藤", "納期": "5月末日"}),
        ("担当者 佐藤 納期 5月末日", {"担当者": "佐藤", "納期": "5月末日"}),
        ("担当者佐藤納期5月末日", {"担当者": "佐藤", "納期": "5月末日"}),
        ("氏名：佐藤 光一　印", {"氏名": "佐藤 光一"}),
        ("納期：5月31日　遅れる場合は別途ご連絡いたします。", {"納期": "5月31日"}),
        ("納期：5月31日。遅れる場合は別途ご連絡いたします。", {"納期": "5月31日"}),
        ("担当者：佐藤　ご不明な点はお問い合わせください。", {"担当者": "佐藤"}),
        ("備考：検査成績書を添付のこと。納期は厳守。", {"備考": "検査成績書を添付のこと。納期は厳守。"}),
    ],
)
def test_a_value_ends_where_the_next_label_or_a_sentence_begins(text: str, expected: dict[str, str]) -> None:
    page = built([written(50, 100, text), written(50, 300, TEXT)])
    assert fields_of(page) == expected
    for letter in text.replace("　", "").replace(" ", "").replace("：", ""):
        assert letter in page.text.replace("：", ""), "ink has vanished"


@pytest.mark.parametrize(
    ("text", "name", "amount", "unit"),
    [
        ("ご請求金額　¥368,500-", "ご請求金額", "368500", "円"),
        ("御見積金額 ￥1,254,000（税込）", "御見積金額", "1254000", "円（税込）"),
        ("合計金額　金 壱百万円也", "合計金額", "1000000", "円"),
        ("金額　1,250,000円（消費税込）", "金額", "1250000", "円（消費税込）"),
        ("お支払金額：￥12,000-（税別）", "お支払金額", "12000", "円（税別）"),
        ("御請求額￥５４，０００－", "御請求額", "54000", "円"),
        ("差引請求金額 △12,000円", "差引請求金額", "-12000", "円"),
        ("登録番号 T7000012050002", "登録番号", "T7000012050002", ""),
        ("株式会社早瀬機械 登録番号 T7-0000-1205-0002", "登録番号", "T7000012050002", ""),
        ("登録番号 T1234567890123", "登録番号", "", ""),
        ("法人番号 7000012050002", "法人番号", "7000012050002", ""),
    ],
)
def test_amounts_and_registrations_need_no_colon(text: str, name: str, amount: str, unit: str) -> None:
    (field,) = _values([written(50, 100, text), written(50, 300, TEXT)], [])
    assert (field[0], field[3], field[4]) == (name, amount, unit)


def test_an_amount_apart_from_its_label_is_its_value() -> None:
    lines = [written(50, 100, "ご請求金額", size=14), written(220, 100, "¥368,500-", size=14)]
    (field,) = _values([*lines, written(50, 300, TEXT)], [])
    assert field[:2] == ("ご請求金額", "¥368,500-")


@pytest.mark.parametrize(
    "text",
    [
        "交通費 1,200円",
        "納品金額は合計 3,000円です。",
        "ご請求金額は別紙のとおりです。",
        "担当者 納期 数量",
        "合計 3",
    ],
)
def test_words_before_a_figure_are_no_label(text: str) -> None:
    assert fields_of(built([written(50, 100, text), written(50, 300, TEXT)])) == {}


def test_a_label_of_any_words_stands_before_its_underline_and_a_seal_behind_it() -> None:
    lines = [
        written(50, 100, "次回訪問までに用意するもの"),
        written(200, 100, "見積書3部、名刺"),
        written(50, 130, "好きな色"),
        DetectedLine("氏名佐藤 光一印", Box(50, 160, 188, 172), 0.99),  # the blanks were not read
        written(50, 190, "人数 12"),
    ]
    rulings = [
        Ruling(198, 114, 330, 114),
        Ruling(100, 144, 200, 144),
        Ruling(82, 174, 168, 174),
        Ruling(78, 204, 120, 204),
    ]
    page = built([*lines, written(50, 300, TEXT)], rulings)
    assert fields_of(page) == {
        "次回訪問までに用意するもの": "見積書3部、名刺",
        "好きな色": "",
        "氏名": "佐藤 光一",
        "人数": "12",
    }
    assert (BlockKind.PARAGRAPH, "印") in blocks_of(page)


@pytest.mark.parametrize(
    ("text", "x0", "x1"),
    [
        ("納期は 5月末日", 85, 130),
        ("※期限を過ぎた場合は受け付けません", 60, 220),
        ("まだ届いていない", 70, 130),
        ("ご提出の際は、必ず原本を添付", 140, 190),
    ],
)
def test_an_underlined_end_of_a_sentence_is_no_value(text: str, x0: float, x1: float) -> None:
    page = built([written(50, 100, text), written(50, 300, TEXT)], [Ruling(x0, 113, x1, 113)])
    assert fields_of(page) == {}


def test_labelled_values_in_the_top_margin_are_fields_and_other_lines_there_are_not() -> None:
    lines = [
        written(380, 30, "文書番号：営総第123号"),
        written(380, 44, "日付："),
        written(420, 44, "令和6年5月8日"),
        written(60, 120, TEXT),
    ]
    page = built([*lines, written(500, 3, "ページ：1/3"), written(60, 3, "社内報")])
    assert fields_of(page) == {"文書番号": "営総第123号", "日付": "令和6年5月8日"}
    assert {text for kind, text in blocks_of(page) if kind is BlockKind.HEADER} == {"ページ：1/3", "社内報"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("first_field_taken_for_page_header.pdf", {"受付日": "令和元年5月1日"}),
        ("underlined_value_label_cut_wrong.jpg", {"氏名": "佐藤光一"}),
    ],
)
def test_the_shared_cases_are_read_right(
    name: str, expected: dict[str, str], shared: Path, ppocr: Engine
) -> None:
    case = shared / "cases" / name
    if not case.is_file():
        pytest.skip("the shared cases are not beside the repository")
    (page,) = read(case.read_bytes(), engine=ppocr, limits=Limits()).pages
    fields = {field.name: plain(field.value) for field in page.fields}
    assert fields == {**fields, **expected}


# Pixels -------------------------------------------------------------------------------------------------


def _paper(width: int = 600, height: int = 120) -> np.ndarray:
    return np.full((height, width), 255, np.uint8)


def _ringed(axes: tuple[int, int], turn: float = 4.0) -> np.ndarray:
    """Three words of solid ink with a ring around the middle one, which touches a ruling and a neighbour."""
    page = _paper()
    for x in (60, 200, 340):
        page[50:72, x : x + 24] = 0
        page[50:72, x + 30 : x + 54] = 0
    page[95:97] = 0
    cv2.ellipse(page, (227, 61), axes, turn, 0, 360, 20, 3)
    return page


@pytest.mark.parametrize("axes", [(40, 26), (48, 34)], ids=["inside its cell", "over the ruling"])
def test_a_ring_is_found_by_its_shape_and_painted_over(axes: tuple[int, int]) -> None:
    page = _ringed(axes)
    (ring,) = find_rings(page, POINTS)
    assert ring.box.center == pytest.approx((227 * POINTS, 61 * POINTS), abs=1.5)

    clean = without_rings(page, [ring], POINTS)
    assert find_rings(clean, POINTS) == ()
    assert (clean[52:70, 202:252] == page[52:70, 202:252]).all(), "the word inside the ring is damaged"
    assert (clean[:, 330:] == page[:, 330:]).all()


def test_frames_letters_and_seals_are_no_rings() -> None:
    page = _paper(height=300)
    cv2.rectangle(page, (40, 30), (140, 80), 0, 2)
    cv2.circle(page, (300, 150), 60, 0, 3)  # 15 mm across
    cv2.putText(page, "OQ80", (420, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 2)
    for x in (60, 100, 290):
        page[50:70, x : x + 20] = 0
    assert find_rings(page, POINTS) == ()


def test_a_number_in_a_circle_is_a_letter_among_letters() -> None:
    page = _paper()
    cv2.circle(page, (60, 60), 22, 0, 2)
    page[48:72, 57:62] = 0
    for x in (100, 150, 200):
        page[40:82, x : x + 6] = page[40:82, x + 34 : x + 40] = page[58:64, x : x + 40] = 0
    assert find_rings(page, POINTS) == ()
    page[40:82, 100:] = 255
    for x in (100, 150, 200):
        page[50:72, x : x + 22] = 0
    assert len(find_rings(page, POINTS)) == 1, "beside smaller letters it is a ring"


def _boxes(*states: str) -> tuple[np.ndarray, tuple[CheckBox, ...]]:
    page = _paper()
    for number, state in enumerate(states):
        x = 40 + 120 * number
        cv2.rectangle(page, (x, 50), (x + 24, 74), 0, -1 if state == "■" else 2)
        if state == "☑":
            cv2.line(page, (x + 3, 60), (x + 10, 72), 0, 4)
            cv2.line(page, (x + 10, 72), (x + 30, 42), 0, 4)
    return page, find_check_boxes(page, POINTS)


def test_check_boxes_are_empty_ticked_or_filled() -> None:
    _, found = _boxes("□", "☑", "■")
    assert [(check.ticked, check.filled) for check in found] == [(False, False), (True, False), (True, True)]


def _line(text: str, boxes: tuple[CheckBox, ...]) -> str:
    """What becomes of a line of three options, of whose boxes `text` was read."""
    line = DetectedLine(text, Box(38 * POINTS, 44 * POINTS, 380 * POINTS, 78 * POINTS), 0.9)
    return with_check_boxes(line, boxes).text


def test_the_pixels_say_which_boxes_are_ticked() -> None:
    _, boxes = _boxes("□", "☑", "□")
    assert _line("□新規 □更新 ☑解約", boxes) == "□新規 ☑更新 □解約"


def test_a_box_that_was_not_read_is_put_in() -> None:
    _, boxes = _boxes("□", "☑", "□")
    assert _line("□新規更新□解約", boxes) == "□新規 ☑更新 □解約"
    assert _line("新規更新解約", boxes) == "□新規 ☑更新 □解約"
    assert _line("新規☑更新□解約", boxes) == "□新規 ☑更新□解約"
    assert _line("新規更新□解約", boxes) == "□新規 ☑更新 □解約"


def test_a_box_read_as_a_letter_is_a_box() -> None:
    _, boxes = _boxes("□", "☑", "□")
    assert _line("□新規 ☑更新 口解約", boxes) == "□新規 ☑更新 □解約"
    assert _line("新規 更新口解約", boxes) == "□新規 ☑更新 □解約"
    assert _line("□窓口 ☑更新 □口頭", boxes) == "□窓口 ☑更新 □口頭"


def test_kanji_that_look_like_boxes_stay() -> None:
    _, boxes = _boxes("□", "☑", "□")
    assert _line("□新規 国内 □解約", boxes) == "□新規 国内 □解約"


RING = Box(88, 98, 116, 116)  # around the second of the options below


@pytest.mark.parametrize(
    ("read_as", "text", "chosen"),
    [
        ("良い・普通・悪い", "良い・普通・悪い", "普通"),
        ("良い,普通・悪い", "良い・普通・悪い", "普通"),
        ("良い普通・悪い", "良い・普通・悪い", "普通"),
        ("良い　普通　悪い", "良い　普通　悪い", "普通"),
    ],
)
def test_the_option_in_a_ring_is_chosen(read_as: str, text: str, chosen: str) -> None:
    line = DetectedLine(read_as, Box(60, 101, 140, 113), 0.9)
    line = with_parted_options(line, [RING])
    assert line.text == text
    page = built([written(10, 101, "清掃"), line], ruled([5, 55, 200], [96, 120])).page
    (field,) = with_ringed_options(page, [RING]).fields
    assert (field.kind, field.normalized) == (ValueKind.CHOICE, chosen)
    assert with_ringed_options(page, [replace(RING, y0=300, y1=318)]) == page


def test_a_ring_in_running_text_leaves_the_text_alone() -> None:
    line = DetectedLine("次回の打合せは五月に行う予定です", Box(60, 101, 220, 113), 0.9)
    assert with_parted_options(line, [RING]) == line


# Pages --------------------------------------------------------------------------------------------------


def _read_right(
    truth: PageTruth, engine: Engine
) -> tuple[set[tuple[str, str]], set[tuple[str, str]], list[str]]:
    """True fields, read fields, and the normal forms that are wrong where the value was read right."""
    document = read(truth.path.read_bytes(), engine=engine, limits=Limits())
    fields = [field for page in document.pages for field in page.fields]
    true = {(plain(name), plain(value)) for name, value in truth.fields}
    values = {plain(name): value for name, value in truth.values}
    right = [field for field in fields if (plain(field.name), plain(field.value)) in true]
    wrong = [
        f"{field.name}: {field.value} -> {field.normalized}"
        for field in right
        if field.normalized != values.get(plain(field.name), "")
    ]
    return true, {(plain(field.name), plain(field.value)) for field in fields}, wrong


@pytest.mark.parametrize("name", ["visit_card.png", "order.pdf"])
def test_the_fields_of_drawn_forms_are_read(name: str, ppocr: Engine) -> None:
    truth = next(truth for truth in read_pages("fields") if truth.path.name == name)
    true, found, wrong = _read_right(truth, ppocr)
    assert len(true & found) >= 0.9 * len(true)
    assert len(true & found) >= 0.9 * len(found)
    assert wrong == []
