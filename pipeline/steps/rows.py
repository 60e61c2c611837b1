"""Table rows from what was read and understood: pure functions, one per kind of result."""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nlu.entities.entity import Entity
from nlu.text.boundaries.sentences import Sentence
from nlu.understanding import Evidence, SpanPrediction, Understanding
from ocr.document import Document, Page, ValueKind
from ocr.parting.document_parts import DocumentPart
from ocr.proofreading.calibrated_confidence import document_confidence
from ocr.values.calendar.own_date import DocumentDate
from pipeline.applications.file_parts import FilePart
from pipeline.applications.titles import title_of
from pipeline.inbox.failures import Failure
from pipeline.steps.business_date import dated
from pipeline.steps.digitized import DigitizedDocument
from pipeline.steps.hiding import NOTHING_HIDDEN, Hiding
from pipeline.steps.places import Place, PlaceFinder
from pipeline.tables.contract import TableName, TableRow

if TYPE_CHECKING:
    from nlu.language.phrases import Phrase  # brings spaCy, which only workers need

_TELLING = (ValueKind.TEXT, ValueKind.PHONE, ValueKind.POSTAL_CODE, ValueKind.CHOICE)
"""Kinds of values whose normal form tells what is hidden."""
DONE = "done"
PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class RowContext:
    """What the rows of one document share; `file_id` is that of its file, `hiding` what none shows."""

    dt: str
    doc_id: str
    file_id: str
    engine: str
    business_date: DocumentDate | None
    hiding: Hiding = NOTHING_HIDDEN

    def row(self, table: TableName, **values: Any) -> TableRow:
        return TableRow(table, {"dt": self.dt, "doc_id": self.doc_id, "engine": self.engine, **values})


def context_of(
    digitized: DigitizedDocument, engine: str, dates: Sequence[str] = (), hiding: Hiding = NOTHING_HIDDEN
) -> RowContext:
    """`dates` are the fields that an application takes the business date from, in its order."""
    found = dated(digitized.document, dates)
    dt = found.date if found else _received(digitized.source.file.modified).date()
    return RowContext(dt.isoformat(), digitized.doc_id, digitized.source.doc_id, engine, found, hiding)


def document_rows(digitized: DigitizedDocument, kind: str, context: RowContext) -> Iterator[TableRow]:
    """The document with its pages, fields and table cells."""
    source, document, found = digitized.source, digitized.document, context.business_date
    hiding = context.hiding
    yield context.row(
        TableName.DOCUMENTS,
        uri=source.file.uri,
        file_name=source.file.name,
        copies=list(source.copies),
        media=source.media,
        size=source.file.size,
        received_at=_received(source.file.modified),
        business_date=found.date if found else None,
        business_date_source=hiding.anywhere(found.source) if found else None,
        business_date_sort=found.sort.value if found and found.sort else None,
        kind=kind,
        title=hiding.anywhere(title_of(document)) or None,
        status=PARTIAL if document.failures else DONE,
        pages=source.pages if digitized.part is None else digitized.part.part.pages,
        pages_failed=len({failure.page for failure in document.failures}),
        characters=len(document.text),
        confidence=document_confidence(document),
        text=hiding.at(document.text, 0),
        **_place_in_file(digitized, hiding),
    )
    for page in document.pages:
        yield _page_row(page, context)
    for page, why in digitized.part.asides if digitized.part else ():
        yield _page_row(page, context, why.value)
    yield from _field_rows(document, context)
    yield from _cell_rows(document, context)


def _cell_rows(document: Document, context: RowContext) -> Iterator[TableRow]:
    places, hiding = PlaceFinder(document), context.hiding
    tables = [(page, table) for page in document.pages for table in page.tables]
    for number, (page, table) in enumerate(tables):
        for cell in table.cells:
            yield context.row(
                TableName.CELLS,
                table_no=number,
                row=cell.row,
                column=cell.column,
                row_span=cell.row_span,
                column_span=cell.column_span,
                text=hiding.value(cell.text, cell.start, cell.end),
                header=cell.row < table.header_rows,
                label=hiding.anywhere(table.label) or None,
                confidence=cell.confidence,
                start=cell.start,
                end=cell.end,
                **_where(places.find(cell.start, cell.end) or Place(page.number, cell.box)),
            )


def _field_rows(document: Document, context: RowContext) -> Iterator[TableRow]:
    fields = [(page, field) for page in document.pages for field in page.fields]
    hiding = context.hiding
    for number, (page, field) in enumerate(fields):
        normal = hiding.anywhere(field.normalized)
        if field.kind in _TELLING and hiding.touches(field.start, field.end):
            normal = ""
        yield context.row(
            TableName.FIELDS,
            field_no=number,
            key=field.key or None,
            name=hiding.anywhere(field.name),
            value=hiding.value(field.value, field.start, field.end),
            kind=field.kind.value,
            normalized=normal or None,
            unit=field.unit or None,
            confidence=field.confidence,
            start=field.start,
            end=field.end,
            **_where(Place(page.number, field.value_box)),
        )


