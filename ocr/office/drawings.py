"""What is drawn in Office files: pictures, and the words in shapes, charts and diagrams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ocr.errors import FailureCategory, ReadingError
from ocr.media.package import Package, Relationship
from ocr.media.package_names import CHART, DIAGRAM, OFFICE_VML, VML, WORD_DRAWING, A, R, W
from ocr.office.symbols import with_symbols
from ocr.written.content_model import Crop, Paragraph, PictureContent

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

TEXT_BOX = f"{W}txbxContent"
EMU = 12_700.0  # to the point
_PER_CENT_THOUSANDS = 100_000.0
_TURN = 60_000 * 90  # a quarter turn as an angle of a shape
_EXTENTS = (f"{WORD_DRAWING}extent", f"{A}ext")
_USUAL_CHART = (360.0, 216.0)  # points
_POINTS = {"pt": 1.0, "in": 72.0, "cm": 28.35, "mm": 2.835, "px": 0.75}
MOST_TEXTS = 2_000  # words of a chart: a chart of more is drawn from a sheet that is read anyway


def pictures(
    drawing: Element,
    related: Mapping[str, Relationship],
    package: Package,
    room: tuple[float, float] = (0.0, 0.0),
) -> Iterator[PictureContent]:
    """The pictures in a drawing (DrawingML or VML), as large as they are shown: as they or the drawing say,
    else as large as the `room` (width and height in points) that the drawing has."""
    for blip in own_elements(drawing, f"{A}blip"):
        width, height = _extent(blip, drawing) or room
        if width > 0 and height > 0:
            yield picture(blip, width, height, related, package)
    for image in own_elements(drawing, f"{VML}imagedata"):
        width, height = _styled_size(image)
        if width > 0 and height > 0:
            reference = image.get(f"{R}id") or image.get(f"{OFFICE_VML}relid") or ""
            yield PictureContent(_loader(reference, related, package), width, height)


def own_elements(drawing: Element, tag: str) -> Iterator[Element]:
    """The elements of a tag in a drawing but those in a text box of it, which is read by itself."""
    for element in drawing.iter(tag):
        holder = element.getparent()
        while holder is not None and holder is not drawing and holder.tag != TEXT_BOX:
            holder = holder.getparent()
        if holder is None or holder is drawing:
            yield element


def picture(
    blip: Element, width: float, height: float, related: Mapping[str, Relationship], package: Package
) -> PictureContent:
    """The picture of an a:blip, shown `width` x `height` points before it is turned."""
    fill = blip.getparent()
    source = None if fill is None else fill.find(f"{A}srcRect")
    crop = Crop() if source is None else Crop(*(_share(source.get(side)) for side in "ltrb"))
    turn = _quarter_turns(blip)
    shown = (height, width) if turn % 180 else (width, height)
    return PictureContent(_loader(blip.get(f"{R}embed") or "", related, package), *shown, crop, turn)


def _loader(identity: str, related: Mapping[str, Relationship], package: Package) -> _Loader:
    found = related.get(identity)
    return _Loader(package, found.target if found is not None else "")


class _Loader:
    """Reads a picture when it is asked for."""

    def __init__(self, package: Package, part: str) -> None:
        self._package = package
        self._part = part

    def __call__(self) -> bytes:
        if not self._part:
            raise ReadingError(
                FailureCategory.UNSUPPORTED_FORMAT,
                "画像がファイルの外にあるため読めません（リンクされた画像）。画像を文書に埋め込んで保存し直してください。",
            )
        return self._package.read(self._part)


def _extent(blip: Element, drawing: Element) -> tuple[float, float] | None:
    """Width and height of a picture in points: those of its own frame, else those of the drawing."""
    holder = blip
    while holder is not drawing and (parent := holder.getparent()) is not None:
        holder = parent
        own = holder.find(f"*/{A}xfrm/{A}ext")
        if own is not None:
            return size_of(own)
    extent = drawing.find(f".//{WORD_DRAWING}extent")
    return size_of(extent) if extent is not None else None


def size_of(extent: Element) -> tuple[float, float]:
    """Width and height of an extent in points."""
    return emu(extent.get("cx")), emu(extent.get("cy"))


def emu(text: str | None) -> float:
    """A length in English Metric Units as points; 0 for anything else."""
    try:
        return float(text or 0) / EMU
    except ValueError:
        return 0.0


def _styled_size(image: Element) -> tuple[float, float]:
    """Width and height, in points, that the style of a VML shape names."""
    shape = image.getparent()
    style = "" if shape is None else shape.get("style") or ""
    named = dict(entry.split(":", 1) for entry in style.split(";") if ":" in entry)
    return _length(named.get("width", "")), _length(named.get("height", ""))


def _length(text: str) -> float:
    number, unit = text.strip()[:-2], text.strip()[-2:]
    try:
        return float(number) * _POINTS.get(unit, 0.0)
    except ValueError:
        return 0.0


def _share(text: str | None) -> float:
    try:
        return min(max(float(text or 0) / _PER_CENT_THOUSANDS, 0.0), 1.0)
    except ValueError:
        return 0.0


def _quarter_turns(blip: Element) -> int:
    """How far the frame of a picture is turned clockwise, in whole quarters."""
    holder = blip.getparent()
    while holder is not None:
        frame = holder.find(f"*/{A}xfrm")
        if frame is not None:
            try:
                return round(int(frame.get("rot") or 0) / _TURN) * 90 % 360
            except ValueError:
                return 0
        holder = holder.getparent()
    return 0


def paragraphs_of(body: Element) -> Iterator[Element]:
    """The paragraphs (a:p) of a text body."""
    yield from body.iter(f"{A}p")


def text_of(paragraph: Element) -> str:
    """The text of an a:p, its line ends as such."""
    found = ""
    for element in paragraph.iter():
        if element.tag == f"{A}t":
            found += element.text or ""
        elif element.tag == f"{A}br":
            found += "\n"
    return with_symbols(found)


def hung(
    drawing: Element,
    related: Mapping[str, Relationship],
    package: Package,
    room: tuple[float, float] = _USUAL_CHART,
) -> Iterator[Paragraph | PictureContent]:
    """The charts and diagrams that a drawing refers to, in words and as pictures that nobody has drawn, and
    its decorative letters. A chart whose drawing tells no size is as large as the `room`."""
    extent = next((one for name in _EXTENTS for one in drawing.iter(name)), None)
    size = size_of(extent) if extent is not None else room
    for chart in own_elements(drawing, f"{CHART}chart"):
        yield PictureContent(undrawn, *size)
        yield from _chart_texts(related.get(chart.get(f"{R}id") or ""), package)
    for diagram in own_elements(drawing, f"{DIAGRAM}relIds"):
        yield from _diagram_texts(related.get(diagram.get(f"{R}dm") or ""), package)
    for path in own_elements(drawing, f"{VML}textpath"):
        yield Paragraph(path.get("string") or "")


def undrawn() -> bytes:
    raise ReadingError(
        FailureCategory.UNSUPPORTED_FORMAT,
        "グラフは図としては読めません。元の文書からPDFに保存して、そのPDFを置いてください。",
    )


def _chart_texts(found: Relationship | None, package: Package) -> Iterator[Paragraph]:
    """Titles of a chart and its axes, then the names of its series and categories."""
    if found is None or found.target not in package:
        return
    chart = package.xml(found.target)
    for title in chart.iter(f"{CHART}title"):
        for paragraph in paragraphs_of(title):
            yield Paragraph(text_of(paragraph))
    names: dict[str, None] = {}
    for holder in (*chart.iter(f"{CHART}tx"), *chart.iter(f"{CHART}cat")):
        for text in holder.iter(f"{CHART}v"):
            names[text.text or ""] = None
            if len(names) >= MOST_TEXTS:
                break
    yield Paragraph("、".join(name for name in names if name.strip()))


def _diagram_texts(found: Relationship | None, package: Package) -> Iterator[Paragraph]:
    if found is None or found.target not in package:
        return
    for point in package.xml(found.target).iter(f"{DIAGRAM}pt"):
        for paragraph in paragraphs_of(point):
            yield Paragraph(text_of(paragraph).replace("\n", " "))
