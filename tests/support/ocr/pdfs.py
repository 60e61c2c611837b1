"""PDFs written by hand, for text layers and structures that no well-behaved program makes."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence


def pdf_of(objects: Sequence[bytes], *, root: int = 1) -> bytes:
    """A PDF of these objects, numbered from 1, with a table of contents and a trailer."""
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (len(objects) + 1, root))
    out.write(b"startxref\n%d\n%%%%EOF\n" % table)
    return out.getvalue()


def stream(content: bytes, dictionary: bytes = b"") -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (dictionary, len(content), content)


def deflated(content: bytes, dictionary: bytes = b"") -> bytes:
    return stream(zlib.compress(content, 9), dictionary + b" /Filter /FlateDecode")


def page_of(content: bytes, *further: bytes, resources: bytes = b"") -> bytes:
    """A PDF of one A4 page; `further` are the objects from number 5 on, which `resources` may name."""
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << %b >> >>"
            % resources,
            stream(content),
            *further,
        ]
    )


def layer_of(text: str, *, mapped: bool = True, mode: int = 0, picture: str = "") -> bytes:
    """A PDF whose layer says `text`, line by line, in rendering mode `mode`.

    Unless `mapped`, the font keeps to itself which characters its codes mean. `picture` is "under" or
    "over" the text, as large as the page.
    """
    codes = {character: code for code, character in enumerate(dict.fromkeys(text.replace("\n", "")), 1)}
    lines = [
        b"1 0 0 1 50 %d Tm <%b> Tj" % (780 - 20 * row, b"".join(b"%04X" % codes[c] for c in line))
        for row, line in enumerate(text.split("\n"))
    ]
    written = b"BT /F 10 Tf %d Tr %b ET" % (mode, b"\n".join(lines))
    drawn = b"q 595 0 0 842 0 0 cm /I Do Q" if picture else b""
    content = written + b"\n" + drawn if picture == "over" else drawn + b"\n" + written
    pairs = [
        b"<%04X> <%b>" % (code, c.encode("utf-16-be", "surrogatepass").hex().encode())
        for c, code in codes.items()
    ]
    blocks = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
    unicode_map = b"/CMapName /M def 1 begincodespacerange <0000> <FFFF> endcodespacerange\n" + b"\n".join(
        b"%d beginbfchar\n%b\nendbfchar" % (len(block), b"\n".join(block)) for block in blocks
    )
    return page_of(
        content,
        b"<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding /Identity-H /DescendantFonts [6 0 R] %b >>"
        % (b"/ToUnicode 7 0 R" if mapped else b""),
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 /FontDescriptor 8 0 R >>",
        stream(unicode_map),
        b"<< /Type /FontDescriptor /FontName /F /Flags 4 /Ascent 880 /Descent -120 /ItalicAngle 0 "
        b"/CapHeight 700 /StemV 80 /FontBBox [0 -120 1000 880] >>",
        deflated(
            bytes(200 * 280),
            b"/Type /XObject /Subtype /Image /Width 1600 /Height 280 /BitsPerComponent 1 "
            b"/ColorSpace /DeviceGray",
        ),
        resources=b"/Font << /F 5 0 R >> /XObject << /I 9 0 R >>",
    )
