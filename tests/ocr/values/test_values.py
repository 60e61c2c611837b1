"""A printed value has the one normal form that is meant, whatever its spelling, and never another."""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.document import Block, BlockKind, Box, Document, Field, Page, TextSource, ValueKind
from ocr.reading.whole import whole
from ocr.values.calendar.date_values import dates_in
from ocr.values.field_values import value_of, with_values
from ocr.values.numerals import arabic, number_of, plain_decimal
from ocr.values.registrations import has_check_digit
from tests.support.places import APPS

PAPER_DATE = datetime.date(2024, 4, 12)
_BOX = Box(0, 0, 100, 10)


def _read(text: str, label: str = "") -> tuple[str, str, str] | None:
    value = value_of(text, label, PAPER_DATE)
    return (value.kind.value, value.normalized, value.unit) if value else None


@pytest.mark.parametrize(
    ("printed", "label", "expected"),
    [
        ("R6.1.2", "", "2024-01-02"),
        ("令和元年5月1日", "", "2019-05-01"),
        ("㋿6年4月12日", "", "2024-04-12"),
        ("平成31年4月30日", "", "2019-04-30"),
        ("昭和64年1月7日", "", "1989-01-07"),
        ("昭和45年4月1日", "生年月日", "1970-04-01"),
        ("明治45年7月30日", "", "1912-07-30"),
        ("元年5月1日", "", "2019-05-01"),
        ("6年4月12日", "", "2024-04-12"),
        ("30年4月12日", "", "2018-04-12"),
        ("45年4月1日", "生年月日（昭和）", "1970-04-01"),
        ("'24/1/2", "", "2024-01-02"),
        ("24/1/2", "受付日", "2024-01-02"),
        ("6.4.12", "作成日", "2024-04-12"),
        ("20240412", "日付", "2024-04-12"),
        ("4/18", "納期", "2024-04-18"),
        ("1月10日", "", "2024-01-10"),
        ("1月10日（金）", "", "2025-01-10"),
        ("4月9日（火）10時15分", "", "2024-04-09T10:15"),
        ("4/18 11:20", "", "2024-04-18T11:20"),
        ("2024.4.1915:30", "", "2024-04-19T15:30"),
        ("令和6年4月23日（火・祝）　午後3時", "", "2024-04-23T15:00"),
        ("2024年4月30日（火）必着", "", "2024-04-30"),
        ("2024年4月", "", "2024-04"),
        ("令和六年十月", "", "2024-10"),
        ("May 8, 2024", "", "2024-05-08"),
        ("8 May 2024", "", "2024-05-08"),
        ("08-May-2024", "", "2024-05-08"),
        ("Wed, Sept. 8th, 2024", "", "2024-09-08"),
        ("Dec 25, 2024 10:30", "", "2024-12-25T10:30"),
    ],
)
def test_dates(printed: str, label: str, expected: str) -> None:
    assert _read(printed, label) == ("date", expected, "")


@pytest.mark.parametrize(
    ("printed", "label"),
    [
        ("令和元年4月1日", ""),  # still 平成31年
        ("平成31年5月1日", ""),
        ("2024年2月30日", ""),
        ("45年4月1日", "生年月日"),  # 昭和 or 令和, neither near the paper
        ("28/4/1", "期限"),  # 2028, or 平成28年
        ("4/12", ""),
        ("2024/4/110:30", ""),  # the 1st at 10:30, or the 11th at 0:30
        ("5月中旬　リボンの納品を兼ねて訪問", "次回予定"),
        ("6月4日（火）13時　審査部と同行", "次回予定"),
        ("4月12日（4月15日に変更）", "納期"),
    ],
)
def test_what_is_no_single_day_has_no_date(printed: str, label: str) -> None:
    assert _read(printed, label) is None


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("令和6年4月12日", (2024, 4, 12)),
        ("令和６年４月１２日（金）", (2024, 4, 12)),
        ("令和元年5月1日", (2019, 5, 1)),
        ("平成31年4月30日", (2019, 4, 30)),
        ("令 和 6 年 1 月 9 日", (2024, 1, 9)),
        ("R6.4.12", (2024, 4, 12)),
        ("２０２４／０４／１２ 10:30", (2024, 4, 12)),
        ("2024年12月3日", (2024, 12, 3)),
        ("受付 2024-04-12 担当 佐藤", (2024, 4, 12)),
        ("令和六年五月二十三日(木)", (2024, 5, 23)),
        ("令和六年十月十日", (2024, 10, 10)),
        ("2024.4.1915:30", (2024, 4, 19)),
        ("2024.4.109:30", (2024, 4, 10)),
    ],
)
def test_whole_dates_are_found_in_running_text(printed: str, expected: tuple[int, int, int]) -> None:
    assert list(dates_in(printed)) == [datetime.date(*expected)]


