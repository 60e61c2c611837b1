"""A TrueType font whose glyphs only take up room: the type of invisible text.

Readers measure and select invisible text by its font, so there must be one, and one that is embedded looks
the same to all of them. It maps no characters: text names its glyphs by number.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from fontTools.fontBuilder import FontBuilder
from fontTools.misc.timeTools import epoch_diff
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import Glyph

UNITS_PER_EM = 1000
ASCENT, DESCENT = 880, -120  # where the em square of Japanese type stands about its baseline
_CREATED = -epoch_diff  # 1 January 1970: the same pages make the same bytes


def blank_font(advances: Sequence[int]) -> bytes:
    """A font with a glyph for each advance (in thousandths of an em), a rectangle as wide and an em high."""
    widths = {f"glyph{number}": advance for number, advance in enumerate(advances)}
    builder = FontBuilder(UNITS_PER_EM, isTTF=True)
    builder.setupGlyphOrder([*widths])
    builder.setupCharacterMap({})
    builder.setupGlyf({name: _rectangle(width) for name, width in widths.items()})
    builder.setupHorizontalMetrics({name: (width, 0) for name, width in widths.items()})
    builder.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    builder.setupPost(keepGlyphNames=False)
    builder.updateHead(created=_CREATED, modified=_CREATED)
    builder.font.recalcTimestamp = False
    written = BytesIO()
    builder.save(written)
    return written.getvalue()


def _rectangle(width: int) -> Glyph:
    pen = TTGlyphPen(None)
    pen.moveTo((0, DESCENT))
    for corner in ((width, DESCENT), (width, ASCENT), (0, ASCENT)):
        pen.lineTo(corner)
    pen.closePath()
    return pen.glyph()
