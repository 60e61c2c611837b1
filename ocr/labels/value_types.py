"""What kind of value a short text is by its looks: what repeats down the columns of a table."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache

from ocr.script.widths import without_blanks

LONGEST = 24  # characters; longer texts are prose


class ValueType(StrEnum):
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    CODE = "code"
    MARK = "mark"


_YEAR = r"(?:令和|平成|昭和|[RHS])?(?:\d{1,4}|元)"
_DAY = r"(?:\([月火水木金土日]\))?"
_CLOCK = r"\d{1,2}(?::\d{2}|時(?:\d{1,2}分|半)?)"
_SHAPES = (
    (ValueType.MARK, re.compile(r"[○◯〇×✕△▲◎●✓✔レ―ー—\-]|☐|☑|☒|□|■")),
    (ValueType.TIME, re.compile(rf"{_CLOCK}(?:[~〜\-]{_CLOCK})?")),
    (
        ValueType.DATE,
        re.compile(
            rf"{_YEAR}(?:年\d{{1,2}}月(?:\d{{1,2}}日)?|[/.\-]\d{{1,2}}[/.\-]\d{{1,2}}){_DAY}"
            rf"|\d{{1,2}}(?:月\d{{1,2}}日|/\d{{1,2}}){_DAY}|\d{{1,2}}[月日]{_DAY}|\d{{4}}(?:年|/\d{{1,2}})"
        ),
    ),
    (ValueType.NUMBER, re.compile(r"[(]?[▲△+\-¥\\]?[¥\\]?\d(?:[\d,.]*\d)?[)]?(?:m[23]|[^\d()\-:/]{0,3})")),
    (ValueType.CODE, re.compile(r"(?=.*\d)[A-Z0-9]+(?:[-/][A-Z0-9]+)*", re.IGNORECASE)),
)  # fmt: skip
_BLANK_TO_FILL = re.compile(r"[年月日時分円~〜:/()・]+")


@lru_cache(maxsize=4096)
def value_type(text: str) -> ValueType | None:
    """The type of a value, None for words, prose and nothing; blanks and widths do not matter."""
    if not text or len(text) > LONGEST:
        return None
    compact = unicodedata.normalize("NFKC", without_blanks(text)).replace("−", "-")
    return next((kind for kind, shape in _SHAPES if shape.fullmatch(compact)), None)


def is_blank_to_fill(text: str) -> bool:
    """Whether the text may be what is printed around a value yet to be written: 時　分, 年　月　日."""
    return bool(_BLANK_TO_FILL.fullmatch(unicodedata.normalize("NFKC", without_blanks(text))))
