"""Where documents begin in a file of several: stacks that part, and documents that must stay whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.document import Box, Code, CodeKind, Document
from ocr.export import to_markdown
from ocr.parting.counters import Counter, counter_in, counters_of
from ocr.parting.document_parts import Aside, DocumentPart, Split, asides_of, cut, parts_of
from ocr.parting.document_starts import StartReason
from ocr.reading.whole import whole
from ocr.serialization import from_json, to_json
from tests.support.ocr.paper import built, column, ruled, written
from tests.support.ocr.stacks import BODY, FAILED, blank, middle, running_text, sheet, stack

KNOWN = ("営業日報", "入電記録")


def first_pages(*pages: Document, titles: Sequence[str] = KNOWN) -> list[int]:
    return [part.first for part in parts_of(stack(*pages), Split.AUTO, titles)]


def inspection(day: str, person: str, title: str = "設備点検表") -> Document:
    return sheet(title, {"点検日": day, "点検者": person, "設備名": "3号機", "結果": "良"}, body=[BODY])


def report(day: str, *, foot: str = "", top: str = "", title: str = "営業日報") -> Document:
    return sheet(
        title, {"日付": day, "氏名": "佐藤 光一"}, body=running_text(f"{day}{top}", 6), foot=foot, top=top
    )


def answers(times: str, wishes: str) -> Document:
    return sheet(
        "ご来店アンケート",
        {"来店回数": times, "店員の応対": "☑よい □ふつう", "品ぞろえ": "□よい ☑ふつう", "ご意見": wishes},
    )


def prose(*lines: str, title: str = "", foot: str = "") -> Document:
    body = running_text("".join((title, foot, *lines)), 12)
    return sheet(title, body=[*lines, *body], foot=foot)


def letter(day: str, addressee: str) -> Document:
    more = [written(400, 40, day), written(60, 70, f"{addressee} 御中")]
    return sheet(body=["拝啓　時下ますますご清栄のこととお慶び申し上げます。", BODY, BODY], more=more)


def invoice(
    *, top: str = "", foot: str = "", rows: int = 20, addressee: str = "青葉商事株式会社"
) -> Document:
    more = [written(60, 100, f"{addressee} 御中"), written(400, 120, "発行日：2024年5月31日")]
    ys = [160.0 + 18 * n for n in range(rows + 2)]
    cells = [
        written(x + 3, y + 3, text)
        for n, y in enumerate(ys[:-1])
        for x, text in (
            (60, "品名" if n == 0 else f"用紙{n * 7 % 5}"),
            (300, "金額" if n == 0 else f"{n * 130}"),
        )
    ]
    lines = [*more, middle(60, "請求書", 18), *cells]
    if top:
        lines.append(written(480, 30, top))
    if foot:
        lines.append(middle(800, foot, 9))
    page = built(lines, ruled((60, 300, 520), ys))
    return Document(page.text, (page.page,))


PARTED = {
    "copies of a form for other days": [
        inspection("令和6年5月1日", "佐藤"),
        inspection("令和6年5月2日", "佐藤"),
        inspection("令和6年5月3日", "三浦"),
    ],
    "forms of known titles": [report("2024年5月1日"), sheet("入電記録票", {"受付者": "小俣"}, body=[BODY])],
    "the same known title without anything to compare": [prose(title="営業日報"), prose(title="営業日報")],
    "a spaced-out known title": [prose(title="営 業 日 報"), prose(title="営 業 日 報（控）")],
    "forms of unknown titles": [
        inspection("令和6年5月1日", "佐藤"),
        sheet("有給休暇届", {"届出日": "令和6年5月2日", "申請者": "堀江", "理由": "私用のため"}),
    ],
    "questionnaires that differ in their answers alone": [
        answers("☑初めて □2回目", "とくにありません"),
        answers("□初めて ☑2回目", "駐車場が狭いです"),
    ],
    "letters": [letter("2024年5月1日", "ミササギ紙器株式会社"), letter("2024年5月2日", "北瀬運輸有限会社")],
    "a letter written downwards": [
        inspection("令和6年5月1日", "佐藤"),
        sheet(
            more=[
                column(450, 80, "謹啓若葉の候ますますご清栄のこととお喜び申し上げます"),
                column(420, 80, BODY[:20]),
            ]
        ),
    ],
}


@pytest.mark.parametrize("pages", PARTED.values(), ids=PARTED)
def test_each_form_is_a_document(pages: list[Document]) -> None:
    assert first_pages(*pages) == list(range(1, len(pages) + 1))


CONTRACT = [
    prose(
        "株式会社甲野（以下「甲」という。）と乙山商店（以下「乙」という。）は契約する。",
        "第1条（目的）",
        title="業務委託契約書",
    ),
    prose("第2条（業務の内容）", "第3条（委託料）"),
    prose("第4条（秘密保持）"),
]
WHOLE = {
    "a contract": CONTRACT,
    "a contract with its annex": [*CONTRACT, prose(title="別紙　業務仕様書"), prose()],
    "an annex that is marked on a line of its own": [
        *CONTRACT,
        sheet("仕様書", top="別紙1", body=[BODY] * 9),
    ],
    "an annex numbered anew": [
        prose(title="売買契約書", foot="- 1 -"),
        prose(foot="- 2 -"),
        prose(title="別紙 引渡条件書", foot="- 1 -"),
    ],
    "an annex that the form speaks of": [
        sheet(
            "稟議書", {"起案日": "2024年5月1日", "起案者": "佐藤"}, body=["添付書類は見積書、比較表である。"]
        ),
        sheet(
            "見積書",
            more=[written(60, 100, "みなと計測株式会社 御中"), written(400, 120, "2024年4月30日")],
            body=[BODY],
        ),
    ],
    "a report with chapters under large titles": [
        prose(title="物流業務改善調査報告書"),
        prose(title="調査の概要"),
        prose(title="第2章 調査結果報告書"),
        prose(title="3. 改善提案書"),
    ],
    "numbered pages under titles of their own": [
        prose("2024年5月1日", title="事業報告書", foot="1"),
        prose("2024年5月1日", title="監査報告書", foot="2"),
        prose("2024年5月2日", title="収支決算書", foot="3"),
    ],
    "the statements of a year": [
        prose("自 令和5年4月1日 至 令和6年3月31日", title=title)
        for title in ("決算報告書", "貸借対照表", "損益計算書", "個別注記表")
    ],
    "an invoice that counts its pages": [
        invoice(foot=f"{page}/3", rows=24 - 9 * (page // 3)) for page in (1, 2, 3)
    ],
    "an invoice that counts its pages at the head": [invoice(top=f"{page}/3") for page in (1, 2, 3)],
    "an invoice with its number on every page": [invoice(top="No. 24-0117") for _ in range(3)],
    "an invoice that repeats day and addressee": [invoice(rows=20), invoice(rows=3)],
    "a known form of two pages": [report("2024年5月1日", top="1/2"), report("2024年5月1日", top="2/2")],
    "a known form that repeats its head": [report("2024年5月1日"), report("2024年5月1日")],
    "a known form with more to it": [
        report("2024年5月1日"),
        report("2024年5月2日", title="営業日報（続き）"),
    ],
    "a known form with an enclosure": [
        report("2024年5月1日"),
        sheet("営業日報 別紙", {"記入者": "佐藤"}, body=[BODY]),
    ],
    "a continuation sheet": [
        inspection("令和6年5月1日", "佐藤"),
        sheet("続紙", {"点検日": "令和6年5月2日"}, body=[BODY]),
    ],
    "a list of known forms": [
        prose(title="入電記録一覧"),
        prose(title="入電記録一覧"),
        prose(title="入電記録一覧"),
    ],
    "lists that differ in one heading": [
        sheet("機器台帳", {"設置場所": place}, body=running_text(place, 9)) for place in ("A棟", "B棟", "C棟")
    ],
    "questions that go on": [
        sheet("意識調査票", body=["問1 仕事に満足していますか。", "問2 残業は多いですか。"]),
        sheet("", body=["問3 休みは取れますか。"]),
    ],
    "papers of one person on one day": [
        sheet("受診申込書", {"受付番号": "24-117", "氏名": "三浦 健"}),
        sheet("同意書", {"受付番号": "24-117", "氏名": "三浦 健"}),
    ],
}


@pytest.mark.parametrize("pages", WHOLE.values(), ids=WHOLE)
def test_a_document_of_several_pages_stays_whole(pages: list[Document]) -> None:
    assert first_pages(*pages) == [1]


def test_page_numbers_that_begin_anew_begin_a_document() -> None:
    minutes = [prose(title="定例会 議事録", foot="- 1 -"), prose(foot="- 2 -")]
    assert first_pages(*minutes, *minutes) == [1, 3]
    totals = [prose(foot="1/2"), prose(foot="2/2"), prose(foot="1/1"), prose(foot="1/3"), prose(foot="2/3")]
    assert first_pages(*totals) == [1, 3, 4]


def test_a_known_form_begins_behind_a_document_that_lacks_its_last_page() -> None:
    minutes = [prose(title="定例会 議事録", foot="1/3"), prose(foot="2/3")]
    assert first_pages(*minutes, report("2024年5月1日")) == [1, 3]
    assert first_pages(*minutes, prose(title="出席者名簿")) == [1]


def test_a_form_of_two_pages_parts_in_twos() -> None:
    backs = sheet("裏面", {"既往症": "なし", "確認者": "菅野"}, body=[BODY])
    fronts = [
        sheet("問診票", {"記入日": f"2024年5月{n}日", "氏名": f"三浦{n}"}, body=[BODY]) for n in (1, 2, 3)
    ]
    assert first_pages(*(page for front in fronts for page in (front, backs))) == [1, 3, 5]


def test_copies_behind_another_paper_begin_with_the_first_of_them() -> None:
    copies = [
        sheet("点検表", {"設備名": f"{n}号機", "油量": "良", "異音": "なし"}, body=[BODY]) for n in (1, 2, 3)
    ]
    assert first_pages(prose(title="点検の手引き"), *copies) == [1, 2, 3, 4]


def test_a_separator_sheet_parts_what_nothing_else_would_and_is_of_no_document() -> None:
    file = stack(
        prose("第1条（目的）"), sheet("《 区 切 り 》"), prose("第2条（範囲）"), sheet("", body=["SEPARATOR"])
    )
    first, second = parts_of(file, Split.AUTO)
    assert (first.first, first.last, first.asides) == (1, 1, ((2, Aside.SEPARATOR),))
    assert (second.first, second.last, second.reason) == (3, 3, StartReason.SEPARATOR)
    assert second.separator == "《区切り》"
    assert second.asides == ((4, Aside.SEPARATOR),)
    assert "区" not in cut(file, first).text + cut(file, second).text
    assert [why for _, why in asides_of(file, second)] == [Aside.SEPARATOR]


def test_a_code_parts_where_nothing_but_a_code_is_on_the_sheet() -> None:
    code = Code(CodeKind.QR, "部署=営業1", Box(100, 100, 200, 200))
    _, second = parts_of(stack(prose(), blank(code), prose()), Split.AUTO)
    assert (second.first, second.separator) == (3, "部署=営業1")
    cover = sheet("物流業務改善調査報告書", more=[written(250, 600, "2024年5月1日")])
    (page,) = cover.pages
    with_code = Document(cover.text, (replace(page, codes=(code,)),))
    assert parts_of(stack(prose(), with_code), Split.AUTO)[-1].asides == ()


def test_blank_backs_belong_to_a_document_only_inside_of_it() -> None:
    file = stack(
        report("2024年5月1日"),
        blank(),
        *(page for one in CONTRACT for page in (one, blank())),
        report("2024年5月3日"),
    )
    one, contract, other = parts_of(file, Split.AUTO, KNOWN)
    assert (one.first, one.last, one.asides) == (1, 1, ((2, Aside.BLANK),))
    assert (contract.first, contract.last, contract.pages) == (3, 7, 5)
    assert contract.asides == ((8, Aside.BLANK),)
    assert (other.first, other.last) == (9, 9)


def test_a_document_alone_keeps_its_blank_pages() -> None:
    assert parts_of(stack(blank(), *CONTRACT, blank()), Split.AUTO) == (DocumentPart(1, 5),)
    assert parts_of(stack(blank(), blank()), Split.AUTO) == (DocumentPart(1, 2),)


def test_a_page_that_could_not_be_read_belongs_to_the_document_before_it() -> None:
    file = stack(FAILED, report("2024年5月1日"), FAILED, report("2024年5月2日"))
    first, second = parts_of(file, Split.AUTO, KNOWN)
    assert (first.first, first.last, first.pages) == (1, 3, 3)
    assert [failure.page for failure in cut(file, first).failures] == [1, 3]
    assert (second.first, second.last) == (4, 4)
    assert parts_of(stack(FAILED, FAILED), Split.AUTO) == (DocumentPart(1, 2),)


def test_a_failed_page_behind_a_separator_goes_with_what_follows() -> None:
    first, second = parts_of(stack(prose(), sheet("区切り"), FAILED, prose()), Split.AUTO)
    assert (first.last, second.first, second.last, second.reason) == (1, 3, 4, StartReason.SEPARATOR)


def test_every_page_or_none_where_that_is_asked_for() -> None:
    file = stack(*CONTRACT, blank(), report("2024年5月3日"))
    assert parts_of(file, Split.NEVER, KNOWN) == (DocumentPart(1, 5),)
    parts = parts_of(file, Split.PAGES, KNOWN)
    assert [(part.first, part.last) for part in parts] == [(1, 1), (2, 2), (3, 3), (5, 5)]
    assert {part.reason for part in parts[1:]} == {StartReason.EVERY_PAGE}


def test_what_is_cut_out_has_its_own_text_and_the_page_numbers_of_the_file() -> None:
    file = stack(report("2024年5月1日"), report("2024年5月2日"), blank())
    for part in parts_of(file, Split.AUTO, KNOWN):
        document = whole([cut(file, part)])
        assert document.text.startswith("営業日報")
        assert [page.number for page in document.pages] == [part.first]
        for page in document.pages:
            assert all(document.text[line.start : line.end] == line.text for line in page.lines)
            assert [document.text[field.start : field.end] for field in page.fields] == [
                field.value for field in page.fields
            ]


def test_a_title_on_every_form_is_no_running_head_of_the_stack() -> None:
    small = [
        sheet("", {"日付": f"2024年5月{n}日"}, more=[middle(30, "営業日報")], body=[BODY] * 4) for n in (1, 2)
    ]
    file = stack(*small)
    assert {block.kind.value for page in whole([file]).pages for block in page.blocks[:1]} == {"header"}
    parts = [whole([cut(file, part)]) for part in parts_of(file, Split.AUTO, KNOWN)]
    assert len(parts) == 2


PIECES = {
    "form": report("2024年5月1日"),
    "other": inspection("令和6年5月1日", "佐藤"),
    "prose": prose("第1条（目的）"),
    "blank": blank(),
    "separator": sheet("区切り"),
    "failed": FAILED,
}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(sorted(PIECES)), min_size=1, max_size=9), st.sampled_from(Split))
def test_no_page_is_lost_or_twice_in_any_stack(kinds: list[str], split: Split) -> None:
    file = stack(*(PIECES[kind] for kind in kinds))
    parts = parts_of(file, split, KNOWN)
    kept: list[int] = []
    for part in parts:
        document = cut(file, part)
        own = [page.number for page in document.pages] + [failure.page for failure in document.failures]
        assert len(own) == part.pages
        assert document.pages or not file.pages
        kept += own + [page for page, _ in part.asides]
        assert all(document.text[x.start : x.end] == x.text for page in document.pages for x in page.lines)
    assert sorted(kept) == list(range(1, len(kinds) + 1))
    assert [part.first for part in parts] == sorted(part.first for part in parts)


@pytest.mark.parametrize(
    ("text", "counter"),
    [
        ("2/3", Counter(2, 3)),
        ("(2/3)", Counter(2, 3)),
        ("P.2/3", Counter(2, 3)),
        ("2/3ページ", Counter(2, 3)),
        ("PAGE2OF3", Counter(2, 3)),
        ("2頁(全3頁)", Counter(2, 3)),
        ("全3枚中2枚目", Counter(2, 3)),
        ("第2頁", Counter(2, None)),
        ("-2-", Counter(2, None)),
        ("P.002/003", Counter(2, 3)),
        ("2ページ", Counter(2, None)),
        ("4/3", None),
        ("2024/5/1", None),
        ("12", None),
        ("0/3", None),
        ("1/2Aコピー", None),
    ],
)
def test_page_numbers_are_read_as_papers_print_them(text: str, counter: Counter | None) -> None:
    assert counter_in(text) == counter


def test_a_day_at_the_head_is_no_page_number() -> None:
    days = stack(*(sheet("作業日誌", top=day, body=[BODY]) for day in ("4/12", "4/13", "5/12")))
    assert counters_of(days.pages) == (None, None, None)
    pages = stack(*(sheet("作業日誌", top=f"{n}/3", body=[BODY]) for n in (1, 2, 3)))
    assert counters_of(pages.pages) == tuple(Counter(n, 3) for n in (1, 2, 3))


def test_a_page_number_that_was_not_read_is_told_by_those_around_it() -> None:
    pages = stack(*(prose(foot=foot) for foot in ("- 1 -", "", "- 3 -", "")))
    assert counters_of(pages.pages) == (Counter(1, None), Counter(2, None), Counter(3, None), None)


def test_markdown_of_a_stack_rules_its_documents_off() -> None:
    file = replace(stack(report("2024年5月1日"), report("2024年5月2日")), begins=(2,))
    assert to_markdown(file).count("\n\n---\n\n# 営業日報\n") == 1
    assert from_json(to_json(file)).begins == (2,)
