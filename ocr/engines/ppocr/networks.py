"""PP-OCRv6 (small): the detection and recognition networks that the wheel of rapidocr carries."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from ocr.engines.ppocr.detector import LETTER, Detector, Quad
from ocr.engines.ppocr.recognition import LineReading, Recognizer
from ocr.engines.ppocr.runtime.session import Network, load, runtime_version
from ocr.errors import FailureCategory, ReadingError
from ocr.raster import Pixels, as_pixels

DETECTION_MODEL = "models/PP-OCRv6_det_small.onnx"
RECOGNITION_MODEL = "models/PP-OCRv6_rec_small.onnx"
# A crop this much taller than wide is a column; the recogniser reads it lying on its left side.
COLUMN_RATIO = 1.5


class Models:
    """The two networks, run by what `load` makes of a model file; about 60 MB of weights."""

    def __init__(self, load: Callable[[Path], Network] = load) -> None:
        # Process-wide, as OpenCV has it: cutting lines out would otherwise use every core.
        cv2.setNumThreads(1)
        try:
            folder = rapidocr_folder()
            self._detector = Detector(load(folder / DETECTION_MODEL))
            self._recognizer = Recognizer(load(folder / RECOGNITION_MODEL))
        except (ImportError, OSError, RuntimeError) as error:
            raise ReadingError(
                FailureCategory.ENGINE_MISSING,
                "OCRエンジンppocr（rapidocrと、openvinoかonnxruntime）を読み込めません。"
                "「pip install rapidocr openvino onnxruntime」で入れ直してください。",
            ) from error

    def detect(self, image: Pixels, letter: float = LETTER) -> list[Quad]:
        """The lines and columns on `image` (BGR), in no particular order, seen with letters this high."""
        return self._detector.detect(image, letter)

    def read(self, crop: Pixels, *, squeeze: bool = False) -> LineReading:
        """As `Recognizer.read`."""
        return self._recognizer.read(crop, squeeze=squeeze)


def rapidocr_folder() -> Path:
    """Where the package lies; importing it would load its own engines."""
    package = find_spec("rapidocr")
    if package is None or not package.submodule_search_locations:
        raise ImportError("rapidocr is not installed")
    return Path(package.submodule_search_locations[0])


@cache
def models() -> Models:
    """The networks of this process: loading takes a second and they keep no state."""
    return Models()


def crop_size(quad: Quad) -> tuple[int, int]:
    """The width and height of the crop that `cut` makes, in pixels."""
    across = max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[2] - quad[3]))
    down = max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2]))
    return max(int(across), 1), max(int(down), 1)


def cut(image: Pixels, quad: Quad) -> Pixels:
    """The line inside `quad`, levelled."""
    width, height = crop_size(quad)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(quad, target)
    return as_pixels(
        cv2.warpPerspective(
            image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
    )


def is_column(crop: Pixels) -> bool:
    return bool(crop.shape[0] >= COLUMN_RATIO * crop.shape[1])


def networks_fingerprint() -> str:
    """Where the networks come from and what runs them: another answer may be another reading."""
    return f"rapidocr={version('rapidocr')},{runtime_version()},PP-OCRv6-small"
