"""The numbers that Word puts before paragraphs: they stand in no text, and 第3条 is lost without them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.media.package_names import W
from ocr.office.word.word_styles import number_of, value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element as Element

BULLET = "・"
_PLACE = re.compile("%([1-9])")
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
          (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"
_DIGITS = "〇一二三四五六七八九"
_LEGAL_DIGITS = "零壱弐参四伍六七八九"
_SERIES = {
    "aiueo": _AIUEO, "aiueoFullWidth": _AIUEO, "iroha": _IROHA, "irohaFullWidth": _IROHA,
    "upperLetter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "lowerLetter": "abcdefghijklmnopqrstuvwxyz",
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸", "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
    "ideographEnclosedCircle": "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉",
    "decimalEnclosedCircle": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedCircleChinese": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedParen": "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇",
    "decimalEnclosedFullstop": "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛",
}  # fmt: skip
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a list: `text` with %1, %2 … in the places of the numbers of the levels."""

    start: int
    style: str
    text: str


@dataclass(frozen=True, slots=True)
class _List:
    """`counters` names what counts its paragraphs: lists of one kind go on with each other."""

    counters: str
    levels: Mapping[int, Level]
    restarts: Mapping[int, int]


class Numbering:
    """Counts the paragraphs of all lists of a document, in the order in which they are asked for."""

    def __init__(self, root: Element | None) -> None:
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        if root is None:
            return
        kinds = {one.get(f"{W}abstractNumId", ""): _levels(one) for one in root.iter(f"{W}abstractNum")}
        for one in root.iter(f"{W}num"):
            kind = value(one, "abstractNumId") or ""
            levels = dict(kinds.get(kind, {}))
            restarts = {}
            for override in one.iter(f"{W}lvlOverride"):
                at = int(number_of(override.get(f"{W}ilvl")) or 0)
                levels |= _levels(override)
                start = number_of(value(override, "startOverride"))
                if start is not None:
                    restarts[at] = int(start)
            self._lists[one.get(f"{W}numId", "")] = _List(kind, levels, restarts)

    def label(self, numbered: tuple[str, int]) -> str | None:
        """What stands before the next paragraph of a list on a level; None for one in no list."""
        identity, at = numbered
        found = self._lists.get(identity)
        level = found.levels.get(at) if found is not None else None
        if found is None or level is None:
            return None
        counts = self._counts.setdefault(found.counters, {})
        if at in found.restarts and (identity, at) not in self._begun:
            self._begun.add((identity, at))
            counts[at] = found.restarts[at]
        else:
            counts[at] = counts.get(at, level.start - 1) + 1
        for deeper in [one for one in counts if one > at]:
            del counts[deeper]
        if level.style == "bullet":
            return BULLET if level.text else ""

        def number(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            other = found.levels.get(place, level)
            return formatted(counts.get(place, other.start), other.style)

        return _PLACE.sub(number, level.text)


def _levels(parent: Element) -> dict[int, Level]:
    return {
        int(number_of(one.get(f"{W}ilvl")) or 0): Level(
            start=int(number_of(value(one, "start")) or 0),
            style=value(one, "numFmt") or "decimal",
            text=value(one, "lvlText") or "",
        )
        for one in parent.iter(f"{W}lvl")
    }


def formatted(number: int, style: str) -> str:
    """A number in one of the styles of ECMA-376 (17.18.59), in digits where it is none of those known."""
    series = _SERIES.get(style)
    if series is not None and 0 < number <= len(series):
        return series[number - 1]
    match style:
        case "none":
            return ""
        case "decimalZero":
            return f"{number:02}"
        case "upperRoman" | "lowerRoman" if 0 < number < 4000:
            roman = _roman(number)
            return roman if style == "upperRoman" else roman.lower()
        case "decimalFullWidth" | "decimalFullWidth2":
            return str(number).translate(_FULL_WIDTH)
        case "numberInDash":
            return f"- {number} -"
        case "japaneseDigitalTenThousand" | "ideographDigital" | "taiwaneseDigital":
            return "".join(_DIGITS[int(digit)] for digit in str(abs(number)))
        case "japaneseCounting" | "chineseCounting" | "chineseCountingThousand" | "taiwaneseCounting":
            return _counted(number, _DIGITS, "十百千")
        case "japaneseLegal":
            return _counted(number, _LEGAL_DIGITS, "拾百阡", ones=True)
    return str(number)


def _roman(number: int) -> str:
    found = ""
    for worth, letters in _ROMAN:
        found += letters * (number // worth)
        number %= worth
    return found


def _counted(number: int, digits: str, units: str, *, ones: bool = False) -> str:
    """十一, 百二十; with `ones` 壱拾壱."""
    if not 0 < number < 10_000:
        return str(number)
    found = ""
    for power in (3, 2, 1):
        digit = number // 10**power % 10
        if digit:
            found += (digits[digit] if digit > 1 or ones else "") + units[power - 1]
    return found + (digits[number % 10] if number % 10 else "")
