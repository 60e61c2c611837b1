"""One run of the batch over the whole sample inbox, looked at by many tests."""

from __future__ import annotations

import pytest

from fixtures.truth_file import INBOX
from tests.support.installed import Output, run_batch


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Output:
    """The sample inbox, read by two workers, with pictures."""
    return run_batch(INBOX, tmp_path_factory.mktemp("night"), "--workers", 2, "--pictures")
