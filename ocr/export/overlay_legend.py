"""What the colours of an overlay mean, written below it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from ocr.document import BlockKind, Page, TextSource

Colour = tuple[int, int, int]

SURE, DOUBTFUL = 0.95, 0.80  # confidences from which a line is drawn green, orange; red below
GREEN, ORANGE, RED = (0, 140, 60), (230, 130, 0), (215, 30, 30)
EVIDENCE, EVIDENCE_LABEL = (255, 240, 90), (140, 90, 0)
CELL, ARROW = (90, 130, 210), (20, 70, 200)
INK, PAPER = (40, 40, 40), (255, 255, 255)
KINDS: dict[BlockKind, Colour] = {
    BlockKind.HEADING: (150, 0, 150),
    BlockKind.PARAGRAPH: (110, 110, 110),
    BlockKind.LIST_ITEM: (0, 120, 120),
    BlockKind.TABLE: (20, 70, 200),
    BlockKind.FIELD: (70, 150, 220),
    BlockKind.HEADER: (150, 110, 40),
    BlockKind.FOOTER: (150, 110, 40),
    BlockKind.STAMP: (220, 0, 80),
    BlockKind.FIGURE: (90, 160, 60),
}
TYPE_SIZE = 8.0  # points
LEADING = 1.9

# Typefaces with Japanese as systems and distributions name their files; Pillow looks in the usual folders.
_TYPEFACES = (
    "NotoSansCJK-Regular.ttc", "ipaexg.ttf", "ipag.ttf", "VL-Gothic-Regular.ttf", "TakaoGothic.ttf",
    "YuGothM.ttc", "meiryo.ttc", "msgothic.ttc", "ヒラギノ角ゴシック W3.ttc",
)  # fmt: skip
_KIND_NAMES = {
    BlockKind.HEADING: "見出し",
    BlockKind.PARAGRAPH: "段落",
    BlockKind.LIST_ITEM: "箇条",
    BlockKind.TABLE: "表",
    BlockKind.FIELD: "項目",
    BlockKind.HEADER: "ヘッダー",
    BlockKind.FOOTER: "フッター",
    BlockKind.STAMP: "印影",
    BlockKind.FIGURE: "図",
}
_SOURCE_NAMES = {
    TextSource.TEXT_LAYER: "文書の文字",
    TextSource.OCR: "OCR",
    TextSource.MIXED: "文書の文字とOCR",
    TextSource.BLANK: "白紙",
}


def confidence_colour(confidence: float) -> Colour:
    if confidence >= SURE:
        return GREEN
    return ORANGE if confidence >= DOUBTFUL else RED


def with_legend(image: Image.Image, page: Page, has_evidence: bool = False) -> Image.Image:
    """The picture of `page` on a sheet that is longer by two lines: what the page is, and what the colours
    on it mean; in English where the machine has no Japanese typeface."""
    scale = image.width / page.width
    size = max(TYPE_SIZE * scale, 9.0)
    font = japanese_typeface(round(size))
    japanese = font is not None
    row = round(LEADING * size)
    sheet = Image.new("RGB", (image.width, image.height + 2 * row + row // 2), PAPER)
    sheet.paste(image, (0, 0))
    pen = OutlinePen(ImageDraw.Draw(sheet), font or ImageFont.load_default(size), size)
    pen.draw.line((0, image.height, image.width, image.height), fill=INK)
    pen.text(size, image.height + row * 0.75, _about(page, japanese))
    x = size
    for colour, name in _meanings(page, japanese, has_evidence):
        x = pen.swatch(x, image.height + row * 1.75, colour, name)
    return sheet


@cache
def japanese_typeface(size: int) -> ImageFont.FreeTypeFont | None:
    for name in _TYPEFACES:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return None


def _about(page: Page, japanese: bool) -> str:
    sure = "-" if page.confidence is None else f"{page.confidence:.2f}"
    if not japanese:
        return (
            f"page {page.number}  {page.source}  "
            f"turned {page.rotation}°  skew {page.skew:+.1f}°  confidence {sure}"
        )
    return (
        f"{page.number}ページ　{_SOURCE_NAMES[page.source]}　"
        f"回転 {page.rotation}°　傾き {page.skew:+.1f}°　信頼度 {sure}"
    )


def _meanings(page: Page, japanese: bool, has_evidence: bool) -> Iterator[tuple[Colour, str]]:
    if has_evidence:
        yield EVIDENCE, "根拠" if japanese else "evidence"
    kinds = {block.kind for block in page.blocks}
    for kind, colour in KINDS.items():
        if kind in kinds:
            yield colour, _KIND_NAMES[kind] if japanese else kind.value.replace("_", " ")
    if page.fields:
        yield ARROW, "項目名→値" if japanese else "name to value"
    yield GREEN, "行: 確か" if japanese else "line: sure"
    yield ORANGE, "要注意" if japanese else "doubtful"
    yield RED, "要確認" if japanese else "poor"


class OutlinePen:
    def __init__(
        self, draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, size: float
    ) -> None:
        self.draw = draw
        self._font = font
        self._size = size

    def text(self, x: float, middle: float, text: str) -> None:
        self.draw.text((x, middle), text, fill=INK, font=self._font, anchor="lm")

    def swatch(self, x: float, middle: float, colour: Colour, name: str) -> float:
        """A patch of the colour and its name; returns where the next one begins."""
        half = 0.4 * self._size
        self.draw.rectangle((x, middle - half, x + 2 * half, middle + half), fill=colour)
        self.text(x + 1.2 * self._size, middle, name)
        return x + 2.2 * self._size + self.draw.textlength(name, font=self._font)
