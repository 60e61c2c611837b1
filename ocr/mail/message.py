"""A mail as its reader sees it: who wrote to whom when, what about, and the text."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from ocr.document import SourceReason
from ocr.limits import Limits
from ocr.mail.html import html_contents, html_text
from ocr.written.content_model import Content, LabelledContent, PageSetup, TypedText
from ocr.written.layout import AS_PAPER, lay_out
from ocr.written.written_source import WrittenSource

JAPAN = datetime.timezone(datetime.timedelta(hours=9))
# A text part that is so much shorter than its HTML says that the mail is in HTML.
STUB = 200  # characters
STUB_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Body:
    """One text of a mail in one or both of its forms; empty where it lacks one."""

    plain: str = ""
    html: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """`attachments` are the names of the files that came with it."""

    sender: str
    to: str
    copied: str
    subject: str
    date: str
    bodies: tuple[Body, ...]
    attachments: tuple[str, ...]


def as_source(mail: Mail, limits: Limits) -> WrittenSource:
    """The mail on pages as if it were printed. Raises ReadingError: TOO_MANY_PAGES, TOO_COMPLEX."""
    pages = lay_out(_contents(mail), PageSetup(), AS_PAPER, limits)
    return WrittenSource(
        page_count=len(pages),
        page=lambda number: pages[number - 1],
        reason=SourceReason.MAIL_TEXT,
        attachments=len(mail.attachments),
    )


def _contents(mail: Mail) -> Iterator[Content]:
    for label, value in (
        ("差出人", mail.sender),
        ("宛先", mail.to),
        ("CC", mail.copied),
        ("件名", mail.subject),
        ("日時", mail.date),
        ("添付", "、".join(mail.attachments)),
    ):
        if value.strip():
            yield LabelledContent(label, value)
    for body in mail.bodies:
        if _is_told_by(body.plain, body.html):
            yield TypedText("\n" + body.plain)
        else:
            yield from html_contents(body.html)


def _is_told_by(plain: str, html: str) -> bool:
    """Whether the plain text is the mail, and not the word of a mailer that there is HTML."""
    if not html:
        return True
    written = len("".join(plain.split()))
    if not written:
        return False
    return written >= STUB or written >= STUB_SHARE * len("".join(html_text(html).split()))


def shown_date(moment: datetime.datetime) -> str:
    """The moment as a mailer in Japan shows it, whatever the clock of its sender; one that names no time zone
    is taken for UTC (RFC 5322, 3.3)."""
    told = moment if moment.tzinfo is not None else moment.replace(tzinfo=datetime.UTC)
    here = told.astimezone(JAPAN)
    return f"{here.year}年{here.month}月{here.day}日 {here.hour}:{here.minute:02}"
