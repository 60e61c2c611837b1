"""From documents to sentences, for each application that reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import apache_beam as beam
from apache_beam.utils.shared import Shared

from nlu.text.boundaries.sentences import Sentence
from ocr.traces import said
from pipeline.applications.field_dictionary import named
from pipeline.applications.routing import applications_for, kind_of
from pipeline.inbox.failures import FAILURES, Failure, Stage
from pipeline.inbox.listing import ListedFile
from pipeline.progress.events import Event, tell
from pipeline.run_settings import RunSettings
from pipeline.steps.digitized import DigitizedDocument
from pipeline.steps.places import Place, PlaceFinder, text_blocks
from pipeline.steps.rows import RowContext, context_of, document_rows, sentence_rows
from pipeline.tables.contract import TableRow

if TYPE_CHECKING:
    from nlu.language.pipeline import JapaneseSplitter  # brings spaCy, which only workers need

MODEL_INPUTS = "model inputs"
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
    """The outputs of Understand. Dead letters: documents without sentences, or without a model's answer."""

    rows: beam.PCollection[TableRow]
    failures: beam.PCollection[Failure]


class Splitters:
    """The pipelines that a worker has been asked for, each loaded once."""

    def __init__(self) -> None:
        self._loaded: dict[bool, JapaneseSplitter] = {}

    def get(self, *, parser: bool) -> JapaneseSplitter:
        """The pipeline with GiNZA's parser, or without it."""
        from nlu.language.pipeline import JapaneseSplitter

        if parser not in self._loaded:
            self._loaded[parser] = JapaneseSplitter(parser=parser)
        return self._loaded[parser]


class SplitSentences(beam.DoFn):  # type: ignore[misc]
    """DigitizedDocument -> its TableRows; MODEL_INPUTS: one per application that reads it; FAILURES."""

    def __init__(self, settings: RunSettings, shared: Shared) -> None:
        self._settings = settings
        self._shared = shared

    def setup(self) -> None:
        self._splitters: Splitters = self._shared.acquire(Splitters)

    def process(self, digitized: DigitizedDocument) -> Iterator[TableRow | beam.pvalue.TaggedOutput]:
        document, source = digitized.document, digitized.source
        settings = self._settings
        kind = kind_of(document, settings.routes, (source.file.name, *source.copies))
        applications = applications_for(kind, settings.routes)
        for application in applications:
            document = named(document, settings.dictionaries[application])
        digitized = replace(digitized, document=document)
        dates = next((labels for name in applications if (labels := settings.dates.get(name))), ())
        context = context_of(digitized, settings.engine_id, dates)
        yield from document_rows(digitized, kind, context)
        try:
            splitter = self._splitters.get(parser=not settings.parsing.isdisjoint(applications))
            sentences = splitter.split(document.text, text_blocks(document))
        except Exception as error:  # any document may trip the parser; none may stop the night
            message = f"文に分けられませんでした({said(error)})。開発元にご連絡ください。"
            yield beam.pvalue.TaggedOutput(
                FAILURES, not_understood(context.doc_id, source.file, _SPLITTING_FAILED, message)
            )
            return
        finder = PlaceFinder(document)
        places = tuple(finder.find(sentence.start, sentence.end) for sentence in sentences)
        yield from sentence_rows(sentences, places, context)
        with_models = [name for name in applications if name in settings.models]
        tell(settings.progress, Event.DOCUMENT_READ, len(with_models))
        for application in with_models:
            yield beam.pvalue.TaggedOutput(
                MODEL_INPUTS,
                ModelInput(context, source.file, application, sentences, places),
            )


def not_understood(doc_id: str, file: ListedFile, category: str, message: str) -> Failure:
    return Failure(doc_id, file, Stage.UNDERSTAND, category, None, True, message)
