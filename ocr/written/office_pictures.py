"""The pictures in an Office file: which are worth reading, and their pixels as they are shown."""

from __future__ import annotations

from ocr.errors import FailureCategory, ReadingError
from ocr.ink.figures import SMALLEST_SIDE
from ocr.layers.trust import COARSEST_LETTERS_DPI, PICTURE_WORTH_READING
from ocr.limits import Limits
from ocr.media.detect import media_type
from ocr.media.picture_decoding import load
from ocr.raster import POINTS_PER_INCH, Raster, as_pixels, turned
from ocr.written.placed import PlacedPicture, WrittenPage

# Each takes as long as a page does; a page of more photographs than this is an album.
MOST_READ = 40


def read_pictures(page: WrittenPage) -> tuple[PlacedPicture, ...]:
    """The pictures of a page that may hold writing, the largest ones where there are many."""
    paper = page.width * min(page.height, 1.5 * page.width)
    pictures = [part for part in page.parts if isinstance(part, PlacedPicture)]
    large = [
        picture
        for picture in pictures
        if min(picture.box.width, picture.box.height) >= SMALLEST_SIDE
        and picture.box.area >= PICTURE_WORTH_READING * paper
    ]
    return tuple(sorted(large, key=lambda picture: -picture.box.area)[:MOST_READ])


def picture_alone(page: WrittenPage) -> PlacedPicture | None:
    """The one picture that a page consists of: a scan that somebody put into a document."""
    large = read_pictures(page)
    return large[0] if len(large) == 1 == len(page.parts) and not page.lines else None


def drawn(placed: PlacedPicture, limits: Limits) -> Raster:
    """The picture as it is shown: cropped, turned, as wide in points as its box.

    Raises ReadingError: UNSUPPORTED_FORMAT for a drawing, TOO_MANY_PIXELS, SIDE_TOO_LONG, CORRUPT,
    DECODER_MISSING.
    """
    picture = placed.picture
    data = picture.load()
    try:
        media = media_type(data)
    except ReadingError:
        media = None
    if media is None or not media.startswith("image/"):
        raise ReadingError(
            FailureCategory.UNSUPPORTED_FORMAT,
            "貼り付けられた図（EMF・WMFなど）は読めません。元の文書からPDFに保存して、そのPDFを置いてください。",
        )
    pixels = load(data, media, 1, limits).pixels
    height, width = pixels.shape[:2]
    crop = picture.crop
    left, right = round(width * crop.left), round(width * (1 - crop.right))
    top, bottom = round(height * crop.top), round(height * (1 - crop.bottom))
    if left < right and top < bottom:
        pixels = pixels[top:bottom, left:right]
    pixels = turned(as_pixels(pixels), picture.turn)
    return Raster(pixels, placed.box.width / pixels.shape[1])


def shows_letters(raster: Raster) -> bool:
    """Whether the picture is fine enough for letters to be told from each other."""
    return POINTS_PER_INCH / raster.points_per_pixel >= COARSEST_LETTERS_DPI
