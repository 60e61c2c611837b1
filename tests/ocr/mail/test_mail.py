"""Mails as they come: in every character set, badly split headers, HTML alone, Outlook's own files."""

from __future__ import annotations

import base64
import datetime
import quopri
from collections.abc import Callable
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ocr.document import BlockKind, SourceReason, TextSource
from ocr.errors import FailureCategory, ReadingError
from ocr.mail.charsets import decoded
from ocr.media.detect import media_type
from ocr.media.media_type import MediaType
from ocr.sources.inspection import inspect
from tests.support.ocr.documents import fields, kinds, rows
from tests.support.ocr.office_files import LIMITS, compound, item, outlook, read

BODY = """お世話になっております。株式会社山田製作所の佐藤です。

先日ご依頼いただきました見積書を送付いたします。内容をご確認のうえ、
ご不明な点がございましたらお知らせください。①㈱～

■ お見積内容
・測定器A：10台
・測定器B：2台

品名      数量    金額
測定器A   10      120,000
測定器B   2       71,000
部品C     100     5,500

納期：2024年5月31日
"""


def jis(text: str) -> bytes:
    """ISO-2022-JP as Windows writes it, with ① and ㈱ in it (CP50220)."""
    found, is_wide = b"", False
    for character in text:
        code = character.encode("cp932")
        if (len(code) == 2) is not is_wide:
            is_wide = not is_wide
            found += b"\x1b$B" if is_wide else b"\x1b(B"
        if is_wide:
            lead, trail = code
            row = 2 * (lead - (0x81 if lead < 0xA0 else 0xC1)) + 0x21
            second = trail >= 0x9F
            cell = trail - 0x7E if second else trail - 0x1F - (trail > 0x7F)
            code = bytes((row + second, cell))
        found += code
    return found + (b"\x1b(B" if is_wide else b"")


def cp932(text: str) -> bytes:
    return text.encode("cp932")


def word(text: str, charset: str, encode: Callable[[str], bytes]) -> str:
    return f"=?{charset}?B?{base64.b64encode(encode(text)).decode()}?="


def mail(
    body: bytes, kind: str, charset: str = "UTF-8", encode: Callable[[str], bytes] = str.encode
) -> bytes:
    headers = (
        f"From: {word('佐藤花子', charset, encode)} <sato@example.co.jp>\r\n"
        f"To: {word('山田太郎 様', charset, encode)} <yamada@example.com>, info@example.com\r\n"
        f"Subject: {word('【ご送付】', charset, encode)}\r\n {word('見積書の件①', charset, encode)}\r\n"
        f"Date: Fri, 12 Apr 2024 01:30:05 +0000\r\nMIME-Version: 1.0\r\n{kind}\r\n\r\n"
    )
    return headers.encode() + body


PLAIN = "Content-Type: text/plain; charset={}\r\nContent-Transfer-Encoding: {}"
LINES = BODY.replace("\n", "\r\n")


@pytest.mark.parametrize(
    "data",
    [
        mail(
            b"\r\n".join(map(jis, BODY.split("\n"))), PLAIN.format("ISO-2022-JP", "7bit"), "ISO-2022-JP", jis
        ),
        mail(cp932(LINES), PLAIN.format('"Shift_JIS"', "8bit"), "Shift_JIS", cp932),
        mail(quopri.encodestring(LINES.encode()), PLAIN.format("utf-8", "quoted-printable")),
        mail(base64.encodebytes(LINES.encode()), PLAIN.format("utf-8", "base64")),
        mail(cp932(LINES), "X-Mailer: ancient"),
        b"From mbox@x Fri Apr 12 01:30:05 2024\n" + mail(LINES.encode(), PLAIN.format("utf-8", "8bit")),
    ],
    ids=["iso-2022-jp", "shift-jis", "quoted-printable", "base64", "undeclared", "mbox"],
)
def test_a_mail_is_its_headers_and_its_text_whatever_it_is_written_in(data: bytes) -> None:
    assert inspect(data, LIMITS).media is MediaType.EML
    document = read(data)
    (page,) = document.pages
    assert (page.source, page.reason) == (TextSource.TEXT_LAYER, SourceReason.MAIL_TEXT)
    assert fields(document) == {
        "差出人": "佐藤花子 <sato@example.co.jp>",
        "宛先": "山田太郎 様 <yamada@example.com>, info@example.com",
        "件名": "【ご送付】見積書の件①", "日時": "2024年4月12日 10:30", "納期": "2024年5月31日",
    }  # fmt: skip
    assert next(field.normalized for field in page.fields if field.name == "日時") == "2024-04-12T10:30"
    assert "ご確認のうえ、ご不明な点がございましたらお知らせください。①㈱～" in document.text
    assert (BlockKind.LIST_ITEM, "・測定器B：2台") in kinds(document)
    assert rows(document) == [
        ["品名", "数量", "金額"], ["測定器A", "10", "120,000"], ["測定器B", "2", "71,000"],
        ["部品C", "100", "5,500"],
    ]  # fmt: skip


