"""The picture of what was read."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image

from ocr.document import BlockKind, Box
from ocr.export.overlay import Mark, draw
from ocr.export.overlay_legend import (
    ARROW,
    CELL,
    EVIDENCE,
    EVIDENCE_LABEL,
    GREEN,
    KINDS,
    ORANGE,
    RED,
    japanese_typeface,
)
from tests.support.ocr.paper import HEIGHT, WIDTH, built, ruled, written

SCALE = 2


def picture(mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (round(WIDTH * SCALE), round(HEIGHT * SCALE)), "white")


def colours(image: Image.Image, box: Box) -> set[tuple[int, int, int]]:
    part = image.crop(tuple(round(v * SCALE) for v in (box.x0, box.y0, box.x1, box.y1)))  # type: ignore[arg-type]
    return {colour for _, colour in part.getcolors(1 << 20)}  # type: ignore[misc]


def test_lines_are_drawn_in_the_colour_of_their_confidence() -> None:
    places = [(50, 0.99, GREEN), (150, 0.85, ORANGE), (250, 0.4, RED)]
    page = built(written(50, y, "確認済みの内容です。", confidence=sure) for y, sure, _ in places).page
    image = draw(page, picture())

    for y, _, colour in places:
        found = colours(image, Box(45, y - 1, 160, y + 14))
        assert found & {GREEN, ORANGE, RED} == {colour}


def test_an_arrow_leads_from_the_name_of_a_field_to_its_value() -> None:
    lines = [written(60, 104, "担当者"), written(235, 104, "佐藤 花子"), written(60, 124, "備考")]
    image = draw(built(lines, ruled([50, 200, 400], [100, 120, 140])).page, picture())

    assert ARROW in colours(image, Box(100, 105, 230, 115))
    assert ARROW in colours(image, Box(100, 125, 195, 135))
    assert CELL in colours(image, Box(198, 112, 202, 130))


def test_the_page_itself_stays_as_it_was_and_may_be_gray_or_bilevel() -> None:
    page = built([written(50, 50, "受付番号")]).page
    for mode in ("L", "1"):
        original = picture(mode)
        drawn = draw(page, original)
        assert (drawn.mode, drawn.width) == ("RGB", original.width)
        assert original.tobytes() == picture(mode).tobytes()


def test_marked_words_are_highlighted_and_their_ink_stays_black() -> None:
    original = picture()
    original.paste("black", (120, 104, 140, 110))
    drawn = draw(built([written(50, 250, "受付番号")]).page, original, [Mark(Box(50, 50, 100, 60), "解約")])

    assert colours(drawn, Box(51, 51, 99, 59)) == {EVIDENCE, (0, 0, 0)}
    assert EVIDENCE not in colours(drawn, Box(0, 70, 300, 200))
    if japanese_typeface(12) is not None:
        assert EVIDENCE_LABEL in colours(drawn, Box(50, 40, 70, 50))


def test_the_legend_names_evidence_where_there_is_some() -> None:
    page = built([written(50, 250, "受付番号")]).page
    for marks in ([], [Mark(Box(50, 50, 100, 60))]):
        drawn = draw(page, picture(), marks)
        legend = colours(drawn, Box(0, HEIGHT + 1, WIDTH, drawn.height / SCALE))
        assert (EVIDENCE in legend) is bool(marks)


def test_a_block_is_tinted_and_outlined_in_the_colour_that_the_legend_names() -> None:
    page = built([written(230, 50, "お知らせ", size=24), written(50, 100, "本日の会議は十時からです。")]).page
    blocks = (replace(page.blocks[0], kind=BlockKind.HEADING), *page.blocks[1:])
    drawn = draw(replace(page, blocks=blocks), picture())
    colour = KINDS[BlockKind.HEADING]

    around = blocks[0].box
    assert colour in colours(drawn, Box(around.x0 - 3, around.y0 - 3, around.x1 + 3, around.y1 + 3))
    paper = colours(drawn, Box(around.x0 + 2, around.y0 + 2, around.x1 - 2, around.y1 - 2))
    assert paper == {tuple(round(255 - 0.12 * (255 - value)) for value in colour)}
    legend = colours(drawn, Box(0, HEIGHT + 1, WIDTH, drawn.height / SCALE))
    assert {colour, KINDS[BlockKind.PARAGRAPH], GREEN, ORANGE, RED} <= legend
    assert KINDS[BlockKind.STAMP] not in legend


def test_doubtful_text_is_red_however_sure_the_engine_was() -> None:
    page = built([written(50, 50, "ああああああああ")]).page
    block = page.blocks[0]
    doubted = replace(block, lines=tuple(replace(line, doubtful=True) for line in block.lines))
    assert RED in colours(draw(replace(page, blocks=(doubted,)), picture()), Box(45, 45, 160, 70))
