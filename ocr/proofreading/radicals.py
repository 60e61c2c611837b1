"""Radicals that stand for the kanji they look like (U+2E80-U+2FD5), as the kanji itself.

Typefaces give a kanji and its radical one glyph, and programs that make PDFs from glyphs (browsers, macOS)
often write down the code of the radical: ⽇ for 日, ⻑ for 長. No document means a radical, and a search for
日 does not find ⽇. The Kangxi radicals (U+2F00) have their kanji in Unicode's compatibility decomposition;
those of the supplement (U+2E80) in its EquivalentUnifiedIdeograph.txt: the forms in use in Japan stand here.
"""

from __future__ import annotations

import unicodedata
from functools import cache

_SUPPLEMENT = (
    "⺄乙⺅亻⺆冂⺈刀⺉刂⺊卜⺌小⺍小⺎兀⺏尣⺐尢⺒巳⺓幺⺔彑⺖忄⺗㣺⺘扌⺙攵⺛旡⺜日⺝月⺞歺⺟母⺠民⺡氵⺢氺⺣灬⺤爫⺥爫⺦丬"
    "⺧牛⺨犭⺩王⺫目⺬示⺭礻⺮竹⺯糹⺱罓⺲罒⺳罒⺶羊⺷羊⺸羊⺹耂⺻聿⺼月⺽臼⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻆角⻇角⻊足⻌辶⻍辶⻎辶"
    "⻏邑⻑長⻒镸⻕阜⻖阝⻗雨⻘青⻝食⻞食⻟飠⻡首⻣骨⻤鬼⻨麦⻩黄⻫斉⻭歯⻯竜⻱亀⻲亀"
)
# Unicode decomposes these to forms that Japanese typefaces draw for other codes.
_AS_IN_JAPAN = dict(zip("⼾⾭⿈⿊⿆⿒⿔", "戸青黄黒麦歯亀", strict=True))
_FIRST, _LAST = "\u2e80", "\u2fd5"


def without_radicals(text: str) -> str:
    """`text` with every radical as its kanji; its length does not change."""
    if not any(_FIRST <= character <= _LAST for character in text):
        return text
    return text.translate(_kanji())


@cache
def _kanji() -> dict[int, str]:
    kangxi = (chr(code) for code in range(0x2F00, 0x2FD6))
    found = {radical: unicodedata.normalize("NFKC", radical) for radical in kangxi}
    found |= dict(zip(_SUPPLEMENT[::2], _SUPPLEMENT[1::2], strict=True))
    return {ord(radical): kanji for radical, kanji in (found | _AS_IN_JAPAN).items()}
