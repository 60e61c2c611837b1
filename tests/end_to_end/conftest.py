"""One run of the batch over the whole sample inbox, looked at by many tests."""

from __future__ import annotations

import pytest
from end_to_end_support import Output, run_batch

from fixtures.truth_file import INBOX


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Output:
    """The sample inbox, read by two workers, with pictures."""
    return run_batch(INBOX, tmp_path_factory.mktemp("night"), "--workers", 2, "--pictures")
