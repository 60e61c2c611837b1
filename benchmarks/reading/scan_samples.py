"""The documents that reading is measured on: the sample inbox, the groups of single pages, real scans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fixtures.comparing.teds import Cells
from fixtures.page_truth import PageTruth, TrueCell, read_pages
from fixtures.truth_file import Truth, read_truth
from ocr.document import TextSource

SCANS = Path(__file__).resolve().parents[3] / "shared" / "scans"
# What ordinary office scanners and printers do to a page; anything else is done to make it hard.
ORDINARY = ("skew", "specks", "grain", "paper_tint", "turned")
SHARPEST_BLUR = 0.7


@dataclass(frozen=True, slots=True)
class SamplePage:
    """A page and its truth; `skew` and `source` are None where the truth does not tell."""

    number: int
    text: str
    rotation: int
    skew: float | None
    source: TextSource | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A document; `dpi` is None for one with a text layer; `printed` is of ordinary office quality."""

    name: str
    kind: str
    data: bytes
    dpi: int | None
    printed: bool
    pages: tuple[SamplePage, ...]
    fields: tuple[tuple[str, str], ...]
    tables: tuple[Cells, ...]

    @property
    def scanned(self) -> bool:
        return self.dpi is not None


def samples(groups: list[str]) -> list[Sample]:
    """Those of `groups` (inbox, or a group of `fixtures/pages`), of all where the list is empty."""
    found: list[Sample] = []
    if not groups or "inbox" in groups:
        found += [_of_inbox(truth) for truth in read_truth() if truth.failure is None]
    found += [_of_pages(page) for page in read_pages() if not groups or page.group in groups]
    return found


def real_scan() -> Sample | None:
    """The scanned paragraph with a truth made by hand, None where it does not stand beside the project."""
    path = SCANS / "scaned0.png"
    if not path.exists():
        return None
    page = SamplePage(1, path.with_suffix(".txt").read_text(encoding="utf-8"), 0, None, TextSource.OCR)
    return Sample(f"scans/{path.name}", "real scan", path.read_bytes(), 300, False, (page,), (), ())


def real_files() -> Iterator[tuple[str, bytes]]:
    """The other files beside it: without truth, some of them broken on purpose."""
    for path in sorted(SCANS.glob("*.*")):
        if path.suffix in (".pdf", ".jpg", ".png") and path.name != "scaned0.png":
            yield path.name, path.read_bytes()


def _of_inbox(truth: Truth) -> Sample:
    skewed = sum(float(e.partition(":")[2]) for e in truth.effects if e.startswith("skew:"))
    source = None if truth.source == "mixed" else TextSource(truth.source)
    pages = tuple(
        SamplePage(p.number, p.text, p.rotation, skewed if truth.source == "ocr" else None, source)
        for p in truth.pages
    )
    return Sample(
        name=truth.file,
        kind=_kind(truth),
        data=truth.path.read_bytes(),
        dpi=truth.dpi,
        printed=truth.printed and truth.source != "blank",
        pages=pages,
        fields=tuple(truth.fields.items()),
        tables=tuple(_unspanned(table) for table in truth.tables),
    )


def _kind(truth: Truth) -> str:
    if truth.source in ("text_layer", "blank"):
        return f"inbox: {truth.source}"
    if any(page.rotation for page in truth.pages):
        return "inbox: scan, turned"
    quality = "printed" if truth.printed else "hard"
    medium = "fax or TIFF" if truth.path.suffix.lower() in (".tif", ".tiff") else "scan"
    return f"inbox: {medium}, {quality}"


def _of_pages(truth: PageTruth) -> Sample:
    scanned = truth.dpi is not None
    source = TextSource.OCR if scanned else TextSource.TEXT_LAYER
    page = SamplePage(1, truth.text, truth.rotation, truth.skew if scanned else None, source)
    return Sample(
        name=truth.file,
        kind=truth.group if scanned else f"{truth.group}: text_layer",
        data=truth.path.read_bytes(),
        dpi=truth.dpi,
        printed=all(_is_ordinary(effect) for effect in truth.effects),
        pages=(page,),
        fields=truth.fields,
        tables=truth.tables,
    )


def _is_ordinary(effect: str) -> bool:
    name, _, strength = effect.partition(":")
    return name in ORDINARY or (name == "blur" and float(strength or 1) <= SHARPEST_BLUR)


def _unspanned(rows: tuple[tuple[str, ...], ...]) -> Cells:
    return tuple(
        TrueCell(row, column, 1, 1, text)
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    )
