"""Text leads back to ink, and forms are cut into labels and values."""

from __future__ import annotations

import pytest

from ocr.document import Document
from pipeline.steps.places import PlaceFinder, text_blocks


def test_a_form_gives_labels_values_and_cells_apart(form: Document) -> None:
    pieces = [(form.text[block.start : block.end].strip(), block.kind) for block in text_blocks(form)]
    assert pieces == [
        ("営業日報", "heading"),
        ("担当者", "label"),
        ("佐藤 花子", "field"),
        ("品名", "cell"),
        ("測定器", "cell"),
    ]


def test_a_span_over_two_lines_is_boxed_around_both(form: Document) -> None:
    place = PlaceFinder(form).find(form.text.index("担当者"), form.text.index("花子") + 2)
    assert place is not None
    assert (place.page, place.box.x0, place.box.x1, place.box.y0) == (1, 50, 300, 40)


def test_part_of_a_line_is_boxed_by_its_share_of_the_characters(form: Document) -> None:
    start = form.text.index("花子")
    place = PlaceFinder(form).find(start, start + 2)
    assert place is not None
    assert (place.box.x0, place.box.x1) == pytest.approx((110 + 190 * 3 / 5, 300))


def test_a_span_that_no_line_carries_has_no_place(form: Document) -> None:
    assert PlaceFinder(form).find(len(form.text) + 5, len(form.text) + 9) is None
