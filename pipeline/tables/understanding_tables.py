"""Tables of what the models found: predictions, scores, evidence, spans, entities."""

from __future__ import annotations

from pipeline.tables.column_types import (
    BOOL,
    BOX,
    DOCUMENT,
    ENGINE,
    FLOAT,
    INT,
    MODEL,
    PAGE,
    SPAN,
    STRING,
    TableSpec,
    optional,
    required,
)

PREDICTIONS = TableSpec(
    "a label of the sheet for a document, accepted or not",
    ("doc_id", "application", "task", "label_major", "label_middle", "label_minor"),
    (
        *DOCUMENT,
        *MODEL,
        required("label_major", STRING, "大分類 of the label"),
        required("label_middle", STRING, "中分類 of the label; may be empty"),
        required("label_minor", STRING, "小分類: the label itself"),
        required("probability", FLOAT, "calibrated probability of the label, 0-1"),
        required(
            "threshold",
            FLOAT,
            'what the decision compares with, 0-1: for exclusive labels with an "other" it is on the '
            'probability of anything but "other"; 0 means that the largest decides',
        ),
        required("accepted", BOOL, "the decision: whether the document carries the label"),
        optional(
            "review",
            BOOL,
            "whether a person should look: the label is not accepted and not ruled out either",
        ),
        optional(
            "proven",
            BOOL,
            "whether a sentence in `evidence` proves the accepted label; null where none is asked for",
        ),
        ENGINE,
    ),
)

SCORES = TableSpec(
    "a score of a document",
    ("doc_id", "application", "task"),
    (
        *DOCUMENT,
        *MODEL,
        required("value", FLOAT, "the score"),
        required("minimum", FLOAT, "least value that the task allows"),
        required("maximum", FLOAT, "greatest value that the task allows"),
        ENGINE,
    ),
)

_SENTENCE_NO = required("sentence_no", INT, "sentence that it stands in; names a row of `sentences`")

EVIDENCE = TableSpec(
    "a sentence that proves an accepted label",
    ("doc_id", "application", "task", "label", "sentence_no"),
    (
        *DOCUMENT,
        *MODEL,
        required("label", STRING, "label that it proves: `predictions.label_minor`"),
        _SENTENCE_NO,
        required("text", STRING, "text of the sentence"),
        required("probability", FLOAT, "probability that the sentence proves the label, 0-1"),
        *SPAN,
        PAGE,
        *BOX,
        ENGINE,
    ),
)

SPANS = TableSpec(
    "a stretch of text that a span task looks for; its box is that of its sentence",
    ("doc_id", "application", "task", "label", "start", "end"),
    (
        *DOCUMENT,
        *MODEL,
        required("label", STRING, "小分類 that names what was found"),
        _SENTENCE_NO,
        required("text", STRING, "text that was found"),
        required("probability", FLOAT, "probability of the find, 0-1"),
        *SPAN,
        PAGE,
        *BOX,
        ENGINE,
    ),
)

ENTITIES = TableSpec(
    "a name or figure in the text of a document; filled where an application asks for it",
    ("doc_id", "start", "end"),
    (
        *DOCUMENT,
        _SENTENCE_NO,
        required("text", STRING, "text as it stands there"),
        optional(
            "normalized",
            STRING,
            "the same for all spellings of one thing: the name of the list; ㈱ written out; ISO 8601 for "
            "dates and periods (--04-16 where no year is said); a plain decimal for amounts (of yen; others "
            "after their ISO 4217 code) and counts; digits for phones; null where there is none or it is "
            "hidden",
        ),
        required(
            "kind",
            STRING,
            "group of its label: organization, person, place, product, amount, date, period, count, law, "
            "phone, email, address, registration",
        ),
        required("label", STRING, "label of Sekine's Extended Named Entity hierarchy: Company, Money, …"),
        required("source", STRING, "what found it: pattern, list, model"),
        *SPAN,
        PAGE,
        *BOX,
        ENGINE,
    ),
)

PHRASES = TableSpec(
    "a phrase (the content of a 文節) and the one it leads to: what is said of what; filled where an "
    "application asks for it",
    ("doc_id", "phrase_no"),
    (
        *DOCUMENT,
        _SENTENCE_NO,
        required("phrase_no", INT, "number of the phrase in its document, from 0"),
        required("text", STRING, "phrase as it stands there, without particles"),
        required("term", STRING, "its words in their normal forms, the same for all spellings"),
        required("kind", STRING, "kind of phrase: NP, VP, ADJP, ADVP, CCONJP, …"),
        optional("head_no", INT, "phrase that it leads to; null for the last of its sentence"),
        optional("head", STRING, "`term` of that phrase"),
        required(
            "relation", STRING, "how it leads there, by Universal Dependencies: nsubj, obj, obl, nmod, …"
        ),
        *SPAN,
        ENGINE,
    ),
)
