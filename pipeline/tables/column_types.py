"""How a column is written down, and the columns that several tables share."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

PARTITION = "dt"
COMMENT = b"comment"  # where Delta Lake and the tools that read it look for a column's meaning

STRING = pa.string()
INT = pa.int32()
FLOAT = pa.float32()
DOUBLE = pa.float64()
BOOL = pa.bool_()
TIME = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class TableSpec:
    """`meaning` says what a row is; `key` names the columns that no two rows share, and the order in which
    rows are published."""

    meaning: str
    key: tuple[str, ...]
    columns: tuple[pa.Field, ...]


def required(name: str, kind: pa.DataType, meaning: str) -> pa.Field:
    """A column that every row fills."""
    return pa.field(name, kind, nullable=False, metadata={COMMENT: meaning})


def optional(name: str, kind: pa.DataType, meaning: str) -> pa.Field:
    """A column that may be null."""
    return pa.field(name, kind, metadata={COMMENT: meaning})


# What made a row. `engine` is the OCR engine with its fingerprint, `model_id` the tailored model.
LINEAGE = (
    required("run_id", STRING, "run that wrote the row; names a row of `runs`"),
    required("code_version", STRING, "version of Yomitori that wrote the row"),
    required("contract_version", INT, "version of the contract that the row was written under"),
)
DT = required(
    PARTITION,
    STRING,
    "partition: the document's business date where one is found, else the day its file was changed (UTC)",
)
RECEIVED_DT = required(PARTITION, STRING, "partition: the day the file was changed (UTC)")
DOCUMENT = (
    DT,
    required(
        "doc_id",
        STRING,
        "document: SHA-256 of the file's bytes, hexadecimal; where the file holds several documents, with "
        "`-pFIRST-LAST`, its pages, behind it",
    ),
)
ENGINE = optional("engine", STRING, "OCR engine with the fingerprint of all that decides what it reads")
MODEL = (
    required("application", STRING, "name of the application"),
    required("model_id", STRING, "id of the tailored model"),
    required("task", STRING, "task of the application"),
)
PAGE = optional("page", INT, "page of the file that it stands on, from 1; null where no place is known")
BOX = (
    optional("x0", FLOAT, "left edge of its box on the page, points"),
    optional("y0", FLOAT, "top edge of its box on the page, points"),
    optional("x1", FLOAT, "right edge of its box on the page, points"),
    optional("y1", FLOAT, "bottom edge of its box on the page, points"),
)
SPAN = (
    required("start", INT, "offset of its first character in the document's text"),
    required("end", INT, "offset behind its last character in the document's text"),
)
