"""Strikes against documents that kill their worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.inbox.listing import ListedFile
from pipeline.supervision.strikes import (
    MOST_STRIKES,
    add_strikes,
    clear_strikes,
    quarantine,
    read_strikes,
)


def test_strikes_add_up_over_nights_until_a_document_comes_through(tmp_path: Path) -> None:
    out = str(tmp_path / "出力")
    assert read_strikes(out) == {}
    add_strikes(out, ["毒", "連れ"])
    assert add_strikes(out, ["毒"]) == {"毒": 2, "連れ": 1}
    add_strikes(out, ["毒"])
    clear_strikes(out, ["連れ", "知らない文書"])
    assert read_strikes(out) == {"毒": MOST_STRIKES}


def test_a_spoiled_count_costs_no_night(tmp_path: Path) -> None:
    add_strikes(str(tmp_path), ["毒"])
    for spoiled in ("", "{", "[1]", '{"毒": "たくさん"}', '{"毒": null}'):
        (tmp_path / ".state" / "strikes.json").write_text(spoiled)
        assert read_strikes(str(tmp_path)) == {}


def test_strikes_that_cannot_be_written_leave_the_earlier_ones(tmp_path: Path) -> None:
    out = str(tmp_path)
    add_strikes(out, ["毒"])
    before = sorted(tmp_path.rglob("*"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", _disk_full)
        with pytest.raises(OSError, match="No space"):
            add_strikes(out, ["毒"])
    assert read_strikes(out) == {"毒": 1}
    assert sorted(tmp_path.rglob("*")) == before


def _disk_full(_: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_quarantined_document_is_a_failure_that_says_what_to_do() -> None:
    file = ListedFile("/inbox/営業部/日報.pdf", "営業部/日報.pdf", 1, 0.0)
    failure = quarantine("毒", file)
    assert (failure.category, failure.page, failure.retryable) == ("quarantined", None, False)
    assert "yomitori retry" in failure.message