def _place_in_file(digitized: DigitizedDocument, hiding: Hiding) -> dict[str, Any]:
    """The columns that tell which of its file's documents it is."""
    source, file_part = digitized.source, digitized.part
    if file_part is None:
        file_part = FilePart(DocumentPart(source.first_page, source.last_page), 1, 1)
    part = file_part.part
    return {
        "file_id": source.doc_id,
        "first_page": part.first,
        "last_page": part.last,
        "part_no": file_part.number,
        "parts": file_part.count,
        "split_reason": None if part.reason is None else part.reason.value,
        "separator": hiding.anywhere(part.separator) if part.separator else part.separator,
    }


def _page_row(page: Page, context: RowContext, aside: str | None = None) -> TableRow:
    return context.row(
        TableName.PAGES,
        page=page.number,
        aside=aside,
        width=page.width,
        height=page.height,
        source=page.source.value,
        reason=page.reason.value,
        passed_over=page.passed_over or None,
        rotation=page.rotation,
        rotation_confidence=page.rotation_confidence,
        skew=page.skew,
        skew_confidence=page.skew_confidence,
        handwriting=page.handwriting,
        confidence=page.confidence,
        lines=len(page.lines),
        characters=sum(len(line.text) for line in page.lines),
        hidden_characters=page.hidden_characters,
        unexplained_ink=page.unexplained_ink,
    )


def sentence_rows(
    sentences: Sequence[Sentence], places: Sequence[Place | None], context: RowContext
) -> Iterator[TableRow]:
    """The sentences with what ended them, noise with its reason; `places` stand beside `sentences`."""
    for sentence, place in zip(sentences, places, strict=True):
        yield context.row(
            TableName.SENTENCES,
            sentence_no=sentence.number,
            text=context.hiding.at(sentence.text, sentence.start),
            start=sentence.start,
            end=sentence.end,
            noise=sentence.noise,
            boundary=sentence.boundary,
            **_where(place),
        )


def understanding_rows(
    understanding: Understanding, places: dict[int, Place | None], context: RowContext
) -> Iterator[TableRow]:
    """Predictions, scores, evidence and spans of one application; `places` by sentence number."""
    made_by = {"application": understanding.application, "model_id": understanding.model_id}
    for label in understanding.labels:
        yield context.row(
            TableName.PREDICTIONS,
            **made_by,
            task=label.task,
            label_major=label.major,
            label_middle=label.middle,
            label_minor=label.minor,
            probability=label.probability,
            threshold=label.threshold,
            accepted=label.accepted,
            review=label.review,
            proven=label.proven,
        )
    for score in understanding.scores:
        yield context.row(
            TableName.SCORES,
            **made_by,
            task=score.task,
            value=score.value,
            minimum=score.minimum,
            maximum=score.maximum,
        )
    stretches: list[tuple[TableName, Evidence | SpanPrediction]] = [
        *((TableName.EVIDENCE, proof) for proof in understanding.evidence),
        *((TableName.SPANS, span) for span in understanding.spans),
    ]
    for table, found in stretches:
        yield context.row(
            table,
            **made_by,
            task=found.task,
            label=found.label,
            sentence_no=found.sentence_no,
            text=context.hiding.at(found.text, found.start),
            probability=found.probability,
            start=found.start,
            end=found.end,
            **_where(places.get(found.sentence_no)),
        )


def entity_rows(
    entities: Sequence[Entity], sentences: Sequence[Sentence], places: PlaceFinder, context: RowContext
) -> Iterator[TableRow]:
    """The entities with the sentence that each stands in; of what is hidden only where and what it is."""
    hiding, starts = context.hiding, [sentence.start for sentence in sentences]
    for one in entities:
        hidden = hiding.touches(one.start, one.end)
        yield context.row(
            TableName.ENTITIES,
            sentence_no=sentences[max(bisect_right(starts, one.start) - 1, 0)].number,
            text=hiding.at(one.text, one.start),
            normalized=None if hidden else hiding.anywhere(one.normal) or None,
            kind=one.group.value,
            label=one.label,
            source=one.source.value,
            start=one.start,
            end=one.end,
            **_where(places.find(one.start, one.end)),
        )


def phrase_rows(phrases: Sequence[Phrase], context: RowContext) -> Iterator[TableRow]:
    """The phrases; of what is hidden only where it stands."""
    hiding = context.hiding

    def shown(one: Phrase) -> str:
        return hiding.at(one.text, one.start) if hiding.touches(one.start, one.end) else one.term

    for one in phrases:
        yield context.row(
            TableName.PHRASES,
            sentence_no=one.sentence,
            phrase_no=one.number,
            text=hiding.at(one.text, one.start),
            term=shown(one),
            kind=one.kind,
            head_no=one.head,
            head=None if one.head is None else shown(phrases[one.head]),
            relation=one.relation,
            start=one.start,
            end=one.end,
        )


def failure_row(failure: Failure) -> TableRow:
    return TableRow(
        TableName.FAILURES,
        {
            "dt": _received(failure.file.modified).date().isoformat(),
            "doc_id": failure.doc_id,
            "uri": failure.file.uri,
            "file_name": failure.file.name,
            "stage": failure.stage.value,
            "category": failure.category,
            "page": failure.page,
            "retryable": failure.retryable,
            "message": failure.message,
        },
    )


def _received(modified: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(modified, tz=datetime.UTC)


def _where(place: Place | None) -> dict[str, int | float | None]:
    if place is None:
        return dict.fromkeys(("page", "x0", "y0", "x1", "y1"))
    box = place.box
    return {"page": place.page, "x0": box.x0, "y0": box.y0, "x1": box.x1, "y1": box.y1}
