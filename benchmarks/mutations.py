"""Ways to spoil a file: blindly, and by what its format is made of. Each is a pure function of its dice."""

from __future__ import annotations

import base64
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from random import Random

Mutation = Callable[[bytes, Random], bytes]

ODD_NUMBERS = (0, 1, 2, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 10**20)
PDF_WORDS = tuple(
    b"/Length /Filter /FlateDecode /ASCII85Decode /DCTDecode /CCITTFaxDecode /LZWDecode "
    b"/JBIG2Decode /JPXDecode /Type /Page /Pages /Kids /Count /Parent /Contents /Resources "
    b"/Font /XObject /Image /Form /ToUnicode /Encoding /Identity-H /90ms-RKSJ-H /MediaBox "
    b"/Rotate /Width /Height /BitsPerComponent /ColorSpace obj endobj stream endstream xref "
    b"trailer startxref null << >> [ ]".split()
)
MAIL_WORDS = tuple(
    b"text/plain text/html multipart/mixed multipart/alternative message/rfc822 application/ms-tnef "
    b"boundary= charset= iso-2022-jp shift_jis utf-8 euc-jp utf-7 base64 quoted-printable 7bit 8bit uuencode "
    b"--== From: Subject: Date: Content-Type: Content-Transfer-Encoding: Content-Disposition: =?UTF-8?B? ?= "
    b"filename*0*= <table> <td> </tr> <li> \x1b$B \x1b(B".split()
)
_QUOTED = re.compile(rb"(?<=\")-?\d+(?=\")")
_WORD = re.compile(rb"[A-Za-z]+:[A-Za-z]+|(?<=\")[A-Za-z]+(?=\")|</?[a-z]+>")
_REFERENCE = re.compile(rb"\b\d+ 0 R\b")
_NUMBER = re.compile(rb"-?\b\d+(?:\.\d+)?\b")
_STREAM = re.compile(rb"(/Filter\s*\[?[^>]*?/FlateDecode.*?stream\r?\n)(.*?)(\r?\nendstream)", re.S)


def flip_bits(data: bytes, dice: Random) -> bytes:
    spoiled = bytearray(data)
    for _ in range(dice.choice((1, 4, 16, 64))):
        spoiled[dice.randrange(len(spoiled))] ^= 1 << dice.randrange(8)
    return bytes(spoiled)


def cut_off(data: bytes, dice: Random) -> bytes:
    return data[: dice.randrange(len(data))]


def drop_piece(data: bytes, dice: Random) -> bytes:
    start, size = dice.randrange(len(data)), dice.choice((1, 10, 300, 5000))
    return data[:start] + data[start + size :]


def repeat_piece(data: bytes, dice: Random) -> bytes:
    start, size = dice.randrange(len(data)), dice.choice((4, 100, 3000))
    return data[:start] + data[start : start + size] * dice.choice((2, 3, 50)) + data[start:]


def overwrite_piece(data: bytes, dice: Random) -> bytes:
    start, size = dice.randrange(len(data)), dice.choice((2, 20, 400))
    filler = dice.choice((bytes(size), b"\xff" * size, dice.randbytes(size)))
    return data[:start] + filler + data[start + size :]


def splice(other: bytes) -> Mutation:
    """Goes on with another file from some place on."""

    def spliced(data: bytes, dice: Random) -> bytes:
        return data[: dice.randrange(len(data))] + other[dice.randrange(len(other)) :]

    return spliced


def pdf_numbers(data: bytes, dice: Random) -> bytes:
    return _replace_some(_NUMBER, data, dice, lambda: str(dice.choice((-1, *ODD_NUMBERS))).encode())


def pdf_references(data: bytes, dice: Random) -> bytes:
    found = _REFERENCE.findall(data) or [b"1 0 R"]
    return _replace_some(_REFERENCE, data, dice, lambda: dice.choice(found))


def pdf_words(data: bytes, dice: Random) -> bytes:
    word = re.compile(re.escape(dice.choice(PDF_WORDS)))
    return _replace_some(word, data, dice, lambda: dice.choice(PDF_WORDS))


def pdf_streams(data: bytes, dice: Random) -> bytes:
    """Unpacks a stream, spoils what is in it, and packs it again."""
    streams = list(_STREAM.finditer(data))
    if not streams:
        return flip_bits(data, dice)
    found = dice.choice(streams)
    plain_text = b"ASCII85" in found[1]
    try:
        packed = base64.a85decode(found[2].strip().removesuffix(b"~>")) if plain_text else found[2]
        content = zlib.decompress(packed)
    except (ValueError, zlib.error):
        return flip_bits(data, dice)
    if not content:
        return data
    spoil = dice.choice((flip_bits, drop_piece, repeat_piece, overwrite_piece, pdf_numbers))
    packed = zlib.compress(spoil(content, dice))
    packed = base64.a85encode(packed) + b"~>" if plain_text else packed
    return data[: found.start(2)] + packed + data[found.end(2) :]


