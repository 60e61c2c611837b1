"""Pictures: pages counted and measured from their headers, then decoded one at a time.

A page is a page of a TIFF, a picture of a HEIC, and a frame of anything that moves: whether frames are the
pages of a fax or an animation no file says, and a frame too many is better than one that is lost.
"""

from __future__ import annotations

import importlib
import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.media.media_type import MediaType
from ocr.raster import POINTS_PER_INCH, Raster, as_pixels

# The format's own class rather than Image.open: that one measures pictures against a process-wide limit.
_OPENERS: dict[MediaType, type[ImageFile]] = {
    MediaType.PNG: PngImageFile,
    MediaType.JPEG: JpegImageFile,
    MediaType.TIFF: TiffImageFile,
    MediaType.WEBP: WebPImageFile,
    MediaType.BMP: BmpImageFile,
    MediaType.GIF: GifImageFile,
    MediaType.JPEG2000: Jpeg2KImageFile,
}
# Their frames are drawn on one canvas, which is as large for every page.
_ON_A_CANVAS = (MediaType.GIF, MediaType.WEBP)
# Both are the same library; the first comes without encoders and so under a freer licence.
_HEIF_LIBRARIES = ("pi_heif", "pillow_heif")
# Below this a resolution is a screen's or a program's default (72, 96), not what a scanner worked at.
LEAST_PLAUSIBLE_DPI = 100.0
MOST_PLAUSIBLE_DPI = 1200.0


def count_pages(data: bytes, media: MediaType, limits: Limits) -> int:
    """The number of pages, at most `limits.max_pages + 1`, from the headers alone.

    Raises ReadingError: CORRUPT, DECODER_MISSING, or TOO_MANY_PIXELS and SIDE_TOO_LONG where the only page,
    or the canvas of all, is over `limits`.
    """
    with _opened(data, media, limits) as picture:
        if media in _ON_A_CANVAS:
            check_pixels(*picture.size, limits)
            return min(int(getattr(picture, "n_frames", 1)), limits.max_pages + 1)  # a seek would decode
        pages = 1
        while pages <= limits.max_pages and _seek(picture, pages):
            pages += 1
        if pages == 1:
            picture.seek(0)
            check_pixels(*picture.size, limits)
    return pages


def load(data: bytes, media: MediaType, number: int, limits: Limits) -> Raster:
    """Page `number` (from 1), EXIF orientation honoured, transparency on white, pixels made square.

    Raises ReadingError: TOO_MANY_PIXELS and SIDE_TOO_LONG before anything is decoded, CORRUPT,
    DECODER_MISSING.
    """
    with _opened(data, media, limits) as picture:
        if not _seek(picture, number - 1):
            raise ReadingError(
                FailureCategory.CORRUPT,
                f"{number}ページ目がファイルの中に見つかりません。スキャンし直してください。",
            )
        check_pixels(*picture.size, limits)
        resolution = _resolution(picture, limits.dpi)
        decoded = _on_white(ImageOps.exif_transpose(picture))
        turned_sideways = decoded.size != picture.size and decoded.size == picture.size[::-1]
        across, down = resolution[::-1] if turned_sideways else resolution
        pixels = as_pixels(np.asarray(decoded)[:, :, ::-1])
    return Raster(_squared(pixels, across, down, limits), POINTS_PER_INCH / max(across, down))


def check_pixels(width: int, height: int, limits: Limits) -> None:
    """Raises ReadingError: TOO_MANY_PIXELS, SIDE_TOO_LONG for a picture over `limits`."""
    if width * height > limits.max_pixels:
        raise ReadingError(
            FailureCategory.TOO_MANY_PIXELS,
            f"画像が大きすぎます（{width:,}×{height:,}画素、上限{limits.max_pixels:,}画素）。"
            "300dpi程度でスキャンし直すか、画像を縮小してください。",
        )
    if max(width, height) > limits.max_side:
        raise ReadingError(
            FailureCategory.SIDE_TOO_LONG,
            f"画像の一辺が長すぎます（{width:,}×{height:,}画素、一辺の上限{limits.max_side:,}画素）。"
            "ページごとに切り分けるか、画像を縮小してください。",
        )


@contextmanager
def _opened(data: bytes, media: MediaType, limits: Limits) -> Iterator[ImageFile]:
    if media is MediaType.WEBP:
        check_pixels(*_webp_size(data), limits)  # its decoder takes room for the canvas when it is made
    opener = _OPENERS.get(media) or _heif_opener()
    # Pillow's decoders raise many kinds of error on broken bytes; each means the same to a reader.
    try:
        with warnings.catch_warnings(action="ignore"), opener(io.BytesIO(data)) as picture:
            # Pillow warns of what it mends; what it cannot mend it raises.
            yield picture
    except Image.DecompressionBombError as error:  # a frame larger than the canvas that it was measured by
        raise ReadingError(
            FailureCategory.TOO_MANY_PIXELS,
            f"画像が大きすぎます（上限{limits.max_pixels:,}画素）。画像を縮小してください。",
        ) from error
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        EOFError,
        RuntimeError,
        struct.error,
    ) as error:
        raise ReadingError(
            FailureCategory.CORRUPT,
            f"画像が壊れているか途中で切れています（{media.value}）。元のファイルを置き直すか、スキャンし直してください。",
        ) from error


def _heif_opener() -> type[ImageFile]:
    for name in _HEIF_LIBRARIES:
        try:
            library = importlib.import_module(name)
        except ImportError:
            continue
        opener: type[ImageFile] = library.HeifImageFile
        return opener
    raise ReadingError(
        FailureCategory.DECODER_MISSING,
        "HEIC（iPhoneの写真）を読む部品が入っていません。pip install 'yomitori[heic]' で入れて"
        "やり直すか、JPEGで保存し直してください。",
    )


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels (RFC 9649); 0 where the first chunk is none that tells them."""
    kind, head = data[12:16], data[20:30].ljust(10, b"\x00")
    match kind:
        case b"VP8X":
            return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(head[1:5], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF
    return 0, 0


def _seek(picture: ImageFile, frame: int) -> bool:
    try:
        picture.seek(frame)
    except EOFError:
        return False
    return True


def _resolution(picture: ImageFile, fallback: int) -> tuple[float, float]:
    """Dots per inch across and down, `fallback` where the file names none that a scanner would use."""
    across, down = (float(value) for value in picture.info.get("dpi", (0, 0)))
    if not LEAST_PLAUSIBLE_DPI <= max(across, down) <= MOST_PLAUSIBLE_DPI or min(across, down) < 50:
        return float(fallback), float(fallback)
    return across, down


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16") or picture.mode == "I":
        # Pillow clips 16-bit gray to 8 bits instead of scaling it.
        picture = Image.fromarray((np.asarray(picture).astype(np.uint32) >> 8).astype(np.uint8))
    if "A" in picture.getbands() or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, layer).convert("RGB")
    return picture.convert("RGB")


def _squared(pixels: np.ndarray, across: float, down: float, limits: Limits) -> np.ndarray:
    """Fax pages hold fewer dots down than across: stretched, so that a circle is round."""
    if abs(across - down) <= 0.02 * max(across, down):
        return pixels
    finest = max(across, down)
    height, width = pixels.shape[:2]
    width, height = round(width * finest / across), round(height * finest / down)
    check_pixels(width, height, limits)
    return as_pixels(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_CUBIC))
