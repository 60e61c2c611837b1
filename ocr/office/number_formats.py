"""Numbers as Excel shows them: the format codes of ECMA-376 (18.8.30), with those built in for Japan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

from ocr.office.date_formats import is_date_format, shown_date

GENERAL = "General"
# What a workbook names by number alone, as a Japanese Excel shows it; the rest of 0-163 is not in use.
_ERA_DATE = 'ggge"年"m"月"d"日"'
BUILTIN = {
    0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "¥#,##0;¥-#,##0", 6: "¥#,##0;¥-#,##0",
    7: "¥#,##0.00;¥-#,##0.00", 8: "¥#,##0.00;¥-#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm", 27: "ge.m.d",
    28: _ERA_DATE, 29: _ERA_DATE, 30: "m/d/yy", 31: 'yyyy"年"m"月"d"日"', 32: 'h"時"mm"分"',
    33: 'h"時"mm"分"ss"秒"', 34: 'yyyy"年"m"月"', 35: 'm"月"d"日"', 36: "ge.m.d", 37: "#,##0;-#,##0",
    38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00", 41: "#,##0;-#,##0;-",
    42: "¥#,##0;-¥#,##0;¥-", 43: "#,##0.00;-#,##0.00;-", 44: "¥#,##0.00;-¥#,##0.00;¥-", 45: "mm:ss",
    46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@", 50: "ge.m.d", 51: _ERA_DATE,
    52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: _ERA_DATE, 55: 'yyyy"年"m"月"', 56: 'm"月"d"日"',
    57: "ge.m.d", 58: _ERA_DATE,
}  # fmt: skip
LONGEST_CODE = 400  # characters; Excel takes 255
MOST_DIGITS = 40  # of a fraction, or of a number with leading zeros

_SECTION = re.compile(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;])+|(?<=;)(?=;|$)|^(?=;)')
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?[\d.]+)\]")
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]|\[[^\]]*\]'
    r"|(?P<general>General|G/標準)|(?P<exponent>E[+-])|(?P<mark>[0#?.,%/@])|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Token:
    """`kind` is literal, digit, general, exponent, or the mark itself."""

    kind: str
    text: str


def shown(value: float, code: str, *, since_1904: bool = False) -> str:
    """The number as a cell of the format shows it; `since_1904` says how its workbook counts days."""
    code = code[:LONGEST_CODE]
    section, magnitude = _section(value, code)
    if is_date_format(section):
        return shown_date(value, section, since_1904=since_1904)
    return _shown_number(magnitude, _tokens(section))


def shown_text(text: str, code: str) -> str:
    """A text as a cell of the format shows it: with what the format puts around it (@"様")."""
    if code == GENERAL or ("@" not in code and code.count(";") < 3):
        return text
    sections = _SECTION.findall(code[:LONGEST_CODE])
    section = sections[3] if len(sections) > 3 else next((one for one in sections if "@" in one), "@")
    return "".join(text if token.kind == "@" else token.text for token in _tokens(section))


def general(value: float) -> str:
    """The number in full, with the fifteen digits that a workbook keeps of it."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}".replace("e", "E")


def _section(value: float, code: str) -> tuple[str, float]:
    """The part of the format that is for the value, and the value as that part shows it: a part for negative
    numbers shows their sign itself."""
    sections = _SECTION.findall(code) or [GENERAL]
    conditions = [_CONDITION.search(section) for section in sections[:2]]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=False):
            if condition is None or _holds(value, condition[1], float(condition[2])):
                return section, value
        return sections[min(2, len(sections) - 1)], value
    if value < 0 and len(sections) > 1:
        return sections[1], -value
    if value == 0 and len(sections) > 2:
        return sections[2], value
    return sections[0], value


def _holds(value: float, sign: str, bound: float) -> bool:
    return {
        "<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound,
        "=": value == bound, "<>": value != bound,
    }[sign]  # fmt: skip


@lru_cache(maxsize=1024)
def _tokens(section: str) -> tuple[_Token, ...]:
    return tuple(_read(section))