@pytest.mark.parametrize(
    "printed", ["4月12日", "令和6年13月1日", "2024/2/30", "電話 03-2024-1234", "型番R6", ""]
)
def test_what_is_no_whole_date_is_not_found(printed: str) -> None:
    assert list(dates_in(printed)) == []


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("9時30分", "09:30"),
        ("午後3時", "15:00"),
        ("PM3:00", "15:00"),
        ("１５時半", "15:30"),
        ("九時三十分頃", "09:30"),
        ("正午", "12:00"),
        ("午前0時05分", "00:05"),
    ],
)
def test_times(printed: str, expected: str) -> None:
    assert _read(printed) == ("time", expected, "")


@pytest.mark.parametrize("printed", ["24:30", "午後12時", "10:75", "17時までに折り返し", "1:2"])
def test_what_is_no_time_has_none(printed: str) -> None:
    assert _read(printed) is None


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("13:05〜14:20", "13:05/14:20"),
        ("9:00-17:30", "09:00/17:30"),
        ("9時30分から10時半まで", "09:30/10:30"),
        ("午後1時～3時", "13:00/15:00"),
        ("22:00〜5:00", "22:00/05:00"),
        ("13:05〜14:20（75分）", "13:05/14:20"),
        ("2024年4月1日～2024年4月30日", "2024-04-01/2024-04-30"),
        ("4月1日〜30日", "2024-04-01/2024-04-30"),
        ("2024/4/1-4/30", "2024-04-01/2024-04-30"),
        ("自 令和6年4月1日　至 令和7年3月31日", "2024-04-01/2025-03-31"),
        ("令和6年4月1日〜7年3月31日", "2024-04-01/2025-03-31"),
        ("12月20日〜1月5日", "2024-12-20/2025-01-05"),
        ("2024/4/12 10:00〜11:30", "2024-04-12T10:00/2024-04-12T11:30"),
    ],
)
def test_periods(printed: str, expected: str) -> None:
    assert _read(printed) == ("period", expected, "")


@pytest.mark.parametrize("printed", ["2024/4/30〜2024/4/1", "2024/4/12〜", "10〜12名", "東京〜大阪"])
def test_a_period_needs_both_ends_in_their_order(printed: str) -> None:
    assert _read(printed) is None


@pytest.mark.parametrize(
    ("printed", "label", "expected", "unit"),
    [
        ("1,250,000円", "", "1250000", "円"),
        ("￥１，２５０，０００－", "", "1250000", "円"),
        ("１２５万円", "", "1250000", "円"),
        ("1億2,500万円", "", "125000000", "円"),
        ("1.5億円", "", "150000000", "円"),
        ("1,200千円", "", "1200000", "円"),
        ("金壱百万円也", "", "1000000", "円"),
        ("金一二五万円也", "", "1250000", "円"),
        ("金弐拾参万四千五百円也", "", "234500", "円"),
        ("▲¥1,200", "", "-1200", "円"),
        ("(1,200)", "経常利益", "-1200", "円"),
        ("△1,200", "差額", "-1200", "円"),
        ("2480000", "見込金額", "2480000", "円"),
        ("¥3,008,500（税込）", "", "3008500", "円（税込）"),
        ("税抜 86,000円", "", "86000", "円（税抜）"),
        ("¥368,500-※", "", "368500", "円"),
        ("※¥368,500（税込）", "", "368500", "円（税込）"),
        ("¥368,500※（税込）", "", "368500", "円（税込）"),
        ("1,250,000円（消費税込）", "", "1250000", "円（消費税込）"),
        ("￥12,000-（税別）", "", "12000", "円（税別）"),
        ("金1,250,000円也（税込）", "", "1250000", "円（税込）"),
        ("¥368,500ー", "", "368500", "円"),
        ("¥368,500.-", "", "368500", "円"),
        ("¥335,000（税込 ¥368,500）", "", "335000", "円（税込¥368,500）"),
        ("＠3,480円", "", "3480", "円"),
        ("86,000円/月", "", "86000", "円/月"),
    ],
)
def test_money(printed: str, label: str, expected: str, unit: str) -> None:
    assert _read(printed, label) == ("money", expected, unit)


