"""What many tests look at or work with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures.truth_file import INBOX
from tests.support.installed import Command, Output, run_batch
from tests.support.session import Session


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Output:
    """The sample inbox, read by two workers, with pictures."""
    return run_batch(INBOX, tmp_path_factory.mktemp("night"), "--workers", 2, "--pictures")


@pytest.fixture(scope="session")
def warm() -> Iterator[Command]:
    """Runs commands with their libraries loaded already: what they do is looked at, not how they start."""
    session = Session()
    yield session.yomitori
    session.close()
