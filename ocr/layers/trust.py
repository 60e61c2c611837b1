"""Whether the text layer of a page is to be trusted, and which parts of the page it knows nothing of.

No tokenizer: classes of characters tell what a font without a usable map, or text in a wrong encoding,
looks like. Every threshold is a share, so that a few odd characters never send a sound page to OCR.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cache
from itertools import pairwise

from ocr.document import Box, SourceReason
from ocr.layers.layer_parts import Character, Picture
from ocr.layers.text_layer import TextLayer

# Broken layers were seen with .30 and more of such characters, sound ones with .27 and less.
MOST_BAD_CHARACTERS = 0.30
# Fewer characters than this say little about the language they are in.
ENOUGH_TO_JUDGE = 20
# Kanji beyond JIS level 1 are names and learned words: some percent of a page. Of the kanji that wrong
# code points or wrong encodings give, more than half are.
MOST_RARE_KANJI = 0.30
# English has .38 of vowels among its letters, romaji .45; shifted letters about .14.
FEWEST_VOWELS = 0.22
ENOUGH_LETTERS = 60
# Invisible text over a picture this large is another program's OCR of a scan.
PICTURE_OF_THE_PAGE = 0.5
# A picture smaller than this share of the page is a logo or a seal, coarser than this it shows no letters.
PICTURE_WORTH_READING = 0.02
COARSEST_LETTERS_DPI = 50.0
# Scanners cut pages into strips; pictures that are this close (points) are one.
SAME_PICTURE = 2.0
# More pictures than this are pieces of one drawing; the page is then one region.
MOST_PICTURES = 500
# A page that is nearly all picture, with little typed on it, is a scan with a stamp or a page number.
NEARLY_ALL = 0.8
LITTLE_TYPED = 100
# What Shift_JIS and EUC-JP bytes become as cp1252 beside accented letters. Left out is what a Japanese
# page may be full of: … and • lead the eye, × ÷ ± ° ¥ are signs of tables.
_CP1252 = frozenset("‚ƒ„†‡ˆ‰Š‹ŒŽ‘’“”˜™š›œžŸ¡¢£¤¦¨©ª«¬®¯´¶¸¹º»¼½¾¿")
_SIGNS = frozenset("×÷")
# EUC-JP taken for Shift_JIS is half of these.
_HALF_WIDTH_MARKS = frozenset("｡｢｣､･")
_JAPANESE = ("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH")


class Trust(Enum):
    """What to read a page from."""

    LAYER = auto()
    PIXELS = auto()
    BOTH = auto()


@dataclass(frozen=True, slots=True)
class LayerVerdict:
    """`layer` is what of the layer is to be used; `regions` are the parts of the page to be read by OCR,
    `drawn` those whose letters are drawings, to be read without the characters around them. `unexplained` is
    the share (0–1) of the page's ink that the layer knows nothing of."""

    trust: Trust
    reason: SourceReason
    layer: TextLayer
    regions: tuple[Box, ...] = ()
    drawn: tuple[Box, ...] = ()
    unexplained: float = 0.0


def judge_page(layer: TextLayer) -> LayerVerdict:
    """As `judge`, of what of the layer is seen: text that nobody sees is only of interest where it lies on a
    picture, which is then read instead."""
    verdict = judge(without_hidden(layer))
    if verdict.trust is Trust.PIXELS and any(w.value.strip() or w.checked for w in layer.widgets):
        return _with_form(verdict, layer)
    if verdict.reason is SourceReason.NO_LAYER and any(c.text.strip() for c in layer.characters):
        return replace(verdict, reason=SourceReason.HIDDEN_TEXT)
    return verdict


def _with_form(verdict: LayerVerdict, layer: TextLayer) -> LayerVerdict:
    """A page that is read from its pixels, with what its file says was filled into its form."""
    fields = [widget.box for widget in layer.widgets]
    filled = tuple(
        c for c in layer.characters if not c.hidden and any(box.contains(*c.box.center) for box in fields)
    )
    paper = (Box(0.0, 0.0, layer.width, layer.height),)
    scanned = verdict.reason in (
        SourceReason.NO_LAYER,
        SourceReason.HIDDEN_TEXT,
        SourceReason.PICTURE_REGIONS,
    )
    # A scan is read without what was typed over it.
    regions, drawn = ((), paper) if scanned else (paper, ())
    only = replace(layer, characters=filled)
    return replace(verdict, trust=Trust.BOTH, layer=only, regions=regions, drawn=drawn)


def without_hidden(layer: TextLayer) -> TextLayer:
    """The layer without the text that nobody sees, but for what lies on a picture."""
    seen = tuple(c for c in layer.characters if not c.hidden or lies_on_picture(c, layer))
    return replace(layer, characters=seen)


def lies_on_picture(character: Character, layer: TextLayer) -> bool:
    return any(picture.box.contains(*character.box.center) for picture in layer.pictures)


def judge(layer: TextLayer) -> LayerVerdict:
    """Whether the layer, the drawn page, or both tell what the page says, and why."""
    every = [character for character in layer.characters if character.text.strip()]
    if not every:
        return LayerVerdict(Trust.PIXELS, SourceReason.NO_LAYER, layer)
    hidden = [c for c in every if c.hidden and lies_on_picture(c, layer)]
    cover = picture_cover(layer)
    if len(hidden) > 0.5 * len(every) and cover >= PICTURE_OF_THE_PAGE:
        return LayerVerdict(Trust.PIXELS, SourceReason.HIDDEN_TEXT, layer)
    if hidden:
        # The picture above or below says it too, and is read with the other pictures.
        unseen = set(map(id, hidden))
        layer = replace(layer, characters=tuple(c for c in layer.characters if id(c) not in unseen))
    written = [character for character in layer.characters if character.text.strip()]
    if not written:
        return LayerVerdict(Trust.PIXELS, SourceReason.HIDDEN_TEXT, layer)
    if (fault := fault_of(written)) is not None:
        return LayerVerdict(Trust.PIXELS, fault, layer)
    regions = picture_regions(layer)
    if not regions:
        return LayerVerdict(Trust.LAYER, SourceReason.GOOD_LAYER, layer)
    if cover >= NEARLY_ALL and len(written) <= LITTLE_TYPED:
        return LayerVerdict(Trust.PIXELS, SourceReason.PICTURE_REGIONS, layer)
    return LayerVerdict(Trust.BOTH, SourceReason.PICTURE_REGIONS, layer, regions)


