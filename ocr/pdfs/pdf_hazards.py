"""What a PDF may do to its reader, found in its bytes before any parser sees them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits

# Deflate packs at most this many bytes into one (RFC 1951: 258 bytes in two bits).
BEST_DEFLATE = 1032
# A stream's dictionary stands within this many bytes before it.
DICTIONARY_WINDOW = 4096
_CHUNK = 64 * 1024
_FLATE = re.compile(rb"/(?:FlateDecode|Fl)\b")
_OPENING = re.compile(rb"(?:\[|<<)(?:\s*(?:/\w+\s*)?(?:\[|<<))+")


def check_hazards(data: bytes, limits: Limits) -> None:
    """Raises ReadingError: DECOMPRESSION_BOMB, TOO_COMPLEX for arrays or dictionaries nested too deeply."""
    done = 0
    for dictionary, start, end in streams(data):
        _check_nesting(data[done:start], limits)
        done = end
        layers = len(_FLATE.findall(dictionary))
        if layers and (end - start) * BEST_DEFLATE**layers > limits.max_stream_bytes:
            _check_unfolded(data[start:end], layers, limits)
    _check_nesting(data[done:], limits)


def check_attachments(attachments: int, limits: Limits, *, portfolio: bool) -> None:
    """Raises ReadingError(EMBEDDED_FILES) for too many embedded files, or where they are all there is."""
    if attachments > limits.max_attachments:
        raise ReadingError(
            FailureCategory.EMBEDDED_FILES,
            f"PDFに埋め込まれたファイルが多すぎます（{attachments:,}個、上限{limits.max_attachments:,}個）。"
            "必要な文書だけを取り出して置いてください。",
        )
    if attachments and portfolio:
        raise ReadingError(
            FailureCategory.EMBEDDED_FILES,
            f"PDFポートフォリオです。中身は埋め込まれた{attachments:,}個のファイルで、表紙のほかに読むページがありません。"
            "PDF閲覧ソフトで添付ファイルを取り出し、それぞれを置いてください。",
        )


def is_deflated(dictionary: bytes) -> bool:
    """Whether the content of the stream with this dictionary is compressed by deflate."""
    return bool(_FLATE.search(dictionary))


def streams(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The dictionary of each stream (some bytes before it, that is) and where its content starts and ends."""
    at = 0
    while (found := data.find(b"stream", at)) >= 0:
        start = found + len(b"stream")
        end = data.find(b"endstream", start)
        if end < 0:
            end = len(data)
        opened = data.rfind(b"obj", max(found - DICTIONARY_WINDOW, 0), found)
        yield data[max(opened, found - DICTIONARY_WINDOW, 0) : found], start, end
        at = end + len(b"endstream")


def _check_nesting(between_streams: bytes, limits: Limits) -> None:
    for run in _OPENING.finditer(between_streams):
        if run[0].count(b"[") + run[0].count(b"<<") > limits.max_nesting:
            raise ReadingError(
                FailureCategory.TOO_COMPLEX,
                f"PDFの構造の入れ子が深すぎます（上限{limits.max_nesting}段）。壊れているか、細工されたファイルの"
                "おそれがあります。元の文書からPDFを作り直してください。",
            )


def _check_unfolded(content: bytes, layers: int, limits: Limits) -> None:
    """Unfolds without keeping what comes out, at most up to the limit."""
    unpackers = [zlib.decompressobj() for _ in range(min(layers, 4))]
    total = 0
    try:
        for piece in _unpacked(content.lstrip(b"\r\n"), unpackers):
            total += len(piece)
            if total > limits.max_stream_bytes:
                raise ReadingError(
                    FailureCategory.DECOMPRESSION_BOMB,
                    "PDFの中に、展開すると極端に大きくなるデータがあります"
                    f"（上限{limits.max_stream_bytes // 1024 // 1024:,}MB）。"
                    "細工されたファイルのおそれがあります。元の文書からPDFを作り直してください。",
                )
    except zlib.error:
        # Broken content, or encrypted; the parser says so where it matters.
        return


def _unpacked(content: bytes, unpackers: list[zlib._Decompress]) -> Iterator[bytes]:
    unpacker, rest = unpackers[0], unpackers[1:]
    while content:
        piece = unpacker.decompress(content, _CHUNK)
        content = unpacker.unconsumed_tail
        if rest:
            yield from _unpacked(piece, rest)
        else:
            yield piece
        if unpacker.eof or not piece:
            return