HTML = """<html><head><style>p{}</style></head><body><div style="display:none">見えない</div>
<table><tr><td><h1>ご注文ありがとうございます</h1><p>山田太郎 様<br>下記のとおり承りました。</p>
<table><tr><th>商品</th><th>数量</th><th>価格</th></tr><tr><td>測定器A</td><td>1</td><td>¥12,000</td></tr>
<tr><td>測定器B</td><td>2</td><td>¥24,000</td></tr><tr><td colspan="2">合計</td><td>¥36,000</td></tr></table>
<table><tr><td>注文番号</td><td>A-12345</td></tr><tr><td>注文日</td><td>2024年4月12日</td></tr></table>
<ol><li>返品は7日以内</li><li>送料無料</li></ol><script>alert(1)</script></td></tr></table></body></html>"""


def test_html_alone_is_read_with_its_tables() -> None:
    document = read(mail(base64.encodebytes(HTML.encode()), "Content-Type: text/html; charset=utf-8\r\n"
                                                            "Content-Transfer-Encoding: base64"))  # fmt: skip
    assert (BlockKind.HEADING, "ご注文ありがとうございます") in kinds(document)
    assert rows(document)[1:] == [
        ["測定器A", "1", "¥12,000"], ["測定器B", "2", "¥24,000"], ["合計", "¥36,000"],
    ]  # fmt: skip
    assert document.pages[0].tables[0].cells[-2].column_span == 2
    assert fields(document)["注文番号"] == "A-12345"
    assert (BlockKind.LIST_ITEM, "2. 送料無料") in kinds(document)
    assert "見えない" not in document.text
    assert "alert" not in document.text


def test_plain_text_is_read_once_and_html_where_it_is_a_stub() -> None:
    def alternative(plain: str) -> bytes:
        made = MIMEMultipart("alternative")
        made["From"], made["Subject"] = "a@example.com", "x"
        made.attach(MIMEText(plain, "plain", "utf-8"))
        made.attach(MIMEText(HTML, "html", "utf-8"))
        return made.as_bytes()

    assert read(alternative("本文です。" * 50)).text.count("本文です。") == 50
    assert "測定器A" not in read(alternative("本文です。" * 50)).text
    assert "測定器A" in read(alternative("HTMLで表示してください。")).text


def test_attachments_are_named_and_counted_and_not_read() -> None:
    made = MIMEMultipart("mixed")
    made["From"], made["To"], made["Subject"] = "a@example.com", "b@example.com", "test"
    made.attach(MIMEText("本文です。", "plain", "iso-2022-jp"))
    for disposition in (
        "attachment; filename*=utf-8'ja'%E8%AB%8B%E6%B1%82%E6%9B%B8.pdf",
        f'attachment; filename="{word("見積書.xlsx", "ISO-2022-JP", jis)}"',
        "attachment; filename*0*=iso-2022-jp''%1B%24B%3BqNA; filename*1*=%1B%28B.docx",
        f'attachment; filename="{word("契約", "Shift_JIS", cp932)} {word("書.doc", "Shift_JIS", cp932)}"',
    ):
        part = MIMEBase("application", "octet-stream")
        part.set_payload(b"x")
        part["Content-Disposition"] = disposition
        made.attach(part)
    tnef = MIMEBase("application", "ms-tnef", name="winmail.dat")
    tnef.set_payload(b"x")
    made.attach(tnef)
    inner = EmailMessage()
    inner["Subject"], inner["From"] = "転送元の件名", "c@example.com"
    inner.set_content("内側の本文")
    made.attach(MIMEMessage(inner))
    data = made.as_bytes()
    assert inspect(data, LIMITS).attachments == 6
    document = read(data)
    assert (
        fields(document)["添付"]
        == "請求書.pdf、見積書.xlsx、資料.docx、契約書.doc、winmail.dat、転送元の件名"
    )
    assert document.text.endswith("本文です。")


def test_flowed_lines_are_one_text() -> None:
    head = b"From: a@x.jp\nSubject: x\nContent-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n\n"
    text = "長い文章が、 \n途中で折り返されています。\n\n別の段落です。\n"
    assert read(head + text.encode()).text.endswith("長い文章が、途中で折り返されています。\n別の段落です。")


MOMENT = datetime.datetime(2024, 4, 12, 1, 30, tzinfo=datetime.UTC) - datetime.datetime(
    1601, 1, 1, tzinfo=datetime.UTC
)


