"""Are two pages the same form, and is it filled in for another case?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from ocr.document import BlockKind
from ocr.parting.label_roles import names_a_subject, names_the_case, names_the_page
from ocr.parting.page_faces import Face
from ocr.parting.printed import Printed, PrintedField
from ocr.values.calendar.date_values import dates_in
from ocr.values.choices import EMPTY_BOXES, TICKED_BOXES
from ocr.values.value_labels import names_money

ALIKE = 0.75  # of the letters, of what may be misread
LEAST_LABELS = 0.6  # of the labels of one page, on the other one
FEWEST_LABELS = 2
LEAST_LINES = 0.4  # of the lines of the emptier page, at the same place of the other one
FEWEST_LINES = 4
SAME_PLACE = 0.03  # of the page's sides
MIDDLE = (0.25, 0.8)  # of the page height: a letterhead and a foot alone make no form
FEWEST_ROWS = 3  # there
WRITTEN = 8  # letters of a line that somebody wrote
SURE = 0.85  # confidence from which two readings that differ are two values
OTHERWISE = 0.5  # share of the values that differ from which a form without a name or date is another one

_TICKS = frozenset(EMPTY_BOXES + TICKED_BOXES)
_MISREAD = str.maketrans("OQDIL|SBZ", "000111582")
_STEM = re.compile(r"\d+")


class Sameness(StrEnum):
    """What the values of two pages of the same print say."""

    ANOTHER = "another"
    """They are of two cases: another number, day, person, or answers."""
    SAME = "same"
    UNKNOWN = "unknown"


def are_alike(one: Face, other: Face) -> bool:
    """Whether `other` is another print of the form that `one` is: its labels, or the lines printed on it,
    come again."""
    return _share_labels(one, other) or _share_lines(one, other)


def same_title(one: Face, other: Face) -> bool:
    """Whether both bear the same title at the same place."""
    first, second = one.head.title, other.head.title
    return (
        first is not None
        and second is not None
        and _similar(first.text, second.text)
        and abs(first.x - second.x) <= 2 * SAME_PLACE
        and abs(first.y - second.y) <= 2 * SAME_PLACE
    )


def _share_labels(one: Face, other: Face) -> bool:
    own = {field.label for field in one.fields if not names_the_page(field.label)}
    others = {field.label for field in other.fields if not names_the_page(field.label)}
    if min(len(own), len(others)) < FEWEST_LABELS:
        return False
    shared = sum(any(_similar(label, another) for another in others) for label in own)
    least = LEAST_LABELS if same_title(one, other) else LEAST_LABELS + (1 - LEAST_LABELS) / 2
    return shared >= FEWEST_LABELS and shared >= least * max(len(own), len(others))


def _share_lines(one: Face, other: Face) -> bool:
    first, second = _free(one), _free(other)
    come_again = [line for line in first if any(_is_same(line, another) for another in second)]
    rows = {round(line.y / SAME_PLACE) for line in come_again if MIDDLE[0] <= line.y <= MIDDLE[1]}
    return (
        len(come_again) >= FEWEST_LINES
        and len(come_again) >= LEAST_LINES * min(len(first), len(second))
        and len(rows) >= FEWEST_ROWS
    )


def _free(face: Face) -> list[Printed]:
    """The lines outside of tables, whose rows come and go from page to page."""
    return [line for line in face.lines if line.kind is not BlockKind.TABLE and len(line.text) > 1]


def _is_same(one: Printed, other: Printed) -> bool:
    return (
        abs(one.x - other.x) <= SAME_PLACE
        and abs(one.y - other.y) <= SAME_PLACE
        and _similar(one.text, other.text)
    )


def _similar(one: str, other: str) -> bool:
    """Whether both may be readings of the same words; figures have to agree."""
    if one == other:
        return True
    if _STEM.findall(one) != _STEM.findall(other):
        return False
    return Levenshtein.normalized_similarity(one, other) >= ALIKE


def verdict(one: Face, other: Face) -> Sameness:
    """What number, day and person say, and of two prints of one form also the other values."""
    by_number = _by_number(one, other)
    if by_number is not Sameness.UNKNOWN:
        return by_number
    told = [_of_case(a, b) for label, a, b in _pairs(one, other) if names_the_case(label)]
    told += [
        Sameness.SAME if a & b else Sameness.ANOTHER
        for a, b in ((one.head.days, other.head.days), (one.head.addressees, other.head.addressees))
        if a and b
    ]
    if Sameness.ANOTHER in told:
        return Sameness.ANOTHER
    if Sameness.SAME in told:
        return Sameness.SAME
    return _by_answers(one, other) if are_alike(one, other) else Sameness.UNKNOWN


def same_number(one: Face, other: Face) -> bool:
    """Whether two pages, whatever their print, bear the same labelled number of a document."""
    return _by_number(one, other) is Sameness.SAME


def same_case(one: Face, other: Face) -> bool:
    """Whether two pages of other print agree in two or more of day, person and what they are about, and
    differ in none."""
    told = [_of_case(a, b) for label, a, b in _pairs(one, other) if names_the_case(label)]
    return len(told) >= FEWEST_LABELS and set(told) == {Sameness.SAME}


def same_subject(one: Face, other: Face) -> bool:
    """Whether two pages of other print name the same person whom they are about."""
    return any(
        _of_case(a, b) is Sameness.SAME for label, a, b in _pairs(one, other) if names_a_subject(label)
    )


def _by_number(one: Face, other: Face) -> Sameness:
    shared = one.head.numbers.keys() & other.head.numbers.keys()
    same = {label: _digits(one.head.numbers[label]) == _digits(other.head.numbers[label]) for label in shared}
    if not all(same.values()):
        return Sameness.ANOTHER
    # A number without a label may be that of the form itself, the same on every copy.
    return Sameness.SAME if any(same[label] for label in shared if label) else Sameness.UNKNOWN


def _digits(number: str) -> str:
    """The number without letters that are misread for figures."""
    return number.translate(_MISREAD)


def _by_answers(one: Face, other: Face) -> Sameness:
    pairs = [
        (a, b) for label, a, b in _pairs(one, other) if not names_the_case(label) and not names_money(label)
    ]
    told = [_of_case(a, b) for a, b in pairs]
    different, same = told.count(Sameness.ANOTHER), told.count(Sameness.SAME)
    is_ticked = any(_TICKS & {*a.value} and _TICKS & {*b.value} for a, b in pairs)
    if different and (is_ticked or different >= OTHERWISE * (different + same)):
        return Sameness.ANOTHER
    if same >= FEWEST_LABELS and not different:
        return Sameness.SAME
    return _by_text(one, other)


def _by_text(one: Face, other: Face) -> Sameness:
    """Of two prints of one form whose lines alone can be compared: is something else written between what is
    printed?"""
    if not (same_title(one, other) and _share_lines(one, other)):
        return Sameness.UNKNOWN
    first, second = _free(one), _free(other)
    written = [
        [line for line in own if len(line.text) >= WRITTEN and not any(_is_same(line, o) for o in others)]
        for own, others in ((first, second), (second, first))
    ]
    return Sameness.ANOTHER if all(written) else Sameness.UNKNOWN


def _pairs(one: Face, other: Face) -> Iterator[tuple[str, PrintedField, PrintedField]]:
    """The values that both pages have under one label; those that count the page or its sums are left out."""
    others = {field.label: field for field in reversed(other.fields) if field.value}
    seen: set[str] = set()
    for field in one.fields:
        label = field.label
        if field.value and label in others and label not in seen and not names_the_page(label):
            seen.add(label)
            yield label, field, others[label]


def _of_case(one: PrintedField, other: PrintedField) -> Sameness:
    if one.value == other.value:
        return Sameness.SAME
    days = next(dates_in(one.value), None), next(dates_in(other.value), None)
    if all(days):
        return Sameness.SAME if days[0] == days[1] and _similar(one.value, other.value) else Sameness.ANOTHER
    if Levenshtein.normalized_similarity(one.value, other.value) >= ALIKE and not any(
        character.isdigit() for character in one.value + other.value
    ):
        return Sameness.SAME
    return Sameness.ANOTHER if min(one.confidence, other.confidence) >= SURE else Sameness.UNKNOWN
