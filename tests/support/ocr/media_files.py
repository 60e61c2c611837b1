"""Pictures and PDFs as files, small ones and ones that claim to be large."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=format, **options)
    return buffer.getvalue()


def tiff(pages: list[Image.Image], **options: object) -> bytes:
    return encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:], **options)


def png_bomb(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds one row of it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(width + 1)))


def pdf(
    pages: int = 1,
    encryption: StandardEncryption | None = None,
    size: tuple[int, int] = (300, 400),
) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size, encrypt=encryption)
    for number in range(pages):
        canvas.drawString(50, 300, f"Page {number + 1}")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()
