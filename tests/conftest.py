"""What every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.places import ROOT

# As the command sets it, before any library reads it: threads of several processes would wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spreads tests over workers, slow ones first: those of a file stay together, with what they share, but
    for those that are marked as standing apart."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for item in items:
        if not (item.get_closest_marker("apart") or item.get_closest_marker("xdist_group")):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


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
