"""Forms, tables, headings and paragraphs from stored lines and rulings, without any OCR."""

from __future__ import annotations

import pytest

from ocr.detection import DetectedLine, Ruling
from ocr.document import BlockKind, Box
from ocr.grids.cells import split_at_rulings
from ocr.grids.grid import find_grids
from ocr.layout.page import PageText
from tests.support.ocr.paper import blocks_of, built, fields_of, ruled, stored, texts_of, written

LONG = [
    "先方の工場長と面談し、新しい検査装置の導入について説明した",
    "ところ、更新の予定は来年度とのこと。現在の装置は導入から十",
    "年を経過しており、部品の調達が難しくなっている。",
]
REPORT_RULINGS = [
    *ruled([50, 130, 450], [100, 120, 140, 300]),
    Ruling(250, 100, 250, 120),
    Ruling(320, 100, 320, 120),
]


def daily_report() -> list[DetectedLine]:
    return [
        written(60, 104, "日　付"),
        written(135, 104, "令和6年4月12日"),
        written(255, 104, "担当者"),
        written(325, 104, "佐藤 花子"),
        written(60, 124, "施 設 名 称"),
        written(60, 210, "商談内容"),
        *(written(135, 145 + 16 * n, text) for n, text in enumerate(LONG)),
        written(135, 193, "・次回は見積書を持参する。"),
        written(135, 209, "・納期は三か月を希望。"),
    ]


def scan(name: str) -> PageText:
    width, height, lines, rulings = stored(name)
    return built(lines, rulings, (width, height))


def test_a_ruled_form_gives_its_labelled_values() -> None:
    page = built(daily_report(), REPORT_RULINGS)

    assert fields_of(page) == {
        "日付": "令和6年4月12日",
        "担当者": "佐藤 花子",
        "施設名称": "",
        "商談内容": "".join(LONG) + "\n・次回は見積書を持参する。\n・納期は三か月を希望。",
    }
    assert texts_of(page)[:2] == ["日付\t令和6年4月12日", "担当者\t佐藤 花子"]
    assert {kind for kind, _ in blocks_of(page)} == {BlockKind.FIELD}


def test_an_empty_value_keeps_the_place_where_it_would_stand() -> None:
    field = built(daily_report(), REPORT_RULINGS).page.fields[2]

    assert (field.name, field.value, field.end - field.start) == ("施設名称", "", 0)
    assert field.value_box == Box(130, 120, 450, 140)


def test_the_cells_of_a_form_are_published_with_their_spans() -> None:
    page = built(daily_report(), REPORT_RULINGS)
    (table,) = page.page.tables

    wide = next(cell for cell in table.cells if cell.text.startswith("先方"))
    assert (wide.row, wide.column, wide.column_span) == (2, 1, 3)
    assert page.text[wide.start : wide.end] == wide.text
    assert [cell.text for cell in table.cells if cell.row == 0] == [
        "日付",
        "令和6年4月12日",
        "担当者",
        "佐藤 花子",
    ]


def test_a_header_row_over_rows_of_values_is_a_data_table() -> None:
    rows = [
        ("品名", "数量", "単価", "金額"),
        ("検査装置", "2", "1,200,000", "2,400,000"),
        ("保守契約", "1", "", "300,000"),
    ]
    xs, ys = [50, 170, 270, 370, 470], [100, 120, 140, 160]
    lines = [
        written(xs[column] + 5, ys[row] + 4, text)
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
        if text
    ]
    page = built(lines, ruled(xs, ys))

    assert page.page.fields == ()
    assert blocks_of(page) == [(BlockKind.TABLE, "\n".join("\t".join(row) for row in rows))]
    assert [(cell.row, cell.column, cell.text) for cell in page.page.tables[0].cells] == [
        (row, column, text) for row, texts in enumerate(rows) for column, text in enumerate(texts)
    ]


