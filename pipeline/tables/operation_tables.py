"""Tables of what the nights did: failures, sources, runs."""

from __future__ import annotations

import pyarrow as pa

from pipeline.tables.column_types import (
    BOOL,
    DOUBLE,
    DT,
    ENGINE,
    INT,
    PARTITION,
    RECEIVED_DT,
    STRING,
    TIME,
    TableSpec,
    optional,
    required,
)

_BY_NAME = pa.map_(STRING, DOUBLE)

FAILURES = TableSpec(
    "a document or page without a result, and why",
    ("uri", "stage", "category", "page", "message", "doc_id"),
    (
        RECEIVED_DT,
        required(
            "doc_id",
            STRING,
            "document, or file (SHA-256 of its bytes) that has none; empty where it could not be read",
        ),
        required("uri", STRING, "full path or URI of the file"),
        optional("file_name", STRING, "path of the file below the inbox; that of a folder ends with a slash"),
        required("stage", STRING, "where it failed: list, digitize, understand"),
        required("category", STRING, "kind of failure, the same word for the same reason"),
        optional("page", INT, "page that failed, from 1; null for the whole document"),
        required("retryable", BOOL, "whether the same bytes can succeed another time"),
        required("message", STRING, "what is wrong and what to do next, in Japanese"),
        optional("attempts", INT, "runs in a row that failed on the file"),
        optional("first_seen", TIME, "time of the first of these runs"),
        optional("last_seen", TIME, "time of the last of these runs"),
    ),
)

SOURCES = TableSpec(
    "a file of the inbox as it is known, gone ones included",
    ("file_name",),
    (
        DT,
        required("file_name", STRING, "path of the file below the inbox; that of a folder ends with a slash"),
        required("uri", STRING, "full path or URI of the file"),
        required("size", pa.int64(), "bytes of the file when it was last listed"),
        required("modified", DOUBLE, "time the file was last changed, Unix seconds"),
        required("doc_id", STRING, "SHA-256 of its bytes; empty where they could not be read"),
        required("media", STRING, "media type, told by its content; empty where it is not known"),
        required("pages", INT, "pages of the file; 0 where they are not known"),
        required("copy_of", STRING, "file that stands for the same bytes; empty for that file itself"),
        required(
            "status",
            STRING,
            "how it ended when last tried: done, partial, failed, quarantined, waiting, gone",
        ),
        required("reading", STRING, "OCR fingerprint that its rows were made with; empty without rows"),
        required(
            "understanding",
            STRING,
            "fingerprint of models and applications that its rows were made with; empty without rows",
        ),
        required("retryable", BOOL, "whether the same bytes can succeed another time"),
        required("attempts", INT, "runs in a row that failed on it; 0 after a success"),
        required("first_seen", TIME, "time of the first run that listed it"),
        required("last_tried", TIME, "time of the last run that worked on it"),
        optional("gone_at", TIME, "time of the run that missed it; null while it is there"),
        optional("documents", INT, "documents that `documents` shows of it; 0 where none"),
    ),
)

RUNS = TableSpec(
    "a run: counts, versions, rates",
    ("run_id",),
    (
        required(PARTITION, STRING, "partition: the day the run began (UTC)"),
        required("started_at", TIME, "time the run began"),
        required("finished_at", TIME, "time the run was ready to publish"),
        required("listed", INT, "files listed = documents + copies + failed + skipped + waiting"),
        required("documents", INT, "files with a result, each counted once however many documents it holds"),
        required("partial", INT, "files of these with pages that could not be read"),
        required("failed", INT, "files without a result"),
        required("copies", INT, "further files with the bytes of one of `documents`"),
        required("pages", INT, "pages of `documents` with a result, read in this run or kept"),
        required("runner", STRING, "Beam runner"),
        required("workers", INT, "worker processes"),
        ENGINE,
        required("models", pa.list_(STRING), "models that ran, as application@model_id"),
        optional("understanding", STRING, "fingerprint of models and applications"),
        optional("skipped", INT, "files not worked on: unchanged, failed for good, quarantined"),
        optional("waiting", INT, "files that are due and were left for the next run"),
        optional("gone", INT, "known files that the inbox no longer holds"),
        optional("unreadable_folders", INT, "folders of these `failed` that could not be looked into"),
        optional(
            "left_out",
            INT,
            "files and folders of the inbox that are none of its documents: temporary, hidden, excluded",
        ),
        optional("pages_read", INT, "pages that were really read, kept ones left out"),
        optional("wall_seconds", DOUBLE, "duration of the run, seconds"),
        optional("cpu_seconds", DOUBLE, "CPU time of all its processes, seconds"),
        optional("stage_seconds", _BY_NAME, "seconds by stage"),
        optional("peak_mib", DOUBLE, "largest memory of the whole process tree, MiB"),
        optional("due", pa.map_(STRING, INT), "documents by the reason they were due"),
        optional("confidence", DOUBLE, "mean confidence of the documents of this run, 0-1"),
        optional("empty_share", DOUBLE, "share of documents of this run without text"),
        optional("failed_share", DOUBLE, "share of files worked on in this run that have no result"),
        optional(
            "label_shares",
            _BY_NAME,
            "share of the application's documents of this run that carry a label, by application/task/label",
        ),
        optional("parts", INT, "documents with a result: more than `documents` where files hold several"),
        optional("null_shares", _BY_NAME, "share of nulls among the rows of this run, by table.column"),
    ),
)
