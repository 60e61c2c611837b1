"""In which order the lines of a page are read, and which of them are read as one text."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.detection import DetectedLine
from ocr.document import BlockKind, Box
from ocr.layout.page import PageText
from tests.support.ocr.paper import (
    HEIGHT,
    WIDTH,
    blocks_of,
    built,
    column,
    fields_of,
    ruled,
    stored,
    texts_of,
    written,
)

LEFT = [
    "昨年度の売上は全社で四パーセント増え、特",
    "に関東の三支店が伸びを支えた。新製品の投",
    "入が早かったことが効いている。",
]
RIGHT = [
    "一方で人手の不足は続いており、夜間の配送",
    "を外部に委ねる拠点が増えた。費用の上昇を",
    "どう抑えるかが来期の課題となる。",
]


def two_columns() -> list[DetectedLine]:
    lines = [written(50, 60, "全社の概況と来期の課題について", size=16)]
    lines += [written(50, 100 + 16 * n, text, size=11) for n, text in enumerate(LEFT)]
    lines += [written(310, 100 + 16 * n, text, size=11) for n, text in enumerate(RIGHT)]
    return lines


def vertical_page() -> list[DetectedLine]:
    texts = [
        "拝啓　春暖の候、皆様にはますますご健勝のこと",
        "とお喜び申し上げます。日頃は格別のお引き立て",
        "をいただき、厚く御礼申し上げます。",
    ]
    return [
        *(column(500 - 20 * n, 100, text, size=11) for n, text in enumerate(texts)),
        written(285, 800, "- 2 -", size=9),
    ]


def a_form() -> tuple[list[DetectedLine], list]:  # type: ignore[type-arg]
    lines = [
        written(60, 105, "日　付"),
        written(135, 105, "令和6年4月12日"),
        written(60, 130, "担当者"),
        written(135, 130, "佐藤 花子"),
    ]
    return lines, ruled([50, 130, 545], [100, 125, 150])


def test_columns_are_read_one_after_the_other_below_their_common_title() -> None:
    page = built(two_columns())

    assert texts_of(page) == ["全社の概況と来期の課題について", "".join(LEFT), "".join(RIGHT)]


def test_vertical_columns_are_read_from_right_to_left_and_their_boxes_stay_where_the_ink_is() -> None:
    page = built(vertical_page())

    assert texts_of(page)[0].startswith("拝啓 春暖の候、皆様にはますますご健勝のことと")
    assert texts_of(page)[0].endswith("厚く御礼申し上げます。")
    assert blocks_of(page)[-1] == (BlockKind.FOOTER, "- 2 -")
    first = page.page.lines[0]
    assert first.vertical
    assert first.box == Box(494.5, 100, 505.5, 100 + 11 * 22)
    assert not page.page.lines[-1].vertical
    assert (page.page.width, page.page.height) == (WIDTH, HEIGHT)


def test_vertical_paragraphs_part_where_a_column_is_indented() -> None:
    texts = [
        "　昨日は遠路お越しいただき、ありがとうござい",
        "ました。",
        "　お申し越しの件は、社内で相談のうえ、来週の",
        "うちにお返事いたします。",
    ]
    starts = [111, 100, 111, 100]
    page = built(
        column(500 - 20 * n, y, text.strip(), size=11)
        for n, (text, y) in enumerate(zip(texts, starts, strict=True))
    )

    assert texts_of(page) == [
        "昨日は遠路お越しいただき、ありがとうございました。",
        "お申し越しの件は、社内で相談のうえ、来週のうちにお返事いたします。",
    ]


def test_address_and_date_facing_each_other_stay_apart() -> None:
    page = built(
        [
            written(50, 100, "株式会社みなとや御中"),
            written(430, 100, "令和6年4月12日"),
            written(50, 120, "購買部　担当者様宛"),
            written(430, 120, "文書番号第204号"),
            written(
                50, 170, "平素より格別のご高配を賜り、厚く御礼申し上げます。下記のとおりご案内いたします。"
            ),
        ]
    )

    order = page.text
    assert order.index("購買部") < order.index("令和6年") < order.index("文書番号") < order.index("平素より")


def test_page_numbers_and_running_heads_stand_apart_from_the_text() -> None:
    body = [
        written(60, 120 + 18 * n, "本書は社内の取扱いを定めるものであり、外部への開示を禁ずる。")
        for n in range(4)
    ]
    page = built(
        [written(60, 30, "社外秘　営業管理規程", size=9), *body, written(285, 805, "3 / 12", size=9)]
    )

    kinds = blocks_of(page)
    assert kinds[0] == (BlockKind.HEADER, "社外秘 営業管理規程")
    assert kinds[-1] == (BlockKind.FOOTER, "3 / 12")
    assert {kind for kind, _ in kinds[1:-1]} == {BlockKind.PARAGRAPH}


@pytest.mark.parametrize("number", ["3", "- 3 -", "ー３ー", "3/5", "P.12", "3ページ"])
def test_every_style_of_page_number_is_a_footer(number: str) -> None:
    page = built([*two_columns(), written(290, 800, number)])

    assert blocks_of(page)[-1][0] is BlockKind.FOOTER


def test_an_amount_at_the_end_of_the_text_is_no_page_number() -> None:
    page = built([*two_columns(), written(50, 640, "1250")])

    assert blocks_of(page)[-1][0] is not BlockKind.FOOTER


def _scan(name: str) -> PageText:
    width, height, lines, rulings = stored(name)
    return _built(lines, rulings, width, height)


def _built(lines, rulings, width=WIDTH, height=HEIGHT) -> PageText:
    return built(lines, rulings, (width, height))


@settings(max_examples=12, deadline=None)
@given(st.data())
@pytest.mark.parametrize("name", ["two columns", "vertical", "form", "daily_report_scan", "voice_card_scan"])
def test_the_order_in_which_lines_were_found_changes_nothing(name: str, data: st.DataObject) -> None:
    if name.endswith("scan"):
        width, height, lines, rulings = stored(name)
    else:
        width, height = WIDTH, HEIGHT
        lines, rulings = {  # type: ignore[assignment]
            "two columns": (two_columns(), []),
            "vertical": (vertical_page(), []),
            "form": a_form(),
        }[name]
    shuffled_lines = data.draw(st.permutations(lines))
    shuffled_rulings = data.draw(st.permutations(rulings))

    assert _built(shuffled_lines, shuffled_rulings, width, height) == _built(lines, rulings, width, height)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 560),
            st.floats(0, 830),
            st.text(st.characters(codec="utf-8"), max_size=12),
            st.booleans(),
        ),
        max_size=25,
    )
)
def test_any_scatter_of_lines_is_read_whole_and_every_offset_leads_back_to_its_text(
    scatter: list[tuple[float, float, str, bool]],
) -> None:
    lines = [column(x, y, text) if down else written(x, y, text) for x, y, text, down in scatter]
    page = built(lines, ruled([100, 200, 300], [100, 200, 300]))

    assert _letters(page.text) == _letters("".join(line.text for line in lines))
    for line in page.page.lines:
        assert page.text[line.start : line.end] == line.text
    for field in page.page.fields:
        assert page.text[field.start : field.end] == field.value
    for table in page.page.tables:
        for cell in table.cells:
            assert page.text[cell.start : cell.end] == cell.text
    ends = [(block.start, block.end) for block in page.page.blocks]
    assert ends == sorted(ends)
    assert all(before[1] < after[0] for before, after in pairwise(ends))


def _letters(text: str) -> Counter[str]:
    """The characters, without blanks, colons after labels and rulings read as text."""
    return Counter(c for c in text if not c.isspace() and c not in ":：|｜¦")


def test_a_page_without_lines_has_no_confidence() -> None:
    page = built([])

    assert page.text == ""
    assert page.page.confidence is None
    assert page.page.blocks == ()


def test_the_confidence_of_a_page_is_that_of_its_worst_lines() -> None:
    lines = [written(50, 50 + 20 * n, "確認済み。", confidence=0.5 if n == 0 else 1.0) for n in range(21)]

    assert built(lines).page.confidence == pytest.approx(1.0)
    assert built(lines[:10]).page.confidence == pytest.approx(0.725)


def test_labels_and_values_without_rulings_are_read_across() -> None:
    width, height, lines, rulings = stored("voice_card_scan")
    page = _built(lines, rulings, width, height)

    assert list(fields_of(page)) == ["ご記入日", "お名前", "会社名", "業種", "満足度", "ご利用の内容"]
    assert fields_of(page)["満足度"] == "□ 1 □ 2 □ 3 ☑ 4 □ 5"
