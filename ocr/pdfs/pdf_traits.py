"""What a PDF says of itself that pdfium does not tell, found in its bytes before they are parsed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from ocr.pdfs.pdf_hazards import is_deflated, streams

# Enough of one object stream, and of all of them together, to hold the document's catalog and its pages.
STREAM_WINDOW = 1024 * 1024
MOST_UNFOLDED = 32 * STREAM_WINDOW
_LAYERS, _UNITS, _COLLECTION = b"/OCProperties", b"/UserUnit", b"/Collection"


@dataclass(frozen=True, slots=True)
class Traits:
    """`layered`: there are layers that can be switched off (optional content); `scaled`: some page has a unit
    of its own; `portfolio`: it presents a collection of files."""

    layered: bool = False
    scaled: bool = False
    portfolio: bool = False


def traits_of(data: bytes) -> Traits:
    """The traits of a PDF, whether they stand in the open or in object streams.

    What is encrypted with the file is taken to be layered: it only costs a look at the page.
    """
    names = (_LAYERS, _UNITS, _COLLECTION)
    found = {name for name in names if name in data}
    unfolded = 0
    packed = b"/ObjStm" in data
    for dictionary, start, end in streams(data) if packed else ():
        if b"/ObjStm" not in dictionary or not is_deflated(dictionary):
            continue
        if len(found) == len(names) or unfolded >= MOST_UNFOLDED:
            break
        try:
            content = zlib.decompressobj().decompress(data[start:end].lstrip(b"\r\n"), STREAM_WINDOW)
        except zlib.error:
            continue
        unfolded += len(content)
        found |= {name for name in names if name in content}
    layered = _LAYERS in found or (packed and b"/Encrypt" in data)
    return Traits(layered, _UNITS in found, _COLLECTION in found)