def test_an_outlook_file_is_read_as_the_mail_that_it_is() -> None:
    data = outlook(
        {
            0x001A: "IPM.Note",
            0x0037: "見積書の件",
            0x0C1A: "佐藤花子",
            0x5D01: "sato@example.co.jp",
            0x1000: BODY,
        },
        numbers={0x0039: int(MOMENT.total_seconds() * 10**7)},
        **{
            "recip_version1.0_0": item({0x3001: "山田太郎", 0x39FE: "yamada@example.com"}, {0x0C15: 1}),
            "attach_version1.0_0": item({0x3707: "見積書 2024.xlsx"}),
        },
    )
    assert (inspect(data, LIMITS).media, inspect(data, LIMITS).attachments) == (MediaType.MSG, 1)
    assert fields(read(data)) == {
        "差出人": "佐藤花子 <sato@example.co.jp>", "宛先": "山田太郎 <yamada@example.com>",
        "件名": "見積書の件", "日時": "2024年4月12日 10:30", "添付": "見積書 2024.xlsx",
        "納期": "2024年5月31日",
    }  # fmt: skip
    long = outlook({0x001A: "IPM.Note", 0x1000: "長い本文です。\r\n" * 1000})
    assert sum(len(page.lines) for page in read(long).pages) == 1000


def test_an_outlook_file_in_eight_bits_and_one_in_rtf_alone() -> None:
    narrow = compound(
        {
            "__properties_version1.0": bytes(32)
            + b"\x03\x00\xfd\x3f"
            + bytes(4)
            + (932).to_bytes(8, "little"),
            "__substg1.0_0037001E": "見積書①".encode("cp932"),
            "__substg1.0_10130102": HTML.encode(),
        }
    )
    document = read(narrow)
    assert fields(document)["件名"] == "見積書①"
    assert "¥36,000" in document.text
    for tree, category in (
        ({"__substg1.0_10090102": b"LZFu"}, FailureCategory.UNSUPPORTED_FORMAT),
        ({"__substg1.0_001A001F": "IPM.Note.SMIME".encode("utf-16-le")}, FailureCategory.ENCRYPTED),
    ):
        with pytest.raises(ReadingError) as caught:
            inspect(compound({"__properties_version1.0": bytes(32), **tree}), LIMITS)
        assert caught.value.category is category


def deep(depth: int) -> bytes:
    head = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(depth))
    return f"From: a@x.jp\nSubject: x\n{head}Content-Type: text/plain\n\nx".encode()


@pytest.mark.parametrize(
    ("data", "category"),
    [
        (deep(40), FailureCategory.TOO_COMPLEX),
        (deep(5000), FailureCategory.TOO_COMPLEX),
        (mail(b"x", "Content-Type: multipart/encrypted; boundary=b"), FailureCategory.ENCRYPTED),
        (
            mail(b"x", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data"),
            FailureCategory.ENCRYPTED,
        ),
    ],
    ids=["nested", "abyss", "pgp", "smime"],
)
def test_a_mail_that_cannot_be_read_says_why(data: bytes, category: FailureCategory) -> None:
    with pytest.raises(ReadingError) as caught:
        inspect(data, LIMITS)
    assert caught.value.category is category
    assert caught.value.message.endswith("ください。")


def test_a_memo_is_no_mail() -> None:
    for text in (
        "件名：会議\n日時：4月12日\n\n本文",
        "Subject: x\n\n本文",
        "Note: a\nFrom here on: b\nTo\n\n",
    ):
        with pytest.raises(ReadingError, match="テキストファイル"):
            media_type(text.encode())


def test_html_as_deep_as_a_thread_of_replies_is_read_to_its_end() -> None:
    html = "<div>" * 1500 + "一番奥の本文" + "</div>" * 1500
    assert "一番奥の本文" in read(mail(html.encode(), "Content-Type: text/html; charset=utf-8")).text


@settings(max_examples=300, deadline=None)
@given(
    some.text(
        alphabet=some.characters(codec="cp932", min_codepoint=0x3041, max_codepoint=0x9FFF), max_size=60
    )
)
def test_text_of_windows_survives_every_way_that_it_is_sent(text: str) -> None:
    assert decoded(text.encode("cp932"), "Shift_JIS") == text
    assert decoded(jis(text), "ISO-2022-JP") == text
    assert decoded(text.encode(), "utf-8") == text


@settings(max_examples=300, deadline=None)
@given(
    some.text(
        alphabet=some.characters(codec="euc_jp", min_codepoint=0x3041, max_codepoint=0x9FFF), max_size=60
    )
)
def test_kana_and_kanji_survive_in_iso_2022_jp_and_euc(text: str) -> None:
    assert decoded(text.encode("euc_jp"), "EUC-JP") == text
    assert decoded(text.encode("iso2022_jp_1"), "ISO-2022-JP") == text


@settings(max_examples=200, deadline=None)
@given(
    some.binary(max_size=300), some.sampled_from(["iso-2022-jp", "shift_jis", "euc-jp", "utf-8", "x-y", None])
)
def test_any_bytes_are_some_text(data: bytes, charset: str | None) -> None:
    assert isinstance(decoded(data, charset), str)
