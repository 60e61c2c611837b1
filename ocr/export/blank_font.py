"""A TrueType font whose glyphs only take up room: the type of invisible text.

Readers measure and select invisible text by its font, so there must be one, and one that is embedded looks
the same to all of them. Tables as in the OpenType specification 1.9, no more than a reader needs.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

UNITS_PER_EM = 1000
ASCENT, DESCENT = 880, -120  # where the em square of Japanese type stands about its baseline
_VERSION = 0x00010000
_MAGIC = 0x5F0F3CF5
_LEAST_PIXELS_PER_EM = 8


def blank_font(advances: Sequence[int]) -> bytes:
    """A font with a glyph for each advance (in thousandths of an em), a rectangle as wide and an em high."""
    glyphs = [_rectangle(advance) for advance in advances]
    count, size, widest = len(glyphs), len(glyphs[0]), max(advances)
    places = [number * size // 2 for number in range(count + 1)]
    return _font(
        {
            b"cmap": _no_characters(),
            b"glyf": b"".join(glyphs),
            b"head": struct.pack(
                ">IIIIHHqqhhhhHHhhh",
                *(_VERSION, 0, 0, _MAGIC, 0, UNITS_PER_EM, 0, 0),
                *(0, DESCENT, widest, ASCENT, 0, _LEAST_PIXELS_PER_EM, 2, 0, 0),
            ),
            b"hhea": struct.pack(">IhhhH11hH", _VERSION, ASCENT, DESCENT, 0, widest, *[0] * 11, count),
            b"hmtx": b"".join(struct.pack(">Hh", advance, 0) for advance in advances),
            b"loca": struct.pack(f">{count + 1}H", *places),
            b"maxp": struct.pack(">I14H", _VERSION, count, 4, 1, 0, 0, 1, *[0] * 8),
            b"post": struct.pack(">IIhhIIIII", 0x00030000, 0, 0, 0, 1, 0, 0, 0, 0),
        }
    )


def _rectangle(width: int) -> bytes:
    header = struct.pack(">5h", 1, 0, DESCENT, width, ASCENT)
    on_curve = struct.pack(">HH4B", 3, 0, 1, 1, 1, 1)
    steps = struct.pack(">8h", 0, width, 0, -width, DESCENT, 0, ASCENT - DESCENT, 0)
    return _padded(header + on_curve + steps)


def _no_characters() -> bytes:
    """A character map of the closing segment alone: text names its glyphs by number."""
    segments = struct.pack(">14H", 4, 32, 0, 2, 2, 0, 0, 0xFFFF, 0, 0xFFFF, 1, 0, 0, 0)
    return struct.pack(">HHHHI", 0, 1, 3, 1, 12) + segments


def _font(tables: dict[bytes, bytes]) -> bytes:
    count = len(tables)
    power = count.bit_length() - 1
    directory = struct.pack(">IHHHH", _VERSION, count, 16 << power, power, 16 * count - (16 << power))
    offset = len(directory) + 16 * count
    body = b""
    for tag, table in sorted(tables.items()):
        directory += struct.pack(">4sIII", tag, _checksum(table), offset + len(body), len(table))
        body += _padded(table)
    return directory + body


def _checksum(table: bytes) -> int:
    padded = _padded(table)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
