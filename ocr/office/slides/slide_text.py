"""The paragraphs of a shape on a slide, with the bullets and type sizes that layout and master give them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.document import BlockKind
from ocr.media.package_names import A, P
from ocr.office.drawings import text_of
from ocr.office.word.word_numbering import BULLET, formatted
from ocr.written.content_model import Paragraph

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

USUAL_SIZE = 18.0  # points
_HUNDREDTHS = 100.0
_NUMBERED = {
    "arabic": "decimal", "arabicDb": "decimalFullWidth", "alphaUc": "upperLetter", "alphaLc": "lowerLetter",
    "romanUc": "upperRoman", "romanLc": "lowerRoman", "circleNumDb": "decimalEnclosedCircle",
    "circleNumWdBlack": "decimalEnclosedCircle", "circleNumWdWhite": "decimalEnclosedCircle",
    "ea1Chs": "japaneseCounting", "ea1JpnKor": "japaneseCounting", "ea1JpnChsDb": "japaneseCounting",
}  # fmt: skip
_AROUND = (("ParenBoth", "(", ")"), ("ParenR", "", ")"), ("Period", "", "."), ("Plain", "", ""))
_LISTS = {"title": "titleStyle", "ctrTitle": "titleStyle", "body": "bodyStyle", "obj": "bodyStyle",
          "subTitle": "bodyStyle"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What a shape is in its layout: `role` is empty for a shape of its own; `above` are the shapes of layout
    and master that it follows, `lists` the styles of levels, the nearest first."""

    role: str
    above: tuple[Element, ...]
    lists: tuple[Element, ...]


class SlideStyles:
    """What layout and master (in this order, as far as there are any) say of the shapes of a slide."""

    def __init__(self, above: Sequence[Element]) -> None:
        self._above = above

    def placeholder(self, shape: Element) -> Placeholder:
        mark = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
        own = shape.find(f"{P}txBody/{A}lstStyle")
        lists = [own] if own is not None else []
        if mark is None:
            return Placeholder("", (), tuple(lists))
        role = mark.get("type", "obj")
        followed = [found for root in self._above if (found := _same(root, mark)) is not None]
        lists += [one for holder in followed if (one := holder.find(f"{P}txBody/{A}lstStyle")) is not None]
        for root in self._above[-1:]:
            style = root.find(f"{P}txStyles/{P}{_LISTS.get(role, 'otherStyle')}")
            lists += [style] if style is not None else []
        return Placeholder(role, tuple(followed), tuple(lists))


def _same(root: Element, mark: Element) -> Element | None:
    """The placeholder of a layout or master that one of a slide follows: by its number, else by its role."""
    shapes = [(shape, shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")) for shape in root.iter(f"{P}sp")]
    known = [(shape, found) for shape, found in shapes if found is not None]
    role = mark.get("type", "obj")
    by_number = (s for s, found in known if mark.get("idx") and found.get("idx") == mark.get("idx"))
    alike = {role, {"ctrTitle": "title", "obj": "body", "subTitle": "body"}.get(role, role)}
    by_role = (s for s, found in known if found.get("type", "obj") in alike)
    return next(by_number, None) if mark.get("idx") else next(by_role, None)


def slide_paragraphs(
    body: Element, placeholder: Placeholder, styles: SlideStyles, kind: BlockKind | None
) -> tuple[Paragraph, ...]:
    """The paragraphs of a text body; those with bullets or numbers are items of a list."""
    return tuple(_paragraphs(body, placeholder, kind))


def _paragraphs(body: Element, placeholder: Placeholder, kind: BlockKind | None) -> Iterator[Paragraph]:
    counts: dict[int, int] = {}
    for paragraph in body.iterfind(f"{A}p"):
        text = text_of(paragraph)
        if not text.strip():
            counts.clear()
            continue
        told = paragraph.find(f"{A}pPr")
        level = _whole(told.get("lvl")) if told is not None else 0
        levels = [
            found for one in placeholder.lists if (found := one.find(f"{A}lvl{level + 1}pPr")) is not None
        ]
        before = (
            _bullet([*([told] if told is not None else []), *levels], level, counts) if kind is None else ""
        )
        for number, line in enumerate(text.split("\n")):
            yield Paragraph(
                text=before + line if number == 0 else line,
                kind=BlockKind.LIST_ITEM if before else kind,
                size=_size(paragraph, levels),
                indent=level * USUAL_SIZE,
            )


def _bullet(properties: Sequence[Element], level: int, counts: dict[int, int]) -> str:
    """What stands before a paragraph: the nearest of its properties that say anything of it count."""
    for one in properties:
        if one.find(f"{A}buNone") is not None:
            break
        number = one.find(f"{A}buAutoNum")
        if number is not None:
            start = _whole(number.get("startAt")) or 1
            counts[level] = counts.get(level, start - 1) + 1
            for deeper in [other for other in counts if other > level]:
                del counts[deeper]
            return f"{_numbered(counts[level], number.get('type', 'arabicPeriod'))} "
        if one.find(f"{A}buChar") is not None or one.find(f"{A}buBlip") is not None:
            counts.pop(level, None)
            return BULLET
    counts.pop(level, None)
    return ""


def _numbered(number: int, style: str) -> str:
    for ending, before, after in _AROUND:
        if style.endswith(ending) and (name := _NUMBERED.get(style.removesuffix(ending))):
            return f"{before}{formatted(number, name)}{after}"
    return formatted(number, _NUMBERED.get(style, "decimal"))


def _size(paragraph: Element, levels: Sequence[Element]) -> float:
    """The type size of the first run that names one, else that of the level."""
    runs = (run.get("sz") for run in paragraph.iter(f"{A}rPr"))
    defaults = (found.get("sz") for level in levels if (found := level.find(f"{A}defRPr")) is not None)
    named = next((one for one in (*runs, *defaults) if one and one.isdecimal()), None)
    return int(named) / _HUNDREDTHS if named else USUAL_SIZE


def _whole(text: str | None) -> int:
    return min(int(text), 8) if text and text.isdecimal() else 0
