"""PDFs with embedded fonts whose maps say what a test wants them to say."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib
from fontTools import subset
from fontTools.ttLib import TTFont

from tests.support.ocr.pdfs import deflated, page_of, stream

FACE = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
Told = Callable[[str], str]


def typed(
    lines: Sequence[Sequence[tuple[str, str]]],
    fonts: dict[str, Told | None],
    *,
    names: dict[str, bytes] | None = None,
    page: bytes = b"",
) -> bytes:
    """A PDF of lines, each of pieces of text with the key of their font.

    `fonts` says for each font what its map tells of a character; None for a font without a map.
    """
    objects: list[bytes] = []
    glyphs: dict[str, dict[str, tuple[int, float]]] = {}
    keys: list[bytes] = []
    for key, told in fonts.items():
        text = "".join(piece for line in lines for piece, of in line if of == key)
        if not text:
            continue
        number = 5 + len(objects)
        keys.append(b"/%b %d 0 R" % (key.encode(), number))
        made, glyphs[key] = _font(text, told, number, (names or {}).get(key, b"ABCDEF+DejaVu"))
        objects += made
    content = b""
    for row, line in enumerate(lines):
        x = 60.0
        for piece, key in line:
            codes = b"".join(b"%04X" % glyphs[key][c][0] for c in piece)
            content += b"BT /%b 12 Tf 1 0 0 1 %.2f %d Tm <%b> Tj ET\n" % (
                key.encode(),
                x,
                760 - 24 * row,
                codes,
            )
            x += 12 * sum(glyphs[key][c][1] for c in piece)
    data = page_of(content, *objects, resources=b"/Font << %b >>" % b" ".join(keys))
    return data.replace(b"/Type /Page /Parent", b"/Type /Page %b /Parent" % page)


def _font(
    text: str, told: Told | None, number: int, name: bytes
) -> tuple[list[bytes], dict[str, tuple[int, float]]]:
    """The objects of a font from `number` on, and the code and the advance (ems) of each character."""
    font = TTFont(FACE)
    maker = subset.Subsetter()
    maker.populate(unicodes=[ord(c) for c in text])
    maker.subset(font)
    names = font.getBestCmap()
    em, advances = font["head"].unitsPerEm, font["hmtx"]
    glyphs = {c: (font.getGlyphID(names[ord(c)]), advances[names[ord(c)]][0] / em) for c in set(text)}
    buffer = io.BytesIO()
    font.save(buffer)
    file = buffer.getvalue()
    widths = b" ".join(b"%d [%d]" % (code, round(1000 * advance)) for code, advance in glyphs.values())
    unicode_map = b"/ToUnicode %d 0 R" % (number + 4) if told else b""
    pairs = [
        b"<%04X> <%b>" % (code, told(c).encode("utf-16-be", "surrogatepass").hex().encode())
        for c, (code, _) in glyphs.items()
        if told
    ]
    return [
        b"<< /Type /Font /Subtype /Type0 /BaseFont /%b /Encoding /Identity-H /DescendantFonts [%d 0 R] %b >>"
        % (name, number + 1, unicode_map),
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%b /CIDSystemInfo << /Registry (Adobe) "
        b"/Ordering (Identity) /Supplement 0 >> /W [%b] /CIDToGIDMap /Identity /FontDescriptor %d 0 R >>"
        % (name, widths, number + 2),
        b"<< /Type /FontDescriptor /FontName /%b /Flags 4 /Ascent 880 /Descent -120 /ItalicAngle 0 "
        b"/CapHeight 700 /StemV 80 /FontBBox [0 -120 1000 880] /FontFile2 %d 0 R >>" % (name, number + 3),
        deflated(file, b"/Length1 %d" % len(file)),
        stream(
            b"/CMapName /M def 1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
            b"%d beginbfchar\n%b\nendbfchar" % (len(pairs), b"\n".join(pairs))
        ),
    ], glyphs
