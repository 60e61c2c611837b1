"""Office files and mails for tests: made by the libraries that people make them with, or part by part."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from functools import cache

import openpyxl
import pptx
from docx import Document as WordDocument
from docx.document import Document as Word
from docx.oxml import parse_xml
from matplotlib_fontja import get_font_ttf_path
from PIL import Image, ImageDraw, ImageFont

from ocr.document import Document
from ocr.limits import Limits
from ocr.reading.reader import read_page
from ocr.reading.whole import whole
from ocr.sources.pages import open_pages
from tests.support.ocr.engines import Silent

LIMITS = Limits()
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_SECTOR, _MINI, _CUTOFF, _FREE, _END = 512, 64, 4096, 0xFFFFFFFF, 0xFFFFFFFE


def read(data: bytes, limits: Limits = LIMITS, engine: object = None) -> Document:
    with open_pages(data, limits) as pages:
        numbers = range(1, pages.info.pages + 1)
        return whole([read_page(pages, number, engine or Silent()) for number in numbers])  # type: ignore[arg-type]


def word(*body: str, document: Word | None = None) -> bytes:
    """A Word file with paragraphs of text, or elements where they begin with a bracket."""
    made = document or WordDocument()
    for element in body:
        if element.startswith("<"):
            made.element.body.insert(
                len(made.element.body) - 1, parse_xml(element.replace(">", f" {_W}>", 1))
            )
        else:
            made.add_paragraph(element)
    return saved(made)


def saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


@cache
def _empty(kind: str) -> bytes:
    return saved({"docx": WordDocument, "xlsx": openpyxl.Workbook, "pptx": pptx.Presentation}[kind]())


def with_part(kind: str, part: str, content: bytes) -> bytes:
    """An empty file of a kind with one of its parts replaced, or another one added."""
    return replaced(_empty(kind), {part: content})


def replaced(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *parts]):
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return buffer.getvalue()


def sheet(rows: str, more: str = "") -> bytes:
    """A workbook with one sheet of these rows, as XML."""
    content = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f"<sheetData>{rows}</sheetData>{more}</worksheet>"
    )
    return with_part("xlsx", "xl/worksheets/sheet1.xml", content.encode())


def png(image: Image.Image) -> io.BytesIO:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    buffer.seek(0)
    return buffer


def scan(*texts: str) -> Image.Image:
    """A page with these lines of type."""
    image = Image.new("RGB", (1240, 1000), "white")
    for number, text in enumerate(texts):
        font = ImageFont.truetype(get_font_ttf_path(), 44)
        ImageDraw.Draw(image).text((100, 100 + 90 * number), text, fill="black", font=font)
    return image


Tree = Mapping[str, "bytes | Tree"]


def compound(tree: Tree) -> bytes:
    """An OLE compound file (MS-CFB, version 3) with these streams and storages."""
    entries: list[list[object]] = [["Root Entry", 5, _FREE, _FREE, b""]]  # name, kind, child, next, content

    def add(folder: int, inside: Tree) -> None:
        before = None
        for name in sorted(inside, key=lambda name: (len(name), name.upper())):
            content = inside[name]
            at = len(entries)
            entries.append([name, 2 if isinstance(content, bytes) else 1, _FREE, _FREE, content])
            entries[folder if before is None else before][2 if before is None else 3] = at
            before = at
            if not isinstance(content, bytes):
                add(at, content)

    add(0, tree)
    mini, sectors = bytearray(), bytearray()
    fat: list[int] = []
    mini_fat: list[int] = []

    def chained(content: bytes, size: int, table: list[int], target: bytearray) -> int:
        if not content:
            return _END
        first, count = len(table), -(-len(content) // size)
        table.extend([*range(first + 1, first + count), _END])
        target += content.ljust(count * size, b"\0")
        return first

    starts = []
    for _, kind, _, _, content in entries:
        if kind != 2:
            starts.append((_END, 0))
        elif len(content) < _CUTOFF:  # type: ignore[arg-type]
            starts.append((chained(content, _MINI, mini_fat, mini), len(content)))  # type: ignore[arg-type]
        else:
            starts.append((chained(content, _SECTOR, fat, sectors), len(content)))  # type: ignore[arg-type]
    starts[0] = (chained(bytes(mini), _SECTOR, fat, sectors), len(mini))
    mini_fat_start = chained(struct.pack(f"<{len(mini_fat)}I", *mini_fat), _SECTOR, fat, sectors)
    directory = b"".join(
        struct.pack(
            "<64sHBBIII16sIQQIQ", f"{name}\0".encode("utf-16-le"), 2 * len(str(name)) + 2, kind, 1, _FREE,
            after, child, b"", 0, 0, 0, start, size,
        )
        for (name, kind, child, after, _), (start, size) in zip(entries, starts, strict=True)
    )  # fmt: skip
    directory_start = chained(directory, _SECTOR, fat, sectors)
    count = -(-(len(fat) + 8) // 128)
    places = [len(fat) + number for number in range(count)]
    table = struct.pack(f"<{len(fat)}I", *fat) + struct.pack("<I", 0xFFFFFFFD) * count
    header = struct.pack(
        "<8s16sHHHHHHIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0,
        count, directory_start, 0, _CUTOFF, mini_fat_start, -(-len(mini_fat) // 128), _END, 0,
    )  # fmt: skip
    header += struct.pack("<109I", *places, *[_FREE] * (109 - count))
    return header + bytes(sectors) + table.ljust(count * _SECTOR, b"\xff")


def outlook(properties: Mapping[int, str], *, numbers: Mapping[int, int] = {}, **storages: Tree) -> bytes:
    """An Outlook message with text properties and numbers; `storages` are named without their numbers."""
    named = {name.replace("_0", "_#0000000"): content for name, content in storages.items()}
    return compound(
        {
            "__properties_version1.0": bytes(32) + _fixed(numbers),
            **{
                f"__substg1.0_{number:04X}001F": text.encode("utf-16-le")
                for number, text in properties.items()
            },
            **{f"__{name}": content for name, content in named.items()},
        }
    )


def item(properties: Mapping[int, str], numbers: Mapping[int, int] = {}) -> Tree:
    """A recipient or an attachment of an Outlook message."""
    return {
        "__properties_version1.0": bytes(8) + _fixed(numbers),
        **{f"__substg1.0_{number:04X}001F": text.encode("utf-16-le") for number, text in properties.items()},
    }


def _fixed(numbers: Mapping[int, int]) -> bytes:
    """Large ones are moments, in tenths of microseconds since 1601."""
    return b"".join(
        struct.pack("<HHIq", 0x0040 if value > 2**31 else 0x0003, number, 6, value)
        for number, value in numbers.items()
    )
