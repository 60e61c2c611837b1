"""Documents find their application by the title they carry."""

from __future__ import annotations

import unicodedata

import pytest

from ocr.document import Block, BlockKind, Box, Document, Line, Page, TextSource
from pipeline.applications.routing import OTHER_KIND, applications_for, kind_of, routes_of
from pipeline.applications.titles import title_of
from pipeline.inbox.file_patterns import matches

ROUTES = routes_of(
    {
        "call-log": {"call-log": ("入電記録", "電話受付票"), "voc": ("お客様の声",)},
        "daily-report": {"daily-report": ("営業日報", "日報")},
    }
)


def _document(*lines: str) -> Document:
    blocks, text = [], ""
    for number, line in enumerate(lines):
        box = Box(50, 20.0 * number, 400, 20.0 * number + 12)
        start, end = len(text), len(text) + len(line)
        blocks.append(Block(BlockKind.PARAGRAPH, box, start, end, (Line(line, box, 0.99, start, end),)))
        text += line + "\n"
    page = Page(1, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 0.99, tuple(blocks), (), ())
    return Document(text, (page,))


def test_a_spaced_out_title_is_recognised() -> None:
    assert kind_of(_document("営　業　日　報", "日付 令和6年4月12日"), ROUTES) == "daily-report"


def test_a_title_with_a_remark_in_brackets_is_recognised() -> None:
    assert kind_of(_document("日 報（営業）"), ROUTES) == "daily-report"


def test_a_title_below_the_letterhead_is_found() -> None:
    assert kind_of(_document("株式会社みなと計測", "社外秘", "入電記録票"), ROUTES) == "call-log"


def test_a_sentence_that_mentions_a_form_is_no_title() -> None:
    mention = "先日の営業日報でご報告したとおり、更新の手続きを進めております。"
    assert kind_of(_document("お礼状", mention), ROUTES) == OTHER_KIND


def test_another_form_named_in_the_body_does_not_win_over_the_title() -> None:
    assert kind_of(_document("お客様の声", "電話受付票"), ROUTES) == "voc"


def test_a_document_without_pages_has_no_kind() -> None:
    assert kind_of(Document("", ()), ROUTES) == OTHER_KIND


def test_an_application_reads_every_kind_it_lists() -> None:
    assert applications_for("voc", ROUTES) == ("call-log",)
    assert applications_for("daily-report", ROUTES) == ("daily-report",)
    assert applications_for(OTHER_KIND, ROUTES) == ()


TITLES = routes_of(
    {
        "invoice": {"invoice": ("請求書", "Invoice"), "delivery": ("納品書",), "quote": ("見積書",)},
        "report": {"daily-report": ("営業日報", "日報")},
        "contract": {"contract": ("契約書", "覚書")},
    }
)
BODY = "平素は格別のお引き立てを賜り、厚く御礼申し上げます。下記のとおりご連絡いたします。"


def _titled(*titles: str, kind: BlockKind = BlockKind.HEADING, before: tuple[str, ...] = ()) -> Document:
    """A page with its title, a line a block, over text; `before` stands above it."""
    blocks, text, y = [], "", 40.0
    rows = [*((t, BlockKind.PARAGRAPH) for t in before), *((t, kind) for t in titles)]
    for written, block_kind in [*rows, (BODY, BlockKind.PARAGRAPH)]:
        size = 18 if block_kind is BlockKind.HEADING else 10
        box = Box(60, y, 60 + size * len(written), y + size)
        line = Line(written, box, 1.0, len(text), len(text) + len(written))
        blocks.append(Block(block_kind, box, line.start, line.end, (line,)))
        text, y = text + written + "\n", y + 1.6 * size
    page = Page(1, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 1.0, tuple(blocks), (), ())
    return Document(text, (page,))


