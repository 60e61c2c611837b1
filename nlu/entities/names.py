"""Persons and organisations, told by the words around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nlu.entities.entity import Entity, Group
from nlu.entities.folded import FoldedText
from nlu.entities.organizations import organizations, written_out
from nlu.entities.persons import persons
from nlu.text.sudachi_words import Word


def named(folded: FoldedText, text: str, words: Sequence[Word]) -> Iterator[Entity]:
    """The organisations and persons of a stretch of `text`, as they overlap; `words` are `folded`'s."""
    companies = list(organizations(folded.text, words))
    inside = {place for start, end, _ in companies for place in range(start, end)}
    for start, end, label in companies:
        yield _entity(folded, text, start, end, Group.ORGANIZATION, label)
    for start, end in persons(folded.text, words):
        if start not in inside:
            yield _entity(folded, text, start, end, Group.PERSON, "Person")


def _entity(folded: FoldedText, text: str, start: int, end: int, group: Group, label: str) -> Entity:
    first, last = folded.span(start, end)
    normal = folded.text[start:end].replace(" ", "")
    if group is Group.ORGANIZATION:
        normal = written_out(normal)
    return Entity(first, last, text[first:last], normal, group, label)
