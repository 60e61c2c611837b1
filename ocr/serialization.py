"""A document as JSON, and back."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from ocr.document import SCHEMA_VERSION, Document

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_VERSION = re.compile(rb'"schema_version":\s*(\d{1,9})')  # within a text its quotes are escaped


@cache
def _adapter() -> TypeAdapter[Document]:
    from pydantic import TypeAdapter

    return TypeAdapter(Document)


def to_json(document: Document, *, indent: int | None = None) -> bytes:
    """The document as UTF-8 JSON, versioned by `schema_version`."""
    return _adapter().dump_json(document, indent=indent)


def from_json(data: bytes) -> Document:
    """The document that `to_json` wrote. Raises ValueError for anything else, another schema version above
    all: its fields may be missing or mean something else."""
    version = _VERSION.search(data)
    if version and int(version[1]) != SCHEMA_VERSION:
        raise ValueError(
            f"文書のJSONの版が違います（schema_versionは{int(version[1])}、読めるのは{SCHEMA_VERSION}）。"
            "元のファイルを読み取り直してください。"
        )
    return _adapter().validate_json(data)
