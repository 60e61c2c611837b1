"""How much of a sentence is no language but what recognition makes of stamps, rules and smudges."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from nlu.text.sudachi_words import Word

DEBRIS = 0.5
"""Share of broken characters from which on a sentence is called debris; an application may ask for more."""
FEWEST = 4
"""Characters below which nothing is called debris: OK, 可 and 👍 are answers."""
# With a word of the dictionary in it a sentence has to be broken through and through.
_SURE = 0.8

_ORDINARY = frozenset("、。，．,.・「」『』()（）［］[]【】〔〕〈〉《》％%-－―ー～〜/:：!?！？¥￥@&+#…→＝=※")
_FUNCTIONAL = ("助詞", "助動詞", "接尾辞", "接頭辞")
_CONTENT = (
    "名詞-普通名詞",
    "名詞-固有名詞",
    "動詞",
    "形容詞",
    "形状詞",
    "副詞",
    "感動詞",
    "接続詞",
    "代名詞",
)
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-鿿々ｦ-ﾟ]")
_KANA = re.compile(r"[ぁ-んァ-ヶｦ-ﾟa-z]")
_LATIN_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+\d*|[A-Za-z]+\d+|\d+[A-Za-z]*")


def broken_share(words: Sequence[Word]) -> float:
    """Share (0 to 1) of the characters of `words` that stand in no word: odd marks, scraps of letters that no
    dictionary has, single kana in a row. Figures and ordinary punctuation count neither way; 0 for less than
    FEWEST characters. The words should be those of NFKC text."""
    broken = sound = 0
    has_word = False
    alone = [_is_alone(word) for word in words]
    for number, word in enumerate(words):
        if word.text.isspace() or set(word.text) <= _ORDINARY or word.text.isdecimal():
            continue
        in_a_row = any(alone[max(0, number - 1) : number]) or any(alone[number + 1 : number + 2])
        if _is_scrap(word) or (alone[number] and in_a_row):
            broken += len(word.text)
        else:
            sound += len(word.text)
            has_word = has_word or (len(word.text) > 1 and word.known and word.tag.startswith(_CONTENT))
    share = broken / (broken + sound) if broken + sound >= FEWEST else 0.0
    return share if not has_word or share >= _SURE else 0.0


def _is_scrap(word: Word) -> bool:
    if word.text.isascii() and word.text.isalnum():
        return len(word.text) > 1 and _LATIN_WORD.fullmatch(word.text) is None
    if word.tag.startswith(("補助記号", "記号")) and not word.text.isalpha():
        return not any(unicodedata.category(character) == "So" for character in word.text)
    return not word.known and (len(word.text) < 3 or not _JAPANESE.search(word.text))


def _is_alone(word: Word) -> bool:
    """A single katakana or small letter, or a hiragana that is no particle or ending."""
    particle = "ぁ" <= word.text[0] <= "ん" and word.tag.startswith(_FUNCTIONAL)
    return _KANA.fullmatch(word.text) is not None and not particle
