"""GiNZA's names of things behind our patterns, and our patterns as a component of spaCy.

    nlp = spacy.load("ja_ginza")
    nlp.add_pipe("yomitori_entities", before="ner")
    [(found.text, found.label_, found._.group, found._.normal) for found in nlp("㈱山田に3台納めた。").ents]

The entity recognizer keeps what is set before it, and finds what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from nlu.entities.entity import Entity, Group, Source, without_overlaps
from nlu.entities.finder import EntityFinder, Stretch
from nlu.entities.folded import FoldedText
from nlu.entities.lists import ListedName
from nlu.language.pipeline import ENTITIES, BoundedPipeline, ginza
from nlu.text.sudachi_words import WordSplitter

NAME = "yomitori_entities"
_FOUND = "yomitori_entities"

# What the model is asked for. Of amounts, counts, products and organisations it adds about as many wrong
# finds as right ones to those of patterns (`benchmarks.studies.entities`).
_LABELS = {
    Group.PERSON: "Person",
    Group.PLACE: "City Province Country County Domestic_Region Continental_Region Station Airport",
    Group.DATE: "Date",
    Group.PERIOD: "Period_Day Period_Month Period_Week Period_Year Period_Time Periodx_Other",
}
_GROUPS = {label: group for group, labels in _LABELS.items() for label in labels.split()}


def entity_component(nlp: Language, name: str) -> EntityComponent:
    """The component for `nlp`, whose tokenizer gives it its words."""
    return EntityComponent(nlp)


Language.factory(NAME, assigns=["doc.ents"], func=entity_component)


class EntityComponent:
    """Sets `Doc.ents` by patterns and by the lists that `finder` was given."""

    def __init__(self, nlp: Language) -> None:
        self.finder = EntityFinder((), WordSplitter(getattr(nlp.tokenizer, "tokenizer", None)))

    def __call__(self, doc: Doc) -> Doc:
        sentences = doc.sents if doc.has_annotation("SENT_START") else [doc[:]]
        found = self.finder.find(doc.text, [(one.start_char, one.end_char) for one in sentences])
        doc.user_data[_FOUND] = {(one.start, one.end): one for one in found}
        spans = [doc.char_span(one.start, one.end, label=one.label, alignment_mode="expand") for one in found]
        doc.ents = filter_spans([*filter(None, spans), *doc.ents])
        return doc


def _of(span: Span) -> Entity | None:
    found: dict[Stretch, Entity] = span.doc.user_data.get(_FOUND, {})
    return next((one for one in found.values() if span.start_char <= one.start < span.end_char), None)


def _group(span: Span) -> str | None:
    found = _of(span)
    return found.group.value if found else _GROUPS.get(span.label_)


Span.set_extension("group", getter=_group, force=True)
Span.set_extension("normal", getter=lambda span: found.normal if (found := _of(span)) else "", force=True)


class ModelEntityFinder:
    """Finds entities by patterns and lists, and by GiNZA's model what is left, 3,000 characters a CPU second.

    On its own test set the model reaches an F of .55. It takes 430 MB.
    """

    def __init__(self, listed: Sequence[ListedName] = ()) -> None:
        self._finder = EntityFinder(listed)
        self._pipeline = BoundedPipeline(self._loaded)

    def _loaded(self) -> Language:
        nlp = ginza(ENTITIES)
        component = nlp.add_pipe(NAME, before="ner")
        assert isinstance(component, EntityComponent)
        component.finder = self._finder
        return nlp

    def find(self, text: str, stretches: Iterable[Stretch], known: Iterable[Entity] = ()) -> list[Entity]:
        """As `EntityFinder.find` does."""
        places = list(stretches)
        found = self._finder.find(text, places, known)
        nlp = self._pipeline.current()
        with nlp.memory_zone():
            said = [one for start, end in places for one in _said(nlp, text, start, end)]
        return without_overlaps([*found, *said])


def _said(nlp: Language, text: str, start: int, end: int) -> Iterator[Entity]:
    """What the model says of a sentence; figures that no pattern knows have no normal form."""
    folded = FoldedText.of(text, start, end)
    for span in nlp(folded.text).ents:
        group = _GROUPS.get(span.label_)
        if group is not None and _of(span) is None:
            first, last = folded.span(span.start_char, span.end_char)
            normal = span.text.replace(" ", "") if group in (Group.PERSON, Group.PLACE) else ""
            yield Entity(first, last, text[first:last], normal, group, span.label_, Source.MODEL)
