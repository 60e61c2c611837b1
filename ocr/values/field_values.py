"""The values of all fields of a document, read in the light of its own date."""

from __future__ import annotations

import datetime
from dataclasses import replace

from ocr.document import Document, Field, Page, ValueKind
from ocr.values.calendar.moments import moment_value
from ocr.values.calendar.own_date import reference_date
from ocr.values.calendar.periods import period_value
from ocr.values.choices import choice_value
from ocr.values.money import money_value
from ocr.values.numbers import number_value
from ocr.values.phones import phone_value
from ocr.values.postal_codes import postal_code_value
from ocr.values.registrations import registration_value
from ocr.values.value import Value

LONGEST_VALUE = 60  # characters; the rest is text
_SOME_DAY = datetime.date(2024, 1, 1)


def with_values(document: Document) -> Document:
    """The document with `kind`, `normalized` and `unit` of every field set from what is printed.

    1月2日 and 6年4月12日 are completed from the document's own date. The result depends on the printed
    text alone, so that a document joined from parts may be given again. A choice that was seen on the
    page rather than in its text (a ring around an option) stays.
    """
    reference = reference_date(document)
    pages = tuple(_with_values(page, reference) for page in document.pages)
    return document if pages == document.pages else replace(document, pages=pages)


def value_of(text: str, label: str = "", reference: datetime.date | None = None) -> Value | None:
    """What a printed value means, None where it is text; `reference` is the date of the document.

    A full stop behind it says nothing.
    """
    text = text.removesuffix("。")
    if not text or len(text) > LONGEST_VALUE:
        return choice_value(text) if text else None
    return (
        choice_value(text)
        or registration_value(text, label)
        or postal_code_value(text, label)
        or phone_value(text, label)
        or period_value(text, label, reference)
        or moment_value(text, label, reference)
        or money_value(text, label)
        or number_value(text, label)
    )


def kind_of_value(text: str, label: str = "") -> ValueKind:
    """The kind that the text is as a value behind `label`, in whatever year."""
    value = value_of(text, label, _SOME_DAY)
    return value.kind if value else ValueKind.TEXT


def _with_values(page: Page, reference: datetime.date | None) -> Page:
    return replace(page, fields=tuple(_with_value(field, reference) for field in page.fields))


def _with_value(field: Field, reference: datetime.date | None) -> Field:
    if not field.value:
        return field
    value = value_of(field.value, field.name, reference) or Value(ValueKind.TEXT, "")
    if field.kind is ValueKind.CHOICE and value.kind is not ValueKind.CHOICE:
        return field
    return replace(field, kind=value.kind, normalized=value.normalized, unit=value.unit)