@pytest.mark.parametrize(
    ("printed", "label", "expected", "unit"),
    [
        ("30分", "", "30", "分"),
        ("十二名", "", "12", "名"),
        ("４．５０時間", "", "4.5", "時間"),
        ("85%", "", "85", "%"),
        ("38 km", "", "38", "km"),
        ("約30", "", "30", ""),
        ("1時間30分", "所要時間", "90", "分"),
        ("3日", "所要日数", "3", "日"),
        ("▲3.5％", "前年比", "-3.5", "%"),
        ("1,024", "", "1024", ""),
        ("二十三", "参加者数", "23", ""),
        ("0", "", "0", ""),
    ],
)
def test_numbers(printed: str, label: str, expected: str, unit: str) -> None:
    assert _read(printed, label) == ("number", expected, unit)


@pytest.mark.parametrize(
    ("printed", "label"),
    [
        ("0012", ""),
        ("12", "受付番号"),
        ("4711", "管理No."),
        ("20240412", ""),
        ("1,25", ""),
        ("(1,200)", ""),
        ("五十六", "氏名"),
        ("TZ-10092", ""),
        ("3階", ""),
        ("3日", ""),
        ("発行後30日", ""),
        ("標準（10名）", ""),
        ("百二千", "件数"),
        ("1/2", ""),
        ("10階建ての3階", ""),
        ("二重に引き落とされている由。", ""),
    ],
)
def test_names_in_digits_and_free_text_have_no_number(printed: str, label: str) -> None:
    assert _read(printed, label) is None


@pytest.mark.parametrize(
    ("printed", "label", "expected", "unit"),
    [
        ("０９０－１２３４－５６７８", "", "090-1234-5678", ""),
        ("080-0000-1953", "", "080-0000-1953", ""),
        ("0800-000-1953", "", "0800-000-1953", ""),
        ("(03)1234-5678", "", "03-1234-5678", ""),
        ("03(1234)5678", "", "03-1234-5678", ""),
        ("+81-3-1234-5678", "", "03-1234-5678", ""),
        ("0120ー000一226", "", "0120-000-226", ""),
        ("052-000-1234 内線 123", "", "052-000-1234", "内線123"),
        ("TEL 0467-00-1234（代表）", "", "0467-00-1234", ""),
        ("0312345678", "電話番号", "03-1234-5678", ""),
        ("0521234567", "電話番号", "0521234567", ""),
    ],
)
def test_phones(printed: str, label: str, expected: str, unit: str) -> None:
    assert _read(printed, label) == ("phone", expected, unit)


@pytest.mark.parametrize("printed", ["03-1234-567", "0312345678", "012-345-678", "2024-04-1234"])
def test_other_digits_are_no_phone(printed: str) -> None:
    assert _read(printed) is None


DIGITS = st.text("0123456789", min_size=12, max_size=12)


def _with_check_digit(digits: str) -> str:
    """The formula of the ordinance, written out: 9 - (sum of P(n) Q(n) mod 9), n from the right."""
    total = sum(int(digits[-n]) * (1 if n % 2 else 2) for n in range(1, 13))
    return f"{9 - total % 9}{digits}"


