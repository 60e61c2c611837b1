"""Codes for machines on separator sheets, and what only looks like one."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from ocr.document import CodeKind, TextSource
from ocr.engines.engine import Engine
from ocr.ink.codes import find_codes
from ocr.limits import Limits
from ocr.parting.separators import is_blank, separator_text
from ocr.raster import Raster
from ocr.reading.reader import read

DPI = 200
PAPER = (int(11.69 * DPI), int(8.27 * DPI))
# Of a digit on the left half with odd and with even parity; on the right half it is the former inverted.
EAN = {
    "0": ("0001101", "0100111"),
    "1": ("0011001", "0110011"),
    "2": ("0010011", "0011011"),
    "3": ("0111101", "0100001"),
    "4": ("0100011", "0011101"),
    "5": ("0110001", "0111001"),
    "6": ("0101111", "0000101"),
    "7": ("0111011", "0010001"),
    "8": ("0110111", "0001001"),
    "9": ("0001011", "0010111"),
}
GOODS = "4901234567894"
PARITY_OF_4 = (0, 1, 0, 0, 1, 1)


def paper() -> np.ndarray:
    return np.full(PAPER, 255, np.uint8)


def page(gray: np.ndarray, *, skew: float = 0.0) -> Raster:
    """The page, turned a little as by a feeder, as a gray scan."""
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1)
    turned = cv2.warpAffine(gray, turn, (width, height), borderValue=255)
    return Raster(cv2.cvtColor(turned, cv2.COLOR_GRAY2BGR), 72 / DPI)  # type: ignore[arg-type]


def qr(text: str) -> np.ndarray:
    sheet, code = paper(), cv2.QRCodeEncoder_create().encode(text)  # type: ignore[attr-defined]
    sheet[900:1250, 650:1000] = cv2.resize(code, (350, 350), interpolation=cv2.INTER_NEAREST)
    return sheet


def bars() -> np.ndarray:
    left = "".join(EAN[digit][parity] for digit, parity in zip(GOODS[1:7], PARITY_OF_4, strict=True))
    right = "".join("1" if bit == "0" else "0" for digit in GOODS[7:] for bit in EAN[digit][0])
    bits = np.array([bit == "0" for bit in f"101{left}01010{right}101"], np.uint8) * 255
    sheet = paper()
    sheet[300:450, 500 : 500 + 4 * len(bits)] = np.repeat(bits, 4)
    return sheet


def patch(pattern: str) -> np.ndarray:
    """Four bars across the page, thick (W) and thin (N)."""
    sheet, y = paper(), DPI
    for bar in pattern:
        breadth = int((0.2 if bar == "W" else 0.08) * DPI)
        sheet[y : y + breadth, 100:-100] = 0
        y += breadth + int(0.08 * DPI)
    return sheet


@pytest.mark.parametrize("skew", [0.0, 0.6, -0.6])
def test_codes_are_found_and_read(skew: float) -> None:
    (code,) = find_codes(page(qr("部署=営業1"), skew=skew))
    assert (code.kind, code.text) == (CodeKind.QR, "部署=営業1")
    assert code.box.contains(297, 387)
    (code,) = find_codes(page(bars(), skew=skew))
    assert (code.kind, code.text) == (CodeKind.BAR, GOODS)


@pytest.mark.parametrize("pattern", ["WNNW", "NWNW", "NWWN", "WWNN"])
def test_patch_codes_are_found_both_ways_round(pattern: str) -> None:
    for sheet in (patch(pattern), np.ascontiguousarray(np.rot90(patch(pattern)))):
        assert [code.kind for code in find_codes(page(sheet, skew=0.4))] == [CodeKind.PATCH]


def test_rules_and_hatching_are_no_codes() -> None:
    ruled, hatched = paper(), paper()
    ruled[200::60, 100:-100] = 0
    hatched[1000:1600, 300:1300:7] = 0
    hatched[100:110], hatched[2000:2300, 200:1400] = 0, 0
    assert find_codes(page(ruled)) == find_codes(page(hatched)) == find_codes(page(paper())) == ()


def test_a_scanned_sheet_with_a_code_alone_parts_documents(ppocr: Engine, limits: Limits) -> None:
    stream = io.BytesIO()
    sheets = [Image.fromarray(page(sheet, skew=0.3).gray) for sheet in (qr("A-1"), patch("NWWN"))]
    sheets[0].save(stream, "TIFF", save_all=True, append_images=sheets[1:], dpi=(DPI, DPI))
    read_qr, read_patch = read(stream.getvalue(), engine=ppocr, limits=limits).pages
    assert separator_text(read_qr) == "A-1"
    assert (read_patch.source, is_blank(read_patch), separator_text(read_patch)) == (
        TextSource.BLANK,
        False,
        "",
    )
