"""Reads Japanese business documents: a scan, PDF, Office file or mail in, text with structure out.

    import ocr

    document = ocr.read("営業日報.pdf")
    print(ocr.to_markdown(document))
    ocr.to_tables(document)[0], ocr.to_fields(document)

What a document holds, and where on its pages, is in `ocr.document`; how it is read in `ocr.reading.reader`.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from ocr.document import Document

if TYPE_CHECKING:
    import pandas as pd

    from ocr.limits import Limits

__all__ = ["Document", "read", "to_fields", "to_json", "to_markdown", "to_tables", "to_text"]


def read(
    source: str | PathLike[str] | bytes,
    *,
    engine: str = "ppocr",
    limits: Limits | None = None,
    passwords: Sequence[str] = (),
) -> Document:
    """What stands in a file, read in a process of its own that cannot harm or hang this one.

    `source` is a path or the bytes of a file; `engine` is "ppocr", "tesseract", "ppocr+tesseract" for a
    second opinion, or "module:factory" for one of your own. A page that cannot be read is one of the
    document's `failures`. Raises ReadingError (`ocr.errors`) for a file that cannot be opened, OSError for a
    path. For many files keep an `ocr.processes.supervised_reader.SupervisedReader`, which keeps the process.
    """
    from ocr.limits import Limits
    from ocr.processes.supervised_reader import SupervisedReader

    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    with SupervisedReader(engine, limits or Limits(), passwords=passwords) as reader:
        return reader.read(data)


def to_text(document: Document) -> str:
    """The text in reading order, cells parted by tabs."""
    from ocr.export.plain_text import to_text as exported

    return exported(document)


def to_markdown(document: Document) -> str:
    """Headings, lists, tables and fields as Markdown; running heads and feet are left out."""
    from ocr.export.markdown import to_markdown as exported

    return exported(document)


def to_json(document: Document) -> str:
    """All of the document, by the published schema (`docs/document.schema.json`)."""
    from ocr.serialization import to_json as encoded

    return encoded(document, indent=2).decode()


def to_tables(document: Document) -> list[pd.DataFrame]:
    """A data frame for each table and form; see `ocr.export.data_frames`."""
    from ocr.export.data_frames import to_tables as exported

    return exported(document)


def to_fields(document: Document) -> pd.DataFrame:
    """The labelled values, a row each, with their normal forms."""
    from ocr.export.data_frames import to_fields as exported

    return exported(document)
