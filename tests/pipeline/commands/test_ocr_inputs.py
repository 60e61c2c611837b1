"""Which files and pages `yomitori ocr` reads, and how it names what it writes."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from pipeline.commands.reading.inputs import PageRanges, inputs
from pipeline.errors import CommandError
from pipeline.inbox.sieve import Sieve


@pytest.mark.parametrize(
    ("text", "pages"),
    [("1-", (1, 2, 3, 4, 5)), ("2", (2,)), ("4-9,1-2,2", (1, 2, 4, 5)), ("１－２，５", (1, 2, 5)), ("6", ())],
)
def test_pages_are_taken_as_far_as_the_document_has_them(text: str, pages: tuple[int, ...]) -> None:
    assert PageRanges.parse(text).of(5) == pages


@pytest.mark.parametrize("text", ["", "0", "3-1", "1,,2", "-3", "一", "1.5"])
def test_a_page_range_that_makes_no_sense_is_named(text: str) -> None:
    with pytest.raises(CommandError, match="1-3,7,10-"):
        PageRanges.parse(text)


def test_results_of_like_named_files_never_share_a_name(tmp_path: Path) -> None:
    composed, decomposed = (unicodedata.normalize(form, "議事録（ガ）") for form in ("NFC", "NFD"))
    names = [f"甲/{composed}.pdf", f"乙/{decomposed}.tif", "甲/Scan.pdf", "乙/scan.PDF", "丙/scan(2).jpg"]
    outputs = [found.output.name for found in inputs([Path(name) for name in names]).files]

    assert outputs == [composed, f"{decomposed}(2)", "Scan", "scan(2)", "scan(2)(2)"]


def test_a_folder_gives_its_files_in_order_with_their_places_but_no_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.pdf", "a/b.pdf", "a/.c.pdf", ".d/e.pdf", "a/Thumbs.db", "a/~$b.docx", "控え/b.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = inputs([tmp_path, Path("ない.pdf")], Sieve(("控え",)))

    assert found.left_out == 5
    assert [(str(i.path), str(i.output)) for i in found.files] == [
        (str(tmp_path / "a/b.pdf"), "a/b"),
        (str(tmp_path / "b.pdf"), "b"),
        ("ない.pdf", "ない"),
    ]
