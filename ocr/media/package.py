"""An Office Open XML file as the parts it is made of (ECMA-376 part 2), bounded before they are unpacked."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote

from lxml import etree

from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.media.package_names import PACKAGE_RELATIONSHIPS, is_strict, transitional

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# A file of a thousand slides with their pictures has some thousand parts.
MOST_PARTS = 20_000
# Bytes of the archive's directory for each part: its name, and what some programs note of it.
DIRECTORY_ENTRY = 512
# Bytes of one part that is taken up whole; the tree of one in XML takes about ten times as much.
MOST_BYTES = 96 * 1024 * 1024
BEGINNING = 64 * 1024  # bytes of a part before which nobody declares anything
_PARSING = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False,
    "remove_comments": True, "remove_pis": True,
}  # fmt: skip
_END_OF_DIRECTORY = b"PK\x05\x06"
_END_WINDOW = 22 + 65_535  # the record, and the comment that may follow it
_TYPE_DECLARATIONS = tuple("<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Relationship:
    """What a part refers to: `kind` is the last word of its type; `target` a part, or empty where it lies
    outside of the file, which is never looked at."""

    kind: str
    target: str


class Package:
    """An open file; parts are named by their paths without a leading slash."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        self._parts = {_part_name(info.filename).casefold(): info for info in archive.infolist()}

    @staticmethod
    @contextmanager
    def open(data: bytes, limits: Limits) -> Iterator[Package]:
        """Raises ReadingError: CORRUPT, ENCRYPTED, TOO_COMPLEX, DECOMPRESSION_BOMB."""
        _check_directory(data)
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
        except _BROKEN as error:
            raise corrupt() from error
        with archive:
            _check_members(archive.infolist(), len(data), limits)
            yield Package(archive, limits)

    def __contains__(self, part: str) -> bool:
        return part.casefold() in self._parts

    @cached_property
    def main(self) -> str:
        """The part that the others hang from; empty where there is none."""
        found = (one.target for one in self.related("").values() if one.kind == "officeDocument")
        return next(found, "")

    @property
    def parts(self) -> Iterable[str]:
        """The names of all parts, in small letters."""
        return self._parts.keys()

    def read(self, part: str) -> bytes:
        """The part's bytes. Raises ReadingError: CORRUPT where it is missing or broken, TOO_COMPLEX."""
        with self._opened(part) as stream:
            return stream.read()

    def xml(self, part: str) -> Element:
        """The part's root element. Raises ReadingError: CORRUPT, TOO_COMPLEX."""
        data = transitional(self.read(part))
        _check_xml(data)
        try:
            return etree.fromstring(data, etree.XMLParser(**_PARSING))
        except (etree.XMLSyntaxError, ValueError) as error:
            raise corrupt() from error

    def elements(self, part: str, tags: Iterable[str]) -> Iterator[Element]:
        """The elements of `tags` one by one as they end, of a part that may be too large for a tree.

        What was given is forgotten when the next one is asked for. Raises ReadingError: CORRUPT, TOO_COMPLEX.
        """
        with self._opened(part, bounded=False) as stream:
            beginning = stream.read(BEGINNING)
            _check_xml(beginning)
            source: IO[bytes] | _Prefixed = _Prefixed(beginning, stream)
            if is_strict(beginning):
                source = io.BytesIO(transitional(source.read()))
            for _, element in etree.iterparse(source, events=("end",), tag=tuple(tags), **_PARSING):
                yield element
                element.clear()
                while (before := element.getprevious()) is not None and before.getparent() is not None:
                    before.getparent().remove(before)

    @contextmanager
    def _opened(self, part: str, *, bounded: bool = True) -> Iterator[IO[bytes]]:
        info = self._parts.get(part.casefold())
        if info is None:
            raise corrupt()
        if bounded and info.file_size > MOST_BYTES:
            raise ReadingError(
                FailureCategory.TOO_COMPLEX,
                f"ファイルの中身が大きすぎます（展開後{info.file_size // 1024 // 1024:,}MB、"
                f"上限{MOST_BYTES // 1024 // 1024:,}MB）。文書を分割してください。",
            )
        try:
            with self._archive.open(info) as stream:
                yield stream
        except (*_BROKEN, etree.XMLSyntaxError) as error:
            raise corrupt() from error

    def related(self, part: str) -> dict[str, Relationship]:
        """What `part` refers to by id; the file itself where it is empty."""
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        if listed not in self:
            return {}
        found = {}
        for one in self.xml(listed).iter(f"{PACKAGE_RELATIONSHIPS}Relationship"):
            is_outside = one.get("TargetMode") == "External"
            target = "" if is_outside else _resolved(folder, one.get("Target", ""))
            found[one.get("Id", "")] = Relationship(one.get("Type", "").rpartition("/")[2], target)
        return found


