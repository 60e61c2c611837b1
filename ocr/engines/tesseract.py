"""Tesseract through pytesseract: Japanese across (`jpn`) or down (`jpn_vert`), one process a page."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytesseract

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.errors import FailureCategory, ReadingError
from ocr.raster import Pixels, as_pixels

ACROSS, DOWN = "jpn", "jpn_vert"
SEGMENTATION = "--psm 3"
# Words of one line that are further apart than this (line heights) stand in two cells of a form.
CELL_GAP = 2.0
# TSV gives 0-100; below this a "word" is a stain or a piece of a ruled line.
LEAST_CONFIDENCE = 15.0
_HOW_TO_INSTALL = (
    "Debian/Ubuntuでは「apt-get install tesseract-ocr tesseract-ocr-jpn tesseract-ocr-jpn-vert」で入ります。"
    "入れずに使うには --engine ppocr を指定してください。"
)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    box: Box
    confidence: float


class TesseractEngine:
    """The second engine. See `ocr.engines.Engine`; `seconds` bounds each run of the program."""

    name = "tesseract"

    def __init__(self, seconds: float) -> None:
        # Given up on a little before the page is, so that the program does not outlive its caller.
        self._seconds = 0.9 * seconds
        self._version = _installed_version()

    @property
    def fingerprint(self) -> str:
        return f"tesseract:{self._version},{ACROSS}+{DOWN},{SEGMENTATION}"

    def recognize(self, image: Pixels) -> tuple[DetectedLine, ...]:
        lines = self._lines(image, ACROSS)
        columns = sum(len(line.text) for line in lines if line.vertical)
        if columns > sum(len(line.text) for line in lines) / 2:
            lines = self._lines(image, DOWN)
        return lines

    def _lines(self, image: Pixels, language: str) -> tuple[DetectedLine, ...]:
        rgb = as_pixels(image[:, :, ::-1])
        try:
            with _one_thread():
                table = pytesseract.image_to_data(
                    rgb, lang=language, config=SEGMENTATION, timeout=self._seconds,
                    output_type=pytesseract.Output.DICT,
                )  # fmt: skip
        except pytesseract.TesseractError as error:
            raise ReadingError(
                FailureCategory.ENGINE_FAILED,
                "文字認識エンジンTesseractがこのページで失敗しました。"
                "やり直すか、--engine ppocr を試してください。",
            ) from error
        except RuntimeError as error:
            # pytesseract tells a run that took too long by a bare RuntimeError.
            raise ReadingError(
                FailureCategory.TIMEOUT,
                f"文字認識が{self._seconds:g}秒以内に終わりませんでした。時間をおいてやり直してください。",
            ) from error
        return tuple(
            line
            for words in _words_by_line(table)
            for part in _cells(words)
            if (line := _line(part)) is not None
        )


def _words_by_line(table: dict[str, list[Any]]) -> list[list[_Word]]:
    lines: dict[tuple[int, int, int], list[_Word]] = {}
    for at, text in enumerate(table["text"]):
        confidence = float(table["conf"][at])
        if not text.strip() or confidence < LEAST_CONFIDENCE:
            continue
        left, top = float(table["left"][at]), float(table["top"][at])
        box = Box(left, top, left + float(table["width"][at]), top + float(table["height"][at]))
        key = (table["block_num"][at], table["par_num"][at], table["line_num"][at])
        lines.setdefault(key, []).append(_Word(text.strip(), box, confidence / 100))
    return list(lines.values())


def _cells(words: Sequence[_Word]) -> Iterator[list[_Word]]:
    """The words of one line, parted where a form has two cells."""
    if _runs_down(words):
        yield list(words)
        return
    furthest = CELL_GAP * Box.around(word.box for word in words).height
    part = [words[0]]
    for before, after in pairwise(words):
        if after.box.x0 - before.box.x1 > furthest:
            yield part
            part = []
        part.append(after)
    yield part


def _line(words: Sequence[_Word]) -> DetectedLine | None:
    text = words[0].text
    for before, after in pairwise(words):
        # Japanese is cut into "words" of one to three characters that no space ever parted.
        text += (" " if _latin(before.text[-1]) and _latin(after.text[0]) else "") + after.text
    if not any(character.isalnum() for character in text):
        return None
    weights = [len(word.text) for word in words]
    confidence = sum(w.confidence * n for w, n in zip(words, weights, strict=True)) / sum(weights)
    return DetectedLine(text, Box.around(word.box for word in words), confidence, _runs_down(words))


def _runs_down(words: Sequence[_Word]) -> bool:
    box = Box.around(word.box for word in words)
    tall = box.height > 1.5 * box.width
    return tall and sum(len(word.text) for word in words) > 1


def _latin(character: str) -> bool:
    return character.isascii()


@contextmanager
def _one_thread() -> Iterator[None]:
    """pytesseract gives its child this process's environment and takes no other."""
    before = os.environ.get("OMP_THREAD_LIMIT")
    os.environ["OMP_THREAD_LIMIT"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_THREAD_LIMIT"]
        else:
            os.environ["OMP_THREAD_LIMIT"] = before


def _installed_version() -> str:
    try:
        version = str(pytesseract.get_tesseract_version())
        missing = {ACROSS, DOWN} - set(pytesseract.get_languages())
    except (pytesseract.TesseractNotFoundError, pytesseract.TesseractError, OSError, SystemExit) as error:
        raise ReadingError(
            FailureCategory.ENGINE_MISSING, "OCRエンジンTesseractが入っていません。" + _HOW_TO_INSTALL
        ) from error
    if missing:
        names = "、".join(sorted(missing))
        raise ReadingError(
            FailureCategory.ENGINE_MISSING,
            f"Tesseractの日本語データ（{names}）がありません。" + _HOW_TO_INSTALL,
        )
    return version
