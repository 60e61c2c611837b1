"""Which Office file an archive (ZIP) or a compound file (OLE) is, or what to do about one that is none."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.media.media_type import READ_FORMATS, MediaType

if TYPE_CHECKING:
    from ocr.media.package import Package

# By words of the main part's content type; templates and files with macros are read as what they hold.
_BY_CONTENT_TYPE = (
    ("wordprocessingml", MediaType.DOCX), ("ms-word", MediaType.DOCX),
    ("spreadsheetml", MediaType.XLSX), ("ms-excel", MediaType.XLSX),
    ("presentationml", MediaType.PPTX), ("ms-powerpoint", MediaType.PPTX),
)  # fmt: skip
_BY_FOLDER = (("word/", MediaType.DOCX), ("xl/", MediaType.XLSX), ("ppt/", MediaType.PPTX))
# What the first bytes of an archive show where it was made by an Office program.
_OF_OFFICE = (b"[Content_Types].xml", b"_rels/.rels", b"docProps/", b"word/", b"xl/", b"ppt/")
_BEGINNING = 4096
_OLD_OFFICE = (
    ("WordDocument", "旧形式のWord文書（.doc）", "Wordで開いて .docx かPDFで"),
    ("Workbook", "旧形式のExcelブック（.xls）", "Excelで開いて .xlsx かPDFで"),
    ("Book", "旧形式のExcelブック（.xls）", "Excelで開いて .xlsx かPDFで"),
    ("PowerPoint Document", "旧形式のPowerPoint（.ppt）", "PowerPointで開いて .pptx かPDFで"),
    ("DocumentText", "一太郎文書", "一太郎で開いてPDFで"),
    ("VisioDocument", "Visio図面", "Visioで開いてPDFで"),
)


def archive_media(data: bytes) -> MediaType:
    """The kind of a ZIP archive. Raises ReadingError: UNSUPPORTED_FORMAT, or as `Package.open` does."""
    from ocr.media.package import Package

    try:
        with Package.open(data, Limits()) as package:
            return _kind(package)
    except ReadingError as error:
        beginning = data[:_BEGINNING]
        if error.category is FailureCategory.CORRUPT and not any(name in beginning for name in _OF_OFFICE):
            raise _archive() from error
        raise


def _kind(package: Package) -> MediaType:
    main = package.main
    content_type = _content_type(package, main) if main else ""
    if "binary" in content_type or main.endswith("workbook.bin"):
        raise unsupported("Excelバイナリブック（.xlsb）", "Excelで開いて .xlsx かPDFで保存し直してください。")
    for word, media in _BY_CONTENT_TYPE:
        if word in content_type:
            return media
    for folder, media in _BY_FOLDER:
        if main.startswith(folder):
            return media
    if "mimetype" in package and b"opendocument" in package.read("mimetype"):
        raise unsupported(
            "OpenDocument形式（odt、ods、odp）", "docx、xlsx、pptxのいずれかかPDFで保存し直してください。"
        )
    raise _archive()


def _content_type(package: Package, part: str) -> str:
    from ocr.media.package_names import CONTENT_TYPES

    if "[Content_Types].xml" not in package:
        return ""
    ending = part.rpartition(".")[2].casefold()
    by_ending = ""
    for entry in package.xml("[Content_Types].xml"):
        if entry.tag == f"{CONTENT_TYPES}Override" and entry.get("PartName", "").lstrip("/") == part:
            return str(entry.get("ContentType", ""))
        if entry.tag == f"{CONTENT_TYPES}Default" and entry.get("Extension", "").casefold() == ending:
            by_ending = entry.get("ContentType", "")
    return by_ending


def compound_media(data: bytes) -> MediaType:
    """The kind of an OLE compound file. Raises ReadingError: UNSUPPORTED_FORMAT, ENCRYPTED, CORRUPT."""
    names = Compound(data).names
    if "EncryptedPackage" in names:
        from ocr.media.package import encrypted

        raise encrypted()
    if "__properties_version1.0" in names:
        return MediaType.MSG
    for stream, name, how in _OLD_OFFICE:
        if stream in names:
            raise unsupported(name, f"{how}保存し直してください。")
    raise unsupported("対応していない形式", f"{READ_FORMATS}のいずれかで保存し直してください。")


class Compound:
    """An OLE compound file; `names` are those of the streams and storages in its root.

    Its parser raises whatever broken tables lead to; here all of it is ReadingError(CORRUPT).
    """

    def __init__(self, data: bytes) -> None:
        from olefile import OleFileIO

        with _as_corrupt():
            self._file = OleFileIO(io.BytesIO(data))
            listed = self._file.listdir(streams=True, storages=True)
        self.names = tuple(dict.fromkeys(path[0] for path in listed))

    def read(self, *path: str) -> bytes:
        """The bytes of a stream; none where there is no such stream."""
        with _as_corrupt():
            if not self._file.exists(list(path)):
                return b""
            with self._file.openstream(list(path)) as stream:
                content: bytes = stream.read()
        return content


@contextmanager
def _as_corrupt() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise ReadingError(
            FailureCategory.CORRUPT,
            "ファイルが壊れているか途中で切れています（OLE複合ファイル）。元のファイルを置き直すか、"
            "開いて保存し直してください。",
        ) from error


def unsupported(kind: str, remedy: str) -> ReadingError:
    return ReadingError(
        FailureCategory.UNSUPPORTED_FORMAT,
        f"ファイルの中身は{kind}です（名前の拡張子では判断しません）。{remedy}",
    )


def _archive() -> ReadingError:
    return unsupported("圧縮ファイル（ZIP）", "中の文書を取り出して置いてください。")
