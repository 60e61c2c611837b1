"""The inbox is listed whole, and long documents are cut into page ranges."""

from __future__ import annotations

import errno
import os
import unicodedata
from pathlib import Path

import pytest
from apache_beam.io.filesystem import FileMetadata, MatchResult
from apache_beam.io.filesystems import FileSystems

from pipeline.errors import BadInputError, CommandError
from pipeline.exit_codes import ExitCode
from pipeline.inbox.listing import ListedFile, SourceRef, list_files, page_ranges, refuse_overlap
from pipeline.inbox.sieve import Sieve


def test_sub_folders_and_japanese_names_are_listed_hidden_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "営業部").mkdir()
    (tmp_path / "営業部" / "日報 4月12日.pdf").write_bytes(b"%PDF")
    (tmp_path / "入電記録[1].tif").write_bytes(b"II*\0")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "日報.pdf").write_bytes(b"x")
    listed = list_files(str(tmp_path)).files
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


def close(monkeypatch: pytest.MonkeyPatch, *closed: Path) -> None:
    """Makes folders unreadable; root may look into any, so that their rights do not."""
    scan = os.scandir

    def scandir(place: str | os.PathLike[str]) -> object:
        if Path(place) in closed:
            raise PermissionError(errno.EACCES, "Permission denied", str(place))
        return scan(place)

    monkeypatch.setattr(os, "scandir", scandir)


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"%PDF")


def test_a_folder_that_cannot_be_looked_into_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "人事/経理部/給与.pdf", "人事/名簿.pdf", "日報.pdf")
    close(monkeypatch, tmp_path / "人事" / "経理部")
    listing = list_files(str(tmp_path))
    assert [file.name for file in listing.files] == ["人事/名簿.pdf", "日報.pdf"]
    (folder,) = listing.unreadable
    assert (folder.place.name, folder.place.size, folder.reason) == ("人事/経理部/", 0, "Permission denied")
    assert folder.place.modified > 0

    close(monkeypatch, tmp_path)
    with pytest.raises(BadInputError, match="アクセス権"):
        list_files(str(tmp_path))


@pytest.mark.parametrize(
    "name",
    [
        "Thumbs.db", "THUMBS.DB", "支店/desktop.ini", ".DS_Store", "~$報告.docx", "~WRL0001.tmp",
        "scan.pdf.part", "請求書.pdf.crdownload", "日報.TMP", "fax.tif.filepart", ".~lock.見積.xlsx#",
        "__MACOSX/日報.pdf", "@eaDir/日報.pdf/thumb.jpg",
    ],
)  # fmt: skip
def test_leftovers_are_left_out_and_counted(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, "日報.pdf", "～案内～.pdf", "part.pdf", "tmp/日報.pdf")
    listing = list_files(str(tmp_path))
    assert [file.name for file in listing.files] == ["part.pdf", "tmp/日報.pdf", "日報.pdf", "～案内～.pdf"]
    assert listing.left_out == 1
    assert Sieve().culprit(name)


def test_what_an_operator_excludes_is_left_out_whatever_its_case_and_form(tmp_path: Path) -> None:
    put(tmp_path, "控え/a.pdf", "支店/控え/b.pdf", "支店/c.BAK", "支店/d.pdf", "旧/2023/e.pdf", "旧/f.pdf")
    put(tmp_path, unicodedata.normalize("NFD", "プログラム.pdf"))
    sieve = Sieve(("控え", "*.bak", "旧/2023/", "/支店/d*", "プログラム*"))
    listing = list_files(str(tmp_path), sieve)
    assert [file.name for file in listing.files] == ["旧/f.pdf"]
    assert listing.left_out == 6
    assert sieve.culprit("支店/控え/b.pdf") == "支店/控え"
    with pytest.raises(CommandError, match="--exclude"):
        Sieve(("/",))


def test_links_in_circles_end_and_linked_folders_are_no_way_out(tmp_path: Path) -> None:
    inbox, elsewhere = tmp_path / "受信", tmp_path / "別"
    put(inbox, "支店/日報.pdf")
    put(elsewhere, "秘密.pdf", "共有.pdf")
    (inbox / "支店" / "上へ").symlink_to(inbox)
    (inbox / "別へ").symlink_to(elsewhere)
    (inbox / "自分").symlink_to("自分")
    (inbox / "切れた.pdf").symlink_to(tmp_path / "ない.pdf")
    (inbox / "共有.pdf").symlink_to(elsewhere / "共有.pdf")
    listing = list_files(str(inbox))
    assert [file.name for file in listing.files] == ["共有.pdf", "支店/日報.pdf"]
    assert listing.left_out == 2


def test_folders_as_deep_as_a_path_may_be_are_walked(tmp_path: Path) -> None:
    deep = "/".join(["層"] * 900)
    os.makedirs(f"{tmp_path}/{deep}")  # noqa: PTH103
    put(tmp_path, "日報.pdf")
    assert [file.name for file in list_files(str(tmp_path)).files] == ["日報.pdf"]


def test_a_bucket_is_sifted_as_a_folder_is(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["日報.pdf", "Thumbs.db", "控え/a.pdf", "控え/b.pdf", "支店/~$報告.docx", "支店/報告.pdf"]
    matched = [FileMetadata(f"gs://受信/箱/{name}", 4, 1.0) for name in names]
    monkeypatch.setattr(FileSystems, "match", lambda patterns: [MatchResult(patterns[0], matched)])
    listing = list_files("gs://受信/箱", Sieve(("控え",)))
    assert [file.name for file in listing.files] == ["支店/報告.pdf", "日報.pdf"]
    assert listing.left_out == 3


@pytest.mark.parametrize(
    ("inbox", "out"),
    [
        ("受信", "受信/out"), ("受信", "受信"), ("out/受信", "out"), ("受信", "近道/out"),
        ("近道", "受信/out"), ("gs://b/in", "gs://b/in/out/"), ("gs://b/out/in", "gs://b/out"),
    ],
)  # fmt: skip
def test_an_output_in_the_inbox_and_an_inbox_in_the_output_are_refused(
    tmp_path: Path, inbox: str, out: str
) -> None:
    (tmp_path / "受信").mkdir()
    (tmp_path / "近道").symlink_to("受信")
    places = (place if "://" in place else str(tmp_path / place) for place in (inbox, out))
    with pytest.raises(CommandError, match="受信フォルダの外") as caught:
        refuse_overlap(*places)
    assert caught.value.exit_code is ExitCode.BAD_CONFIGURATION


@pytest.mark.parametrize("out", ["受信2", "out", "s3://b/受信"])
def test_an_output_beside_the_inbox_is_fine(tmp_path: Path, out: str) -> None:
    refuse_overlap(str(tmp_path / "受信"), out if "://" in out else str(tmp_path / out))


def test_a_name_in_shift_jis_is_listed_in_escapes(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\x93\xfa\x95\xf1.pdf")).write_bytes(b"%PDF")
    (file,) = list_files(str(tmp_path)).files
    assert file.name == r"\udc93\udcfa\udc95\udcf1.pdf"
    file.uri.encode()
