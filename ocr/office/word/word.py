"""A Word document: its paragraphs, tables and pictures in order, on the pages that Word last set them on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ocr.document import BlockKind, SourceReason
from ocr.labels.pairs import opens_pair
from ocr.limits import Limits
from ocr.media.package import Package, Relationship, corrupt
from ocr.media.package_names import R, W
from ocr.office.word.word_numbering import Numbering
from ocr.office.word.word_story import Shared, Story
from ocr.office.word.word_styles import TWIPS, WordStyles, number_of, value
from ocr.script.item_marks import is_item
from ocr.script.widths import text_width
from ocr.written.content_model import Content, PageSetup, Paragraph, Running, TableContent
from ocr.written.layout import AS_PAPER, AS_TOLD, lay_out
from ocr.written.written_source import WrittenSource

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# Bold lines are headings where few lines are bold, and none longer than this (ems).
LONGEST_BOLD_HEADING = 30.0
MOST_BOLD = 0.34
EMBEDDED = ("oleObject", "package")
_MARGINS = {"header": "headerReference", "footer": "footerReference"}
SMALLEST_PAPER, LARGEST_PAPER = 100.0, 3000.0  # points


def open_word(package: Package, limits: Limits) -> WrittenSource:
    """Raises ReadingError: CORRUPT, TOO_COMPLEX."""
    main = package.main
    related = package.related(main)
    body = package.xml(main).find(f"{W}body")
    if body is None:
        raise corrupt()
    shared = _shared(package, related, limits)
    papers, tables = _papers(body, related, shared)
    story = Story(shared, main, papers[1:])
    contents = [*tables, *story.contents(body)]
    pages = lay_out(_with_headings(contents), papers[0][0], AS_TOLD if story.is_paged else AS_PAPER, limits)
    return WrittenSource(
        page_count=len(pages),
        page=lambda number: pages[number - 1],
        reason=SourceReason.OFFICE_TEXT,
        attachments=sum(one.kind in EMBEDDED for one in related.values()),
    )


def _shared(package: Package, related: dict[str, Relationship], limits: Limits) -> Shared:
    parts = {one.kind: one.target for one in related.values() if one.target in package}

    def root(kind: str) -> Element | None:
        return package.xml(parts[kind]) if kind in parts else None

    notes = {
        (kind, note.get(f"{W}id", "")): note
        for kind in ("footnote", "endnote")
        if (listed := root(f"{kind}s")) is not None
        for note in listed.iterfind(f"{W}{kind}")
    }
    return Shared(package, limits, WordStyles(root("styles")), Numbering(root("numbering")), notes)


def _papers(
    body: Element, related: dict[str, Relationship], shared: Shared
) -> tuple[list[tuple[PageSetup, str]], list[TableContent]]:
    """The paper of each section with how it begins, and the tables that stand in the margins: these are read
    once, as part of the text."""
    settings = next((one.target for one in related.values() if one.kind == "settings"), "")
    told = shared.package.xml(settings).find(f"{W}evenAndOddHeaders") if settings in shared.package else None
    known: dict[str, list[Content]] = {}
    margins: dict[tuple[str, str], list[Content]] = {}  # a section has those of the one before it
    papers: list[tuple[PageSetup, str]] = []
    for section in body.iter(f"{W}sectPr"):
        for kind, reference in _MARGINS.items():
            for one in section.iterfind(f"{W}{reference}"):
                found = related.get(one.get(f"{R}id") or "")
                if found is None or found.target not in shared.package:
                    continue
                if found.target not in known:
                    story = Story(shared, found.target, in_margin=True)
                    known[found.target] = list(story.contents(shared.package.xml(found.target)))
                margins[kind, one.get(f"{W}type", "default")] = known[found.target]
        titled = section.find(f"{W}titlePg") is not None

        def running(which: str) -> Running:
            return Running(*(_paragraphs(margins.get((kind, which), ())) for kind in _MARGINS))

        paper = replace(
            _paper(section),
            odd=running("default"),
            even=running("even") if told is not None else None,
            first=running("first") if titled else None,
        )
        papers.append((paper, value(section, "type") or "nextPage"))
    tables = [one for contents in known.values() for one in contents if isinstance(one, TableContent)]
    return papers or [(PageSetup(), "nextPage")], tables


def _paragraphs(contents: Iterable[Content]) -> tuple[Paragraph, ...]:
    return tuple(one for one in contents if isinstance(one, Paragraph) and one.text.strip())


def _paper(section: Element) -> PageSetup:
    """The size and the margins of a section, those of A4 where it tells nothing sensible."""
    usual = PageSetup()
    size, margin = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")

    def length(element: Element | None, name: str, most: float, otherwise: float) -> float:
        number = number_of(element.get(f"{W}{name}")) if element is not None else None
        points = (number or 0.0) / TWIPS
        return points if 0.0 < points <= most else otherwise

    width = max(length(size, "w", LARGEST_PAPER, usual.width), SMALLEST_PAPER)
    height = max(length(size, "h", LARGEST_PAPER, usual.height), SMALLEST_PAPER)
    return PageSetup(
        width=width,
        height=height,
        left=length(margin, "left", width / 3, usual.left),
        top=length(margin, "top", height / 3, usual.top),
        right=length(margin, "right", width / 3, usual.right),
        bottom=length(margin, "bottom", height / 3, usual.bottom),
    )


def _with_headings(contents: Sequence[Content]) -> list[Content]:
    """The contents with bold lines as headings, where most lines are not bold."""
    texts = [one for one in contents if isinstance(one, Paragraph) and one.text.strip()]
    if sum(one.bold for one in texts) > MOST_BOLD * len(texts):
        return list(contents)
    return [
        replace(one, kind=BlockKind.HEADING)
        if isinstance(one, Paragraph) and one.kind is None and one.bold and _is_title_like(one.text)
        else one
        for one in contents
    ]


def _is_title_like(text: str) -> bool:
    plain = text.strip()
    return (
        2 <= text_width(plain) <= LONGEST_BOLD_HEADING
        and not plain.endswith("。")
        and "\t" not in plain
        and any(map(str.isalpha, plain))
        and not opens_pair(plain)
        and not is_item(plain)
    )
