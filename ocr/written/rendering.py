"""A page of ours as pixels, so that what was found on it can be shown to a person."""

from __future__ import annotations

import importlib.util
import math
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr.detection import DetectedLine
from ocr.document import Box
from ocr.errors import ReadingError
from ocr.limits import Limits
from ocr.raster import POINTS_PER_INCH, Raster, as_pixels
from ocr.written.office_pictures import drawn, picture_alone
from ocr.written.placed import PlacedPicture, PlacedTable, WrittenPage

RULE = 0.6  # points
INK, RULED, MISSING = (0, 0, 0), (150, 150, 150), (225, 225, 225)
# The Japanese typeface of a package that every installation has; the system's own may have none.
_FONT_PACKAGE, _FONT = "matplotlib_fontja", "fonts/ipaexg.ttf"
_FONT_SIZES = 64


def rendered(page: WrittenPage, limits: Limits) -> Raster:
    """The page at `limits.dpi`, coarser where it would be over the limits; a picture that is all there is as
    it is. Raises ReadingError for a picture alone on its page that cannot be drawn.
    """
    alone = picture_alone(page)
    if alone is not None:
        return drawn(alone, limits)
    area = max(page.width * page.height, 1.0)
    scale = min(
        limits.dpi / POINTS_PER_INCH,
        math.sqrt(limits.max_pixels / area),
        limits.max_side / max(page.width, page.height),
    )
    size = (max(round(page.width * scale), 1), max(round(page.height * scale), 1))
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for part in page.parts:
        if isinstance(part, PlacedTable):
            width = max(round(RULE * scale), 1)
            for filled in part.grid.cells:
                draw.rectangle(_corners(filled.cell.box, scale), outline=RULED, width=width)
        elif isinstance(part, PlacedPicture):
            _paste(image, part, scale, limits)
    for line in page.lines:
        _write(draw, line, scale)
    return Raster(as_pixels(np.asarray(image)[:, :, ::-1]), page.width / size[0])


def _corners(box: Box, scale: float) -> tuple[float, float, float, float]:
    return box.x0 * scale, box.y0 * scale, box.x1 * scale, box.y1 * scale


def _write(draw: ImageDraw.ImageDraw, line: DetectedLine, scale: float) -> None:
    """The line in its box, in smaller type where it was set narrower."""
    height, width = line.box.height * scale, line.box.width * scale
    font = _font(max(round(height), 1))
    if (needed := font.getlength(line.text)) > width > 0:
        font = _font(max(round(height * width / needed), 1))
    x, y = line.box.x0 * scale, (line.box.y0 + line.box.height / 2) * scale
    draw.text((x, y), line.text, fill=INK, font=font, anchor="lm")


def _paste(image: Image.Image, part: PlacedPicture, scale: float, limits: Limits) -> None:
    x0, y0, x1, y1 = (round(value) for value in _corners(part.box, scale))
    if x1 <= x0 or y1 <= y0:
        return
    try:
        pixels = drawn(part, limits).pixels
    except ReadingError:
        ImageDraw.Draw(image).rectangle((x0, y0, x1, y1), fill=MISSING)
        return
    fitted = cv2.resize(pixels, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    image.paste(Image.fromarray(as_pixels(fitted[:, :, ::-1])), (x0, y0))


@lru_cache(maxsize=_FONT_SIZES)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    found = importlib.util.find_spec(_FONT_PACKAGE)
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder, _FONT)
        if path.is_file():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)