def test_a_data_table_inside_a_form_stands_apart_from_its_fields() -> None:
    xs, ys = [50, 250, 350, 450], [120, 140, 160, 180]
    table = [
        written(xs[column] + 5, ys[row] + 4, text)
        for row, texts in enumerate(
            [("品名", "数量", "金額"), ("封筒", "200", "4,000"), ("台紙", "50", "2,500")]
        )
        for column, text in enumerate(texts)
    ]
    lines = [written(60, 104, "件名"), written(135, 104, "印刷物の手配"), *table]
    lines += [written(60, 184, "備考"), written(135, 184, "納品は倉庫へ。")]
    rulings = [*ruled(xs, ys), *ruled([50, 130, 450], [100, 120]), *ruled([50, 130, 450], [180, 200])]
    page = built(lines, rulings)

    assert texts_of(page) == [
        "件名\t印刷物の手配",
        "品名\t数量\t金額\n封筒\t200\t4,000\n台紙\t50\t2,500",
        "備考\t納品は倉庫へ。",
    ]
    assert len(page.page.tables) == 3


def test_rows_of_numbers_under_months_are_a_table_though_each_begins_with_a_label() -> None:
    rows = [("", "4月", "5月", "6月"), ("売上金額", "120", "135", "128"), ("訪問件数", "22", "19", "25")]
    xs, ys = [50, 170, 270, 370, 470], [100, 120, 140, 160]
    lines = [
        written(xs[column] + 5, ys[row] + 4, text)
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
        if text
    ]

    assert [kind for kind, _ in blocks_of(built(lines, ruled(xs, ys)))] == [BlockKind.TABLE]


def test_a_label_may_stand_above_its_value() -> None:
    lines = [
        written(60, 104, "ご意見・ご要望"),
        written(60, 126, "画面の文字が小さくて読みにくいので、大きさを選べるようにしてほしい。"),
        written(60, 164, "対応結果"),
    ]
    page = built(lines, ruled([50, 450], [100, 120, 160, 180, 240]))

    assert fields_of(page) == {
        "ご意見・ご要望": "画面の文字が小さくて読みにくいので、大きさを選べるようにしてほしい。",
        "対応結果": "",
    }


def test_boxes_for_seals_are_no_fields_and_their_seals_are_stamps() -> None:
    lines = [written(365, 103, "担当"), written(405, 103, "課長"), written(412, 130, "村井", confidence=0.7)]
    page = built(lines, ruled([360, 400, 440], [100, 118, 158]))

    assert fields_of(page) == {}
    assert (BlockKind.STAMP, "村井") in blocks_of(page)


def test_a_value_written_on_dotted_guide_lines_is_one_value() -> None:
    texts = [
        "朝から三社を回り、うち一社で来期の更新について前向きな返事",
        "を得た。残る二社は担当者が不在のため、改めて訪問する。",
    ]
    lines = [
        written(60, 120, "活動内容"),
        *(written(135, 104 + 20 * n, text) for n, text in enumerate(texts)),
    ]
    guides = [Ruling(130, y, 450, y) for y in (120, 140)]
    page = built(lines, [*ruled([50, 130, 450], [100, 160]), *guides])

    assert fields_of(page) == {"活動内容": "".join(texts)}


def test_a_line_read_across_rulings_is_split_at_them() -> None:
    grid = find_grids(ruled([50, 130, 250, 320, 450], [100, 120]))[0]
    line = DetectedLine("日付令和6年4月12日担当者 佐藤 花子", Box(60, 104, 400, 116), 0.9)

    parts = [(cell.column, part.text) for cell, part in split_at_rulings(line, grid)]

    assert [column for column, _ in parts] == [0, 1, 2, 3]
    assert "".join(text.replace(" ", "") for _, text in parts) == "日付令和6年4月12日担当者佐藤花子"


def test_a_split_falls_on_the_blank_or_the_misread_ruling_next_to_it() -> None:
    grid = find_grids(ruled([50, 130, 450], [100, 120]))[0]

    for text in ("受付番号 AB-2041の件", "受付番号|AB-2041の件"):
        line = DetectedLine(text, Box(80, 104, 200, 116), 0.9)
        assert [part.text for _, part in split_at_rulings(line, grid)] == ["受付番号", "AB-2041の件"]


def test_a_line_that_touches_the_next_cell_is_not_split() -> None:
    grid = find_grids(ruled([50, 130, 450], [100, 120]))[0]
    line = DetectedLine("商談の内容", Box(78, 104, 133, 116), 0.9)

    assert [(cell.column, part.text) for cell, part in split_at_rulings(line, grid)] == [(0, "商談の内容")]


