"""Pages that a fax machine turned into dots."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from ocr.cleaning.halftone import without_dots
from ocr.engines.engine import Engine
from ocr.limits import Limits
from ocr.raster import Raster
from ocr.reading.reader import read
from tests.support.ocr.samples import Sample, error_rate


@pytest.fixture(scope="module")
def dithered(printed: Raster) -> Raster:
    """The printed page on grayish paper, in black dots."""
    gray = Image.fromarray((printed.gray * 0.94).astype(np.uint8))
    dots = np.asarray(gray.convert("1").convert("L"))
    return Raster(np.repeat(dots[:, :, None], 3, axis=2), printed.points_per_pixel)


def test_dots_become_the_gray_that_they_stood_for(dithered: Raster) -> None:
    paper = without_dots(dithered).gray[:40]
    assert dithered.gray[:40].std() > 40
    assert paper.std() < 20


def test_a_page_without_dots_is_not_touched(printed: Raster) -> None:
    assert without_dots(printed) is printed


@pytest.mark.slow
def test_a_dithered_fax_is_read(dithered: Raster, report: Sample, ppocr: Engine, limits: Limits) -> None:

    target = io.BytesIO()
    Image.fromarray(dithered.gray).convert("1").save(target, "TIFF", compression="group4", dpi=(200, 200))
    document = read(target.getvalue(), engine=ppocr, limits=limits)
    assert error_rate(document.text, report.text) < 0.03
