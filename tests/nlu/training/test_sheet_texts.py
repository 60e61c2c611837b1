"""The label sheets of twelve trades: whole, and as their README says."""

from __future__ import annotations

import pytest

from fixtures.sheet_texts import read_sheet, sheet_names

VOICES = {"hurried", "polite", "dictation", "dialect", "email", "report", "worn", "plain"}


def test_there_are_twelve() -> None:
    assert len(sheet_names()) == 12


@pytest.mark.parametrize("name", sheet_names())
def test_every_label_is_of_its_sheet_and_every_mark_a_stretch_of_the_text(name: str) -> None:
    application, records = read_sheet(name)
    (task,) = application.classifications
    assert len(records) >= 150
    assert len({record.text for record in records}) == len(records)
    assert {record.meta["voice"] for record in records} == VOICES
    given = [label for record in records for label in record.labels[task.name]]
    assert set(given) == set(application.sheets[task.name].names)
    assert min(given.count(label) for label in set(given)) >= 10
    for record in records:
        assert all(0 <= span.start < span.end <= len(record.text) for span in record.evidence[task.name])
        assert task.multi_label or len(record.labels[task.name]) == 1
