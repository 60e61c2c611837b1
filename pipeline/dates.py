"""The business date of a document: the date its form names, not the day a scanner saved it."""

from __future__ import annotations

import datetime

from ocr.document import Document, Field, ValueKind
from ocr.values.dates import dates_in
from ocr.values.fields import document_date
from ocr.values.labels import names_the_document_date

_ISO_DAY = len("2024-04-12")


def business_date(document: Document) -> datetime.date | None:
    """The date of the first field labelled as that of the paper (日付, 報告日, 受付日時 …), a year that it
    leaves out completed; else the first whole date of the text."""
    fields = (field for page in document.pages for field in page.fields)
    labelled = (_date(field) for field in fields if names_the_document_date(field.name))
    return next((date for date in labelled if date), None) or document_date(document)


def _date(field: Field) -> datetime.date | None:
    if field.kind is ValueKind.DATE and len(field.normalized) >= _ISO_DAY:
        return datetime.date.fromisoformat(field.normalized[:_ISO_DAY])
    return next(dates_in(field.value), None)
