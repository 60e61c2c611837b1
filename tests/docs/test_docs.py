"""What the documentation names is there."""

from __future__ import annotations

import re

import pytest

from tests.support.places import ROOT

_CODE = re.compile(r"`((?:\w+/)+[\w.]+\.(?:py|toml|json|md))`")
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
ROOMS = ("ocr", "nlu", "pipeline", "fixtures", "tests", "benchmarks", "docs", "deploy")
FOUND = [*ROOT.glob("*.md"), *(page for folder in ROOMS for page in (ROOT / folder).rglob("*.md"))]
PAGES = sorted(str(page.relative_to(ROOT)) for page in FOUND)


@pytest.mark.parametrize("page", PAGES)
def test_files_that_a_page_names_or_links_to_exist(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    named = [ROOT / name for name in _CODE.findall(text) if name.split("/")[0] in ROOMS]
    linked = [(ROOT / page).parent / name for name in _LINK.findall(text)]
    assert [str(file.relative_to(ROOT)) for file in named if not file.exists()] == []
    assert [str(file) for file in linked if not file.exists()] == []


def test_every_benchmark_in_the_list_can_be_run() -> None:
    room = ROOT / "benchmarks"
    listed = re.findall(r"^\| `([\w.]+)", (room / "README.md").read_text("utf-8"), re.MULTILINE)
    assert listed
    places = [room / name.replace(".", "/") for name in listed]
    missing = [p for p in places if not (p.with_suffix(".py").is_file() or (p / "__main__.py").is_file())]
    assert missing == []
