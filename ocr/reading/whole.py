"""One document from the pages or page ranges that were read one by one."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.document import Document
from ocr.joining import join
from ocr.layout.running import with_running_heads
from ocr.values.field_values import with_values


def whole(parts: Sequence[Document]) -> Document:
    """The joined document with what only its pages together tell: running heads, and the values of fields,
    which may need a date from another page."""
    return with_values(with_running_heads(join(parts)))
