"""PP-OCR's recognition network: one line of writing to text, with nothing but Japanese to choose from.

The network knows 18,000 characters of many languages. Two thirds are printed by no Japanese document: they
are left out of its last layer, so that 额 cannot win over 額 and takes no time either.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.engines.ppocr.runtime.session import Network
from ocr.raster import Pixels, as_pixels

LINE_HEIGHT = 48
# Lines are padded to a multiple of this: the network is prepared anew for every width.
WIDTH_STEP = 64
# Long rows are squeezed to this: less work for the network, and no more errors (65 in the lines of the
# sample scans, 69 at full width). Columns are not: their characters are laid out one by one.
LONG_ROW = 12.0  # heights; shorter ones may be labels and check boxes
SQUEEZE = 0.8
# A single character is read surer with paper beside it: less makes a 0 of a punch hole.
LEAST_WIDTH = 128
BLANK = 0
# Of right characters on clean pages the runner-up has less than a hundredth; look-alikes have more.
LEAST_RIVAL = 0.01
# A blank that something else was so likely instead of may hide a character; on clean print nine lines of ten
# have no such blank. Steps so near to a character that was read are its own edge.
LEAST_FAINT = 0.04
EDGE = 2
# In use on Japanese forms though JIS X 0208 lacks them.
_BESIDE_JIS = frozenset(
    "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ㈱㈲㈹℡№㍿㎜㎝㎞㎎㎏㏄㎡㎥㍉㌔㌢㍍㌘㌧㌶㍑㌫㍻㍼㍽㍾"
    "☐☑☒✓✔•–—€£¥©®™½¼²³髙﨑德濵彅～－∥￥"
)
# JIS X 0208 has these too: strokes that pass for kana and ruled lines, an old form that 様 is read as.
_NEVER_MEANT = frozenset("丨丶丿亅亠｜¦樣")


@dataclass(frozen=True, slots=True)
class Faint:
    """A character that the network nearly saw: `text`, the likeliest, would stand before the character `at`
    of the reading, around `center` (x, pixels); `likelihood` (0-1) is that of any character there."""

    at: int
    text: str
    center: float
    likelihood: float


@dataclass(frozen=True, slots=True)
class LineReading:
    """What stands in a crop; `centers` are the x of each character, spaces left out, in pixels.

    `certainties` is the probability (0–1) of each character of `text`, `rivals` the character that came
    second there, empty where none was in question. `faint` are the characters passed over for a blank.
    """

    text: str
    confidence: float
    centers: tuple[float, ...]
    certainties: tuple[float, ...] = ()
    rivals: tuple[str, ...] = ()
    faint: tuple[Faint, ...] = ()


class Recognizer:
    """Reads with `network`, which carries its characters as metadata."""

    def __init__(self, network: Network) -> None:
        self._network = network
        classes = ["", *network.metadata("character").splitlines(), " "]
        printed = [index for index, character in enumerate(classes) if _is_japanese(character)]
        network.narrow(np.array(printed, dtype=np.int64))
        self._classes = [classes[index] for index in printed]
        self._spaces = [index for index, character in enumerate(self._classes) if character.isspace()]

    def read(self, crop: Pixels, *, squeeze: bool = False) -> LineReading:
        """The one line that fills `crop` (BGR), read from left to right; confidence 0-1, its mean.

        With `squeeze` a long one is read faster. Greedy CTC decoding (Graves et al., "Connectionist
        temporal classification", 2006).
        """
        line = _at_line_height(crop, squeeze)
        width = max(-(-line.shape[1] // WIDTH_STEP) * WIDTH_STEP, LEAST_WIDTH)
        batch = np.zeros((1, 3, LINE_HEIGHT, width), dtype=np.float32)
        batch[0, :, :, : line.shape[1]] = line.transpose(2, 0, 1) / np.float32(127.5) - 1
        steps: NDArray[np.float32] = self._network.run(batch)[0]
        best = steps.argmax(axis=1)
        begins = best != BLANK
        begins[1:] &= best[1:] != best[:-1]
        at = np.nonzero(begins)[0]
        pixels_per_step = width / len(steps) * crop.shape[1] / line.shape[1]
        faint = self._faint(steps, best, at, pixels_per_step)
        if len(at) == 0:
            return LineReading("", 0.0, (), faint=faint)
        characters = [self._classes[index] for index in best[at]]
        centers = tuple(
            float((step + 0.5) * pixels_per_step)
            for step, character in zip(at, characters, strict=True)
            if character != " "
        )
        sure = steps[at, best[at]]
        return LineReading(
            "".join(characters),
            float(sure.mean()),
            centers,
            tuple(map(float, sure)),
            self._rivals(steps[at], best[at]),
            faint,
        )

    def _faint(
        self, steps: NDArray[np.float32], best: NDArray[np.int64], at: NDArray[np.intp], pixels: float
    ) -> tuple[Faint, ...]:
        """The characters passed over at `steps` (n x classes, `pixels` apart), whose `best` begin `at`."""
        likelihood = np.ones(len(steps), np.float32)
        blank = np.zeros(len(steps), np.bool_)
        for empty in (BLANK, *self._spaces):
            likelihood -= steps[:, empty]
            blank |= best == empty
        found: list[Faint] = []
        last = -EDGE
        for step in map(int, np.nonzero(blank & (likelihood >= LEAST_FAINT))[0]):
            row = steps[step].copy()
            row[[BLANK, *self._spaces]] = 0.0
            likeliest = int(row.argmax())
            if likeliest in best[max(step - EDGE, 0) : step + EDGE + 1]:
                continue
            told = Faint(
                int(np.searchsorted(at, step)),
                self._classes[likeliest],
                float((step + 0.5) * pixels),
                float(likelihood[step]),
            )
            if step - last > 1:
                found.append(told)
            elif told.likelihood > found[-1].likelihood:
                found[-1] = told
            last = step
        return tuple(found)

    def _rivals(self, steps: NDArray[np.float32], best: NDArray[np.int64]) -> tuple[str, ...]:
        """The second best class at each of `steps` (n x classes), empty where it is blank or far behind."""
        rows = np.arange(len(best))
        steps[rows, best] = 0.0
        second = steps.argmax(axis=1)
        close = steps[rows, second] >= LEAST_RIVAL
        return tuple(self._classes[index] if near else "" for index, near in zip(second, close, strict=True))


def _at_line_height(crop: Pixels, squeeze: bool) -> Pixels:
    """As high as the network wants it; shrinking by area keeps thin strokes that sampling loses."""
    height, width = crop.shape[:2]
    share = SQUEEZE if squeeze and width > LONG_ROW * height else 1.0
    size = (max(round(width * share * LINE_HEIGHT / height), 1), LINE_HEIGHT)
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
