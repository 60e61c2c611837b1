"""Characters of different scripts that look the same in print, put right by what stands around them.

A recogniser that knows Chinese, Japanese and Latin at once picks between 口 and ロ by shape, where a
reader picks by the word. Two kinds of repair: the scripts of the two neighbours decide alone where they
leave nothing open; where they do, a repair is made only if the engine was torn itself and the other
character came second. Whatever stays open stays as it was read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocr.detection import DetectedLine
from ocr.proofreading.ambiguous_characters import settled
from ocr.proofreading.scripts import is_han, is_hiragana, is_katakana

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
    "丸貫房杯側袋団帯端挙角隅瞬昼夜泊晩流等目見応極組箱束着両戸棟基機式店校町村県国軒通報品"
)
_SMALL_KATAKANA = frozenset("ァィゥェォッャュョ")
_HIRAGANA_AS_KATAKANA = dict(zip("べぺ", "ベペ", strict=True))
_KATAKANA_AS_HIRAGANA = {katakana: hiragana for hiragana, katakana in _HIRAGANA_AS_KATAKANA.items()}
# The second party of a contract: 「乙」, 甲又は乙は.
_PARTY = re.compile(r"(?<=「)こ(?=」)|(?<=甲又は)こ(?=[はがをに、）])|(?<=甲及び)こ(?=[はがをに、）])")
# No kana stands alone between kanji: 第ニ課, 加エ品, 十八日 read as 十ハ日. Counters written ヵ, カ, ヶ do.
_KATAKANA_BETWEEN_KANJI = {
    "ニ": "二",
    "ハ": "八",
    "エ": "工",
    "タ": "夕",
    "チ": "千",
    "カ": "力",
    "ロ": "口",
}
_COUNTED_BY_KA = frozenset("所月国年条村店件社寺箇個院点")
# The kanji that a 口 ends a word with, and the katakana words that follow one of them all the same.
_BEFORE_MOUTH = frozenset("川山出入窓人戸江田関谷坂野井樋溝堀浜橋東西南北改蛇火")
_RO_WORDS = re.compile(r"ロ(?:ー|[ァ-ヴ]?ッ|[イカガグケゴシスタビボマリン])")
_SENTENCE_MARK = "[、。，．,.）)」』】〕：；:;　 ]"
_STROKE_IN_NUMBER = re.compile(r"(?<=[0-9０-９])[ー一―—](?=[0-9０-９])")
_ONE = re.compile(
    rf"(?<=第)ー(?=[一-鿿])|(?:(?<=[同統唯単万百十])|(?<={_SENTENCE_MARK})|^)ー(?=[{''.join(_AFTER_NUMBER_ONE)}])"
    r"|(?<=[統同唯均万])ー(?![ァ-ヴー])"
)
# ㈱ with what the network makes of the brackets inside of it.
_COMPANY = re.compile(r"([(（]?)([㈱㈲㈹])([)）]?)")
# The dash that ends an amount: ￥1,250,000－.
_MONEY = re.compile(r"[¥￥\\][\d０-９][\d０-９,，]*[—―ー一−–](?=$|[\s（(])")
_POSTAL_MARK = re.compile(r"(?:^|(?<=[\s：:（(]))[テデT干千](?=\s?\d{3}[-－ー]\d{4}(?!\d))")
# One wide numeral read at both of its ends; ⅠⅠ and ⅩⅩ are numbers that are set so.
_NUMERAL_TWICE = re.compile(r"([Ⅱ-Ⅸ])\1+")
# The front bracket of ㈱ and ㈲ that the network leaves out, before a name.
_COMPANY_WITHOUT_FRONT = re.compile(r"^([株有])[)）](?=\S)")
_FIRST_ZERO = re.compile(r"(?<![0-9A-Za-z０-９Ａ-Ｚａ-ｚ.,\-])0(?=[A-Z])")
# ISO 9001, Oリング.
_ZERO_FOR_LETTER = re.compile(r"(?<![0-9A-Za-z]IS)(?<=IS)0(?=[ -]?\d{4,5}(?!\d))|(?<![\d.,])0(?=リング|脚)")
_LETTER_IN_NUMBER = re.compile(r"(?<=\d)[OoО](?=[\d,.年月日時分円個台件%％])|(?<=\d,)[OoО](?=\d)")


def repaired(line: DetectedLine) -> DetectedLine:
    """`line` with its look-alikes put right; `original` holds what was read where that differs."""
    rivals = line.rivals if len(line.rivals) == len(line.text) else ()
    text = repair(line.text, rivals, vertical=line.vertical)
    return line if text == line.text else replace(line.saying(text), original=line.text)


def repair(text: str, rivals: Sequence[str] = (), *, vertical: bool) -> str:
    """`text` of one line with look-alikes put right; in a column the long-vowel mark stands upright.

    `rivals` are the characters that came second, one for each of `text`, empty where none was close; no
    rivals at all where the engine does not tell.
    """
    if rivals:
        text = _with_first_letters(settled(text, rivals), rivals)
        text = _NUMERAL_TWICE.sub(r"\1", _COMPANY_WITHOUT_FRONT.sub(r"(\1)", text))
    text = _COMPANY.sub(_without_brackets, text)
    text = _PARTY.sub("乙", text)
    for _ in range(2):  # a repaired character is a neighbour that tells the next one
        text = "".join(_repaired(text, at, vertical) for at in range(len(text)))
    if not vertical:
        text = _ONE.sub("一", _STROKE_IN_NUMBER.sub("-", text))
        text = _POSTAL_MARK.sub("〒", text)
        text = _MONEY.sub(lambda amount: f"{amount[0][:-1]}－", text)
    return _LETTER_IN_NUMBER.sub("0", _ZERO_FOR_LETTER.sub("O", text))


def _with_first_letters(text: str, rivals: Sequence[str]) -> str:
    """`text` with each 0 as O that begins a word of capitals (OX-100) and that the engine was torn about."""
    letters = [*text]
    for found in _FIRST_ZERO.finditer(text):
        if rivals[found.start()] == "O":
            letters[found.start()] = "O"
    return "".join(letters)


def _without_brackets(company: re.Match[str]) -> str:
    """㈱ without the brackets that are its own; one of a pair that goes on stays: （㈱富士の担当）."""
    opening, sign, closing = company.groups()
    before, after = company.string[: company.start()], company.string[company.end() :]
    if opening and not closing and re.match("[^(（]*[)）]", after):
        return opening + sign
    if closing and not opening and re.search("[(（][^)）]*$", before):
        return sign + closing
    return sign


def _repaired(text: str, at: int, vertical: bool) -> str:
    this, left, right = _around(text, at)
    if this in _STROKES:
        return "ー" if _is_long_vowel(this, left, right, vertical) else this
    if this in _KANJI_AS_KATAKANA and _is_katakana_word(text, at):
        return _KANJI_AS_KATAKANA[this]
    if this in _KATAKANA_BETWEEN_KANJI and _is_kanji_word(text, at):
        return _KATAKANA_BETWEEN_KANJI[this]
    if this in _HIRAGANA_AS_KATAKANA and is_katakana(right) and not is_han(left):
        return _HIRAGANA_AS_KATAKANA[this]
    if this in _KATAKANA_AS_HIRAGANA and is_hiragana(right) and not _kana_word(left):
        return _KATAKANA_AS_HIRAGANA[this]
    if this == "へ" and ((is_katakana(right) and not left) or right in _SMALL_KATAKANA or right == "ー"):
        return "ヘ"
    if this == "ヘ" and left and left not in "(（" and not _kana_word(right):
        return "へ"
    return this


def _is_long_vowel(this: str, left: str, right: str, vertical: bool) -> bool:
    if not (is_katakana(left) or (left == "ー" and is_katakana(right))):
        return False
    if this == "一":
        return not (right and right in _AFTER_NUMBER_ONE)
    if this in "|丨｜":
        return vertical or is_katakana(right)
    return is_katakana(right) or is_hiragana(right)


def _is_katakana_word(text: str, at: int) -> bool:
    """Whether the kanji at `at` stands where only katakana can."""
    this, left, right = _around(text, at)
    after = _kana_word(right)
    if right and (right == "ー" or right in _SMALL_KATAKANA):
        return True
    if _kana_word(left) and after:
        return True
    if this in _RARE_BESIDE_KATAKANA and _kana_word(left) and not is_han(right):
        return True
    if this == "口" and (left == "り" or text.startswith("コミ", at + 1)):
        return False  # 入り口, 口コミ
    if this == "了":
        return after and left not in _BEFORE_FINISH
    return this in _NEVER_BEFORE_KATAKANA and after and not is_han(left) and not left.isdigit()


def _is_kanji_word(text: str, at: int) -> bool:
    """Whether the katakana at `at` stands where only kanji can."""
    this, left, right = _around(text, at)
    if this == "ロ" and left in _BEFORE_MOUTH:
        return not _RO_WORDS.match(text, at)
    if this == "カ" and right in _COUNTED_BY_KA:
        return False
    return is_han(left) and is_han(right)


def _kana_word(character: str) -> bool:
    return is_katakana(character) or character == "ー"


def _around(text: str, at: int) -> tuple[str, str, str]:
    """The character at `at`, the one before it and the one after it, empty where there is none."""
    return text[at], text[at - 1 : at] if at else "", text[at + 1 : at + 2]
