"""Which characters of a sound text layer a font tells wrongly, judged font by font.

A page is set in several fonts, and one of them may have a broken map: its figures become private codes,
replacement characters, or signs (令和’年˜月•日). The shares of the whole page do not tell that.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ocr.layers.layer_parts import Character, is_blank
from ocr.layers.text_layer import TextLayer
from ocr.layers.trust import ENOUGH_TO_JUDGE, looks_written

# Of a font's characters: so many without a meaning leave none of the others to be believed.
MOST_BAD = 0.3
# Signs make up this much of a font that has figures or letters mapped to them, and are of several kinds; a
# font of bullets has one or two.
MOSTLY_SIGNS = 0.5
FEWEST_SIGNS = 3
# Runs of a font that stand where figures are wanted and have none, and their share of the font's runs.
FEWEST_EXPECTED = 2
MOSTLY_EXPECTED = 0.4
# Ems between a character and what it is counted with: 年 after the figures of a year.
NEXT = 1.0
_NO_MEANING = frozenset(("Cc", "Cn", "Co", "Cs"))
_COUNTED = re.compile(r"[年月日時分秒円件個台枚名本回号階人歳才％%週ヶ箇部冊]")
_COUNTING = re.compile(r"[和成正治第約計¥￥]")
_NUMERALS = re.compile(r"[0-9０-９〇一二三四五六七八九十百千万億数何毎前後翌当昨今元各全同両]")
_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿豈-﫿ｦ-ﾟ々〆]")
# Signs that stand in Japanese text by themselves, in whatever number.
_QUOTES = frozenset("‘’“”")  # usual, too, but where a font has unusual signs
_USUAL = frozenset(
    "、。，．・：；？！゛゜´｀¨＾￣＿ヽヾゝゞ〃仝々〆〇ー―‐／＼～∥｜…‥‘’“”（）〔〕［］｛｝〈〉《》「」『』【】＋－±×÷＝"
    "≠＜＞≦≧∞∴♂♀°′″℃￥＄￠￡％＃＆＊＠§☆★○●◎◇◆□■△▲▽▼※〒→←↑↓〓"
)


@dataclass(frozen=True, slots=True)
class Doubts:
    """Characters by their number in the layer: those that mean nothing as they are told, and those of fonts
    that may tell something else than they show, of which only their looks can judge."""

    meaningless: frozenset[int] = frozenset()
    unlikely: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.meaningless or self.unlikely)


def doubts_about(layer: TextLayer) -> Doubts:
    """What of the layer's visible characters is not to be taken as its fonts tell it."""
    by_font: dict[int, list[int]] = defaultdict(list)
    for at, character in enumerate(layer.characters):
        if not character.hidden and not is_blank(character.text):
            by_font[character.font].append(at)
    meaningless: set[int] = set()
    unlikely: set[int] = set()
    runs: dict[int, list[_Run]] | None = None
    for font, numbers in by_font.items():
        characters = [layer.characters[at] for at in numbers]
        bad = [at for at in numbers if is_meaningless(layer.characters[at])]
        if font >= 0 and len(bad) >= MOST_BAD * len(numbers):
            meaningless.update(numbers)
            continue
        meaningless.update(bad)
        if font < 0 or len(by_font) == 1:
            continue
        text = "".join(character.text for character in characters)
        if _may_be_figures(text):
            runs = runs or _runs(layer)
            odd = _are_signs(text) or _stand_for_figures(runs[font])
        else:
            odd = len(text) >= ENOUGH_TO_JUDGE and not looks_written(text)
        if odd:
            unlikely.update(numbers)
    return Doubts(frozenset(meaningless), frozenset(unlikely))


def is_meaningless(character: Character) -> bool:
    """Whether no reader can tell what the character is: unknown, private, or a control code."""
    return (
        character.unmapped
        or "\ufffd" in character.text
        or (
            not character.text.isalnum()
            and any(unicodedata.category(c) in _NO_MEANING for c in character.text)
        )
    )


def _may_be_figures(text: str) -> bool:
    """Whether a font has neither figures nor Japanese."""
    return not (any(map(str.isdigit, text)) or _JAPANESE.search(text))


def _are_signs(text: str) -> bool:
    signs = [c for c in text if not c.isascii() and c not in _USUAL]
    signs_and_quotes = len(signs) + sum(c in _QUOTES for c in text)
    return len(set(signs)) >= FEWEST_SIGNS and signs_and_quotes >= MOSTLY_SIGNS * len(text)


# What was drawn in one font in one go, with what was drawn before and after it.
_Run = tuple[Character | None, list[Character], Character | None]


def _runs(layer: TextLayer) -> dict[int, list[_Run]]:
    """The runs of each font."""
    written = [c for c in layer.characters if not c.hidden and not is_blank(c.text)]
    parts = [list(part) for _, part in groupby(written, key=lambda character: character.font)]
    found: dict[int, list[_Run]] = defaultdict(list)
    for before, part, after in zip([None, *parts], parts, [*parts[1:], None], strict=False):
        found[part[0].font].append((before[-1] if before else None, part, after[0] if after else None))
    return found


def _stand_for_figures(runs: Sequence[_Run]) -> bool:
    expected = sum(_wants_figures(before, run, after) for before, run, after in runs)
    return expected >= FEWEST_EXPECTED and expected >= MOSTLY_EXPECTED * len(runs)


def _wants_figures(before: Character | None, run: Sequence[Character], after: Character | None) -> bool:
    """Whether the characters stand between 令和 and 年, or before 円, and are no figures."""
    if _NUMERALS.search("".join(character.text for character in run)):
        return False
    counted = after is not None and _COUNTED.match(after.text) and _are_next(run[-1], after)
    counting = before is not None and _COUNTING.match(before.text) and _are_next(before, run[0])
    return bool(counted or counting)


def _are_next(one: Character, other: Character) -> bool:
    em = max(one.size, other.size, 1.0)
    across = max(other.box.x0 - one.box.x1, one.box.x0 - other.box.x1)
    down = max(other.box.y0 - one.box.y1, one.box.y0 - other.box.y1)
    return max(across, down) <= NEXT * em
