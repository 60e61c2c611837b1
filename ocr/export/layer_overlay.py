"""A page with what its text layer says drawn over it, and why that was believed, for engineers to check."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageFont

from ocr.document import Box, Page, SourceReason, TextSource
from ocr.export.layer_report import FontReport, LayerReport, State
from ocr.export.overlay_legend import INK, LEADING, PAPER, TYPE_SIZE, Colour, OutlinePen, japanese_typeface
from ocr.layers.layer_parts import Unseen
from ocr.layers.trust import Trust

KEPT, UNKNOWN, UNLIKELY = (0, 140, 60), (200, 0, 200), (230, 130, 0)
HIDDEN: dict[Unseen, Colour] = {
    Unseen.NO_INK: (215, 30, 30),
    Unseen.COVERED: (150, 0, 0),
    Unseen.CLIPPED: (255, 90, 90),
    Unseen.FAINT: (190, 100, 60),
    Unseen.SWITCHED_OFF: (120, 60, 60),
}
RULING, PICTURE, REGION, DRAWN, WIDGET = (
    (20, 70, 200),
    (0, 150, 170),
    (240, 200, 0),
    (120, 0, 160),
    (0, 120, 120),
)
THIN, THICK = 0.4, 1.4  # points
# A hostile page has a million characters; so many boxes are more than an eye can take in.
MOST_BOXES = 50_000
MOST_FONTS = 24

_REASONS = {
    SourceReason.GOOD_LAYER: "文字の層をそのまま使用",
    SourceReason.PICTURE_REGIONS: "画像の中はOCR",
    SourceReason.DRAWN_WRITING: "図形で描かれた文字はOCR",
    SourceReason.BROKEN_FONT: "文字表の壊れたフォントの文字はOCR",
    SourceReason.SECOND_READER: "pdfiumに分からない文字はpdfminerの読み",
    SourceReason.NO_LAYER: "文字の層がないためOCR",
    SourceReason.HIDDEN_TEXT: "文字が画像に隠れているためOCR",
    SourceReason.NO_UNICODE_MAP: "文字表がないためOCR",
    SourceReason.BAD_CHARACTERS: "意味のない文字が多いためOCR",
    SourceReason.NOT_JAPANESE: "文章として読めないためOCR",
    SourceReason.BLANK_PAGE: "白紙",
}
_UNSEEN = {
    Unseen.NO_INK: "描かれない",
    Unseen.COVERED: "覆われている",
    Unseen.CLIPPED: "切り取られている",
    Unseen.FAINT: "地と同じ色",
    Unseen.SWITCHED_OFF: "消えているレイヤー",
}


def draw_layer(report: LayerReport | None, page: Page, image: Image.Image) -> Image.Image:
    """A copy of `image`, the page as displayed, with its layer drawn on it and a legend below.

    Characters are outlined by what is held of them, those that are hidden by why; rulings, pictures, fields
    of a form, and the parts that are read by OCR are marked. Without a `report` the legend says that the page
    is read from its pixels alone; it is in English where the machine has no Japanese typeface.
    """
    drawn = image.convert("RGB")
    if report is None:
        return _with_legend(drawn, drawn.width / max(page.width, 1.0), list(_without_layer(page)), [])
    scale = drawn.width / max(report.layer.width, 1.0)
    pen = ImageDraw.Draw(drawn)
    for box, colour, wide in _marks(report):
        stroke = max(round(wide * scale), 1)
        corners = (
            box.x0 * scale,
            box.y0 * scale,
            max(box.x1, box.x0 + 0.1) * scale,
            max(box.y1, box.y0) * scale,
        )
        pen.rectangle(corners, outline=colour, width=stroke)
    return _with_legend(drawn, scale, list(_said(report, page)), list(_meanings(report)))


def _marks(report: LayerReport) -> Iterator[tuple[Box, Colour, float]]:
    layer, verdict = report.layer, report.verdict
    for character, state in list(zip(layer.characters, report.states, strict=True))[:MOST_BOXES]:
        if character.text.strip():
            yield character.box, _colour(state, character.unseen), THIN
    for ruling in layer.rulings[:MOST_BOXES]:
        yield ruling.box, RULING, THIN
    for picture in layer.pictures[:MOST_BOXES]:
        yield picture.box, PICTURE, THIN
    for widget in layer.widgets[:MOST_BOXES]:
        yield widget.box, WIDGET, THICK
    whole = Box(0.0, 0.0, layer.width, layer.height)
    regions = (whole,) if verdict.trust is Trust.PIXELS else verdict.regions
    yield from ((region, REGION, THICK) for region in regions)
    yield from ((region, DRAWN, THICK) for region in verdict.drawn)


def _colour(state: State, unseen: Unseen | None) -> Colour:
    match state:
        case State.HIDDEN:
            return HIDDEN[unseen or Unseen.NO_INK]
        case State.MEANINGLESS:
            return UNKNOWN
        case State.UNLIKELY:
            return UNLIKELY
        case _:
            return KEPT


def _without_layer(page: Page) -> Iterator[tuple[str, str]]:
    if page.source in (TextSource.TEXT_LAYER, TextSource.MIXED):  # of an Office file or a mail
        yield (
            f"{page.number}ページ　PDFの文字の層ではなくファイルの文字から読みました（画像は画像から）。",
            f"page {page.number}: characters of a file that is no PDF, its pictures from pixels",
        )
        return
    yield (
        f"{page.number}ページ　文字の層はありません（スキャンなど）。画像から読みました。",
        f"page {page.number}: no text layer (a scan, or a page without characters); read from its pixels",
    )


def _said(report: LayerReport, page: Page) -> Iterator[tuple[str, str]]:
    """The lines of the legend, in Japanese and in English."""
    layer, verdict = report.layer, report.verdict
    reason = page.reason if page.reason is not SourceReason.BLANK_PAGE else verdict.reason
    yield (
        f"{page.number}ページ　{_REASONS[reason]}（{reason.value}）",
        f"page {page.number}: {verdict.trust.name.lower()}, {reason.value}",
    )
    counts = [sum(state is kind for state in report.states) for kind in State]
    kept, hidden, unknown, unlikely = counts
    yield (
        f"文字 {kept:,}　隠れている {hidden:,}　意味不明 {unknown:,}　疑わしい {unlikely:,}　"
        f"罫線 {len(layer.rulings):,}　画像 {len(layer.pictures):,}　図形 {len(layer.sketches):,}　"
        f"記入欄 {len(layer.widgets):,}　説明のつかないインク {page.unexplained_ink:.1%}",
        f"characters {kept}, hidden {hidden}, meaningless {unknown}, unlikely {unlikely}, rulings "
        f"{len(layer.rulings)}, pictures {len(layer.pictures)}, drawings {len(layer.sketches)}, fields "
        f"{len(layer.widgets)}, unexplained ink {page.unexplained_ink:.1%}",
    )
    for font in report.fonts[:MOST_FONTS]:
        yield _of_font(font)
    if len(report.fonts) > MOST_FONTS:
        more = len(report.fonts) - MOST_FONTS
        yield f"ほか {more} フォント", f"{more} more fonts"


def _of_font(report: FontReport) -> tuple[str, str]:
    name = report.font.name or "?"
    states = report.states
    if states[State.MEANINGLESS]:
        verdict = ("文字表が壊れている", "broken map")
    elif states[State.UNLIKELY]:
        verdict = ("文字表が疑わしい", "unlikely map")
    elif states[State.KEPT]:
        verdict = ("信用", "believed")
    else:
        verdict = ("見えない文字だけ", "nothing seen")
    count = sum(states.values())
    agreed = "-" if report.agreed is None else f"{report.agreed:.0%}"
    place = ("埋め込み", "embedded") if report.font.embedded else ("埋め込みなし", "not embedded")
    return (
        f"{name}（{place[0]}）　{count:,}字　{verdict[0]}　pdfminerとの一致 {agreed}",
        f"{name} ({place[1]}): {count} characters, {verdict[1]}, pdfminer agrees {agreed}",
    )


def _meanings(report: LayerReport) -> Iterator[tuple[Colour, str, str]]:
    yield KEPT, "使う文字", "kept"
    causes = {c.unseen for c in report.layer.characters if c.hidden}
    for cause, colour in HIDDEN.items():
        if cause in causes:
            yield colour, _UNSEEN[cause], cause.value.replace("_", " ")
    if State.MEANINGLESS in report.states:
        yield UNKNOWN, "意味不明", "meaningless"
    if State.UNLIKELY in report.states:
        yield UNLIKELY, "疑わしい", "unlikely"
    if report.layer.rulings:
        yield RULING, "罫線", "ruling"
    if report.layer.pictures:
        yield PICTURE, "画像", "picture"
    if report.layer.widgets:
        yield WIDGET, "記入欄", "field"
    if report.verdict.trust is Trust.PIXELS or report.verdict.regions:
        yield REGION, "OCRで読む範囲", "read by OCR"
    if report.verdict.drawn:
        yield DRAWN, "図形の文字", "drawn writing"


def _with_legend(
    image: Image.Image,
    scale: float,
    said: list[tuple[str, str]],
    meanings: list[tuple[Colour, str, str]],
) -> Image.Image:
    size = max(TYPE_SIZE * scale, 9.0)
    face = japanese_typeface(round(size))
    row = round(LEADING * size)
    rows = len(said) + bool(meanings)
    sheet = Image.new("RGB", (image.width, image.height + rows * row + row // 2), PAPER)
    sheet.paste(image, (0, 0))
    pen = OutlinePen(ImageDraw.Draw(sheet), face or ImageFont.load_default(size), size)
    pen.draw.line((0, image.height, image.width, image.height), fill=INK)
    for number, (japanese, english) in enumerate(said):
        pen.text(size, image.height + row * (number + 0.75), english if face is None else japanese)
    x = size
    for colour, japanese, english in meanings:
        middle = image.height + row * (len(said) + 0.75)
        x = pen.swatch(x, middle, colour, english if face is None else japanese)
    return sheet
