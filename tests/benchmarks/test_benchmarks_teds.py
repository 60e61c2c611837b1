"""The likeness of tables against values worked out by hand."""

from __future__ import annotations

import pytest

from fixtures.comparing.teds import cell_matches, neighbour_matches, paired, teds
from fixtures.drawing.tables import parse_cells

TRUTH = parse_cells("""
品名 | 数量
封筒 | 20
台紙 | 5
""")  # three rows and six cells: a tree of nine nodes


def test_a_table_is_like_itself_whatever_the_order_of_its_cells_and_the_width_of_its_digits() -> None:
    wide = parse_cells("品 名 | 数量\n封筒 | ２０\n台紙 | ５")

    assert teds(TRUTH, TRUTH) == 1.0
    assert teds(TRUTH, wide[::-1]) == 1.0
    assert cell_matches(TRUTH, wide).f1 == 1.0


def test_a_missing_row_costs_its_row_and_its_cells() -> None:
    assert teds(TRUTH, TRUTH[:4]) == pytest.approx(1 - 3 / 9)


def test_a_wrong_character_costs_its_share_of_the_cell() -> None:
    misread = parse_cells("品名 | 数量\n封筒 | 26\n台紙 | 5")

    assert teds(TRUTH, misread) == pytest.approx(1 - 0.5 / 9)
    assert teds(TRUTH, misread, structure_only=True) == 1.0
    assert cell_matches(TRUTH, misread).f1 == pytest.approx(5 / 6)


def test_a_lost_span_costs_its_cell_and_the_cell_too_many() -> None:
    spanning = parse_cells("計 | <\n封筒 | 20")
    single = parse_cells("計 | \n封筒 | 20")

    assert teds(spanning, single) == pytest.approx(1 - 2 / 6)  # the larger tree has two rows and four cells
    assert cell_matches(spanning, single).right == 2


def test_nothing_found_is_worth_nothing() -> None:
    assert teds(TRUTH, ()) == 0.0
    assert paired([TRUTH], []) == ((),)


def test_neighbours_are_texts_side_by_side_and_above_each_other() -> None:
    shifted = parse_cells("| 品名 | 数量\n| 封筒 | 20\n| 台紙 | 5")

    assert neighbour_matches(TRUTH, shifted).f1 == 1.0
    assert neighbour_matches(TRUTH, TRUTH).true == 3 + 4
    assert cell_matches(TRUTH, shifted).right == 0


def test_a_found_table_is_compared_with_the_true_one_whose_text_it_holds() -> None:
    other = parse_cells("支店 | 目標\n青葉 | 3,200")

    assert paired([TRUTH, other], [other, TRUTH[:4]]) == (TRUTH[:4], other)
    assert paired([TRUTH], [other]) == ((),)
