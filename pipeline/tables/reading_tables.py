"""Tables of what was read: documents, pages, sentences, fields, cells."""

from __future__ import annotations

import pyarrow as pa

from pipeline.tables.column_types import (
    BOOL,
    BOX,
    DOCUMENT,
    ENGINE,
    FLOAT,
    INT,
    PAGE,
    SPAN,
    STRING,
    TIME,
    TableSpec,
    optional,
    required,
)

DOCUMENTS = TableSpec(
    "a document: a file, or a part of one that holds several; files with the same bytes are one",
    ("doc_id",),
    (
        *DOCUMENT,
        required("uri", STRING, "full path or URI of its file"),
        required("file_name", STRING, "path of its file below the inbox"),
        required("copies", pa.list_(STRING), "other files of the inbox with the same bytes, by `file_name`"),
        required(
            "media",
            STRING,
            "media type of the file, told by its content: application/pdf; image/tiff, image/jpeg, "
            "image/png, image/webp, image/bmp, image/gif, image/jp2, image/heic; "
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document (Word), "
            "…spreadsheetml.sheet (Excel), …presentationml.presentation (PowerPoint); message/rfc822, "
            "application/vnd.ms-outlook (mails)",
        ),
        required("size", pa.int64(), "bytes of the file"),
        required("received_at", TIME, "time the file was last changed"),
        optional(
            "business_date",
            pa.date32(),
            "date of the document itself, never a deadline; null where it names none",
        ),
        optional(
            "business_date_source",
            STRING,
            "where `business_date` was found: its label as printed; top_right, title, line (alone on one) or "
            "text where it has none; null without a date",
        ),
        optional(
            "business_date_sort",
            STRING,
            "what its label says happened that day: issued, received, reported, ordered, signed, visited, "
            "held, delivered, paid; null where no label says it",
        ),
        required(
            "kind",
            STRING,
            "kind of document, told by its title words or a pattern for its file; other where neither does",
        ),
        optional(
            "title", STRING, "title of its first page without numbers and dates; null where none stands out"
        ),
        required("status", STRING, "done, or partial where some pages could not be read"),
        required("pages", INT, "pages of the document, blank ones inside it among them"),
        required("pages_failed", INT, "pages without a result"),
        required("characters", INT, "characters of `text`"),
        optional(
            "confidence", FLOAT, "5th percentile of the confidences of its lines, 0-1; null without text"
        ),
        required("text", STRING, "whole text in reading order"),
        ENGINE,
        optional("file_id", STRING, "SHA-256 of the file's bytes, the same for all documents of a file"),
        optional("first_page", INT, "its first page, counted in the file from 1"),
        optional("last_page", INT, "its last page, counted in the file"),
        optional("part_no", INT, "number of the document in its file, from 1"),
        optional("parts", INT, "documents that the file holds"),
        optional(
            "split_reason",
            STRING,
            "why it begins where it does: separator, page_number, known_title, same_form, own_title, letter, "
            "every_page; null for the first of a file",
        ),
        optional("separator", STRING, "what the separator sheet before it says, bar codes too; null without"),
    ),
)

PAGES = TableSpec(
    "a page that was read",
    ("doc_id", "page"),
    (
        *DOCUMENT,
        required("page", INT, "number of the page in the file, from 1"),
        required("width", FLOAT, "width of the upright page, points"),
        required("height", FLOAT, "height of the upright page, points"),
        required("source", STRING, "where its text came from: text_layer, ocr, mixed, blank"),
        required(
            "reason",
            STRING,
            "why its text was taken from there: no_layer, good_layer, picture_regions, bad_characters, "
            "no_unicode_map, not_japanese, hidden_text, drawn_writing, broken_font, "
            "second_reader, blank_page, office_text, mail_text",
        ),
        optional("passed_over", STRING, "engine whose reading was thought worse; null where one engine read"),
        required("rotation", INT, "degrees it was turned clockwise to stand upright: 0, 90, 180, 270"),
        required("rotation_confidence", FLOAT, "how sure `rotation` is, 0-1"),
        required("skew", FLOAT, "degrees it was turned back, counterclockwise"),
        required("skew_confidence", FLOAT, "how sure `skew` is, 0-1"),
        required("handwriting", FLOAT, "likelihood that it is written by hand, 0-1"),
        optional("confidence", FLOAT, "5th percentile of the confidences of its lines, 0-1; null if blank"),
        required("lines", INT, "lines of text"),
        required("characters", INT, "characters of its lines"),
        optional(
            "hidden_characters", INT, "characters of its text layer that nobody sees; they are left out"
        ),
        optional(
            "unexplained_ink",
            FLOAT,
            "share of its ink that was neither read nor found to be a ruling, a figure or a seal, 0-1; large "
            "where writing was lost, and `confidence` is lower then",
        ),
        ENGINE,
        optional(
            "aside",
            STRING,
            "blank or separator: a page of no document, kept with the one before it (before the first one, "
            "with that); null for a page of the document",
        ),
    ),
)

SENTENCES = TableSpec(
    "a sentence of a document, in reading order",
    ("doc_id", "sentence_no"),
    (
        *DOCUMENT,
        required("sentence_no", INT, "number of the sentence in its document, from 0"),
        required("text", STRING, "text of the sentence"),
        *SPAN,
        PAGE,
        *BOX,
        optional(
            "noise",
            STRING,
            "why it is no content and kept from the model: header, footer, stamp, figure, label, "
            "page_number, ruler, empty_field, field_value, greeting, instruction, signature, repeated, "
            "debris; null for content",
        ),
        optional(
            "boundary",
            STRING,
            "what ended it: mark, quote, bullet, block, line, blank_line, learned, parser, length, end",
        ),
        ENGINE,
    ),
)

FIELDS = TableSpec(
    "a labelled value of a form, as printed and in a normal form",
    ("doc_id", "field_no"),
    (
        *DOCUMENT,
        required("field_no", INT, "number of the field in its document, from 0"),
        optional("key", STRING, "column that the application's dictionary gives to the label; null if none"),
        required("name", STRING, "label as printed"),
        required("value", STRING, "value as printed; empty where the form was left empty"),
        required(
            "kind",
            STRING,
            "kind of value: text, date, time, period, money, number, phone, postal_code, choice, "
            "tax_registration (T and 13 digits), corporate_number (13 digits)",
        ),
        optional(
            "normalized",
            STRING,
            "value in the normal form of its kind: ISO 8601 for date, time and period, a plain decimal for "
            "money and number, digits for a registration with a right check digit; null where there is none",
        ),
        optional("unit", STRING, "unit printed beside the value"),
        required("confidence", FLOAT, "confidence of the reading, 0-1"),
        *SPAN,
        PAGE,
        *BOX,
        ENGINE,
    ),
)

CELLS = TableSpec(
    "a cell of a table or ruled form; a table inside of a form is a table of its own, with its own header",
    ("doc_id", "table_no", "row", "column"),
    (
        *DOCUMENT,
        required("table_no", INT, "number of the table in its document, from 0"),
        required("row", INT, "row of the cell, from 0"),
        required("column", INT, "column of the cell, from 0"),
        required("row_span", INT, "rows that it covers"),
        required("column_span", INT, "columns that it covers"),
        required("text", STRING, "text of the cell"),
        optional("header", BOOL, "whether it heads columns of its table; false in a form"),
        optional(
            "label",
            STRING,
            "label of the form that its table stands beside or under; null where the table has none",
        ),
        optional("confidence", FLOAT, "confidence of the reading, 0-1; null where nothing is written"),
        *SPAN,
        PAGE,
        *BOX,
        ENGINE,
    ),
)