@given(DIGITS)
def test_every_spelling_of_a_registration_is_that_number(digits: str) -> None:
    number = _with_check_digit(digits)
    a, b, c, d = number[0], number[1:5], number[5:9], number[9:]
    full_width = {ord(c): ord(c) + 0xFEE0 for c in "T0123456789-"}
    for spelling in (f"T{number}", f"T-{number}", f"t{number}", f"T{a}-{b}-{c}-{d}", f"T{a} {b} {c} {d}"):
        for written in (spelling, spelling.translate(full_width), f"登録番号：{spelling}", f"（{spelling}）"):
            assert _read(written) == ("tax_registration", f"T{number}", ""), written
    assert _read(f"{a}-{b}-{c}-{d}", "法人番号") == ("corporate_number", number, "")
    assert (_read(number, "管理番号") or ("", "", ""))[0] != "corporate_number"


@given(DIGITS, st.integers(0, 12), st.integers(1, 9))
def test_a_registration_with_a_wrong_check_digit_has_no_normal_form(digits: str, at: int, by: int) -> None:
    number = _with_check_digit(digits)
    changed = f"{number[:at]}{(int(number[at]) + by) % 10}{number[at + 1 :]}"
    if _with_check_digit(changed[1:]) == changed:
        return  # 0 and 9 are the same to it
    assert _read(f"T{changed}") == ("tax_registration", "", "")
    assert _read(changed, "法人番号") == ("corporate_number", "", "")


def test_a_known_corporate_number_is_right() -> None:
    assert has_check_digit("7000012050002")  # 国税庁
    assert not has_check_digit("700001205000")


def test_postal_codes() -> None:
    assert _read("〒１２３－４５６７") == ("postal_code", "123-4567", "")
    assert _read("123-4567", "郵便番号") == ("postal_code", "123-4567", "")
    assert _read("123-4567") is None
    assert _read("〒460-0000 愛知県名古屋市中区", "住所") is None


@pytest.mark.parametrize(
    ("printed", "chosen"),
    [
        ("□契約　☑その他　□故障", "その他"),
        ("□ 1　□ 2　□ 3　☑ 4　□ 5", "4"),
        ("■ 来店　□ 電話　■ メール", "来店、メール"),
        ("□来店　□電話", ""),
        ("来店□　電話☑", "電話"),
        ("☑ 同意する", "同意する"),
        ("☑その他（　　　）　□なし", "その他"),
    ],
)
def test_choices(printed: str, chosen: str) -> None:
    assert _read(printed) == ("choice", chosen, "")


@pytest.mark.parametrize("printed", ["■ 所感", "□ 契約", "区分 □契約 □故障 のいずれか"])
def test_a_bullet_is_no_choice(printed: str) -> None:
    assert _read(printed) is None


def test_the_sentences_of_call_logs_are_text() -> None:
    sentences = [
        sentence
        for line in (APPS / "call-log" / "test.jsonl").read_text("utf-8").splitlines()
        for sentence in re.findall(r"[^。\n]+。", json.loads(line)["text"])
    ]
    assert len(sentences) > 1000
    assert [s for s in sentences if value_of(s, "次回予定日", PAPER_DATE) is not None] == []


DATES = st.dates(datetime.date(1990, 1, 1), datetime.date(2089, 12, 31))
_KANJI = "〇一二三四五六七八九"


def _in_kanji(number: int) -> str:
    """Below 10,000, as it is spoken: 1024 is 千二十四."""
    if number == 0:
        return "〇"
    shown = ""
    for scale, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, scale)
        if digit:
            shown += (_KANJI[digit] if digit > 1 or not unit else "") + unit
    return shown


def _era(date: datetime.date) -> tuple[str, str, int]:
    name, letter, begins = ("令和", "R", 2019) if date >= datetime.date(2019, 5, 1) else ("平成", "H", 1989)
    return name, letter, date.year - begins + 1


