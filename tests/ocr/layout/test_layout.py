"""What is read in which order on pages of several columns, tiers and directions, and what kind of text it is.

The lines were found once by the engine (`ocr_detected`); nothing here recognises anything.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from fixtures.comparing.order import order_errors
from ocr.detection import DetectedLine
from ocr.document import Block, BlockKind, Box, Document, Field, Line, Page, TextSource
from ocr.ink.figures import find_figures
from ocr.layout.ruby import without_ruby
from ocr.layout.running import with_running_heads
from ocr.order.xy_cut import LayoutItem, flows
from ocr.script.widths import em, glue, is_japanese
from tests.support.ocr.detected import NAMES, detected, errors_of, true_text
from tests.support.ocr.paper import blocks_of, built, column, ruled, texts_of, written
from tests.support.ocr.samples import without_space


@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_read_in_its_turn(name: str) -> None:
    errors = errors_of(name, detected(name).page())

    assert errors.lines >= 7
    assert errors.misplaced == 0


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"newsletter", "letter"}))
def test_every_paragraph_is_one_block_over_lines_columns_and_tiers(name: str) -> None:
    read = [without_space(text) for text in texts_of(detected(name).page())]

    for paragraph in true_text(name).split("\n"):
        assert max(fuzz.ratio(without_space(paragraph), text) for text in read) > 90, paragraph


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_finding_changes_nothing(name: str, random) -> None:
    page = detected(name)
    lines, rulings = list(page.lines), list(page.rulings)
    random.shuffle(lines)
    random.shuffle(rulings)

    assert replace(page, lines=tuple(lines), rulings=tuple(rulings)).page() == page.page()


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
@pytest.mark.parametrize("name", NAMES)
def test_boxes_drawn_a_little_differently_are_read_in_the_same_order(name: str, random) -> None:
    page = detected(name)

    def shaken(line: DetectedLine) -> DetectedLine:
        by = 0.08 * em(line)
        x0, y0, x1, y1 = (
            value + random.uniform(-by, by) for value in (line.box.x0, line.box.y0, line.box.x1, line.box.y1)
        )
        return replace(line, box=Box(x0, y0, x1, y1))

    assert errors_of(name, replace(page, lines=tuple(map(shaken, page.lines))).page()).misplaced == 0


@settings(max_examples=5, deadline=None)
@given(st.floats(0.4, 3.0), st.floats(-500, 500), st.floats(-500, 500))
@pytest.mark.parametrize("name", NAMES)
def test_size_and_place_of_a_page_change_nothing(name: str, scale: float, x: float, y: float) -> None:
    def order(scale: float, x: float, y: float) -> list[str]:
        pieces = [
            LayoutItem(
                Box(
                    scale * line.box.x0 + x,
                    scale * line.box.y0 + y,
                    scale * line.box.x1 + x,
                    scale * line.box.y1 + y,
                ),
                line.text,
                len(line.text),
                scale * em(line),
                line.vertical,
            )
            for line in detected(name).lines
        ]
        return [piece.content for flow in flows(pieces, scale * 10.5) for row in flow.rows for piece in row]

    assert order(scale, x, y) == order(1.0, 0.0, 0.0)
    assert sorted(order(scale, x, y)) == sorted(line.text for line in detected(name).lines)


def test_titles_and_section_heads_are_headings() -> None:
    heads = {
        "two-columns": ["物流子会社における配車計画の見直し", "1.はじめに", "5.おわりに"],
        "vertical-magazine": ["現場から学んだ三つのこと"],
        "clauses": ["機器保守業務委託契約書", "第1条(目的)", "第5条(契約の期間)"],
        "newsletter": ["寒さに備える機械の手入れ", "担当者だより"],
        "three-columns": ["各課の代表に聞きました"],
    }
    for name, wanted in heads.items():
        headings = {
            without_space(text) for kind, text in blocks_of(detected(name).page()) if kind == "heading"
        }
        assert headings >= set(wanted)


def test_numbered_and_lettered_clauses_are_list_items() -> None:
    items = [text for kind, text in blocks_of(detected("clauses").page()) if kind is BlockKind.LIST_ITEM]

    assert [re.match(r"\(?[\dアイ]", without_space(text))[0] for text in items] == [
        "(1", "(2", "ア", "イ", "(3",
    ]  # fmt: skip


def test_page_numbers_and_running_heads_stand_apart() -> None:
    for name, head, foot in [
        ("newsletter", "お取引先通信2024年11月号", "2/4"),
        ("vertical-magazine", "社内報みちしるべ第208号", "14"),
    ]:
        blocks = [(kind, without_space(text)) for kind, text in blocks_of(detected(name).page())]
        assert blocks[0] == (BlockKind.HEADER, head)
        assert blocks[-1] == (BlockKind.FOOTER, foot)


def test_figures_stand_before_their_captions_and_hold_no_text() -> None:
    page = detected("figure").page()
    blocks = [(block.kind, page.text[block.start : block.end]) for block in page.page.blocks]
    at = [number for number, (kind, _) in enumerate(blocks) if kind is BlockKind.FIGURE]

    assert len(at) == 2
    assert all(blocks[number][1] == "" and page.page.blocks[number].lines == () for number in at)
    assert blocks[at[0] + 1][1].startswith("図1")
    assert blocks[at[1] + 1][1].startswith("写真")
    assert "\n\n" not in page.text


def test_a_frame_is_read_as_one_beside_text_that_stands_close() -> None:
    page = built(
        [
            *(written(60, 100 + 16 * n, "売上は順調に伸びており来期も同じ傾向が続く") for n in range(5)),
            *(written(286, 102 + 14 * n, "受付は九時から五時まで") for n in range(4)),
        ],
        ruled([280, 410], [96, 170]),
    )

    assert order_errors("売上" * 5 + "受付" * 4, [line.text[:2] for line in page.page.lines]).misplaced == 0
    assert [line.text[:2] for line in page.page.lines] == ["売上"] * 5 + ["受付"] * 4


def test_a_title_across_stands_before_columns_that_run_down() -> None:
    columns = [
        column(500 - 18 * n, 130, "昨年の秋から準備を進めてきた催しが無事に終わった") for n in range(6)
    ]
    page = built([*columns, written(60, 100, "催しを終えて", size=16)])

    assert [line.vertical for line in page.page.lines] == [False] + [True] * 6
    assert page.page.lines[0].box.y0 == 100
    assert page.page.blocks[0].kind is BlockKind.HEADING


def test_a_caption_across_below_columns_is_read_line_by_line() -> None:
    columns = [
        column(500 - 18 * n, 100, "昨年の秋から準備を進めてきた催しが無事に終わった") for n in range(9)
    ]
    captions = [
        written(370, 380, "会場の入口に並んだ来場者の列"),
        written(370, 396, "（十月三日撮影）"),
    ]
    page = built([*columns, *captions])

    assert [line.text[0] for line in page.page.lines] == ["昨"] * 9 + ["会", "（"]


@pytest.mark.parametrize("vertical", [True, False])
def test_ruby_is_left_out_and_small_text_of_its_own_stays(vertical: bool) -> None:
    if vertical:
        base = column(300, 100, "今年も酒蔵の戸が開く季節になった", size=12)
        ruby, apart = column(310, 136, "さかぐら", size=6), column(340, 136, "ひらがな", size=6)
    else:
        base = written(100, 300, "今年も酒蔵の戸が開く季節になった", size=12)
        ruby, apart = written(136, 292, "さかぐら", size=6), written(136, 250, "ひらがな", size=6)

    assert without_ruby([base, ruby, apart]) == (base, apart)
    assert without_ruby([base, replace(ruby, text="第二版改")]) == (base, replace(ruby, text="第二版改"))


def test_ruby_changes_nothing_in_what_a_page_says() -> None:
    page = detected("vertical-ruby").page()

    assert "酒蔵の戸が開く" in page.text
    assert "さかぐら" not in page.text


def a_page(number: int, head: str, foot: str, *, size: float = 9.0) -> Page:
    boxes = [Box(60, 40, 200, 40 + size), Box(60, 200, 500, 212), Box(280, 800, 300, 809)]
    texts = [head, f"{number}ページ目の本文である。", foot]
    blocks = tuple(
        Block(BlockKind.PARAGRAPH, box, 0, len(text), (Line(text, box, 1.0, 0, len(text)),))
        for text, box in zip(texts, boxes, strict=True)
    )
    return Page(number, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 1.0, blocks, (), ())


def test_what_keeps_its_place_from_page_to_page_is_a_running_head() -> None:
    pages = tuple(a_page(n, "営業管理規程", f"第{n}頁（全3頁）") for n in (1, 2, 3))
    kinds = [[block.kind for block in page.blocks] for page in with_running_heads(Document("", pages)).pages]

    assert kinds == [[BlockKind.HEADER, BlockKind.PARAGRAPH, BlockKind.FOOTER]] * 3


def _labelled_page(number: int, head: tuple[str, str], *entries: tuple[str, str]) -> Page:
    """A page whose labelled values stand one under the other, the first of them in the top margin."""
    fields, blocks, at = [], [], 0
    for row, (name, value) in enumerate((head, *entries)):
        box = Box(60, 40 + 80 * row, 300, 51 + 80 * row)
        text = f"{name}：{value}"
        start, end = at + len(name) + 1, at + len(text)
        fields.append(Field(name, value, box, box, 1.0, start, end))
        blocks.append(Block(BlockKind.FIELD, box, at, end, (Line(text, box, 1.0, at, end),)))
        at = end + 1
    return Page(number, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 1.0, tuple(blocks), (), tuple(fields))


def test_a_label_that_repeats_with_its_value_is_a_running_head_and_no_field() -> None:
    titles = ("目的", "手順", "記録")
    pages = [_labelled_page(n, ("文書番号", "QM-012"), (title, "無")) for n, title in enumerate(titles, 1)]
    found = with_running_heads(Document("", tuple(pages))).pages
    assert [page.blocks[0].kind for page in found] == [BlockKind.HEADER] * 3
    assert [[field.name for field in page.fields] for page in found] == [[title] for title in titles]


@pytest.mark.parametrize("days", [("5月8日", "5月8日", "5月8日"), ("5月7日", "5月8日", "5月9日")])
def test_the_first_field_of_the_same_form_on_every_page_stays_one(days: tuple[str, ...]) -> None:
    pages = [_labelled_page(n, ("受付日", day), ("氏名", f"{n}番")) for n, day in enumerate(days, 1)]
    found = with_running_heads(Document("", tuple(pages))).pages
    assert [next(field.value for field in page.fields) for page in found] == list(days)


def test_the_title_of_the_same_form_on_every_page_is_no_running_head() -> None:
    pages = tuple(a_page(n, "営業日報", f"担当{'あいう'[n - 1]}", size=16) for n in (1, 2, 3))

    assert with_running_heads(Document("", pages)).pages == pages


def a_sheet() -> np.ndarray:
    """A gray A4 sheet at 100 dpi with grainy paper."""
    noise = np.random.default_rng(5).normal(248, 2, (1169, 827))
    return np.clip(noise, 0, 255).astype(np.uint8)


def test_a_picture_is_a_figure_but_read_lines_tables_and_shadows_are_none() -> None:
    sheet = a_sheet()
    points = 0.72
    sheet[200:400, 100:400] = np.linspace(40, 200, 300).astype(np.uint8)
    sheet[500:700, 100:400] = 90
    sheet[800:860, 100:700] = 120
    shadow = 1 - 0.6 * np.exp(-((np.hypot(*np.mgrid[-500:669, -600:227]) / 120) ** 2))
    shaded = (sheet * shadow).astype(np.uint8)
    table, line = Box(100, 500, 400, 700).scaled(points), Box(100, 800, 700, 860).scaled(points)

    [found] = find_figures(shaded, points, [line], (), [table])

    assert (found.x0, found.y0, found.x1, found.y1) == pytest.approx(
        (100 * points, 200 * points, 400 * points, 400 * points), abs=4
    )


@given(
    st.text(st.sampled_from("東京のはカァ、。ABcd12 "), min_size=1),
    st.text(st.sampled_from("京、a1"), min_size=1),
)
def test_nothing_stands_between_japanese_and_a_blank_between_words(before: str, after: str) -> None:
    between = glue(before, after)

    if is_japanese(before[-1]) or is_japanese(after[0]):
        assert between == ""
    else:
        assert between == " "


@given(st.text("0123456789", min_size=1), st.text("0123456789￥¥▲△-+", min_size=1))
def test_a_line_break_between_two_figures_is_never_nothing(before: str, after: str) -> None:
    assert glue(f"単価 {before}", f"{after}円") == " "


LISTS = [
    ["早瀬機械工業 10時 見積提出", "山田商会 13時 クレーム対応", "東都精密 15時 定期訪問"],
    ["早瀬機械工業株式会社", "山田商会", "東都精密株式会社", "北海製作所"],
    ["電話 03-1234-5678 内線 4021", "携帯 090-1234-5678", "mail sato@hayase.example.jp"],
    ["001 商品1番 ￥120", "002 商品2番 ￥240", "003 商品3番 ￥360"],
    ["1 見積書の作成", "2 部品の手配", "3 納期の回答"],
    ["りんご 150円", "おにぎり 120円", "お茶 100円"],
    ["1,250円", "480円", "12,300円"],
    ["9:30 朝礼", "10:00 早瀬機械工業訪問", "13:30 社内会議"],
    ["〒100-0013", "東京都千代田区霞が関1-2-3", "霞が関ビル15階"],
    ["小計 ￥3,240", "消費税 ￥324", "合計 ￥3,564"],
]
PROSE = [
    "本日は早瀬機械工業を訪問し、静音型ポンプの見積を提出した。先方からは価格について強",
    "い要望があり、来週までに再見積を提出することとなった。競合の東洋工機が値引きを提示",
    "しているとのこと。",
]


@pytest.mark.parametrize("entries", LISTS)
@pytest.mark.parametrize("pitch", [13, 19])
@pytest.mark.parametrize("above", [(), tuple(PROSE)])
def test_the_lines_of_a_list_stay_lines(entries: list[str], pitch: int, above: tuple[str, ...]) -> None:
    text = [*above, *([""] if above else []), *entries]
    lines = [written(60, 100 + pitch * at, line) for at, line in enumerate(text) if line]

    assert texts_of(built(lines)) == ["".join(above)] * bool(above) + entries


@pytest.mark.parametrize("width", [14, 20, 27, 36, 45])
def test_wrapped_sentences_are_one_text_however_narrow_the_column(width: int) -> None:
    whole = "".join(PROSE)
    lines = [
        written(60, 100 + 15 * n, whole[at : at + width]) for n, at in enumerate(range(0, len(whole), width))
    ]

    assert texts_of(built(lines)) == [whole]


def test_a_latin_word_parted_by_a_hyphen_stays_one_word() -> None:
    page = built(
        [
            written(60, 100, "The quarterly report describes the new man-"),
            written(60, 116, "agement system and its first results in"),
            written(60, 132, "the northern branches of the company."),
        ]
    )

    assert page.text == (
        "The quarterly report describes the new man-agement system and its first results in "
        "the northern branches of the company."
    )
