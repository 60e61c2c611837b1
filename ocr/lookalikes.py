"""Characters of different scripts that look the same in print, put right by the script around them.

A recogniser that knows Chinese, Japanese and Latin at once picks between 口 and ロ by shape, where a
reader picks by the word. Only the scripts of the two neighbours decide here; where they leave both
readings open the character stays as it was read. No repair changes the number of characters.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ocr.detection import DetectedLine

# Kanji and strokes on the left are the katakana on the right.
_KANJI_AS_KATAKANA = dict(zip("口力夕二三八工千卜才了", "ロカタニミハエチトオア", strict=True))
# Hardly ever a word of their own beside katakana (夕, 卜), so that one katakana neighbour is enough.
_RARE_BESIDE_KATAKANA = frozenset("夕卜")
# A number or a common noun may stand before a katakana word (三ライン), these may not.
_NEVER_BEFORE_KATAKANA = frozenset("口力夕卜工才了")
# 了 ends these (終了メール), and begins no katakana word elsewhere.
_BEFORE_FINISH = frozenset("完終満修校読議魅")
_STROKES = frozenset("一―—‐−－-|丨｜")
# What 一 counts or begins: データ一件, サーバー一式.
_AFTER_NUMBER_ONE = frozenset(
    "つか件名社人部式覧同括般方因環段層律切定時日月年回度番個台本枚次緒致斉任歩言冊室階丁連体種点行面元週箇ヶ"
)
_SMALL_KATAKANA = frozenset("ァィゥェォッャュョ")
_HIRAGANA_AS_KATAKANA = dict(zip("べぺ", "ベペ", strict=True))
_KATAKANA_AS_HIRAGANA = {katakana: hiragana for hiragana, katakana in _HIRAGANA_AS_KATAKANA.items()}
# The second party of a contract: 「乙」, 甲又は乙は.
_PARTY = re.compile(r"(?<=「)こ(?=」)|(?<=甲又は)こ(?=[はがをに、）])|(?<=甲及び)こ(?=[はがをに、）])")


def repaired(line: DetectedLine) -> DetectedLine:
    """`line` with its look-alikes put right; `original` holds what was read where that differs."""
    text = repair(line.text, vertical=line.vertical)
    return line if text == line.text else replace(line, text=text, original=line.text)


def repair(text: str, *, vertical: bool) -> str:
    """`text` of one line with look-alikes put right; in a column the long-vowel mark stands upright."""
    text = _PARTY.sub("乙", text)
    for _ in range(2):  # a repaired character is a neighbour that tells the next one
        text = "".join(_repaired(text, at, vertical) for at in range(len(text)))
    return text


def _repaired(text: str, at: int, vertical: bool) -> str:
    this = text[at]
    left, right = text[at - 1] if at else "", text[at + 1 : at + 2]
    if this in _STROKES:
        return "ー" if _is_long_vowel(this, left, right, vertical) else this
    if this in _KANJI_AS_KATAKANA and _is_katakana_word(this, left, right):
        return _KANJI_AS_KATAKANA[this]
    if this in _HIRAGANA_AS_KATAKANA and _katakana(right) and not _han(left):
        return _HIRAGANA_AS_KATAKANA[this]
    if this in _KATAKANA_AS_HIRAGANA and _hiragana(right) and not _katakana(left):
        return _KATAKANA_AS_HIRAGANA[this]
    if this == "へ" and ((_katakana(right) and not left) or right in _SMALL_KATAKANA or right == "ー"):
        return "ヘ"
    if this == "ヘ" and left and not _katakana(right) and right != "ー":
        return "へ"
    return this


def _is_long_vowel(this: str, left: str, right: str, vertical: bool) -> bool:
    if not (_katakana(left) or (left == "ー" and _katakana(right))):
        return False
    if this == "一":
        return not (right and right in _AFTER_NUMBER_ONE)
    if this in "|丨｜":
        return vertical or _katakana(right)
    return _katakana(right) or _hiragana(right)


def _is_katakana_word(this: str, left: str, right: str) -> bool:
    after = _katakana(right) or right == "ー"
    if right and (right == "ー" or right in _SMALL_KATAKANA):
        return True
    if (_katakana(left) or left == "ー") and after:
        return True
    if this in _RARE_BESIDE_KATAKANA and (_katakana(left) or left == "ー") and not _han(right):
        return True
    if this == "了":
        return after and left not in _BEFORE_FINISH
    return this in _NEVER_BEFORE_KATAKANA and after and not _han(left) and not left.isdigit()


def _katakana(character: str) -> bool:
    # ヵ and ヶ are counters between kanji.
    return "ァ" <= character <= "ヴ" if character else False


def _hiragana(character: str) -> bool:
    return "ぁ" <= character <= "ゖ" if character else False


def _han(character: str) -> bool:
    return character != "" and (
        "一" <= character <= "鿿" or "㐀" <= character <= "䶿" or character in "々〆ヶ"
    )