@given(DATES)
def test_every_spelling_of_a_day_is_that_day(date: datetime.date) -> None:
    name, letter, year = _era(date)
    m, d = date.month, date.day
    weekday = "月火水木金土日"[date.weekday()]
    spellings = [
        f"{date.year}年{m}月{d}日",
        f"{date.year} 年 {m} 月 {d} 日",
        f"{date.year}/{m}/{d}",
        f"{date.year}.{m:02}.{d:02}",
        date.isoformat(),
        f"{name}{year}年{m}月{d}日（{weekday}）",
        f"{name}{'元' if year == 1 else year}年{m}月{d}日",
        f"{letter}{year}.{m}.{d}",
        f"{name}{_in_kanji(year)}年{_in_kanji(m)}月{_in_kanji(d)}日",
        f"{date:%B} {d}, {date.year}",
        f"{d} {date:%b} {date.year}",
        f"{d:02}-{date:%b}-{date.year}",
        "".join(_KANJI[int(digit)] for digit in str(date.year)) + f"年{_in_kanji(m)}月{_in_kanji(d)}日",
    ]
    full_width = {ord(c): ord(c) + 0xFEE0 for c in "0123456789/.-RH"}
    for spelling in spellings + [spelling.translate(full_width) for spelling in spellings]:
        assert _read(spelling) == ("date", date.isoformat(), ""), spelling
        assert list(dates_in(f"期日は{spelling}です。")) == [date], spelling


@given(st.integers(0, 10**12))
def test_every_spelling_of_a_number_is_that_number(number: int) -> None:
    spoken, rest = "", number
    for scale, unit in ((10**12, "兆"), (10**8, "億"), (10**4, "万"), (1, "")):
        part, rest = divmod(rest, scale)
        if part:
            spoken += _in_kanji(part) + unit
    spoken = spoken or "〇"
    positional = "".join(_KANJI[int(digit)] for digit in str(number))
    full_width = str(number).translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})
    for spelling in (str(number), f"{number:,}", spoken, positional):
        assert number_of(spelling) == number, spelling
    assert arabic(spoken) == str(number)
    for spelling in (f"{number:,}円", f"{full_width}円", f"{spoken}円", f"¥{number:,}-"):
        assert _read(spelling) == ("money", str(number), "円"), spelling


@given(st.decimals(min_value=0, max_value=10**6, places=2))
def test_decimals_stay_plain(number: Decimal) -> None:
    assert Decimal(plain_decimal(number)) == number
    assert "E" not in plain_decimal(number)


@settings(max_examples=300)
@given(st.text(alphabet="令和年月日時分〜~-/.:,0123456789円¥〒(（）)□☑約△万千一二十内線 あ。R", max_size=70))
def test_nothing_printed_breaks_the_reader(text: str) -> None:
    value = value_of(text, "日付", PAPER_DATE)
    if value is not None and value.kind is ValueKind.DATE and len(value.normalized) > 7:
        datetime.datetime.fromisoformat(value.normalized)


def _document(*fields: tuple[str, str], number: int = 1) -> Document:
    text = "\n".join(value for _, value in fields)
    found, at = [], 0
    for name, value in fields:
        found.append(Field(name, value, _BOX, _BOX, 1.0, at, at + len(value)))
        at += len(value) + 1
    block = Block(BlockKind.FIELD, _BOX, 0, len(text), ())
    page = Page(number, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 1.0, (block,), (), tuple(found))
    return Document(text, (page,))


def test_a_date_without_its_year_takes_that_of_the_first_page() -> None:
    first = _document(("契約期限", "2027年3月31日"), ("受付日", "令和6年4月12日"))
    second = _document(("次回訪問日", "5月8日"), ("備考", ""), number=2)
    assert with_values(second).pages[0].fields[0].normalized == ""

    joined = whole([with_values(second), with_values(first)])
    assert [field.normalized for page in joined.pages for field in page.fields] == [
        "2027-03-31",
        "2024-04-12",
        "2024-05-08",
        "",
    ]
    assert with_values(joined) == joined


def test_a_birthday_is_not_the_date_of_the_paper() -> None:
    document = _document(("生年月日", "昭和50年1月2日"), ("記入日", "2024年12月26日"), ("次回", "1月8日"))
    assert with_values(document).pages[0].fields[2].normalized == "2025-01-08"


def test_a_choice_seen_on_the_page_stays() -> None:
    document = _document(("性別", "男・女"))
    page = document.pages[0]
    ringed = replace(page.fields[0], kind=ValueKind.CHOICE, normalized="女")
    seen = replace(document, pages=(replace(page, fields=(ringed,)),))
    assert with_values(seen) == seen
