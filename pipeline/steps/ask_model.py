"""The model of one application asked about its documents by Beam's RunInference.

Apart from `understand`: Beam's part for models loads torch, which a night without models is spared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apache_beam as beam
from apache_beam.ml.inference.base import ModelHandler, RunInference
from apache_beam.transforms.util import SortAndBatchElements

from nlu.understanding import Understanding
from ocr.traces import said
from pipeline.inbox.failures import FAILURES, Failure, Stage
from pipeline.machines.dataflow import memory_of_a_machine
from pipeline.progress.events import Event, holding, tell
from pipeline.steps.rows import understanding_rows
from pipeline.steps.split_sentences import ModelInput, Understood, not_understood
from pipeline.tables.contract import TableRow

if TYPE_CHECKING:
    from nlu.model.tailored import TailoredModel  # brings peft and transformers, which only workers need

_MODEL_FAILED = "model_failed"
_BATCH = 16
_BATCH_CHARACTERS = 8_000  # padded to the longest, a batch must still fit a small worker's memory


class AskModel(beam.PTransform):  # type: ignore[misc]
    """The model of one application over its ModelInputs, those of other applications left aside."""

    def __init__(self, application: str, model: str, progress: str | None) -> None:
        super().__init__()
        self._application = application
        self._handler = TailoredModelHandler(model, progress)

    def expand(self, inputs: beam.PCollection[ModelInput]) -> Understood:
        memory = memory_of_a_machine(inputs.pipeline.options)  # as for reading: the same machines do both
        understood = (
            inputs
            | "Its inputs" >> beam.Filter(_is_for, self._application)
            | "Batch" >> SortAndBatchElements(1, _BATCH, _BATCH_CHARACTERS, element_size_fn=_characters)
            | "Predict" >> RunInference(self._handler.with_no_batching()).with_resource_hints(min_ram=memory)
            | "Rows" >> beam.ParDo(PredictionRows()).with_outputs(FAILURES, main="rows")
        )
        return Understood(understood["rows"], understood[FAILURES])


def _is_for(model_input: ModelInput, application: str) -> bool:
    return model_input.application == application


def _characters(model_input: ModelInput) -> int:
    return max(1, model_input.characters)


@dataclass(frozen=True, slots=True)
class ModelOutput:
    """What became of a model_input."""

    model_input: ModelInput
    result: Understanding | Failure


class TailoredModelHandler(ModelHandler):  # type: ignore[misc]
    """Runs one application's model over batches of its inputs.

    A batch that fails is tried again one document at a time, so that none can take others down.
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
        self, batch: Sequence[ModelInput], model: TailoredModel, inference_args: dict[str, Any] | None = None
    ) -> Iterable[ModelOutput]:
        with holding(self._progress, Stage.UNDERSTAND, list({one.context.file_id for one in batch})):
            outputs = self._understand(batch, model)
        tell(self._progress, Event.DOCUMENT_UNDERSTOOD, len(outputs))
        return outputs

    def _understand(self, batch: Sequence[ModelInput], model: TailoredModel) -> list[ModelOutput]:
        try:
            prepared = [model.prepare(one.context.doc_id, one.sentences) for one in batch]
            return [
                ModelOutput(one, understanding)
                for one, understanding in zip(batch, model.understand(prepared), strict=True)
            ]
        except Exception as error:
            if len(batch) > 1:
                return [output for one in batch for output in self._understand([one], model)]
            message = (
                f"モデル「{batch[0].application}」で処理できませんでした"
                f"({said(error)})。モデルのフォルダを確かめ、再実行してください。"
            )
            failure = not_understood(batch[0].context.doc_id, batch[0].file, _MODEL_FAILED, message)
            return [ModelOutput(batch[0], failure)]


class PredictionRows(beam.DoFn):  # type: ignore[misc]
    """ModelOutput -> its TableRows; FAILURES."""

    def process(self, output: ModelOutput) -> Iterator[TableRow | beam.pvalue.TaggedOutput]:
        if isinstance(output.result, Failure):
            yield beam.pvalue.TaggedOutput(FAILURES, output.result)
            return
        model_input = output.model_input
        places = dict(zip((s.number for s in model_input.sentences), model_input.places, strict=True))
        yield from understanding_rows(output.result, places, model_input.context)
