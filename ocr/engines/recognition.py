"""PP-OCR's recognition network: one line of writing to text, with nothing but Japanese to choose from.

The network knows 18,000 characters of many languages. Those that no Japanese document prints are struck
out before the best is chosen at each step, so that 额 cannot win over 額.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ocr.raster import Pixels, as_pixels

LINE_HEIGHT = 48
# Shorter lines are padded to this width: the network was trained on such.
LEAST_WIDTH = 320
BLANK = 0
# In use on Japanese forms though JIS X 0208 lacks them.
_BESIDE_JIS = frozenset(
    "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ㈱㈲㈹℡№㍿㎜㎝㎞㎎㎏㏄㎡㎥㍉㌔㌢㍍㌘㌧㌶㍑㌫㍻㍼㍽㍾"
    "☐☑☒✓✔•–—€£¥©®™½¼²³髙﨑德濵彅～－∥￥"
)
# JIS X 0208 has these too: strokes that pass for kana and ruled lines, an old form that 様 is read as.
_NEVER_MEANT = frozenset("丨丶丿亅亠｜¦樣")


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a crop; `centers` are the x of each character, spaces left out, in pixels."""

    text: str
    confidence: float
    centers: tuple[float, ...]


class Recognizer:
    """The network at `model` (ONNX, with its characters as metadata), on one thread."""

    def __init__(self, model: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(model), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name
        characters = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._classes = ["", *characters, " "]
        self._struck_out = np.array([not _is_japanese(character) for character in self._classes])

    def read(self, crop: Pixels) -> Reading:
        """The one line that fills `crop` (BGR), read from left to right; confidence 0-1, its mean.

        Greedy CTC decoding (Graves et al., "Connectionist temporal classification", 2006).
        """
        line = _at_line_height(crop)
        width = max(line.shape[1], LEAST_WIDTH)
        batch = np.zeros((1, 3, LINE_HEIGHT, width), dtype=np.float32)
        batch[0, :, :, : line.shape[1]] = line.transpose(2, 0, 1) / np.float32(127.5) - 1
        steps: NDArray[np.float32] = self._session.run(None, {self._input: batch})[0][0]
        best = steps.argmax(axis=1)
        foreign = self._struck_out[best]
        # A step that shows a character shows one still, whatever blank comes second.
        steps[foreign, BLANK] = 0.0
        steps[:, self._struck_out] = 0.0
        best[foreign] = steps[foreign].argmax(axis=1)
        begins = best != BLANK
        begins[1:] &= best[1:] != best[:-1]
        at = np.nonzero(begins)[0]
        if len(at) == 0:
            return Reading("", 0.0, ())
        characters = [self._classes[index] for index in best[at]]
        pixels_per_step = width / len(steps) * crop.shape[1] / line.shape[1]
        centers = tuple(
            float((step + 0.5) * pixels_per_step)
            for step, character in zip(at, characters, strict=True)
            if character != " "
        )
        return Reading("".join(characters), float(steps[at, best[at]].mean()), centers)


def _at_line_height(crop: Pixels) -> Pixels:
    """As high as the network wants it; shrinking by area keeps thin strokes that sampling loses."""
    height, width = crop.shape[:2]
    size = (max(round(width * LINE_HEIGHT / height), 1), LINE_HEIGHT)
    how = cv2.INTER_AREA if height > LINE_HEIGHT else cv2.INTER_CUBIC
    return as_pixels(cv2.resize(crop, size, interpolation=how))


def _is_japanese(character: str) -> bool:
    """Whether Japanese business documents print it; blank and space count as printed."""
    if character in _NEVER_MEANT:
        return False
    if character.isascii() or character in _BESIDE_JIS:
        return True
    if "\u0370" <= character <= "\u04ff" or "\u2500" <= character <= "\u257f":
        return character in "αβγμπσφΔΣΩ"
    try:
        return len(character.encode("euc_jp")) == 2
    except UnicodeEncodeError:
        return False
