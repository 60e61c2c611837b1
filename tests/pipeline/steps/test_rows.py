"""What the published rows of a document say."""

from __future__ import annotations

from dataclasses import replace

from apache_beam.utils.shared import Shared

from nlu.text.boundaries.boundary import Boundary
from nlu.understanding import SpanPrediction, Understanding
from ocr.document import Document, Field, SourceReason, ValueKind
from ocr.reading.whole import whole
from pipeline.applications.routing import routes_of
from pipeline.inbox.listing import ListedFile, SourceRef
from pipeline.run_settings import RunSettings
from pipeline.steps.digitized import DigitizedDocument
from pipeline.steps.places import PlaceFinder
from pipeline.steps.rows import context_of, document_rows, understanding_rows
from pipeline.steps.split_sentences import SplitSentences
from pipeline.steps.staging import to_arrow
from pipeline.tables.contract import TableName, TableRow

SOURCE = SourceRef(ListedFile("/inbox/日報.pdf", "日報.pdf", 10, 1_712_000_000.0), "d1", "pdf", 1, 1, 1)


def _with_field(document: Document, **changes: object) -> Document:
    page = document.pages[0]
    fields = tuple(replace(field, **changes) for field in page.fields)  # type: ignore[arg-type]
    return replace(document, pages=(replace(page, fields=fields),))


def _of(table: TableName, rows: list[TableRow]) -> list[dict[str, object]]:
    return [row.values for row in rows if row.table is table]


def test_a_field_is_published_with_its_value(form: Document, settings: RunSettings) -> None:
    amount = _with_field(form, kind=ValueKind.MONEY, normalized="1250000", unit="円", key="expected_amount")
    digitized = DigitizedDocument(SOURCE, amount)
    rows = list(document_rows(digitized, "daily-report", context_of(digitized, "ppocr-test")))
    (field,) = to_arrow(TableName.FIELDS, _of(TableName.FIELDS, rows), settings).to_pylist()
    assert (field["key"], field["kind"]) == ("expected_amount", "money")
    assert (field["normalized"], field["unit"]) == ("1250000", "円")


def test_what_a_field_lacks_is_null(form: Document, settings: RunSettings) -> None:
    digitized = DigitizedDocument(SOURCE, form)
    rows = list(document_rows(digitized, "daily-report", context_of(digitized, "ppocr-test")))
    (field,) = to_arrow(TableName.FIELDS, _of(TableName.FIELDS, rows), settings).to_pylist()
    assert (field["key"], field["normalized"], field["unit"], field["kind"]) == (None, None, None, "text")


def test_a_cell_tells_its_table_s_label_and_how_sure_it_is(form: Document, settings: RunSettings) -> None:
    (table,) = form.pages[0].tables
    sure, empty = (replace(cell, row=row) for row, cell in enumerate(table.cells))
    nested = replace(table, cells=(replace(sure, confidence=0.5), empty), header_rows=1, label="作業時間")
    page = replace(form.pages[0], tables=(table, nested))
    digitized = DigitizedDocument(SOURCE, replace(form, pages=(page,)))
    rows = list(document_rows(digitized, "other", context_of(digitized, "ppocr-test")))
    cells = to_arrow(TableName.CELLS, _of(TableName.CELLS, rows), settings).to_pylist()
    assert [(cell["header"], cell["label"], cell["confidence"]) for cell in cells] == [
        (False, None, None),
        (False, None, None),
        (True, "作業時間", 0.5),
        (False, "作業時間", None),
    ]


def test_a_page_tells_where_its_text_came_from(form: Document, settings: RunSettings) -> None:
    page = replace(form.pages[0], reason=SourceReason.BAD_CHARACTERS, passed_over="ppocr", handwriting=0.25)
    digitized = DigitizedDocument(SOURCE, replace(form, pages=(page,)))
    rows = list(document_rows(digitized, "other", context_of(digitized, "tesseract-test")))
    (told,) = to_arrow(TableName.PAGES, _of(TableName.PAGES, rows), settings).to_pylist()
    assert (told["reason"], told["passed_over"], told["handwriting"]) == ("bad_characters", "ppocr", 0.25)
    assert (told["rotation_confidence"], told["skew_confidence"]) == (1.0, 1.0)