@pytest.mark.parametrize("block_kind", [BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.HEADER])
@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("2026年10月分 請求書", "invoice"),
        ("請求書 No.1047", "invoice"),
        ("御請求書兼納品書", "invoice"),
        ("納品書兼請求書", "delivery"),
        ("第3四半期 営業日報", "daily-report"),
        ("システム開発業務委託基本契約書", "contract"),
        ("秘密保持契約に関する覚書", "contract"),
        ("「営業日報（控）」", "daily-report"),
        ("【請求書】", "invoice"),
        ("請　求　書", "invoice"),
        ("御 請 求 書（写）", "invoice"),
        ("請求書控", "invoice"),
        ("契約書（案）", "contract"),
        ("売買契約書 Ver.2", "contract"),
        ("営業日報　令和6年5月8日（水）", "daily-report"),
        ("令和6年5月分請求書", "invoice"),
        ("大阪支店 営業日報", "daily-report"),
        ("INVOICE No. 2024-05", "invoice"),
        ("請求書の誤りに関するお詫び", OTHER_KIND),
        ("見積書送付のご案内", OTHER_KIND),
        ("請求書 送付のご案内", OTHER_KIND),
        ("営業日報の提出について", OTHER_KIND),
        ("請求書在中", OTHER_KIND),
        ("請求書送付状", OTHER_KIND),
        ("契約書締結のお願い", OTHER_KIND),
        ("日報の書き方", OTHER_KIND),
        ("契約書一覧", OTHER_KIND),
        ("営業日報集計表", OTHER_KIND),
        ("見積依頼書", OTHER_KIND),
    ],
)
def test_a_title_is_told_by_the_noun_that_it_ends_in(title: str, kind: str, block_kind: BlockKind) -> None:
    assert kind_of(_titled(title, kind=block_kind), TITLES) == kind
    assert kind_of(_titled(title, kind=block_kind, before=("株式会社みなと計測 御中",)), TITLES) == kind


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (("システム開発業務委託", "基本契約書"), "contract"),
        (("営業", "日報"), "daily-report"),
        (("2026年10月分", "御請求書"), "invoice"),
        (("見積書", "送付のご案内"), OTHER_KIND),
        (("請求書の誤りに関する", "お詫び"), OTHER_KIND),
        (("営業日報の", "提出について"), OTHER_KIND),
    ],
)
def test_a_title_of_two_lines_is_one(lines: tuple[str, str], kind: str) -> None:
    assert kind_of(_titled(*lines), TITLES) == kind


def test_enclosures_that_a_letter_lists_are_no_title() -> None:
    letter = _titled("書類送付のご案内", before=("株式会社みなと計測 御中",))
    listed = _document("書類送付のご案内", BODY, "記", "請求書", "納品書")
    assert kind_of(letter, TITLES) == kind_of(listed, TITLES) == OTHER_KIND


def test_a_title_under_a_long_letterhead_is_found_by_its_type() -> None:
    head = tuple(f"住所の{n}行目" for n in range(9))
    assert kind_of(_titled("御請求書", before=head), TITLES) == "invoice"


def test_the_title_is_published_without_numbers_dates_and_names() -> None:
    assert title_of(_titled("株式会社みなと計測", "第3四半期 稟 議 書（控） No.12")) == "稟議書"
    assert title_of(_titled("山田太郎様")) == title_of(_titled("2024年5月8日")) == ""
    assert title_of(_document("報告する。", "以上")) == ""


FILES = routes_of(
    {"report": {"daily-report": ("営業日報",)}, "invoice": {}},
    {"report": {"daily-report": ("営業部/**", "*日報*")}, "invoice": {"invoice": ("経理/*.pdf",)}},
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("営業部/5月/a.pdf", "daily-report"),
        ("総務/営業日報_01.PDF", "daily-report"),
        (unicodedata.normalize("NFD", "営業部/デイリー.pdf"), "daily-report"),
        ("経理/a.pdf", "invoice"),
        ("経理/5月/a.pdf", OTHER_KIND),
        ("日報/a.pdf", OTHER_KIND),
        ("支店/営業部/a.pdf", OTHER_KIND),
    ],
)
def test_a_file_tells_the_kind_where_the_title_tells_none(name: str, kind: str) -> None:
    assert kind_of(_titled("ご挨拶"), FILES, (name,)) == kind
    assert kind_of(_titled("営業日報"), FILES, (name,)) == "daily-report", "the title wins"


def test_any_copy_of_a_document_may_lie_where_the_pattern_says() -> None:
    assert kind_of(Document("", ()), FILES, ("x/a.pdf", "経理/b.pdf")) == "invoice"


@pytest.mark.parametrize(
    ("pattern", "fits", "not_fits"),
    [
        ("a/**/c.pdf", ("a/c.pdf", "a/b/c.pdf", "a/b/b/c.pdf"), ("b/a/c.pdf", "a/xc.pdf")),
        ("**/日報/*", ("日報/x.pdf", "a/日報/x.pdf"), ("日報/a/x.pdf",)),
        ("経理部/", ("経理部/x.pdf", "経理部/a/x.pdf"), ("経理部",)),
        ("f[!12]?.pdf", ("f3x.pdf", "a/f30.pdf"), ("f12.pdf", "f3.pdf")),
        ("a.b", ("a.b", "A.B", "ａ．ｂ"), ("axb",)),
    ],
)
def test_patterns_are_those_of_shells(pattern: str, fits: tuple[str, ...], not_fits: tuple[str, ...]) -> None:
    assert all(matches(name, [pattern]) for name in fits)
    assert not any(matches(name, [pattern]) for name in not_fits)


def test_a_pattern_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="z-a"):
        matches("x", ["[z-a]"])
