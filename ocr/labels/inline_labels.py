"""Labels that stand before their values with neither colon nor ruling: ご請求金額 ¥368,500-.

A blank alone parts words of a sentence as well, so that only such labels count that keep what they promise:
an amount behind 金額, a registration behind 登録番号, or several labels and values in turn on one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from ocr.detection import DetectedLine
from ocr.document import ValueKind
from ocr.labels.label_likeness import is_usual_label
from ocr.labels.pairs import ENDS_WITH_COLON, as_label, opens_pair
from ocr.order.xy_cut import rows_of
from ocr.script.widths import cut, em, text_width, without_blanks
from ocr.values.field_values import kind_of_value, value_of
from ocr.values.value_labels import names_a_date, names_a_phone, names_free_text, names_money

FURTHEST = 24.0  # ems between a label and its amount on one line
FEWEST_PAIRS = 2  # labels with values on one line, without anything else
LONGEST_WORD = 16.0  # ems of a value between labels
LONGEST_LINE, LONGEST_LABEL = 40, 8  # characters, where no blank parts labels and values

_POLITE = r"(?:ご|御|お)?\s?"
_AMOUNT = (
    rf"{_POLITE}(?:今回|当月|今月|税込み?|税抜き?)?\s?{_POLITE}(?:請求|見積り?|支払い?|振込|領収|契約|発注|注文|受注"
    r"|納品|合計|差引|買上げ?|購入|工事|入金|返金|精算|委託|取引|概算){0,2}\s?"
    r"(?:合計金?額|金\s?額|総\s?額|代金|合\s?計|(?<=.)額)(?:合計)?(?:[(（]税[込抜別]み?[)）])?"
)
_LABELLED_AMOUNT = re.compile(
    rf"(?P<label>{_AMOUNT})\s*(?P<value>[¥￥\\＼金△▲\d０-９一二三四五六七八九壱弐参].*)"
)
_AMOUNT_LABEL = re.compile(_AMOUNT)
_CURRENCY = re.compile(r"[¥￥\\＼円]|金.*也|\d,\d{3}")
_REGISTRATION_LABEL = (
    r"(?:(?:適格請求書発行)?事業者)?登録番号|適格請求書発行事業者番号|インボイス(?:登録)?番号|法人番号"
)
_REGISTRATION = re.compile(_REGISTRATION_LABEL)
_REGISTRATIONS = frozenset({ValueKind.TAX_REGISTRATION, ValueKind.CORPORATE_NUMBER})
_LABELLED_REGISTRATION = re.compile(
    rf"(?P<label>{_REGISTRATION_LABEL})\s*(?P<value>[TtＴｔ]?[\s\d０-９\-－‐―ー]+)$"
)
_DAY = re.compile(
    r"(?:(?:令和|平成|R|20)?[\d０-９元]{1,2}年)?(?:[\d０-９]{1,2}|来|今|翌)?月(?:[\d０-９]{1,2}日|末日?|初旬|上旬|中旬|下旬|頃|中)?"
    r"\s?(?:[（(].[)）])?\s?(?:まで|頃|ごろ|予定|必着|希望)?"
)
_PARTICLE = re.compile("[をがはにで]")
_EXTENSION = "内線"  # part of a telephone number
_OF_TIME = frozenset({ValueKind.DATE, ValueKind.PERIOD, ValueKind.TIME})
_DIGITS = re.compile(r"^[\d０-９(（+＋]")
Cut = tuple[int, int]  # where a label begins in a text, and where its value does


def with_marked_labels(lines: Iterable[DetectedLine]) -> tuple[DetectedLine, ...]:
    """The lines, each label that has its value behind it with a colon, and parted from it.

    The lines stand in no grid and in no table, where a label heads many values.
    """
    found: list[DetectedLine] = []
    for row in rows_of(lines):
        if any(line.vertical for line in row):
            found.extend(row)
            continue
        parted = [part for line in row for part in _parted(line)]
        found.extend(_with_promised(parted))
    return tuple(found)


def unmarked_cuts(text: str) -> tuple[Cut, ...]:
    """Where labels without a colon and their values begin in a text that holds such; none elsewhere."""
    if (match := _LABELLED_AMOUNT.fullmatch(text)) and _is_amount(match["value"], match["label"]):
        return ((0, match.start("value")),)
    if (match := _LABELLED_REGISTRATION.search(text)) and value_of(match["value"], match["label"]):
        return ((match.start("label"), match.start("value")),)
    return _behind_a_pair(text) if opens_pair(text) else _several(text)


def _is_amount(value: str, label: str) -> bool:
    found = value_of(value, label)
    return found is not None and found.kind is ValueKind.MONEY and bool(_CURRENCY.search(value))


def _several(text: str) -> tuple[Cut, ...]:
    """The labels of a line on which usual labels and short values take turns; one at least keeps what it
    promises, and it begins with a label."""
    words = [match.span() for match in re.finditer(r"\S+", text)]
    labels = [(start, end) for start, end in words if _is_label(text[start:end])]
    if len(labels) >= FEWEST_PAIRS and labels[0][0] == 0:
        pairs = _with_values(text, labels)
        if all(value for _, value in pairs) and any(keeps_promise(*pair) for pair in pairs):
            return _cuts(text, labels)
    return _without_blanks(text)


def _without_blanks(text: str) -> tuple[Cut, ...]:
    """The same of a line whose blanks were not read: where one value ends and the next label begins is told
    by one of the two being what its label promises."""
    labels: list[tuple[int, int]] = []
    at = 0
    while at < len(text) and len(text) <= LONGEST_LINE:
        end = _label_at(text, at)
        if end:
            labels.append((at, end))
        elif at == 0:
            return ()
        at = end + 1 if end else at + 1
    pairs = _with_values(text, labels)
    if len(labels) < FEWEST_PAIRS or any(not value or _PARTICLE.search(value) for _, value in pairs):
        return ()
    kept = [keeps_promise(*pair) for pair in pairs]
    return _cuts(text, labels) if all(one or other for one, other in pairwise(kept)) else ()


def _label_at(text: str, at: int) -> int:
    """Where the longest usual label that begins there ends, before the end of the text; 0 for none."""
    ends = range(min(at + LONGEST_LABEL, len(text) - 1), at + 1, -1)
    words = ((end, text[at:end]) for end in ends)
    return next((end for end, word in words if word == word.strip() and _is_label(word)), 0)


def _is_label(word: str) -> bool:
    return is_usual_label(word) and word != _EXTENSION


def _behind_a_pair(text: str) -> tuple[Cut, ...]:
    """The further labels of a line that opens with a label and a colon; each keeps what it promises."""
    colon = re.search("[：:]", text)
    if colon is None or names_free_text(text[: colon.start()]):
        return ()
    labels = [match.span() for match in re.finditer(r"(?<=\s)\S+(?=\s)", text) if _is_label(match.group())]
    pairs = zip(labels, _with_values(text, labels), strict=True)
    return _cuts(text, [label for label, pair in pairs if keeps_promise(*pair)])


def _with_values(text: str, labels: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
    """Each label with what stands between it and the next, nothing where that is too long for a value."""
    found = []
    for number, (start, end) in enumerate(labels):
        until = labels[number + 1][0] if number + 1 < len(labels) else len(text)
        value = text[end:until].strip()
        found.append((text[start:end], value if text_width(value) <= LONGEST_WORD else ""))
    return found


def _cuts(text: str, labels: Iterable[tuple[int, int]]) -> tuple[Cut, ...]:
    return tuple((start, end + len(text[end:]) - len(text[end:].lstrip())) for start, end in labels)


def keeps_promise(label: str, value: str) -> bool:
    """Whether the value is of the kind that its label names: a day, an amount, a telephone number."""
    if names_a_date(label):
        return bool(_DAY.fullmatch(value)) or kind_of_value(value, label) in _OF_TIME
    if names_money(label):
        return _is_amount(value, label)
    return names_a_phone(label) and bool(_DIGITS.match(value))


def _parted(line: DetectedLine) -> list[DetectedLine]:
    """The line cut before and behind each of its labels."""
    parts: list[DetectedLine] = []
    rest = line
    for label_at, value_at in reversed(unmarked_cuts(line.text)):
        head, pair = cut(rest, label_at)
        label, value = cut(pair, value_at - label_at)
        parts[:0] = [as_label(label), value]
        rest = head
    return [rest, *parts] if rest.text else parts


def _with_promised(row: Sequence[DetectedLine]) -> list[DetectedLine]:
    """The row, the label of an amount or a registration that follows in lines of its own with a colon."""
    found = list(row)
    for at, line in enumerate(row[:-1]):
        after, label = row[at + 1 :], without_blanks(line.text)
        if after[0].box.x0 - line.box.x1 > FURTHEST * em(line) or line.text.endswith(ENDS_WITH_COLON):
            continue
        value = " ".join(other.text for other in after)
        amount = _AMOUNT_LABEL.fullmatch(label) and _is_amount(value, label)
        if amount or (_REGISTRATION.fullmatch(label) and kind_of_value(value, label) in _REGISTRATIONS):
            found[at] = as_label(line)
            break
    return found
