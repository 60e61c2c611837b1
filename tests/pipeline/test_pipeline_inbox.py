"""The inbox is listed whole, and long documents are cut into page ranges."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.errors import BadInputError
from pipeline.inbox import ListedFile, SourceRef, list_files, page_ranges


def test_sub_folders_and_japanese_names_are_listed_hidden_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "営業部").mkdir()
    (tmp_path / "営業部" / "日報 4月12日.pdf").write_bytes(b"%PDF")
    (tmp_path / "入電記録[1].tif").write_bytes(b"II*\0")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "日報.pdf").write_bytes(b"x")
    listed = list_files(str(tmp_path))
    assert [(file.name, file.size) for file in listed] == [
        ("入電記録[1].tif", 4),
        ("営業部/日報 4月12日.pdf", 4),
    ]
    assert Path(listed[1].uri).read_bytes() == b"%PDF"


def test_a_missing_inbox_is_said_in_japanese(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="受信フォルダがありません"):
        list_files(str(tmp_path / "ない"))


def _source(name: str, pages: int = 1) -> SourceRef:
    return SourceRef(ListedFile(f"/inbox/{name}", name, 10, 0.0), "ab" * 32, "pdf", pages, 1, pages)


def test_every_page_falls_in_exactly_one_range() -> None:
    ranges = page_ranges(_source("長い報告書.pdf", pages=21))
    pages = [page for part in ranges for page in range(part.first_page, part.last_page + 1)]
    assert pages == list(range(1, 22))
    assert len(ranges) > 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into any folder")
def test_a_folder_that_cannot_be_looked_into_is_an_error(tmp_path: Path) -> None:
    closed = tmp_path / "経理部"
    closed.mkdir(mode=0)
    with pytest.raises(BadInputError, match="経理部"):
        list_files(str(tmp_path))


def test_a_name_in_shift_jis_is_listed_in_escapes(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\x93\xfa\x95\xf1.pdf")).write_bytes(b"%PDF")
    (file,) = list_files(str(tmp_path))
    assert file.name == r"\udc93\udcfa\udc95\udcf1.pdf"
    file.uri.encode()
