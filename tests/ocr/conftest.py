"""Real engines, loaded once, and a printed page that needs no fonts: one of the sample inbox's own PDFs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.engines.engine import Engine
from ocr.engines.registry import create
from ocr.limits import Limits
from ocr.raster import Raster
from ocr.sources.pages import open_pages
from tests.support.ocr.samples import Sample, samples


@pytest.fixture(scope="session")
def ppocr() -> Engine:
    return create("ppocr")


@pytest.fixture(scope="session")
def limits() -> Limits:
    return Limits()


@pytest.fixture(scope="session")
def report(root: Path) -> Sample:
    """A daily report as a PDF with a text layer."""
    return samples(root, kind="daily-report", source="text_layer", failure=None)[0]


@pytest.fixture(scope="session")
def printed(report: Sample, limits: Limits) -> Raster:
    """That report as a flawless 200 dpi scan."""
    with open_pages(report.data, limits) as pages:
        raster = pages.raster(1, None)
    raster.pixels.setflags(write=False)
    return raster


@pytest.fixture(scope="session")
def scans(shared: Path) -> Path:
    return shared / "scans"


@pytest.fixture(scope="session")
def magazine(scans: Path) -> np.ndarray:
    """A magazine page of vertical writing, BGR."""
    return cv2.imread(str(scans / "ndl_geppo1803_00021.jpg"), cv2.IMREAD_COLOR)