def _read(section: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(section):
        kind = found.lastgroup
        if kind in ("quoted", "escaped", "currency", "other"):
            # Japanese typefaces show a yen sign where the code of the backslash stands.
            yield _Token("literal", found[kind].replace("\\", "¥"))
        elif kind == "mark":
            yield _Token("digit" if found[0] in "0#?" else found[0], found[0])
        elif kind is not None:
            yield _Token(kind, found[0])


def _shown_number(value: float, tokens: Sequence[_Token]) -> str:
    kinds = [token.kind for token in tokens]
    sign = "-" if value < 0 else ""
    if "general" in kinds or "@" in kinds or "digit" not in kinds:
        if not any(kind in ("general", "@") for kind in kinds):
            return "".join(token.text for token in tokens if token.kind in ("literal", ".", "/"))
        number = general(abs(value))
        shown = (number if token.kind in ("general", "@") else token.text for token in tokens)
        return sign + "".join(shown)
    if "exponent" in kinds:
        return sign + _scientific(abs(value), tokens)
    if "/" in kinds:
        return sign + _fraction(abs(value), tokens)
    text, is_zero = _decimal(abs(value), tokens)
    return text if is_zero else sign + text


def _decimal(value: float, tokens: Sequence[_Token]) -> tuple[str, bool]:
    """The value in digits, and whether these are all zero."""
    point = next((at for at, token in enumerate(tokens) if token.kind == "."), len(tokens))
    whole = [at for at, token in enumerate(tokens) if token.kind == "digit" and at < point]
    parts = [at for at, token in enumerate(tokens) if token.kind == "digit" and at > point]
    last = whole[-1] if whole else (parts[0] if parts else 0)
    commas = [at for at, token in enumerate(tokens) if token.kind == ","]
    thousands = any(whole and whole[0] < at < last for at in commas)
    scaled = sum(at > last and (not parts or at < point or at > parts[-1]) for at in commas)
    per_cent = sum(token.kind == "%" for token in tokens)
    digits, fraction = _rounded(value, 2 * per_cent - 3 * scaled, len(parts))
    least = len(whole) - next((n for n, at in enumerate(whole) if tokens[at].text == "0"), len(whole))
    digits = digits.lstrip("0").rjust(min(least, MOST_DIGITS), "0")
    shown_fraction = fraction
    while shown_fraction and shown_fraction[-1] == "0" and tokens[parts[len(shown_fraction) - 1]].text == "#":
        shown_fraction = shown_fraction[:-1]
    found = []
    for at, token in enumerate(tokens):
        if at in whole:
            place = whole.index(at)
            first = len(digits) - len(whole) + place
            some = (
                digits[: first + 1] if place == 0 and first >= 0 else digits[first : first + 1] * (first >= 0)
            )
            found.append(_grouped(some, len(whole) - 1 - place) if thousands else some)
        elif at in parts:
            found.append(shown_fraction[parts.index(at) : parts.index(at) + 1])
        elif token.kind != ",":
            found.append(token.text)
    text = "".join(found)
    if not whole and parts:
        text = text.replace(".", f"{digits}.", 1)
    return text.strip(), not (digits.strip("0") or fraction.strip("0"))


def _grouped(digits: str, after: int) -> str:
    """Digits of which `after` more follow, a comma behind each that ends a group of three."""
    return "".join(
        digit + ("," if (left := len(digits) - 1 - at + after) and left % 3 == 0 else "")
        for at, digit in enumerate(digits)
    )


def _rounded(value: float, shift: int, decimals: int) -> tuple[str, str]:
    """The digits before and behind the point of a value times ten to the `shift`, the half rounded up."""
    try:
        exact = Decimal(repr(value)).scaleb(shift)
        kept = min(decimals, MOST_DIGITS)
        number = f"{exact.quantize(Decimal(1).scaleb(-kept), ROUND_HALF_UP):f}"
    except InvalidOperation:  # more digits than decimals hold
        number = f"{value * 10.0**shift:.{min(decimals, 15)}f}"
    digits, _, fraction = number.partition(".")
    return digits, fraction.ljust(decimals, "0")[:decimals]


def _scientific(value: float, tokens: Sequence[_Token]) -> str:
    at = next(number for number, token in enumerate(tokens) if token.kind == "exponent")
    point = next((n for n, token in enumerate(tokens[:at]) if token.kind == "."), at)
    decimals = sum(token.kind == "digit" for token in tokens[point:at])
    width = sum(token.kind == "digit" for token in tokens[at:])
    mantissa, _, exponent = f"{value:.{min(decimals, 15)}E}".partition("E")
    sign = "-" if exponent.startswith("-") else "+" if tokens[at].text.endswith("+") else ""
    before = "".join(token.text for token in tokens[:at] if token.kind == "literal")
    after = "".join(token.text for token in tokens[at:] if token.kind == "literal")
    return f"{before}{mantissa}E{sign}{exponent.lstrip('+-').lstrip('0').rjust(width, '0')}{after}"


def _fraction(value: float, tokens: Sequence[_Token]) -> str:
    """A whole number and a fraction of as many digits as there are behind the stroke."""
    at = next(number for number, token in enumerate(tokens) if token.kind == "/")
    width = sum(token.kind == "digit" for token in tokens[at:])
    fixed = "".join(token.text for token in tokens[at:] if token.kind == "literal").strip()
    most = 10 ** min(max(width, 1), 4) - 1
    whole = int(value)
    if fixed.isdigit() and int(fixed) > 0:
        top, bottom = round((value - whole) * int(fixed)), int(fixed)
    else:
        part = Fraction(value - whole).limit_denominator(most)
        top, bottom = part.numerator, part.denominator
    if top == bottom:
        whole, top = whole + 1, 0
    if not top:
        return str(whole)
    return f"{whole} {top}/{bottom}" if whole else f"{top}/{bottom}"
