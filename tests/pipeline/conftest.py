"""Small documents and settings for the pipeline's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr.document import Block, BlockKind, Box, Cell, Document, Field, Line, Page, Table, TextSource
from ocr.limits import Limits
from pipeline.run_settings import RunSettings

# A title, a form field, a table of two cells: 営業日報 / 担当者<TAB>佐藤 花子 / 品名<TAB>測定器
FORM_TEXT = "営業日報\n担当者\t佐藤 花子\n品名\t測定器"


def _line(text: str, y: float, x0: float = 50, x1: float = 300) -> Line:
    start = FORM_TEXT.index(text)
    return Line(text, Box(x0, y, x1, y + 12), 0.98, start, start + len(text))


@pytest.fixture
def form() -> Document:
    """One page with a heading, a field and a table."""
    name, value = _line("担当者", 40, 50, 100), _line("佐藤 花子", 40, 110, 300)
    left, right = _line("品名", 60, 50, 100), _line("測定器", 60, 110, 300)
    title = _line("営業日報", 20)
    blocks = (
        Block(BlockKind.HEADING, title.box, 0, 4, (title,)),
        Block(BlockKind.FIELD, Box(50, 40, 300, 52), name.start, value.end, (name, value)),
        Block(BlockKind.TABLE, Box(50, 60, 300, 72), left.start, right.end, (left, right)),
    )
    cells = tuple(
        Cell(0, column, 1, 1, line.text, line.box, line.start, line.end)
        for column, line in enumerate((left, right))
    )
    field = Field("担当者", "佐藤 花子", name.box, value.box, 0.98, value.start, value.end)
    table = Table(Box(50, 60, 300, 72), cells)
    page = Page(1, 595, 842, TextSource.OCR, "ppocr", 0, 0.0, 0.98, blocks, (table,), (field,))
    return Document(FORM_TEXT, (page,))


@pytest.fixture
def settings(tmp_path: Path) -> RunSettings:
    """Settings of a run without applications into a temporary folder."""
    return RunSettings(
        out=str(tmp_path / "out"),
        run_id="試験",
        code_version="0",
        engine="ppocr",
        engine_id="ppocr-test",
        limits=Limits(),
        models={},
        routes=(),
        dictionaries={},
        progress=None,
        pictures=False,
        understanding="u1",
    )
