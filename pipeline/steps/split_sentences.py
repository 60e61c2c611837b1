"""From documents to sentences, for each application that reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import apache_beam as beam
from apache_beam.utils.shared import Shared

from nlu.entities.entity import Entity
from nlu.entities.finder import EntityFinder, Stretch
from nlu.text.boundaries.sentences import Sentence
from ocr.document import Document
from ocr.traces import said
from pipeline.applications.entity_rules import EntityRules
from pipeline.applications.field_dictionary import named
from pipeline.applications.routing import applications_for, kind_of
from pipeline.applications.text_analysis import TextAnalysis
from pipeline.inbox.failures import FAILURES, Failure, Stage
from pipeline.inbox.listing import ListedFile
from pipeline.progress.events import Event, tell
from pipeline.run_settings import RunSettings
from pipeline.steps.digitized import DigitizedDocument
from pipeline.steps.field_entities import field_entities
from pipeline.steps.hiding import Hiding
from pipeline.steps.places import Place, PlaceFinder, text_blocks
from pipeline.steps.rows import RowContext, context_of, document_rows, entity_rows, phrase_rows, sentence_rows
from pipeline.tables.contract import TableRow

if TYPE_CHECKING:
    from nlu.entities.model import ModelEntityFinder
    from nlu.language.pipeline import JapaneseAnalyser  # brings spaCy, which only workers need

MODEL_INPUTS = "model inputs"
HIDDEN = "hidden"
_SPLITTING_FAILED = "splitting_failed"


@dataclass(frozen=True, slots=True)
class ModelInput:
    """A document's sentences on their way to one application's model, with the ink they lead back to."""

    context: RowContext
    file: ListedFile
    application: str
    sentences: tuple[Sentence, ...]
    places: tuple[Place | None, ...]

    @property
    def characters(self) -> int:
        return sum(len(sentence.text) for sentence in self.sentences)


class Understood(NamedTuple):
    """The outputs of Understand, and of one model. Dead letters: documents without sentences, or without a
    model's answer.

    `hidden` are pairs of a document's id and a stretch of its text that nobody may read.
    """

    rows: beam.PCollection[TableRow]
    failures: beam.PCollection[Failure]
    hidden: beam.PCollection[tuple[str, Stretch]] | None = None


class TextTools:
    """What a worker has been asked to look at texts with, each loaded once."""

    def __init__(self, rules: EntityRules) -> None:
        self._rules = rules
        self._loaded: dict[TextAnalysis, JapaneseAnalyser] = {}

    def analyser(self, asked: TextAnalysis) -> JapaneseAnalyser:
        """The pipeline with what is asked for."""
        from nlu.language.pipeline import JapaneseAnalyser

        if asked not in self._loaded:
            self._loaded[asked] = JapaneseAnalyser(parser=asked.parser, phrases=asked.phrases)
        return self._loaded[asked]

    def entities(self, document: Document, sentences: Sequence[Sentence]) -> list[Entity]:
        """What is named in the sentences, and what the labels of forms say is named; none where none is
        wanted."""
        if not self._rules.wanted:
            return []
        stretches = [(sentence.start, sentence.end) for sentence in sentences]
        return self._finder.find(document.text, stretches, field_entities(document))

    @cached_property
    def _finder(self) -> EntityFinder | ModelEntityFinder:
        if not self._rules.model:
            return EntityFinder(self._rules.listed)
        from nlu.entities.model import ModelEntityFinder

        return ModelEntityFinder(self._rules.listed)


class SplitSentences(beam.DoFn):  # type: ignore[misc]
    """DigitizedDocument -> its TableRows; MODEL_INPUTS: one per application that reads it; HIDDEN: its id and
    each stretch that nobody may read; FAILURES."""

    def __init__(self, settings: RunSettings, shared: Shared) -> None:
        self._settings = settings
        self._shared = shared

    def setup(self) -> None:
        self._tools: TextTools = self._shared.acquire(lambda: TextTools(self._settings.entities))

    def process(self, digitized: DigitizedDocument) -> Iterator[TableRow | beam.pvalue.TaggedOutput]:
        document, source = digitized.document, digitized.source
        settings, rules = self._settings, self._settings.entities
        kind = kind_of(document, settings.routes, (source.file.name, *source.copies))
        applications = applications_for(kind, settings.routes)
        for application in applications:
            document = named(document, settings.dictionaries[application])
        digitized = replace(digitized, document=document)
        dates = next((labels for name in applications if (labels := settings.dates.get(name))), ())
        try:
            asked = TextAnalysis.all_of(
                settings.analyses[name] for name in applications if name in settings.analyses
            )
            analysed = self._tools.analyser(asked).analyse(document.text, text_blocks(document))
            sentences = analysed.sentences
            entities = self._tools.entities(document, sentences)
        except Exception as error:  # any document may trip the parser; none may stop the night
            if not rules.hidden:  # what is not known to be harmless is not shown
                yield from document_rows(digitized, kind, context_of(digitized, settings.engine_id, dates))
            else:
                yield beam.pvalue.TaggedOutput(HIDDEN, (digitized.doc_id, (0, len(document.text))))
            message = f"文に分けられませんでした({said(error)})。開発元にご連絡ください。"
            yield beam.pvalue.TaggedOutput(
                FAILURES, not_understood(digitized.doc_id, source.file, _SPLITTING_FAILED, message)
            )
            return
        hiding = Hiding.of(document.text, entities, rules.hidden)
        context = context_of(digitized, settings.engine_id, dates, hiding)
        yield from document_rows(digitized, kind, context)
        finder = PlaceFinder(document)
        places = tuple(finder.find(sentence.start, sentence.end) for sentence in sentences)
        yield from sentence_rows(sentences, places, context)
        yield from phrase_rows(analysed.phrases, context)
        if rules.published:
            yield from entity_rows(entities, sentences, finder, context)
        for stretch in sorted(hiding.stretches):
            yield beam.pvalue.TaggedOutput(HIDDEN, (digitized.doc_id, stretch))
        with_models = [name for name in applications if name in settings.models]
        tell(settings.progress, Event.DOCUMENT_READ, len(with_models))
        for application in with_models:
            yield beam.pvalue.TaggedOutput(
                MODEL_INPUTS,
                ModelInput(context, source.file, application, sentences, places),
            )


def not_understood(doc_id: str, file: ListedFile, category: str, message: str) -> Failure:
    return Failure(doc_id, file, Stage.UNDERSTAND, category, None, True, message)