def fault_of(written: Sequence[Character]) -> SourceReason | None:
    """What makes these characters (none of them blank) unusable; None where nothing does."""
    written = [*written[:1], *(c for before, c in pairwise(written) if not _leads_on(before, c))]
    unmapped = [c.unmapped or c.text == "\ufffd" for c in written]
    bad = [unmapped[at] or _is_bad(c.text) for at, c in enumerate(written)]
    if sum(bad) >= MOST_BAD_CHARACTERS * len(written):
        return SourceReason.NO_UNICODE_MAP if sum(unmapped) > 0.5 * sum(bad) else SourceReason.BAD_CHARACTERS
    if len(written) >= ENOUGH_TO_JUDGE and not looks_written("".join(c.text for c in written)):
        return SourceReason.NOT_JAPANESE
    return None


def _leads_on(before: Character, character: Character) -> bool:
    """Whether it is one more dot of a row that leads the eye to a page number or a price."""
    return before.text == character.text == "･"


def _is_bad(text: str) -> bool:
    """No Japanese document holds it in number: private use, control, bytes taken for another encoding."""
    return any(
        unicodedata.category(c) in ("Cc", "Co", "Cn", "Cs")
        or ("\u00c0" <= c <= "\u024f" and c not in _SIGNS)
        or c in _CP1252
        or c in _HALF_WIDTH_MARKS
        for c in text
    )


def looks_written(text: str) -> bool:
    """Whether `text` reads like Japanese, or like some one other language, rather than like shifted codes."""
    kanji = [c for c in text if "\u3400" <= c <= "\u9fff" or "\uf900" <= c <= "\ufaff"]
    rare = sum(c not in _level_1() for c in kanji)
    if len(kanji) >= ENOUGH_TO_JUDGE and rare >= MOST_RARE_KANJI * len(kanji):
        return False
    scripts = Counter(name for c in text if c.isalpha() and (name := _script(c)))
    # One foreign language has one script; codes taken for code points wander through many.
    strays = sum(scripts.values()) - max(scripts.values(), default=0)
    if strays >= MOST_BAD_CHARACTERS * len(text):
        return False
    latin = [c for c in text.lower() if "a" <= c <= "z"]
    if len(latin) < max(ENOUGH_LETTERS, 0.5 * len(text)):
        return True
    return sum(c in "aeiou" for c in latin) >= FEWEST_VOWELS * len(latin)


def _script(character: str) -> str:
    """The first word of a letter's Unicode name; empty for Japanese and for plain Latin letters."""
    if character.isascii():
        return ""
    name = unicodedata.name(character, "UNNAMED").split()[0].split("-")[0]
    return "" if name in _JAPANESE else name


@cache
def _level_1() -> frozenset[str]:
    """The kanji of JIS X 0208 level 1, rows 16 to 47: those in common use."""
    rows = (bytes((0xA0 + row, 0xA0 + cell)) for row in range(16, 48) for cell in range(1, 95))
    return frozenset("".join(pair.decode("euc_jp", "ignore") for pair in rows))


def picture_cover(layer: TextLayer) -> float:
    """The share of the page that pictures cover, 0–1 (overlaps counted twice, capped)."""
    paper = Box(0.0, 0.0, layer.width, layer.height)
    seen = (picture.box.common(paper) for picture in layer.pictures)
    area = sum(box.area for box in seen if box is not None)
    return min(area / max(layer.width * layer.height, 1.0), 1.0)


def picture_regions(layer: TextLayer) -> tuple[Box, ...]:
    """Where pictures lie that may hold writing, pieces of one picture joined, cut at the page's edges."""
    paper = Box(0.0, 0.0, layer.width, layer.height)
    boxes = [
        common
        for picture in layer.pictures
        if picture.dpi >= COARSEST_LETTERS_DPI and (common := picture.box.common(paper)) is not None
    ]
    if len(boxes) > MOST_PICTURES:
        return (paper,)
    least = PICTURE_WORTH_READING * layer.width * layer.height
    return tuple(region for region in joined_boxes(boxes) if region.area >= least)


def joined_boxes(boxes: Iterable[Box]) -> list[Box]:
    """Boxes that touch become the box around them, until none touch."""
    joined: list[Box] = []
    for box in boxes:
        while touching := [other for other in joined if _touch(box, other)]:
            joined = [other for other in joined if other not in touching]
            box = Box.around((box, *touching))
        joined.append(box)
    return sorted(joined, key=lambda box: (box.y0, box.x0))


def _touch(box: Box, other: Box) -> bool:
    return (
        min(box.x1, other.x1) - max(box.x0, other.x0) >= -SAME_PICTURE
        and min(box.y1, other.y1) - max(box.y0, other.y0) >= -SAME_PICTURE
    )


def finest_dpi(pictures: Iterable[Picture], region: Box, fallback: float) -> float:
    """The resolution of the finest picture in `region`."""
    return max((p.dpi for p in pictures if region.contains(*p.box.center)), default=fallback)
