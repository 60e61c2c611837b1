"""What the styles of a Word document say of its paragraphs and letters."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from ocr.media.package_names import W
from ocr.written.content_model import BODY_SIZE, Align

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

DEEPEST = 16  # styles that one style is based on, one on the other
LAST_OUTLINE_LEVEL = 8  # deeper is body text
HALF_POINTS, TWIPS = 2, 20  # to the point
_ALIGNED = {
    "center": Align.CENTER,
    "right": Align.RIGHT,
    "end": Align.RIGHT,
    "left": Align.LEFT,
    "both": Align.LEFT,
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a paragraph or a run looks, as far as it says; None where it says nothing.

    `outline` is the level of a heading from 0, `numbered` the list and the level in it, `indent` in points,
    `stops` are those of tabs in points, True where text ends there.
    """

    size: float | None = None
    bold: bool | None = None
    hidden: bool | None = None
    align: Align | None = None
    outline: int | None = None
    numbered: tuple[str, int] | None = None
    indent: float | None = None
    stops: tuple[tuple[float, bool], ...] | None = None

    def over(self, below: Look) -> Look:
        """This look where it says something, else that of `below`."""
        names = [one.name for one in fields(Look)]
        own = {name: getattr(self, name) for name in names}
        return Look(**{name: getattr(below, name) if value is None else value for name, value in own.items()})


def look_of(properties: Element | None, runs: Element | None = None) -> Look:
    """The look that the properties of a paragraph (w:pPr) and of letters (w:rPr) name."""
    size = bold = hidden = align = outline = numbered = indent = stops = None
    if runs is not None:
        size = _number(runs, "sz", HALF_POINTS)
        bold = _switch(runs, "b")
        hidden = _switch(runs, "vanish")
    if properties is not None:
        align = _ALIGNED.get(value(properties, "jc") or "")
        level = _number(properties, "outlineLvl", 1)
        outline = None if level is None else int(level)
        numbered = _numbered(properties.find(f"{W}numPr"))
        indents = properties.find(f"{W}ind")
        if indents is not None:
            indent = number_of(indents.get(f"{W}left") or indents.get(f"{W}start"))
            indent = None if indent is None else indent / TWIPS
        stops = _stops(properties.find(f"{W}tabs"))
    return Look(size, bold, hidden, align, outline, numbered, indent, stops)


def _stops(tabs: Element | None) -> tuple[tuple[float, bool], ...] | None:
    if tabs is None:
        return None
    found = [
        (place / TWIPS, tab.get(f"{W}val") in ("right", "end", "decimal"))
        for tab in tabs.iterfind(f"{W}tab")
        if tab.get(f"{W}val") != "clear" and (place := number_of(tab.get(f"{W}pos"))) is not None
    ]
    return tuple(sorted(found))


class WordStyles:
    """The styles by id, each with what it is based on."""

    def __init__(self, root: Element | None) -> None:
        self._styles = {} if root is None else {s.get(f"{W}styleId", ""): s for s in root.iter(f"{W}style")}
        defaults = None if root is None else root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        standard = Look(size=BODY_SIZE if defaults is None else 10.0)  # what the standard says sets 10 points
        self._base = look_of(None, defaults).over(standard)
        first = (
            identity
            for identity, style in self._styles.items()
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true")
        )
        self._default = next(first, "")
        self._known: dict[str, Look] = {}

    def look(self, identity: str | None) -> Look:
        """The look of a style, that of the default one where None."""
        name = identity or self._default
        if name not in self._known:
            self._known[name] = self._resolved(name, 0)
        return self._known[name]

    def _resolved(self, identity: str, depth: int) -> Look:
        style = self._styles.get(identity)
        if style is None or depth > DEEPEST:
            return self._base
        own = look_of(style.find(f"{W}pPr"), style.find(f"{W}rPr"))
        name = (value(style, "name") or "").casefold()
        if own.outline is None and name in ("title", "表題"):
            own = Look(outline=0).over(own)
        below = value(style, "basedOn")
        return own.over(self._resolved(below, depth + 1) if below else self._base)


def value(parent: Element, name: str) -> str | None:
    """The value of a property, None where it is not named."""
    found = parent.find(f"{W}{name}")
    return None if found is None else found.get(f"{W}val")


def number_of(text: str | None) -> float | None:
    """A number as attributes hold it; None for anything else, measures with a unit too."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _number(parent: Element, name: str, unit: int) -> float | None:
    number = number_of(value(parent, name))
    return None if number is None else number / unit


def _switch(parent: Element, name: str) -> bool | None:
    found = parent.find(f"{W}{name}")
    return None if found is None else found.get(f"{W}val", "1") not in ("0", "false", "off", "none")


def _numbered(properties: Element | None) -> tuple[str, int] | None:
    if properties is None:
        return None
    level = number_of(value(properties, "ilvl")) or 0.0
    return value(properties, "numId") or "", int(min(max(level, 0.0), 8.0))