def tiff_entries(data: bytes, dice: Random) -> bytes:
    """Changes tags, types, counts and values in the file's directories."""
    order = "<" if data[:2] == b"II" else ">"
    spoiled = bytearray(data)
    for at in _tiff_entry_places(data, order):
        if dice.random() < 0.15:
            field = dice.choice(((0, "H"), (2, "H"), (4, "I"), (8, "I")))
            most = 0xFFFF if field[1] == "H" else 0xFFFFFFFF
            struct.pack_into(order + field[1], spoiled, at + field[0], dice.choice(ODD_NUMBERS) & most)
    return bytes(spoiled)


def _tiff_entry_places(data: bytes, order: str) -> list[int]:
    places: list[int] = []
    (directory,) = struct.unpack_from(order + "I", data, 4)
    while 0 < directory < len(data) - 2 and len(places) < 500:
        (entries,) = struct.unpack_from(order + "H", data, directory)
        end = directory + 2 + 12 * entries
        if end + 4 > len(data):
            break
        places += range(directory + 2, end, 12)
        (directory,) = struct.unpack_from(order + "I", data, end)
    return places


def png_chunks(data: bytes, dice: Random) -> bytes:
    """Spoils one chunk and gives it a right checksum, so that a decoder goes on."""
    chunks, at = [], 8
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        chunks.append((at, size))
        at += 12 + size
    at, size = dice.choice(chunks)
    kind, content = data[at + 4 : at + 8], bytearray(data[at + 8 : at + 8 + size])
    if kind == b"IHDR" and dice.random() < 0.5:
        struct.pack_into(">I", content, dice.choice((0, 4)), dice.choice(ODD_NUMBERS) & 0xFFFFFFFF)
    elif content:
        content[dice.randrange(len(content))] = dice.randrange(256)
    told = len(content) if dice.random() < 0.8 else dice.choice(ODD_NUMBERS) & 0xFFFFFFFF
    chunk = struct.pack(">I", told) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return data[:at] + chunk * dice.choice((1, 1, 2)) + data[at + 12 + size :]


def jpeg_segments(data: bytes, dice: Random) -> bytes:
    """Changes the kind, the length or the content of a segment of the header."""
    spoiled, places, at = bytearray(data), [], 2
    while at + 4 < len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        places.append(at)
        at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])
    at = dice.choice(places or [2])
    match dice.randrange(3):
        case 0:
            spoiled[at + 1] = dice.choice((0xC0, 0xC2, 0xC4, 0xDB, 0xDD, 0xE1, 0xEE, 0xFE))
        case 1:
            struct.pack_into(">H", spoiled, at + 2, dice.choice(ODD_NUMBERS) & 0xFFFF)
        case _:
            for _ in range(3):
                spoiled[min(at + 4 + dice.randrange(40), len(spoiled) - 1)] = dice.randrange(256)
    return bytes(spoiled)


def office_parts(data: bytes, dice: Random) -> bytes:
    """Spoils one part of an Office file and packs it again, so that a reader comes to its content.

    Raises ValueError where the package is spoiled already.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ValueError(f"no package any more: {error}") from error
    chosen = dice.choice([name for name, content in parts.items() if content])
    spoil = dice.choice(
        (flip_bits, cut_off, drop_piece, repeat_piece, overwrite_piece, xml_numbers, xml_words)
    )
    parts[chosen] = spoil(parts[chosen], dice)
    if dice.random() < 0.2:
        del parts[dice.choice(list(parts))]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def xml_numbers(data: bytes, dice: Random) -> bytes:
    return _replace_some(_QUOTED, data, dice, lambda: str(dice.choice((-1, *ODD_NUMBERS))).encode())


def xml_words(data: bytes, dice: Random) -> bytes:
    """Puts the names of elements and the values of attributes in each other's places."""
    found = _WORD.findall(data) or [b"w:p"]
    return _replace_some(_WORD, data, dice, lambda: dice.choice(found))


def mail_words(data: bytes, dice: Random) -> bytes:
    word = re.compile(re.escape(dice.choice(MAIL_WORDS)), re.IGNORECASE)
    return _replace_some(word, data, dice, lambda: dice.choice(MAIL_WORDS))


def _replace_some(pattern: re.Pattern[bytes], data: bytes, dice: Random, new: Callable[[], bytes]) -> bytes:
    """Up to eight finds of `pattern`, drawn by lot, replaced."""
    found = list(pattern.finditer(data))
    chosen = sorted(dice.sample(found, min(len(found), dice.choice((1, 2, 8)))), key=lambda m: -m.start())
    for match in chosen:
        data = data[: match.start()] + new() + data[match.end() :]
    return data


BLIND: Sequence[Mutation] = (flip_bits, cut_off, drop_piece, repeat_piece, overwrite_piece)
BY_FORMAT: dict[str, Sequence[Mutation]] = {
    "pdf": (pdf_numbers, pdf_references, pdf_words, pdf_streams),
    "tiff": (tiff_entries,),
    "png": (png_chunks,),
    "jpeg": (jpeg_segments,),
    "office": (office_parts,),
    "mail": (mail_words, xml_words),
    "picture": (overwrite_piece,),
}
