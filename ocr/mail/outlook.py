"""Mails as Outlook keeps them (MS-OXMSG): properties in the streams of an OLE compound file."""

from __future__ import annotations

import datetime
import struct
from collections.abc import Sequence
from email.parser import HeaderParser

from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.mail.charsets import decoded
from ocr.mail.internet import UNNAMED, header_text, read_date
from ocr.mail.message import Body, Mail, as_source, shown_date
from ocr.media.office_kinds import Compound
from ocr.written.written_source import WrittenSource

_PROPERTIES = "__properties_version1.0"
_ATTACHMENT, _RECIPIENT = "__attach_version1.0_#", "__recip_version1.0_#"
# Bytes before the properties of a message, and of a recipient or an attachment.
_MESSAGE_HEADER, _OBJECT_HEADER = 32, 8
_CODE_PAGES = {
    50220: "iso-2022-jp",
    50221: "iso-2022-jp",
    50222: "iso-2022-jp",
    51932: "euc-jp",
    65001: "utf-8",
}
_EPOCH = datetime.datetime(1601, 1, 1, tzinfo=datetime.UTC)
_TO, _COPIED = 1, 2
MOST_OBJECTS = 2_000  # recipients or attachments


def open_message(data: bytes, limits: Limits) -> WrittenSource:
    """Raises ReadingError: CORRUPT, ENCRYPTED, UNSUPPORTED_FORMAT."""
    return as_source(read_message(data), limits)


def read_message(data: bytes) -> Mail:
    """Raises ReadingError: CORRUPT, ENCRYPTED, UNSUPPORTED_FORMAT for a text in RTF alone."""
    compound = Compound(data)
    message = _Object(compound, (), _MESSAGE_HEADER)
    if "smime" in message.text(0x001A).lower():
        raise ReadingError(
            FailureCategory.ENCRYPTED,
            "メールが暗号化または署名で包まれています。Outlookで開いて、PDFかテキスト形式で保存し直してください。",
        )
    headers = HeaderParser().parsestr(message.text(0x007D))
    body = Body(message.text(0x1000), message.html())
    if not (body.plain or body.html) and message.binary(0x1009):
        raise ReadingError(
            FailureCategory.UNSUPPORTED_FORMAT,
            "メールの本文がリッチテキスト形式（RTF）だけで保存されています。Outlookで開いて、PDFか"
            "テキスト形式で保存し直してください。",
        )
    people = [_Object(compound, (name,), _OBJECT_HEADER) for name in _storages(compound, _RECIPIENT)]
    files = [_Object(compound, (name,), _OBJECT_HEADER) for name in _storages(compound, _ATTACHMENT)]
    sender = _person(message.text(0x0C1A), message.text(0x5D01) or message.text(0x0C1F))
    return Mail(
        sender=sender or header_text(headers.get("From", "")),
        to=_people(people, _TO) or message.text(0x0E04) or header_text(headers.get("To", "")),
        copied=_people(people, _COPIED) or message.text(0x0E03) or header_text(headers.get("Cc", "")),
        subject=message.text(0x0037),
        date=_date(message, headers.get("Date", "")),
        bodies=(body,) if body.plain or body.html else (),
        attachments=tuple(
            one.text(0x3707) or one.text(0x3704) or one.text(0x3001) or UNNAMED for one in files
        ),
    )


class _Object:
    """A message, recipient or attachment: its properties by their number."""

    def __init__(self, compound: Compound, storage: tuple[str, ...], header: int) -> None:
        self._compound = compound
        self._storage = storage
        stored = self._stream(_PROPERTIES)
        # Each is its type, its number, flags, and its value or the size of the stream that holds it.
        entries = stored[header : header + max(len(stored) - header, 0) // 16 * 16]
        self._fixed = {
            number: (kind, value) for kind, number, _, value in struct.iter_unpack("<HHI8s", entries)
        }

    def text(self, number: int) -> str:
        """A property that is text; empty where there is none."""
        wide = self._stream(f"__substg1.0_{number:04X}001F")
        if wide:
            return wide.decode("utf-16-le", "replace").rstrip("\x00")
        return decoded(self._stream(f"__substg1.0_{number:04X}001E"), self._charset(0x3FFD)).rstrip("\x00")

    def binary(self, number: int) -> bytes:
        return self._stream(f"__substg1.0_{number:04X}0102")

    def html(self) -> str:
        stored = self.binary(0x1013)
        return decoded(stored, self._charset(0x3FDE)) if stored else self.text(0x1013)

    def whole(self, number: int) -> int:
        """A property that is a number; 0 where there is none."""
        kind, value = self._fixed.get(number, (0, bytes(8)))
        return int.from_bytes(value[:4], "little", signed=True) if kind == 0x0003 else 0

    def moment(self, number: int) -> datetime.datetime | None:
        kind, value = self._fixed.get(number, (0, bytes(8)))
        if kind != 0x0040:
            return None
        try:
            return _EPOCH + datetime.timedelta(microseconds=int.from_bytes(value, "little") // 10)
        except OverflowError:
            return None

    def _charset(self, number: int) -> str:
        page = self.whole(number)
        return _CODE_PAGES.get(page, f"cp{page}" if page else "")

    def _stream(self, name: str) -> bytes:
        return self._compound.read(*self._storage, name)


def _storages(compound: Compound, beginning: str) -> list[str]:
    return [name for name in compound.names if name.startswith(beginning)][:MOST_OBJECTS]


def _people(people: Sequence[_Object], role: int) -> str:
    return "、".join(
        _person(one.text(0x3001), one.text(0x39FE) or one.text(0x3003))
        for one in people
        if one.whole(0x0C15) == role
    )


def _person(name: str, address: str) -> str:
    """A name and an address; names that are the address again, and addresses inside an organisation, say
    nothing more."""
    if "@" not in address:
        return name or address
    return f"{name} <{address}>" if name and name != address else address


def _date(message: _Object, header: str) -> str:
    if header:
        return read_date(header)
    sent = message.moment(0x0039) or message.moment(0x0E06)
    return shown_date(sent) if sent is not None else ""
