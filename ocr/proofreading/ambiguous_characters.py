"""Where an engine was torn between two look-alikes: the one that the context, or a word, speaks for.

A network that reads a character for sure gives the runner-up next to nothing. Where it gives a hundredth
or more to a look-alike, less of the context is needed than to change a character that was never in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from ocr.proofreading.business_words import WORDS
from ocr.proofreading.scripts import is_han, is_hiragana, is_katakana

# Forms of before 1949 and the ones that documents print; in print only names still have the old ones.
_OLD_FORMS = (
    "穗穂惠恵眞真愼慎鎭鎮德徳顏顔步歩黃黄假仮價価儉倹劍剣險険檢検驗験擧挙譽誉勞労榮栄營営螢蛍學学覺覚樂楽"
    "藥薬續続讀読賣売濱浜濟済齋斎齊斉劑剤廣広擴拡鑛鉱國国圍囲團団圓円圖図來来峽峡狹狭挾挟藝芸豐豊禮礼臺台"
    "體体變変戀恋灣湾發発廢廃辯弁邊辺寫写數数樓楼屬属獨独觸触氣気巖巌嚴厳條条滯滞帶帯澤沢擇択譯訳釋釈驛駅"
    "瀧滝繩縄龜亀縣県縱縦從従總総聽聴聰聡齡齢齒歯懷懐壞壊櫻桜攝摂澁渋壘塁疊畳纖繊殘残錢銭淺浅踐践"
)
_MODERN = dict(zip(_OLD_FORMS[::2], _OLD_FORMS[1::2], strict=True))
_KATAKANA_OF = dict(zip("口力夕二三八工千卜才了一へべぺ", "ロカタニミハエチトオアーヘベペ", strict=True))
_KANJI_OF = {katakana: kanji for kanji, katakana in _KATAKANA_OF.items() if is_han(kanji)}
# Small vowels make one sound with these: フィ, チェ; the large one after them is the older spelling.
_SMALL = {("イ", "ィ"): "フヴ", ("エ", "ェ"): "フシジヴ", ("オ", "ォ"): "フヴ", ("ア", "ァ"): "フヴ"}
_NUMBERS = frozenset("一二三八千")
_PARTICLES_AFTER, _PARTICLES_BEFORE = "はがをにとのへ、。」）)", "、。をはがにとびは「（("


def settled(text: str, rivals: Sequence[str]) -> str:
    """`text` with its torn characters decided; `rivals` are those that came second, one a character."""
    for word, start in _words_found(text, rivals):
        text = text[:start] + word + text[start + len(word) :]
    for at, rival in enumerate(rivals):
        # What is decided is context for the next one: 才オ三チ becomes オオミチ from its left to its right.
        if rival and _rather(text, at, rival):
            text = text[:at] + rival + text[at + 1 :]
    return text


def _words_found(text: str, rivals: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Words that stand in the text once rivals are let in, where no word stands as it was read."""
    for at, rival in enumerate(rivals):
        # Where kana and kanji are torn, kana is what most sentences have.
        if not rival or (is_hiragana(text[at]) and is_han(rival)):
            continue
        if any(_stands(text, (), *place) for place in _places(text[at], at)):
            continue
        for word, start in _places(rival, at):
            if _stands(text, rivals, word, start):
                yield word, start
                break


def _places(character: str, at: int) -> Iterator[tuple[str, int]]:
    """Every word with `character`, and where it begins if that character stands at `at`."""
    for word, offset in _by_character().get(character, ()):
        yield word, at - offset


def _stands(text: str, rivals: Sequence[str], word: str, start: int) -> bool:
    """Whether `word` is read at `start`, at most half of it out of `rivals`."""
    if start < 0 or start + len(word) > len(text):
        return False
    others = [at for at, character in enumerate(word, start) if text[at] != character]
    return 2 * len(others) <= len(word) and all(
        bool(rivals) and rivals[at] == word[at - start] for at in others
    )


@cache
def _by_character() -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for word in WORDS:
        for offset, character in enumerate(word):
            found.setdefault(character, []).append((word, offset))
    return found


def _rather(text: str, at: int, rival: str) -> bool:
    """Whether `rival` fits better at `at` than what was read."""
    this, left, right = text[at], text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if _MODERN.get(this) == rival:
        return True
    match this, rival:
        case "株", "㈱":
            # The network hardly dares to say it; printed 株 never has it second.
            return True
        case "こ", "乙":
            return (not left or left in _PARTICLES_BEFORE) and right != "" and right in _PARTICLES_AFTER
        case (".", ",") | (",", "."):
            # 132,000 but 1.5: groups are of three digits, and decimals of money have two at most.
            digits = re.match(r"\d{3}(?!\d)", text[at + 1 :])
            return left.isdigit() and (digits is not None) == (rival == ",")
        case ("へ", "ヘ") | ("べ", "ベ") | ("ぺ", "ペ"):
            return is_katakana(left) and is_katakana(right)
    if _KATAKANA_OF.get(this) == rival:
        if this in _NUMBERS:
            return is_katakana(left) and not is_han(right)
        return is_katakana(left) or is_katakana(right)
    if _KANJI_OF.get(this) == rival:
        return not any(is_katakana(other) or other == "ー" for other in (left, right)) and is_han(right)
    return left != "" and left in _SMALL.get((this, rival), "")
