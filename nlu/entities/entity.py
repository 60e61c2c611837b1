"""What an entity is: a stretch of text that names a thing, with its normal form and its group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """The sorts that labels of Sekine's Extended Named Entity hierarchy (ENE) are gathered in."""

    ORGANIZATION = "organization"
    PERSON = "person"
    PLACE = "place"
    PRODUCT = "product"
    AMOUNT = "amount"
    DATE = "date"
    PERIOD = "period"
    COUNT = "count"
    LAW = "law"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    REGISTRATION = "registration"


class Source(StrEnum):
    """What found an entity: a pattern, a list of the company, or GiNZA's model."""

    PATTERN = "pattern"
    LIST = "list"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Entity:
    """`text` is what stands from `start` to `end`; `normal` is the same for all spellings of one thing,
    empty where there is no such form: ISO 8601 for dates and periods, a plain decimal for amounts (of yen;
    other currencies after their ISO 4217 code) and counts, digits for phones. `label` is its ENE label."""

    start: int
    end: int
    text: str
    normal: str
    group: Group
    label: str
    source: Source = Source.PATTERN


def without_overlaps(entities: Iterable[Entity]) -> list[Entity]:
    """The entities in order of the text; of those that overlap lists rule, then patterns, then the longer."""
    kept: list[Entity] = []
    taken: set[int] = set()
    for one in sorted(
        entities,
        key=lambda one: (
            one.source is not Source.LIST,
            one.source is Source.MODEL,
            one.start - one.end,
            one.start,
        ),
    ):
        places = range(one.start, one.end)
        if one.start < one.end and taken.isdisjoint(places):
            taken.update(places)
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)
