"""Words at a slant on typed pages: watermarks stay out of the text, labels stay in it as words."""

from __future__ import annotations

from math import cos, radians, sin
from pathlib import Path

import pytest

from ocr.document import BlockKind, Document
from ocr.engines.engine import Engine
from ocr.limits import Limits
from ocr.reading.reader import read
from tests.support.ocr.pdfs import page_of

CLAUSES = [
    f"Clause {number}. The parties shall keep each copy of annex {number} secret." for number in range(1, 26)
]
FONT = b"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"


def shown(text: str, x: float, y: float, *, size: float = 10, slant: float = 0, gray: float = 0) -> str:
    """PDF operators that show `text` from (x, y) on, turned counterclockwise by `slant` degrees."""
    c, s = cos(radians(slant)), sin(radians(slant))
    return f"{gray} g BT /F {size} Tf {c:.5f} {s:.5f} {-s:.5f} {c:.5f} {x} {y} Tm ({text}) Tj ET"


def clauses(count: int = 25) -> str:
    return "\n".join(shown(text, 60, 780 - 24 * row) for row, text in enumerate(CLAUSES[:count]))


def page_with(drawn: str, ppocr: Engine) -> Document:
    return read(page_of(drawn.encode(), resources=FONT), engine=ppocr, limits=Limits())


def parts(document: Document) -> tuple[list[str], str]:
    """What its stamps say, and the rest of its text in one piece."""
    blocks = [(b.kind, document.text[b.start : b.end]) for page in document.pages for b in page.blocks]
    written = " ".join(text for kind, text in blocks if kind is not BlockKind.STAMP)
    return [text for kind, text in blocks if kind is BlockKind.STAMP], " ".join(written.split())


@pytest.mark.parametrize(
    ("watermark", "marks"),
    [
        (shown("CONFIDENTIAL", 120, 200, size=64, slant=50, gray=0.85), ["CONFIDENTIAL"]),
        (shown("DRAFT", 150, 650, size=110, slant=-30, gray=0.9), ["DRAFT"]),
        (shown("SAMPLE", 80, 420, size=120, gray=0.85), ["SAMPLE"]),
        (
            "\n".join(
                shown("COPY", x, y, size=11, slant=30, gray=0.8)
                for x in range(60, 500, 130) for y in range(150, 800, 110)
            ),
            ["COPY"],
        ),
    ],
    ids=["slanted", "the other way", "level", "all over the page"],
)  # fmt: skip
@pytest.mark.parametrize("behind", [True, False])
def test_a_watermark_is_no_part_of_the_text(
    watermark: str, marks: list[str], behind: bool, ppocr: Engine
) -> None:
    drawn = (watermark, clauses()) if behind else (clauses(), watermark)
    stamps, written = parts(page_with("\n".join(drawn), ppocr))

    assert stamps == marks
    assert written == " ".join(CLAUSES)


def test_slanted_labels_and_large_type_are_no_watermarks(ppocr: Engine) -> None:
    labels = ["Tokyo", "Osaka", "Nagoya", "Fukuoka"]
    drawn = [shown(label, 120 + 90 * at, 200, slant=45) for at, label in enumerate(labels)]
    drawn += [clauses(12), shown("128", 400, 320, size=70)]
    stamps, written = parts(page_with("\n".join(drawn), ppocr))

    assert stamps == []
    assert all(words in written for words in (*CLAUSES[:12], *labels, "128"))


def test_the_articles_of_a_contract_with_a_watermark_follow_each_other(shared: Path, ppocr: Engine) -> None:
    data = (shared / "cases" / "diagonal_watermark_letters_in_text.pdf").read_bytes()
    document = read(data, engine=ppocr, limits=Limits())
    stamps, written = parts(document)

    assert stamps == ["社外秘 複写禁止"]
    assert written.count("業務を委託し、乙はこれを受託するものとする。") == 30
    assert all(f"第{number}条 甲は、乙に対し、別紙{number}に定める" in written for number in range(1, 31))
