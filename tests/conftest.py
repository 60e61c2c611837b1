"""What every room's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real scans and annotated text that stand beside the repository; their licences keep them out of it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the shared scans and data are not beside the repository")
    return folder