def test_fields_get_the_columns_of_the_application_that_reads_them(
    form: Document, settings: RunSettings
) -> None:
    """A dictionary is applied to what is kept of a document, so that a new one needs no page read again."""
    dictionaries = {"daily-report": {"reporter": ("担当者",)}, "call-log": {"agent": ("担当者",)}}
    routes = routes_of(
        {name: {name: ("営業日報" if name == "daily-report" else "入電",)} for name in dictionaries}
    )
    step = SplitSentences(replace(settings, routes=routes, dictionaries=dictionaries), Shared())
    step.setup()
    rows = [
        row for row in step.process(DigitizedDocument(SOURCE, whole([form]))) if isinstance(row, TableRow)
    ]
    assert [field["key"] for field in _of(TableName.FIELDS, rows)] == ["reporter"]


def test_a_dated_field_names_the_partition(form: Document) -> None:
    field = Field(
        "日付", "4月12日", form.pages[0].fields[0].name_box, form.pages[0].fields[0].value_box, 1.0, 0, 0
    )
    dated = replace(field, kind=ValueKind.DATE, normalized="2024-04-12")
    document = replace(form, pages=(replace(form.pages[0], fields=(dated,)),))
    assert context_of(DigitizedDocument(SOURCE, document), "ppocr").dt == "2024-04-12"


def test_the_application_says_which_field_dates_a_document(form: Document, settings: RunSettings) -> None:
    box = form.pages[0].fields[0].value_box
    days = (("発行日", "2024年4月1日"), ("検収日", "2024年4月12日"))
    fields = tuple(Field(name, day, box, box, 1.0, 0, 0) for name, day in days)
    document = whole([replace(form, pages=(replace(form.pages[0], fields=fields),))])
    routes = routes_of({"invoice": {}}, {"invoice": {"invoice": (SOURCE.file.name,)}})
    dated = {"invoice": ("accepted_on",)}
    step = SplitSentences(
        replace(settings, routes=routes, dictionaries={"invoice": {"accepted_on": ("検収日",)}}, dates=dated),
        Shared(),
    )
    step.setup()
    rows = [row for row in step.process(DigitizedDocument(SOURCE, document)) if isinstance(row, TableRow)]
    (published,) = to_arrow(TableName.DOCUMENTS, _of(TableName.DOCUMENTS, rows), settings).to_pylist()
    assert (published["kind"], published["dt"]) == ("invoice", "2024-04-12")
    assert (published["business_date_source"], published["business_date_sort"]) == ("検収日", "delivered")


def test_a_sentence_is_published_with_what_ended_it(form: Document, settings: RunSettings) -> None:
    step = SplitSentences(settings, Shared())
    step.setup()
    digitized = DigitizedDocument(SOURCE, whole([form]))
    rows = [row for row in step.process(digitized) if isinstance(row, TableRow)]
    published = to_arrow(TableName.SENTENCES, _of(TableName.SENTENCES, rows), settings).to_pylist()
    assert published
    assert {sentence["boundary"] for sentence in published} <= {boundary.value for boundary in Boundary}
    assert published[-1]["boundary"] in ("end", "mark")


def test_a_span_is_published_with_the_place_of_its_sentence(form: Document, settings: RunSettings) -> None:
    digitized = DigitizedDocument(SOURCE, form)
    place = PlaceFinder(form).find(0, 2)
    understanding = Understanding(
        doc_id="d1",
        application="daily-report",
        model_id="m",
        labels=(),
        scores=(),
        evidence=(),
        kept=(3,),
        spans=(SpanPrediction("products", "ソフト", 3, 0, 2, form.text[:2], 0.75),),
    )
    rows = list(understanding_rows(understanding, {3: place}, context_of(digitized, "ppocr-test")))
    (span,) = to_arrow(TableName.SPANS, _of(TableName.SPANS, rows), settings).to_pylist()
    assert (span["label"], span["text"], span["probability"]) == ("ソフト", form.text[:2], 0.75)
    assert place is not None
    assert (span["page"], span["x0"]) == (place.page, place.box.x0)