def test_spans_and_double_rules_are_found() -> None:
    doubled = [
        *ruled([50, 150, 250], [100, 120, 140]),
        Ruling(50, 101.5, 250, 101.5),
        Ruling(51, 100, 51, 140),
    ]
    (grid,) = find_grids([*doubled, *ruled([50, 250], [140, 160])])

    spans = [(cell.row, cell.column, cell.row_span, cell.column_span) for cell in grid.cells]
    assert spans == [(0, 0, 1, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1), (2, 0, 1, 2)]


def test_a_frame_around_a_notice_is_no_table() -> None:
    page = built([written(60, 110, "本日の窓口は午後三時に終了します。")], ruled([50, 300], [100, 130]))

    assert page.page.tables == ()
    assert blocks_of(page) == [(BlockKind.PARAGRAPH, "本日の窓口は午後三時に終了します。")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("担当者：佐藤 花子", {"担当者": "佐藤 花子"}),
        ("日　付：令和6年4月12日　担当：佐藤", {"日付": "令和6年4月12日", "担当": "佐藤"}),
        ("TEL: 03-0000-1234", {"TEL": "03-0000-1234"}),
        ("備考：", {"備考": ""}),
        ("開始は10:30からです。", {}),
        ("詳しくは https://example.jp/ をご覧ください。", {}),
        ("当社の方針は次のとおり：品質を第一とする。", {}),
    ],
)
def test_labels_with_a_colon_are_fields_and_other_colons_are_not(line: str, expected: dict[str, str]) -> None:
    assert fields_of(built([written(50, 100, line)])) == expected


def test_a_value_after_a_colon_runs_on_over_the_next_line() -> None:
    page = built(
        [
            written(50, 100, "内容：先月納めた機器のうち一台で電源が入らないことがあるとのご連絡"),
            written(80, 116, "をいただいた。"),
            written(50, 132, "受付者：菅野"),
        ]
    )

    assert fields_of(page) == {
        "内容": "先月納めた機器のうち一台で電源が入らないことがあるとのご連絡をいただいた。",
        "受付者": "菅野",
    }


def test_a_contract_keeps_its_articles_and_items() -> None:
    page = built(
        [
            written(230, 60, "業務委託契約書", size=18),
            written(60, 110, "第1条（目的）"),
            written(
                60, 126, "　甲は、乙に対し、次の各号に定める業務を委託し、乙はこれを受託する。ただし、第3"
            ),
            written(60, 142, "条第2項に定める場合を除く。"),
            written(70, 158, "（1）帳票の読み取りと、その結果を甲の定める様式にまとめて引き渡すまでの一切"),
            written(90, 174, "の業務"),
            written(70, 190, "（2）前号に付随する業務"),
            written(60, 222, "第2条（期間）　本契約の期間は、令和6年4月1日から一年間とする。"),
            written(285, 800, "- 1 -"),
        ]
    )

    assert blocks_of(page) == [
        (BlockKind.HEADING, "業務委託契約書"),
        (BlockKind.HEADING, "第1条（目的）"),
        (
            BlockKind.PARAGRAPH,
            "甲は、乙に対し、次の各号に定める業務を委託し、乙はこれを受託する。ただし、第3条第2項に定める場合を除く。",
        ),
        (
            BlockKind.LIST_ITEM,
            "（1）帳票の読み取りと、その結果を甲の定める様式にまとめて引き渡すまでの一切の業務",
        ),
        (BlockKind.LIST_ITEM, "（2）前号に付随する業務"),
        (BlockKind.PARAGRAPH, "第2条（期間） 本契約の期間は、令和6年4月1日から一年間とする。"),
        (BlockKind.FOOTER, "- 1 -"),
    ]


def test_paragraphs_part_at_indents_gaps_and_short_last_lines() -> None:
    full = "今期の受注は堅調に推移し、前年同期を上回る見通しとなった。主な要因は新製品にある"
    page = built(
        [
            written(60, 100, full[:-1]),
            written(50, 116, full),
            written(50, 132, "と考えられる。"),
            written(50, 148, full),
            written(50, 164, "といえる。"),
            written(50, 220, full),
        ]
    )

    assert texts_of(page) == [full[:-1] + full + "と考えられる。", full + "といえる。", full]


