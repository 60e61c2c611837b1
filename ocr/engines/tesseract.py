"""Tesseract through pytesseract: Japanese across (`jpn`) or down (`jpn_vert`), a process a reading.

Left to itself it takes the frames of a form for pictures and leaves out what they hold. It is given the
page in even light without its ruled lines, as one block whose wide gaps part the cells; or, where another
engine has found the lines, every line on a picture of its own, all in one run of the program.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
import pytesseract
from PIL import Image

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.engines.ppocr.networks import networks_fingerprint
from ocr.engines.ppocr.orientation import PpocrOrientation
from ocr.errors import FailureCategory, ReadingError
from ocr.raster import Pixels, as_pixels

ACROSS, DOWN = "jpn", "jpn_vert"
# The page is one block of lines, or of columns.
SEGMENTATION = {ACROSS: "--psm 6", DOWN: "--psm 5"}
# A picture holds one line; a column is a block of vertical writing.
ALONE = {ACROSS: "--psm 7", DOWN: "--psm 5"}
# Letters about 25 pixels high and a margin (line heights), best of those tried on faxes and faded copies.
LINE_HEIGHT = 36
LINE_MARGIN = 0.15
LINE_DPI = 300
# Lines of Japanese are read with more confidence than this, columns taken for lines with less.
SURELY_ACROSS = 0.8
# Ruled lines are longer than this share of the page's long side; no stroke of a letter is.
SHORTEST_RULE = 0.03
DARKEST_PAPER = 190
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
    page: int
    line: tuple[int, int, int]


class TesseractEngine(PpocrOrientation):
    """The second engine. See `ocr.engines.engine.Engine`; `seconds` bounds each run of the program.

    How a page lies PP-OCR's networks tell it: its own look takes a process, and needs data of its own.
    """

    name = "tesseract"

    def __init__(self, seconds: float) -> None:
        # Given up on a little before the page is, so that the program does not outlive its caller.
        self._seconds = 0.9 * seconds
        self._version = _installed_version()

    @property
    def fingerprint(self) -> str:
        return f"tesseract:{self._version},{SEGMENTATION},{networks_fingerprint()}"

    def recognize(self, image: Pixels) -> tuple[DetectedLine, ...]:
        page = _evenly_lit_without_rules(image)
        across = self._lines(page, ACROSS)
        if not across or _confidence(across) >= SURELY_ACROSS:
            return across
        return max(across, self._lines(page, DOWN), key=_confidence)

    def recognize_lines(self, image: Pixels, found: Sequence[DetectedLine]) -> tuple[DetectedLine, ...]:
        """See `ocr.engines.ReadsLines`. Columns are given the picture of a column."""
        page = _evenly_lit_without_rules(image)
        read: list[DetectedLine] = []
        for language, vertical in ((ACROSS, False), (DOWN, True)):
            lines = [line for line in found if line.vertical == vertical]
            if not lines:
                continue
            with TemporaryDirectory() as folder:
                path = Path(folder) / "lines.tif"
                first, *others = [Image.fromarray(_alone(page, line)) for line in lines]
                first.save(path, save_all=True, append_images=others, dpi=(LINE_DPI, LINE_DPI))
                table = self._table(str(path), language, ALONE[language])
            words: dict[int, list[_Word]] = {}
            for word in _words(table):
                words.setdefault(word.page, []).append(word)
            for number, parts in words.items():
                if (line := _line(parts, vertical=vertical)) is not None:
                    read.append(replace(line, box=lines[number - 1].box))
        return tuple(read)

    def _lines(self, page: Pixels, language: str) -> tuple[DetectedLine, ...]:
        table = self._table(page, language, SEGMENTATION[language])
        return tuple(
            line
            for words in _words_by_line(table)
            for part in ([words] if language == DOWN else _cells(words))
            if (line := _line(part, vertical=language == DOWN)) is not None
        )

    def _table(self, page: Pixels | str, language: str, segmentation: str) -> dict[str, list[Any]]:
        """What the program says of a picture, or of the file of pictures at the path `page`: its TSV."""
        try:
            with _one_thread():
                table: dict[str, list[Any]] = pytesseract.image_to_data(
                    page, lang=language, config=segmentation, timeout=self._seconds,
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
        return table


def _words(table: dict[str, list[Any]]) -> Iterator[_Word]:
    for at, text in enumerate(table["text"]):
        confidence = float(table["conf"][at])
        if not text.strip() or confidence < LEAST_CONFIDENCE:
            continue
        left, top = float(table["left"][at]), float(table["top"][at])
        box = Box(left, top, left + float(table["width"][at]), top + float(table["height"][at]))
        line = (table["block_num"][at], table["par_num"][at], table["line_num"][at])
        yield _Word(text.strip(), box, confidence / 100, table["page_num"][at], line)


def _words_by_line(table: dict[str, list[Any]]) -> list[list[_Word]]:
    lines: dict[tuple[int, int, int], list[_Word]] = {}
    for word in _words(table):
        lines.setdefault(word.line, []).append(word)
    return list(lines.values())


def _alone(page: Pixels, line: DetectedLine) -> Pixels:
    """`line` cut out of the gray `page` with a little paper around it, at the size the models know."""
    across = line.box.width if line.vertical else line.box.height
    x, y = (LINE_MARGIN if line.vertical else 0.3) * across, (0.3 if line.vertical else LINE_MARGIN) * across
    top, left = max(int(line.box.y0 - y), 0), max(int(line.box.x0 - x), 0)
    cut = page[top : ceil(line.box.y1 + y), left : ceil(line.box.x1 + x)]
    scale = LINE_HEIGHT / max(cut.shape[1] if line.vertical else cut.shape[0], 1)
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    size = max(round(cut.shape[1] * scale), 1), max(round(cut.shape[0] * scale), 1)
    scaled = cv2.resize(cut, size, interpolation=how)
    return as_pixels(cv2.copyMakeBorder(scaled, 8, 8, 8, 8, cv2.BORDER_CONSTANT, value=255))


def _cells(words: Sequence[_Word]) -> Iterator[list[_Word]]:
    """The words of one line, parted where a form has two cells."""
    furthest = CELL_GAP * Box.around(word.box for word in words).height
    part = [words[0]]
    for before, after in pairwise(words):
        if after.box.x0 - before.box.x1 > furthest:
            yield part
            part = []
        part.append(after)
    yield part


def _line(words: Sequence[_Word], *, vertical: bool) -> DetectedLine | None:
    text = words[0].text
    for before, after in pairwise(words):
        # Japanese is cut into "words" of one to three characters that no space ever parted.
        text += (" " if _latin(before.text[-1]) and _latin(after.text[0]) else "") + after.text
    if not any(character.isalnum() for character in text):
        return None
    weights = [len(word.text) for word in words]
    confidence = sum(w.confidence * n for w, n in zip(words, weights, strict=True)) / sum(weights)
    return DetectedLine(text, Box.around(word.box for word in words), confidence, vertical)


def _confidence(lines: Sequence[DetectedLine]) -> float:
    """Of the average character; 0 where there is none."""
    characters = sum(len(line.text) for line in lines)
    return sum(line.confidence * len(line.text) for line in lines) / max(characters, 1)


def _evenly_lit_without_rules(image: Pixels) -> Pixels:
    """The page in gray on white paper, its ruled lines painted over."""
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    height, width = gray.shape
    # Paper is what stays when ink is wiped out, seen from far.
    far = cv2.resize(cv2.dilate(gray, np.ones((9, 9), np.uint8)), (max(width // 4, 1), max(height // 4, 1)))
    paper = cv2.resize(cv2.medianBlur(far, 31), (width, height))
    even = np.clip(gray.astype(np.float32) * 255 / np.maximum(paper, 1), 0, 255).astype(np.uint8)
    ink = (even < DARKEST_PAPER).astype(np.uint8)
    length = max(round(SHORTEST_RULE * max(height, width)), 3)
    for rule, margin in (((1, length), (5, 9)), ((length, 1), (9, 5))):
        found = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(rule, np.uint8))
        even[cv2.dilate(found, np.ones(margin, np.uint8)) > 0] = 255
    return as_pixels(even)


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
