"""How readings are scored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixtures.comparing.field_matches import field_matches
from fixtures.comparing.measures import Errors, character_errors, letter_errors
from fixtures.comparing.page_score import PageScore, roc_area
from fixtures.comparing.teds import Matches

PAGE = PageScore("a.png", "scan", True, 200, Errors(0, 100), Errors(0, 100), 0.5)


def test_order_counts_in_the_error_rate_and_not_among_the_letters() -> None:
    truth, swapped = "受付番号\n担当者", "担当者\n受付番号"
    assert character_errors(truth, swapped).rate > 0.5
    assert letter_errors(truth, swapped) == Errors(0, 7)
    assert letter_errors(truth, "受付番弓　担当者。") == Errors(2, 7)
    assert letter_errors(truth, "") == Errors(7, 7)


def test_fields_are_right_by_name_and_value_each_once() -> None:
    truth = [("担当", "佐藤"), ("電話", "03-0000-1111"), ("備考", "")]
    found = field_matches(truth, [("担　当", "佐藤"), ("担当", "佐藤"), ("電話", "03-0000-7111")])

    assert found.matches == Matches(right=1, found=3, true=3)
    assert found.missed == ("電話=03-0000-1111", "備考=")
    assert found.invented == ("担当=佐藤", "電話=03-0000-7111")


@pytest.mark.parametrize(("confidences", "area"), [((0.9, 0.8, 0.4, 0.3), 1.0), ((0.3, 0.4, 0.8, 0.9), 0.0)])
def test_the_roc_area_says_whether_low_confidence_tells_wrong_pages(
    confidences: tuple[float, ...], area: float
) -> None:
    wrong = (0, 1, 30, 5)
    pages = [
        replace(PAGE, confidence=sure, errors=Errors(count, 100))
        for sure, count in zip(confidences, wrong, strict=True)
    ]
    assert roc_area(pages) == area
    assert roc_area(pages[:2]) is None
    assert roc_area(pages, any_order=True) is None
