"""The business date of a document: the date its form names, not the day a scanner saved it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from nlu.application.settings import plain_label
from ocr.document import Document
from ocr.values.calendar.date_labels import own_date
from ocr.values.calendar.own_date import DocumentDate, date_of, document_date, is_plausible


def business_date(document: Document, preferred: Sequence[str] = ()) -> datetime.date | None:
    """The day alone of what `dated` finds."""
    found = dated(document, preferred)
    return found.date if found else None


def dated(document: Document, preferred: Sequence[str] = ()) -> DocumentDate | None:
    """The date of the first field that `preferred` names, in its order; else the document's own date.

    Each of `preferred` is a label as forms print it, or the column that a field dictionary gives it.
    """
    fields = [field for page in document.pages for field in page.fields]
    for name in map(plain_label, preferred):
        for field in fields:
            if name not in (plain_label(field.name), field.key):
                continue
            date = date_of(field)
            if date is not None and is_plausible(date):
                own = own_date(field.name)
                return DocumentDate(date, field.name, own.sort if own else None)
    return document_date(document)
