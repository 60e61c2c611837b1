"""The columns that an application gives to the labels of its forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from nlu.application.settings import plain_label
from ocr.document import Document, Field

# One letter in so many may be misread. 受付日 and 受注日 differ by one, too: three letters are too few.
LETTERS_AN_ERROR = 4
# A field that was read with less confidence may hold a misread label; a text layer never does.
SURE = 0.98

FieldDictionary = Mapping[str, Sequence[str]]


def named(document: Document, dictionary: FieldDictionary) -> Document:
    """The document with the `key` of every field whose label is one of the dictionary: column -> labels.

    Labels are compared without blanks, in half width. A label in doubt that is none of them is taken for
    the one that it differs from by a letter in four, where one column alone comes so near and no other
    field of the document bears its label. A field that has its key already keeps it.
    """
    columns = {plain_label(label): column for column, labels in dictionary.items() for label in labels}
    exact = {columns.get(plain_label(field.name)) for page in document.pages for field in page.fields}

    def column_of(field: Field) -> str:
        label = plain_label(field.name)
        if field.key or label in columns:
            return field.key or columns[label]
        return "" if field.confidence > SURE else _nearest(label, columns, exact)

    pages = tuple(
        replace(page, fields=tuple(replace(field, key=column_of(field)) for field in page.fields))
        for page in document.pages
    )
    return replace(document, pages=pages)


def _nearest(label: str, columns: Mapping[str, str], taken: set[str | None]) -> str:
    errors = len(label) // LETTERS_AN_ERROR
    near = {
        column
        for known, column in columns.items()
        if Levenshtein.distance(label, known, score_cutoff=errors)
        <= min(errors, len(known) // LETTERS_AN_ERROR)
    }
    return near.pop() if len(near) == 1 and not near & taken else ""
