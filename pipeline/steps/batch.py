"""The whole way of a document that is due, on one page: digitize -> understand -> stage for publishing."""

from __future__ import annotations

from collections.abc import Sequence

import apache_beam as beam
from apache_beam.ml.inference.base import RunInference
from apache_beam.transforms.util import SortAndBatchElements
from apache_beam.utils.shared import Shared

from pipeline.machines.dataflow import memory_of_a_machine
from pipeline.settings import RunSettings
from pipeline.steps.digitize import FAILURES, Assemble, Digitize, plan_pages
from pipeline.steps.pictures import draw_pictures
from pipeline.steps.rows import failure_row
from pipeline.steps.staging import StageRows, write_manifest
from pipeline.steps.understand import PASSAGES, OutcomeRows, Passage, SplitSentences, TailoredModelHandler

_BATCH = 16
_BATCH_CHARACTERS = 8_000  # padded to the longest, a batch must still fit a small worker's memory


def build(pipeline: beam.Pipeline, references: Sequence[str], settings: RunSettings) -> None:
    """Adds every step of a wave to `pipeline`; what it leaves behind is read by `staging.read_manifest`.

    `references` are files written by `references.write`, of the documents that are due. References alone
    cross the shuffles before a page is read, text alone those after.
    """
    reader, splitter = Shared(), Shared()
    memory = memory_of_a_machine(pipeline.options)  # the same for both, so that the same machines do both

    documents = (
        pipeline
        | "List" >> beam.Create(list(references))
        | "Plan pages" >> beam.FlatMap(plan_pages, settings.progress)
        | "Spread page ranges" >> beam.Reshuffle()
        | "Digitize" >> beam.ParDo(Digitize(settings, reader)).with_resource_hints(min_ram=memory)
        | "Group page ranges" >> beam.GroupByKey()
        | "Assemble" >> beam.ParDo(Assemble(settings)).with_outputs(FAILURES, main="documents")
    )
    sentences = documents["documents"] | "Split sentences" >> beam.ParDo(
        SplitSentences(settings, splitter)
    ).with_outputs(PASSAGES, FAILURES, main="rows")
    rows, failures = [sentences["rows"]], [documents[FAILURES], sentences[FAILURES]]

    for name, model in settings.models.items():
        understood = (
            sentences[PASSAGES]
            | f"For {name}" >> beam.Filter(_is_for, name)
            | f"Batch for {name}"
            >> SortAndBatchElements(1, _BATCH, _BATCH_CHARACTERS, element_size_fn=_characters)
            | f"Understand {name}"
            >> RunInference(
                TailoredModelHandler(model, settings.progress).with_no_batching()
            ).with_resource_hints(min_ram=memory)
            | f"Rows of {name}" >> beam.ParDo(OutcomeRows()).with_outputs(FAILURES, main="rows")
        )
        rows.append(understood["rows"])
        failures.append(understood[FAILURES])

    rows.append(failures | "All failures" >> beam.Flatten() | "Failure rows" >> beam.Map(failure_row))
    every_row = rows | "All rows" >> beam.Flatten()
    if settings.pictures:
        draw_pictures(documents["documents"], every_row, settings, reader)
    _ = (
        every_row
        | "Stage rows" >> beam.ParDo(StageRows(settings))
        | "Collect staged files" >> beam.combiners.ToList()
        | "Write manifest" >> beam.Map(write_manifest, settings)
    )


def _is_for(passage: Passage, application: str) -> bool:
    return passage.application == application


def _characters(passage: Passage) -> int:
    return max(1, passage.characters)
