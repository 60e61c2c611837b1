"""Bytes of mails as text: what Japanese mailers write is wider than the character sets that they name.

ISO-2022-JP, Shift_JIS and EUC-JP with ① and ㈱ in them: all are read by way of CP932, the character set of
the machines that they were written on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SHIFT_JIS = frozenset(
    (
        "shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "cp932", "windows-31j", "windows-932",
        "csshiftjis", "ms932", "x-ms-cp932", "932",
    )
)  # fmt: skip
_ISO_2022 = frozenset(
    ("iso-2022-jp", "iso-2022-jp-1", "iso-2022-jp-ms", "csiso2022jp", "cp50220", "cp50221", "cp50222")
)
_EUC = frozenset(("euc-jp", "eucjp", "x-euc-jp", "x-euc", "cp51932", "eucjp-ms", "euc_jp"))
# What mailers put on text of which they know nothing.
_UNTOLD = frozenset(
    ("", "us-ascii", "ascii", "iso-8859-1", "latin-1", "unknown", "unknown-8bit", "x-unknown", "binary")
)
_ESCAPE = re.compile(rb"\x1b(\([BJI]|\$[@B]|\$\([BD@])")
_EUC_PIECE = re.compile(
    rb"(?:[\xa1-\xfe]{2})+|(?:\x8e[\xa1-\xdf])+|(?:\x8f[\xa1-\xfe]{2})+|[\x00-\x7f]+|.", re.DOTALL
)
_HALF_WIDTH = re.compile("[｡-ﾟ]")


def decoded(data: bytes, charset: str | None) -> str:
    """`data` in the character set that its mail names, or in the one that it looks like."""
    name = (charset or "").strip().strip("\"'").lower()
    if b"\x1b$" in data or name in _ISO_2022:
        return _from_iso_2022(data)
    if name in _SHIFT_JIS:
        return data.decode("cp932", "replace")
    if name in _EUC:
        return _from_euc(data)
    if name in _UNTOLD:
        return _guessed(data)
    try:
        return data.decode(name)
    except (UnicodeDecodeError, LookupError, ValueError):
        return _guessed(data)


def _guessed(data: bytes) -> str:
    """Text in whichever of UTF-8, EUC-JP and Shift_JIS it is whole in."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    as_euc, as_shift_jis = _from_euc(data), data.decode("cp932", "replace")
    return as_euc if _strangeness(as_euc) < _strangeness(as_shift_jis) else as_shift_jis


def _strangeness(text: str) -> int:
    """What text taken for another character set is full of: broken characters, half-width kana."""
    return 3 * text.count("\ufffd") + len(_HALF_WIDTH.findall(text))


def _from_iso_2022(data: bytes) -> str:
    return "".join(_lines_of_iso_2022(data))


def _lines_of_iso_2022(data: bytes) -> Iterator[str]:
    """Each line begins in ASCII, whether the one before it ended so or not (RFC 1468)."""
    for line in data.splitlines(keepends=True):
        content = line.rstrip(b"\r\n")
        pieces = _ESCAPE.split(content)
        yield pieces[0].decode("utf-8", "replace")
        for mode, piece in zip(pieces[1::2], pieces[2::2], strict=True):
            if mode in (b"$@", b"$B", b"$(@", b"$(B"):
                yield _from_jis(piece)
            elif mode == b"$(D":
                packed = b"".join(
                    b"\x8f" + bytes(b | 0x80 for b in piece[at : at + 2]) for at in range(0, len(piece), 2)
                )
                yield packed.decode("euc_jp", "replace")
            elif mode == b"(I":
                yield bytes(b | 0x80 for b in piece).decode("cp932", "replace")
            else:
                yield piece.decode("ascii", "replace")
        yield line[len(content) :].decode("ascii")


def _from_jis(pairs: bytes) -> str:
    """Rows and cells of JIS X 0208, with what NEC and IBM added, each a byte from 0x21 on."""
    shifted = bytearray()
    for at in range(0, len(pairs) - 1, 2):
        row, cell = pairs[at], pairs[at + 1]
        if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
            shifted += b"?"
            continue
        lead = (row - 0x21) // 2 + 0x81
        trail = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
        shifted += bytes((lead + 0x40 if lead > 0x9F else lead, trail))
    return shifted.decode("cp932", "replace")


def _from_euc(data: bytes) -> str:
    return "".join(_euc_pieces(data))


def _euc_pieces(data: bytes) -> Iterator[str]:
    for found in _EUC_PIECE.finditer(data):
        piece = found[0]
        if piece[0] >= 0xA1 and len(piece) > 1:
            yield _from_jis(bytes(b & 0x7F for b in piece))
        elif piece[0] == 0x8E and len(piece) > 1:
            yield piece[1::2].decode("cp932", "replace")
        elif piece[0] == 0x8F and len(piece) > 1:
            yield piece.decode("euc_jp", "replace")
        elif piece[0] < 0x80:
            yield piece.decode("ascii")
        else:
            yield "\ufffd"
