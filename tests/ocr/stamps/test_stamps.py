"""Stamps in any colour on writing: the writing is read as if it were not stamped, the stamp for itself."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.document import BlockKind, SourceReason
from ocr.engines.engine import Engine
from ocr.engines.ppocr.detector import Detector
from ocr.ink.page_ink import PageInk
from ocr.layout.page import PageText
from ocr.raster import Raster
from ocr.reading.scanned_page import from_pixels, recognized
from ocr.stamps import lift_stamps, read_stamp
from tests.support.ocr.samples import error_rate

pytestmark = pytest.mark.slow

RED, BLUE, GREEN, PURPLE, PALE_RED = (
    (35, 25, 205),
    (190, 60, 40),
    (70, 130, 20),
    (150, 40, 120),
    (130, 120, 225),
)


def stamped(
    page: np.ndarray,
    middle: tuple[float, float],
    word: str,
    ink: tuple[int, int, int],
    *,
    tilt: float = 0.0,
    framed: bool = True,
) -> np.ndarray:
    """`page` (BGR, 200 dpi) with a word of 6 mm letters stamped on it, turned counterclockwise by `tilt`."""
    (width, height), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_DUPLEX, 2.0, 5)
    half = (width // 2 + 24, height // 2 + 24)
    side = 2 * max(half)
    die = np.zeros((2 * side, 2 * side), np.uint8)
    cv2.putText(die, word, (side - width // 2, side + height // 2), cv2.FONT_HERSHEY_DUPLEX, 2.0, 255, 5)
    if framed:
        corners = [(side - half[0], side - half[1]), (side + half[0], side + half[1])]
        cv2.rectangle(die, *corners, 255, 5)  # type: ignore[call-overload]
    turn = cv2.getRotationMatrix2D((side, side), tilt, 1.0)
    turn[:, 2] += (middle[0] - side, middle[1] - side)  # type: ignore[arg-type]
    placed = cv2.warpAffine(die, turn, page.shape[1::-1], flags=cv2.INTER_LINEAR)[..., None] / 255
    return np.asarray(page * (1 - placed * (1 - np.array(ink) / 255)), np.uint8)


def stamps_of(page: PageText) -> list[str]:
    return [page.text[b.start : b.end] for b in page.page.blocks if b.kind is BlockKind.STAMP]


def writing_of(page: PageText) -> str:
    return "".join(page.text[b.start : b.end] for b in page.page.blocks if b.kind is not BlockKind.STAMP)


def as_jpeg(pixels: np.ndarray) -> np.ndarray:
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 70])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))


def test_writing_under_stamps_is_read_and_so_are_they(printed: Raster, ppocr: Engine) -> None:
    page = stamped(printed.pixels, (600, 710), "URGENT", RED, tilt=12)
    page = stamped(page, (1100, 720), "PAID", BLUE, tilt=-8)
    page = as_jpeg(stamped(page, (520, 570), "COPY", PURPLE, framed=False))
    scale = printed.points_per_pixel
    clean = from_pixels(printed, 1, ppocr, SourceReason.NO_LAYER)
    read = from_pixels(Raster(page, scale), 1, ppocr, SourceReason.NO_LAYER)

    assert sorted(stamps_of(read)) == ["COPY", "PAID", "URGENT"]
    assert error_rate(writing_of(read), writing_of(clean)) <= 0.003
    assert len(read.page.tables) == len(clean.page.tables)


@pytest.mark.parametrize(("ink", "tilt"), [(GREEN, 0.0), (PALE_RED, -18.0), (RED, 75.0), (BLUE, 170.0)])
def test_a_stamp_goes_and_what_it_lay_on_stays(
    printed: Raster, ppocr: Engine, ink: tuple[int, int, int], tilt: float
) -> None:
    page = Raster(as_jpeg(stamped(printed.pixels, (700, 720), "RECEIVED", ink, tilt=tilt)), 72 / 200)
    found = lift_stamps(page)
    (stamp,), lifted = found.stamps, found.raster.gray.astype(int)
    print_, mark = printed.gray.astype(int), page.gray.astype(int) - printed.gray.astype(int)

    assert (lifted[print_ < 60] < 130).mean() > 0.98
    around = cv2.erode((print_ > 230).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert (lifted[(mark < -60) & around] > 190).mean() > 0.98
    (line,) = read_stamp(stamp, ppocr, 72 / 200)
    assert line.text.startswith("RECEIVED")
    assert line.box.center == pytest.approx((700 * 72 / 200, 720 * 72 / 200), abs=4)
    assert (line.box.width > line.box.height) == (abs(np.sin(np.radians(tilt))) < 0.7)


def test_a_stamp_on_a_gray_scan_goes_where_it_is_paler_than_print(printed: Raster, ppocr: Engine) -> None:
    page = stamped(printed.pixels, (700, 720), "CHECKED", (140, 140, 140), tilt=-7)
    found = lift_stamps(Raster(as_jpeg(page), 72 / 200))
    (stamp,), lifted, print_ = found.stamps, found.raster.gray.astype(int), printed.gray.astype(int)

    assert not stamp.hides
    assert (lifted[print_ < 60] < 130).mean() > 0.98
    around = cv2.erode((print_ > 230).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert (lifted[(page[..., 0] < 180) & around] > 190).mean() > 0.95
    assert [line.text for line in read_stamp(stamp, ppocr, 72 / 200)] == ["CHECKED"]


def test_what_lies_under_a_black_stamp_is_doubtful(printed: Raster, ppocr: Engine) -> None:
    page = stamped(printed.pixels, (700, 720), "CHECKED", (30, 30, 30), tilt=-7)
    read = from_pixels(Raster(as_jpeg(page), 72 / 200), 1, ppocr, SourceReason.NO_LAYER).page
    (under,) = [line for line in read.lines if line.text.startswith("保守契約は")]

    assert under.confidence <= 0.5
    assert max(line.confidence for line in read.lines) > 0.9


class Likelihoods:
    """A network that gives two lines of 900 pixels with a bridge of 250 between them, whatever it sees."""

    def run(self, batch: np.ndarray) -> np.ndarray:
        found = np.zeros((1, 1, *batch.shape[2:]), np.float32)
        for y in (100, 126):
            found[0, 0, y : y + 10, 50:950] = 0.95
        found[0, 0, 100:136, 300:550] = 0.9
        return found


def test_lines_that_something_ties_together_are_found_each() -> None:
    page = np.full((400, 1000, 3), 255, np.uint8)
    page[100:136:4, 50:950] = 0
    first, second = sorted(
        (quad.mean(axis=0) for quad in Detector(Likelihoods()).detect(page)),  # type: ignore[arg-type]
        key=lambda m: m[1],
    )

    assert tuple(first) == pytest.approx((500, 105), abs=6)
    assert tuple(second) == pytest.approx((500, 131), abs=6)


def test_what_is_printed_in_colour_is_no_stamp(printed: Raster, ppocr: Engine) -> None:
    paper = np.full((900, 1650, 3), 255, np.uint8)
    for y, text, ink in (
        (120, "PRICE LIST 2024", RED), (220, "https://example.jp/info", BLUE), (320, "-1,234,500", RED),
    ):  # fmt: skip
        cv2.putText(paper, text, (100, y), cv2.FONT_HERSHEY_DUPLEX, 2.0, ink, 4)
        cv2.putText(paper, "Total", (1200, y), cv2.FONT_HERSHEY_DUPLEX, 2.0, (20, 20, 20), 4)
    cv2.rectangle(paper, (100, 400), (500, 500), BLUE, 4)
    cv2.putText(paper, "Amount", (120, 470), cv2.FONT_HERSHEY_DUPLEX, 2.0, (20, 20, 20), 4)
    cv2.rectangle(paper, (700, 400), (1100, 500), (120, 230, 255), -1)
    cv2.putText(paper, "Marked", (720, 470), cv2.FONT_HERSHEY_DUPLEX, 2.0, (20, 20, 20), 4)
    page = Raster(as_jpeg(paper), 72 / 200)

    assert lift_stamps(page).stamps == lift_stamps(printed).stamps == ()
    read = {line.text for line in recognized(PageInk(page), ppocr)}
    assert {"PRICE LIST 2024", "-1,234,500", "Amount", "Marked"} <= read


@pytest.mark.parametrize(
    "name",
    [
        "tilted_rectangular_stamp_over_two_lines",
        "tilted_blue_stamp_over_two_lines",
        "level_rectangular_stamp_over_line",
    ],
)
def test_lines_under_a_framed_stamp_are_read(name: str, shared: Path, ppocr: Engine) -> None:
    pixels = cv2.imread(str(shared / "cases" / f"{name}.jpg"))
    read = from_pixels(Raster(pixels, 72 / 200), 1, ppocr, SourceReason.NO_LAYER)  # type: ignore[arg-type]

    assert "競合の東洋工機が15％値引きを提示しているとのこと。" in read.text
    assert "山田商会からは、4月に納めた部品の破損について強いお叱りを受けた。" in read.text
    assert [text.replace("覽", "覧").replace(" ", "") for text in stamps_of(read)] == ["至急回覧"]


def test_the_cells_of_a_slanted_table_are_no_empty_stamps() -> None:
    page = np.full((1200, 1100, 3), 250, np.uint8)
    for row, column in np.ndindex(9, 4):
        x, y = 120 + 200 * column, 150 + 90 * row
        cv2.rectangle(page, (x, y), (x + 200, y + 90), (20, 20, 20), 2)
        if row % 3:
            cv2.putText(page, f"{1284 * row + column}", (x + 20, y + 60), 0, 1.2, (20, 20, 20), 2)
    sides = np.array([[0, 0], [1100, 0], [1100, 1200], [0, 1200]], np.float32)
    seen = cv2.getPerspectiveTransform(
        sides, sides + np.array([[0, 0], [-60, 100], [0, 0], [0, -50]], np.float32)
    )
    slanted = cv2.warpPerspective(page, seen, (1100, 1200), borderValue=(250, 250, 250))

    lifted = lift_stamps(Raster(np.asarray(slanted, np.uint8), 72 / 200))

    assert all(stamp.layers.strokes.any() for stamp in lifted.stamps)