def corrupt() -> ReadingError:
    return ReadingError(
        FailureCategory.CORRUPT,
        "Officeファイルが壊れているか途中で切れています。元のファイルを置き直すか、開いて保存し直してください。",
    )


class _Prefixed(io.RawIOBase):
    """A stream with what was read of it already put back."""

    def __init__(self, beginning: bytes, rest: IO[bytes]) -> None:
        self._beginning = beginning
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        beginning, self._beginning = self._beginning, b""
        if size < 0:
            return beginning + self._rest.read()
        if len(beginning) > size:
            beginning, self._beginning = beginning[:size], beginning[size:]
        return beginning or self._rest.read(size)


def _part_name(path: str) -> str:
    return path.replace("\\", "/").lstrip("/")


def _resolved(folder: str, target: str) -> str:
    plain = unquote(target.partition("#")[0]).replace("\\", "/")
    return posixpath.normpath(posixpath.join("/", folder, plain)).lstrip("/")


def _check_directory(data: bytes) -> None:
    """The size of the archive's directory, before a library makes objects of it."""
    at = data.rfind(_END_OF_DIRECTORY, max(len(data) - _END_WINDOW, 0))
    if at < 0 or at + 22 > len(data):
        raise corrupt()
    count, size = struct.unpack_from("<HI", data, at + 10)
    if count > MOST_PARTS or size > MOST_PARTS * DIRECTORY_ENTRY:
        raise _too_many_parts()


def _check_members(members: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    if len(members) > MOST_PARTS:
        raise _too_many_parts()
    if any(member.flag_bits & 0x1 for member in members):
        raise encrypted()
    unfolded = sum(member.file_size for member in members)
    overlapping = sum(member.compress_size for member in members) > size
    if overlapping or unfolded > limits.max_stream_bytes:
        raise ReadingError(
            FailureCategory.DECOMPRESSION_BOMB,
            "展開すると極端に大きくなるファイルです"
            f"（上限{limits.max_stream_bytes // 1024 // 1024:,}MB）。細工されたファイルのおそれがあります。"
            "元の文書を開いて保存し直すか、分割してください。",
        )


def _check_xml(data: bytes) -> None:
    """Office files may not declare entities; only a bomb, or a look into other files, has a use for them."""
    if any(declaration in data for declaration in _TYPE_DECLARATIONS):
        raise ReadingError(
            FailureCategory.TOO_COMPLEX,
            "Officeファイルに使えないXMLの宣言（DOCTYPE）が含まれています。細工されたファイルのおそれがあります。"
            "元の文書を開いて保存し直してください。",
        )


def _too_many_parts() -> ReadingError:
    return ReadingError(
        FailureCategory.TOO_COMPLEX,
        f"ファイルを構成する部品が多すぎます（上限{MOST_PARTS:,}個）。文書を分割してください。",
    )


def encrypted() -> ReadingError:
    return ReadingError(
        FailureCategory.ENCRYPTED,
        "Officeファイルにパスワードがかかっています。パスワードを外して保存し直してください。",
    )
