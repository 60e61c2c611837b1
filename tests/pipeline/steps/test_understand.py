"""From documents to rows: what the model of an application finds, and what it cannot answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import apache_beam as beam
import pytest
from apache_beam.testing.util import BeamAssertException, assert_that, equal_to, is_empty

from nlu.model.tailored import TailoredModel
from nlu.network.preparation import Prepared
from nlu.understanding import Understanding
from ocr.document import Document
from ocr.reading.whole import whole
from pipeline.applications.routing import routes_of
from pipeline.applications.text_analysis import TextAnalysis
from pipeline.run_settings import RunSettings
from pipeline.steps.digitized import DigitizedDocument
from pipeline.steps.understand import Understand
from pipeline.tables.contract import TableName, TableRow
from tests.support.pipeline.steps import in_process, source

_APPLICATION = "daily-report"


@pytest.fixture
def reading(settings: RunSettings, root: object) -> RunSettings:
    """Settings of a run with the sample application, which reads 営業日報 and nothing else."""
    return replace(
        settings,
        models={_APPLICATION: f"{root}/fixtures/apps/{_APPLICATION}/model"},
        routes=routes_of({_APPLICATION: {_APPLICATION: ("営業日報",)}}),
        dictionaries={_APPLICATION: {"reporter": ("担当者",)}},
    )


@pytest.fixture
def report(form: Document) -> DigitizedDocument:
    return DigitizedDocument(source("営業部/営業日報_20240412_佐藤.pdf", 1), whole([form]))


def test_a_document_becomes_rows_with_what_its_model_finds(
    reading: RunSettings, report: DigitizedDocument
) -> None:
    with in_process() as pipeline:
        understood = pipeline | beam.Create([report]) | Understand(reading)
        assert_that(understood.rows, _has_rows_of_one_document, "rows")
        assert_that(understood.failures, is_empty(), "failures")


def test_the_parser_of_ginza_has_its_say_where_an_application_asks(
    reading: RunSettings, report: DigitizedDocument
) -> None:
    with in_process() as pipeline:
        asked = replace(reading, analyses={_APPLICATION: TextAnalysis(parser=True, phrases=True)})
        understood = pipeline | beam.Create([report]) | Understand(asked)
        phrases = understood.rows | beam.Filter(lambda row: row.table is TableName.PHRASES)
        assert_that(phrases | beam.Map(lambda row: row.values["term"]), _name_what_is_said, "phrases")
        assert_that(understood.failures, is_empty(), "failures")


def _name_what_is_said(terms: Sequence[str]) -> None:
    if not terms:
        raise BeamAssertException("no phrases")


def test_a_document_that_a_model_cannot_answer_is_a_dead_letter_alone(
    reading: RunSettings, report: DigitizedDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = TailoredModel.understand

    def fails_on_one(model: TailoredModel, prepared: Sequence[Prepared]) -> list[Understanding]:
        if any(one.doc_id == "難" for one in prepared):
            raise ValueError("答えられない")
        return answer(model, prepared)

    monkeypatch.setattr(TailoredModel, "understand", fails_on_one)
    hard = replace(report, source=replace(report.source, doc_id="難"))
    with in_process() as pipeline:
        understood = pipeline | beam.Create([report, hard]) | Understand(reading)
        predicted = understood.rows | beam.Filter(lambda row: row.table is TableName.SCORES)
        assert_that(
            predicted | beam.Map(lambda row: row.values["doc_id"]) | beam.Distinct(),
            equal_to([report.doc_id]),
            "rows",
        )
        assert_that(
            understood.failures | beam.Map(lambda one: (one.doc_id, one.category, one.retryable)),
            equal_to([("難", "model_failed", True)]),
            "failures",
        )


def _has_rows_of_one_document(rows: Sequence[TableRow]) -> None:
    tables = Counter(row.table for row in rows)
    once = (TableName.DOCUMENTS, TableName.PAGES, TableName.FIELDS)
    many = (TableName.CELLS, TableName.SENTENCES, TableName.PREDICTIONS, TableName.SCORES)
    if any(tables[table] != 1 for table in once) or any(not tables[table] for table in many):
        raise BeamAssertException(f"表の行数: {tables}")
