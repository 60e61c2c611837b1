"""An Excel workbook: a page for each sheet that can be seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from ocr.document import SourceReason
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.media.package import Package, Relationship
from ocr.media.package_names import R, S
from ocr.office.sheets.sheet_contents import sheet_contents
from ocr.office.sheets.sheet_drawings import drawing_contents
from ocr.office.sheets.sheet_styles import CellStyle, styles_of
from ocr.office.sheets.worksheet import read_sheet, rich_text
from ocr.written.content_model import PageSetup, Paragraph, Running
from ocr.written.layout import ENDLESS, lay_out
from ocr.written.placed import WrittenPage
from ocr.written.written_source import WrittenSource

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MARGIN = 36.0  # points
EMBEDDED = ("oleObject", "package")
_KEPT_PAGES = 2


def open_workbook(package: Package, limits: Limits) -> WrittenSource:
    """Raises ReadingError: CORRUPT, TOO_COMPLEX; UNSUPPORTED_FORMAT where every sheet is hidden."""
    workbook = Workbook(package, limits)
    if not workbook.sheets:
        raise ReadingError(
            FailureCategory.UNSUPPORTED_FORMAT,
            "表示されているシートがありません。読みたいシートを表示して保存し直してください。",
        )
    return WrittenSource(
        page_count=len(workbook.sheets),
        page=lru_cache(maxsize=_KEPT_PAGES)(workbook.page),
        reason=SourceReason.OFFICE_TEXT,
        attachments=sum(
            one.kind in EMBEDDED for _, part in workbook.sheets for one in package.related(part).values()
        ),
    )


class Workbook:
    """`sheets` are the names and parts of those that can be seen, in their order."""

    def __init__(self, package: Package, limits: Limits) -> None:
        self._package = package
        self._limits = limits
        root = package.xml(package.main)
        self._related = package.related(package.main)
        settings = root.find(f"{S}workbookPr")
        self._since_1904 = settings is not None and settings.get("date1904") in ("1", "true")
        self.sheets = tuple(_visible(root, self._related, package))

    def page(self, number: int) -> WrittenPage:
        """Sheet `number` as a page as large as it is. Raises ReadingError: CORRUPT, TOO_COMPLEX."""
        name, part = self.sheets[number - 1]
        sheet = read_sheet(self._package, part, self._styles, self._texts, since_1904=self._since_1904)
        contents = sheet_contents(sheet, list(drawing_contents(self._package, part, sheet)))
        head = (Paragraph(name),) if len(self.sheets) > 1 else ()
        width = max(sheet.widest, 595.3 - 2 * MARGIN)
        paper = PageSetup(width + 2 * MARGIN, 841.9, MARGIN, MARGIN, MARGIN, MARGIN, odd=Running(head))
        return lay_out(contents, paper, ENDLESS, self._limits)[0]

    @cached_property
    def _styles(self) -> tuple[CellStyle, ...]:
        part = self._part("styles")
        return styles_of(self._package.xml(part)) if part else ()

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        """The texts that cells refer to by number."""
        part = self._part("sharedStrings")
        return tuple(rich_text(one) for one in self._package.elements(part, [f"{S}si"])) if part else ()

    def _part(self, kind: str) -> str:
        found = (one.target for one in self._related.values() if one.kind == kind)
        return next((part for part in found if part in self._package), "")


def _visible(
    root: Element, related: Mapping[str, Relationship], package: Package
) -> Iterator[tuple[str, str]]:
    for sheet in root.iterfind(f"{S}sheets/{S}sheet"):
        found = related.get(sheet.get(f"{R}id") or "")
        is_shown = sheet.get("state", "visible") == "visible"
        if is_shown and found is not None and found.target in package:
            yield sheet.get("name", ""), found.target
