"""Inboxes of any size: sample documents again and again, each copy with bytes of its own."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import cycle, islice
from pathlib import Path

import pypdfium2 as pdfium

from fixtures.truth_file import INBOX, Truth, read_truth


class Kind(StrEnum):
    """What an inbox is made of, one page a document."""

    SCANS = "scans"
    TEXT_LAYERS = "text layers"
    UNROUTED = "a text layer that no application reads"


_JPEG_BEGINS = b"\xff\xd8"
_PNG_BEGINS = b"\x89PNG\r\n\x1a\n"
_PNG_ENDS = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))


def with_number(data: bytes, number: int) -> bytes:
    """The same document with other bytes: a comment where the format has one, bytes after its end in TIFF."""
    note = f"copy {number}".encode()
    if data.startswith(_JPEG_BEGINS):
        return _JPEG_BEGINS + b"\xff\xfe" + struct.pack(">H", len(note) + 2) + note + data[2:]
    if data.startswith(_PNG_BEGINS) and data.endswith(_PNG_ENDS):
        chunk = b"tEXtComment\0" + note
        framed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        return data.removesuffix(_PNG_ENDS) + framed + _PNG_ENDS
    return data + b"\n% " + note + b"\n"


def samples(kind: Kind) -> list[Path]:
    """The sample documents of a kind, by name; UNROUTED is one alone, the cheapest there is."""
    truths = [truth for truth in read_truth() if truth.failure is None and len(truth.pages) == 1]
    return sorted(INBOX / truth.file for truth in truths if _is(truth, kind))


def _is(truth: Truth, kind: Kind) -> bool:
    if kind is Kind.SCANS:
        return truth.source == "ocr"
    if kind is Kind.UNROUTED:
        return truth.source == "text_layer" and truth.kind == "other"
    return truth.source == "text_layer" and bool(truth.labels)


def make_inbox(folder: Path, kind: Kind, documents: int) -> Path:
    """Fills `folder`; of each size it begins with the same documents. All hashes differ, else ValueError."""
    hashes = set()
    for number, sample in enumerate(islice(cycle(samples(kind)), documents)):
        data = with_number(sample.read_bytes(), number)
        hashes.add(hashlib.sha256(data).digest())
        target = folder / f"{number // 500:03}" / f"{number:05} {sample.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    if len(hashes) != documents:
        raise ValueError("two copies have the same bytes")
    return folder


def make_long_pdf(path: Path, pages: int, scanned_every: int) -> Path:
    """One PDF of pages with text layers, among them a scan every so many pages."""
    path.parent.mkdir(parents=True, exist_ok=True)
    layers = _pages([sample for sample in samples(Kind.TEXT_LAYERS) if sample.suffix == ".pdf"])
    scans = _pages([sample for sample in samples(Kind.SCANS) if sample.suffix == ".pdf"])
    document = pdfium.PdfDocument.new()
    for number in range(pages):
        document.import_pages(next(scans if number % scanned_every == 0 else layers))
    document.save(path)
    return path


def _pages(paths: Sequence[Path]) -> Iterator[pdfium.PdfDocument]:
    return cycle([pdfium.PdfDocument(path) for path in paths])