def test_latin_words_keep_their_spaces_and_japanese_gets_none() -> None:
    page = built(
        [
            written(50, 100, "新しい基幹システムには Cloud Storage と Data"),
            written(50, 116, "Factory を使い、夜間に集計した結果を翌朝まで"),
            written(50, 132, "に配る。"),
        ]
    )

    assert texts_of(page) == [
        "新しい基幹システムには Cloud Storage と Data Factory を使い、夜間に集計した結果を翌朝までに配る。"
    ]


def test_bullets_begin_items_but_check_boxes_do_not() -> None:
    page = built(
        [
            written(50, 100, "・見積書を四月末までに送る"),
            written(50, 116, "・後任の担当者を紹介する"),
            written(50, 148, "□ 電話　☑ メール　□ 訪問"),
        ]
    )

    assert blocks_of(page) == [
        (BlockKind.LIST_ITEM, "・見積書を四月末までに送る"),
        (BlockKind.LIST_ITEM, "・後任の担当者を紹介する"),
        (BlockKind.PARAGRAPH, "□ 電話 ☑ メール □ 訪問"),
    ]


def test_every_field_of_a_scanned_report_comes_out() -> None:
    page = scan("daily_report_scan")

    fields = fields_of(page)
    labels = "日付 天候 部署 氏名 訪問先 面談者 時間 見込金額 商談内容 所感 次回予定"
    assert list(fields) == labels.split()
    assert fields["部署"] == "営業部 法人第一課"
    assert fields["見込金額"] == "2,480,000円"
    assert fields["商談内容"].startswith("複合機のリースが9月に満了するため、")
    assert "\n" not in fields["商談内容"]
    assert blocks_of(page)[1] == (BlockKind.HEADING, "営業日報")


def test_lettering_in_a_seal_is_a_stamp_apart_from_the_text_around_it() -> None:
    lines = [
        written(230, 60, "電話受付票", size=16),
        written(400, 62, "受付", confidence=0.6),
        written(395, 76, "24.4.9", confidence=0.5),
        written(50, 120, "受付日時：4月9日10時15分"),
    ]
    page = built(lines, seals=[Box(385, 50, 435, 100)])

    assert blocks_of(page) == [
        (BlockKind.HEADING, "電話受付票"),
        (BlockKind.FIELD, "受付日時：4月9日10時15分"),
        (BlockKind.STAMP, "受付24.4.9"),
    ]
    assert page.page.confidence == pytest.approx(0.99)


def test_names_and_dates_set_right_stay_on_lines_of_their_own() -> None:
    page = built(
        [
            written(
                50,
                100,
                "本契約の成立を証するため、本書二通を作成し、甲乙が記名押印のうえ、各自一通を保有する。",
            ),
            written(405, 130, "令和6年4月1日"),
            written(345, 146, "ミサゴ総合リース株式会社"),
            written(355, 162, "代表取締役　鵜飼誠一郎"),
        ]
    )

    assert texts_of(page)[1:] == ["令和6年4月1日", "ミサゴ総合リース株式会社", "代表取締役 鵜飼誠一郎"]


def test_a_title_set_off_by_a_square_is_a_heading_and_a_row_of_such_lines_is_a_list() -> None:
    page = built(
        [
            written(50, 100, "■ 所　感"),
            written(60, 118, "先方の社長は乗り気であり、四月中に見積書を出せば受注に結び付く見込みである。"),
            written(50, 150, "● 見積書の作成"),
            written(50, 166, "● 部品の手配"),
        ]
    )

    assert [kind for kind, _ in blocks_of(page)] == [
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.LIST_ITEM,
        BlockKind.LIST_ITEM,
    ]


def test_an_item_that_holds_a_colon_is_a_field_only_where_it_opens_with_a_label() -> None:
    page = built([written(50, 100, "・担当者：佐藤 花子"), written(50, 116, "1. 手順1: 装置の電源を入れる")])

    assert fields_of(page) == {"担当者": "佐藤 花子"}
    assert blocks_of(page)[1] == (BlockKind.LIST_ITEM, "1. 手順1: 装置の電源を入れる")
