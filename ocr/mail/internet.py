"""Mails as they travel (RFC 5322, MIME), whoever wrote them.

Headers may be split in the middle of a letter, names of files be written in three ways, and character sets
not be what they are called.
"""

from __future__ import annotations

import binascii
import email.header
import email.message
import email.utils
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.errors import HeaderParseError, MessageError
from email.parser import BytesParser

from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.mail.charsets import decoded
from ocr.mail.message import Body, Mail, as_source, shown_date
from ocr.written.written_source import WrittenSource

Part = email.message.Message
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_FOLD = re.compile(r"\r?\n[ \t]*")
UNNAMED = "名前のない添付ファイル"


def open_mail(data: bytes, limits: Limits) -> WrittenSource:
    """Raises ReadingError: CORRUPT, ENCRYPTED, TOO_COMPLEX."""
    return as_source(read_mail(data, limits), limits)


def read_mail(data: bytes, limits: Limits) -> Mail:
    """Raises ReadingError: CORRUPT, ENCRYPTED, TOO_COMPLEX."""
    try:
        message = BytesParser().parsebytes(data.lstrip(b"\xef\xbb\xbf\r\n"))
        found = _MailParts(limits)
        found.take(message, 0)
    except RecursionError as error:
        raise _too_deep(limits) from error
    except (MessageError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ReadingError(
            FailureCategory.CORRUPT,
            "メールが壊れています。メールソフトで開き直して、もう一度保存してください。",
        ) from error
    return Mail(
        sender=_header(message, "From"),
        to=_header(message, "To"),
        copied=_header(message, "Cc"),
        subject=_header(message, "Subject"),
        date=read_date(_header(message, "Date")),
        bodies=tuple(found.bodies),
        attachments=tuple(found.attachments),
    )


@dataclass(slots=True)
class _MailParts:
    """Collects the texts and the names of the attachments of a mail, part by part."""

    limits: Limits
    bodies: list[Body] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)

    def take(self, part: Part, depth: int) -> None:
        if depth > self.limits.max_nesting:
            raise _too_deep(self.limits)
        kind = part.get_content_type()
        if kind == "multipart/encrypted" or (
            kind in _SEALED and part.get_param("smime-type") != "signed-data"
        ):
            raise ReadingError(
                FailureCategory.ENCRYPTED,
                "メールが暗号化されています。メールソフトで復号して、PDFかテキスト形式で保存し直してください。",
            )
        if part.is_multipart() and kind != "message/rfc822":
            children = [one for one in part.get_payload() if isinstance(one, Part)]
            if kind == "multipart/alternative":
                self._choose(children, depth)
            else:
                for child in children:
                    self.take(child, depth + 1)
        elif kind == "message/rfc822":
            inner = part.get_payload(0) if part.is_multipart() else None
            subject = _header(inner, "Subject") if isinstance(inner, Part) else ""
            self.attachments.append(_file_name(part) or subject or UNNAMED)
        elif kind in ("text/plain", "text/html") and not _is_attached(part):
            text = _text(part)
            if text.strip():
                self.bodies.append(Body(plain=text) if kind == "text/plain" else Body(html=text))
        elif kind not in _SIGNATURES:
            self.attachments.append(_file_name(part) or UNNAMED)

    def _choose(self, children: Sequence[Part], depth: int) -> None:
        """Forms of one text: all are kept together, what comes with any of them counts."""
        before = len(self.bodies)
        for child in children:
            self.take(child, depth + 1)
        forms = self.bodies[before:]
        plain = "\n".join(one.plain for one in forms if one.plain)
        html = "".join(one.html for one in forms if one.html)
        self.bodies[before:] = [Body(plain, html)] if plain or html else []


def _is_attached(part: Part) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_file_name(part))


def _text(part: Part) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_param("charset")
    text = decoded(payload, charset if isinstance(charset, str) else part.get_content_charset())
    if str(part.get_param("format", "")).lower() == "flowed":
        return _unflowed(text, joined=str(part.get_param("delsp", "")).lower() == "yes")
    return text


def _unflowed(text: str, *, joined: bool) -> str:
    """Lines that end in a blank go on in the next one (RFC 3676); the blank goes where `joined`."""
    found = ""
    for line in text.splitlines():
        if line.endswith(" ") and line != "-- ":
            found += line[:-1] if joined else line
        else:
            found += line + "\n"
    return found


def _header(message: Part, name: str) -> str:
    """All values of a header as text."""
    values = [value for key, value in message.raw_items() if key.lower() == name.lower()]
    return "、".join(filter(None, (header_text(str(value)) for value in values)))


def header_text(raw: str) -> str:
    """A header as it is shown: encoded words (RFC 2047) in text, bytes without any declaration guessed."""
    plain = _FOLD.sub(" ", raw)
    if not plain.isascii():
        plain = decoded(plain.encode("utf-8", "surrogateescape"), None)
    try:
        pieces = email.header.decode_header(plain)
    except (HeaderParseError, binascii.Error, ValueError):
        return plain.strip()
    return "".join(_pieces(pieces)).replace('"', "").strip()


def _pieces(pieces: Sequence[tuple[bytes | str, str | None]]) -> Iterator[str]:
    for piece, charset in pieces:
        if isinstance(piece, str):
            yield piece
        elif charset is None:
            yield piece.decode("raw_unicode_escape")  # how the standard library hands over what is no word
        else:
            yield decoded(piece, charset)


def _file_name(part: Part) -> str:
    """The name of an attached file: as RFC 2231 has it, as encoded words, or as it stands."""
    for name, header in (("filename", "content-disposition"), ("name", "content-type")):
        found = part.get_param(name, header=header)
        if isinstance(found, tuple):
            charset, _, text = found
            return decoded(text.encode("raw_unicode_escape"), charset)
        if found:
            return header_text(str(found))
    return ""


def read_date(text: str) -> str:
    """The moment that a Date header names, as a Japanese mailer shows it; the header where it names none."""
    try:
        return shown_date(email.utils.parsedate_to_datetime(text))
    except (TypeError, ValueError, IndexError, OverflowError):
        return text


def _too_deep(limits: Limits) -> ReadingError:
    return ReadingError(
        FailureCategory.TOO_COMPLEX,
        f"メールの入れ子が深すぎます（上限{limits.max_nesting}段）。必要なメールだけを取り出して置いてください。",
    )
