"""From documents to what the tailored models find in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apache_beam as beam
from apache_beam.ml.inference.base import ModelHandler
from apache_beam.utils.shared import Shared

from nlu.text.boundaries.sentences import Sentence, SentenceSplitter
from nlu.understanding import Understanding
from ocr.traces import said
from pipeline.applications.field_dictionary import named
from pipeline.applications.routing import applications_for, kind_of
from pipeline.inbox.failures import Failure, Stage
from pipeline.inbox.listing import ListedFile
from pipeline.progress.progress import Event, in_hands, tell
from pipeline.settings import RunSettings
from pipeline.steps.digitize import FAILURES, DigitizedDocument
from pipeline.steps.places import Place, PlaceFinder, text_blocks
from pipeline.steps.rows import RowContext, context_of, document_rows, sentence_rows, understanding_rows
from pipeline.tables.contract import TableRow

if TYPE_CHECKING:
    from nlu.model.tailored import TailoredModel  # brings peft and transformers, which only workers need

PASSAGES = "passages"
_SPLITTING_FAILED = "splitting_failed"
_MODEL_FAILED = "model_failed"


@dataclass(frozen=True, slots=True)
class Passage:
    """A document's sentences on their way to one application's model, with the ink they lead back to."""

    context: RowContext
    file: ListedFile
    application: str
    sentences: tuple[Sentence, ...]
    places: tuple[Place | None, ...]

    @property
    def characters(self) -> int:
        return sum(len(sentence.text) for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a passage."""

    passage: Passage
    result: Understanding | Failure


class SplitSentences(beam.DoFn):  # type: ignore[misc]
    """DigitizedDocument -> its TableRows; PASSAGES: one per application that reads it; FAILURES."""

    def __init__(self, settings: RunSettings, shared: Shared) -> None:
        self._settings = settings
        self._shared = shared

    def setup(self) -> None:
        self._splitter: SentenceSplitter = self._shared.acquire(SentenceSplitter)

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
            sentences = self._splitter.split(document.text, text_blocks(document))
        except Exception as error:  # any document may trip the parser; none may stop the night
            message = f"文に分けられませんでした({said(error)})。開発元にご連絡ください。"
            yield beam.pvalue.TaggedOutput(
                FAILURES, _failure(context.doc_id, source.file, _SPLITTING_FAILED, message)
            )
            return
        finder = PlaceFinder(document)
        places = tuple(finder.find(sentence.start, sentence.end) for sentence in sentences)
        yield from sentence_rows(sentences, places, context)
        with_models = [name for name in applications if name in settings.models]
        tell(settings.progress, Event.DOCUMENT_READ, len(with_models))
        for application in with_models:
            yield beam.pvalue.TaggedOutput(
                PASSAGES,
                Passage(context, source.file, application, sentences, places),
            )


class TailoredModelHandler(ModelHandler):  # type: ignore[misc]
    """Runs one application's model over batches of its passages.

    A batch that fails is tried again one passage at a time, so that one passage cannot take others down.
    """

    def __init__(self, folder: str, progress: str | None) -> None:
        super().__init__()
        self._folder = folder
        self._progress = progress

    def load_model(self) -> TailoredModel:
        from nlu.encoders.loading import one_thread
        from nlu.model.tailored import TailoredModel

        one_thread()
        return TailoredModel.load(Path(self._folder))

    def run_inference(
        self, batch: Sequence[Passage], model: TailoredModel, inference_args: dict[str, Any] | None = None
    ) -> Iterable[Outcome]:
        with in_hands(self._progress, Stage.UNDERSTAND, list({passage.context.file_id for passage in batch})):
            outcomes = self._understand(batch, model)
        tell(self._progress, Event.DOCUMENT_UNDERSTOOD, len(outcomes))
        return outcomes

    def _understand(self, batch: Sequence[Passage], model: TailoredModel) -> list[Outcome]:
        try:
            prepared = [model.prepare(passage.context.doc_id, passage.sentences) for passage in batch]
            return [
                Outcome(passage, understanding)
                for passage, understanding in zip(batch, model.understand(prepared), strict=True)
            ]
        except Exception as error:
            if len(batch) > 1:
                return [outcome for passage in batch for outcome in self._understand([passage], model)]
            message = (
                f"モデル「{batch[0].application}」で処理できませんでした"
                f"({said(error)})。モデルのフォルダを確かめ、再実行してください。"
            )
            failure = _failure(batch[0].context.doc_id, batch[0].file, _MODEL_FAILED, message)
            return [Outcome(batch[0], failure)]


def _failure(doc_id: str, file: ListedFile, category: str, message: str) -> Failure:
    return Failure(doc_id, file, Stage.UNDERSTAND, category, None, True, message)


class OutcomeRows(beam.DoFn):  # type: ignore[misc]
    """Outcome -> its TableRows; FAILURES."""

    def process(self, outcome: Outcome) -> Iterator[TableRow | beam.pvalue.TaggedOutput]:
        if isinstance(outcome.result, Failure):
            yield beam.pvalue.TaggedOutput(FAILURES, outcome.result)
            return
        passage = outcome.passage
        places = dict(zip((s.number for s in passage.sentences), passage.places, strict=True))
        yield from understanding_rows(outcome.result, places, passage.context)
