"""What stands before a list item, a clause, an article or a section: bullets and numbers."""

from __future__ import annotations

import re

from ocr.script.widths import CHECK_BOXES

_NUMBER = r"[0-9０-９]{1,2}"
_KANJI_NUMBER = r"[一二三四五六七八九十]{1,3}"
_ARTICLE = re.compile(r"第\s?(?:[0-9０-９]{1,3}|[一二三四五六七八九十百]+)\s?[条章節編款](?=$|[\s（(【：:])")
_NUMBERED = re.compile(rf"{_NUMBER}[.．)）、](?![0-9０-９])\s?|{_KANJI_NUMBER}[、.．](?=\S)")
_CLAUSE = re.compile(rf"{_NUMBER}\s(?=[^\d\s])")
_BULLET = re.compile(
    r"[・･•‣▪▶►※＊](?=\s?\S)|[.．](?=[^\d.．]|\d{1,2}月)|[●○◎◇◆■□](?![○●■□◯〇])(?=\s?\S)|[-–—*＊]\s(?=\S)|[①-⑳]"
    rf"|[（(](?:{_NUMBER}|{_KANJI_NUMBER}|[ア-ンｱ-ﾝa-zA-Z])[)）]|[ア-オ][・.．)）](?=\S)|[a-eA-E][.．)）](?=\S)"
)
_MARK_ALONE = re.compile(
    rf"[・･•‣▪▶►※＊●○◎◇◆■□*＊\-–—]|[①-⑳]|{_NUMBER}[.．)）、]|[（(](?:{_NUMBER}|{_KANJI_NUMBER}|[ア-ンa-zA-Z])[)）]"
)
_CAPTION = re.compile(r"(?:図表?|表|写真|[Ff]ig\.?)\s?[\d０-９]|写真\s")
_SECTION = re.compile(r"[■◆●◇]|【[^】]+】$|［[^］]+］$|<[^>]+>$|＜[^＞]+＞$")


def is_item(text: str) -> bool:
    """Whether the text opens with a bullet or an item number; several check boxes are none."""
    boxes = sum(character in CHECK_BOXES for character in text)
    return boxes < 2 and bool(_BULLET.match(text) or _NUMBERED.match(text))


def is_mark(text: str) -> bool:
    """Whether the text is a bullet or an item number, and nothing else."""
    return bool(_MARK_ALONE.fullmatch(text.strip()))


def is_article(text: str) -> bool:
    """Whether the text opens as an article or chapter does: 第3条（目的）; 第3条第2項 refers to one."""
    return bool(_ARTICLE.match(text))


def is_numbered(text: str) -> bool:
    """Whether the text opens with a number and a stop: 1. 目的."""
    return bool(_NUMBERED.match(text))


def is_clause(text: str) -> bool:
    """Whether the text opens with a bare number: 2 乙は."""
    return bool(_CLAUSE.match(text))


def is_caption(text: str) -> bool:
    """Whether the text opens as the caption of a figure or table does: 図1, 表 2, 写真."""
    return bool(_CAPTION.match(text))


def is_section(text: str) -> bool:
    """Whether the text is set off as the title of a section may be: ■ 所感, 【所感】."""
    return bool(_SECTION.match(text))


def without_mark(text: str) -> str:
    """The text after its bullet or item number; the whole text where it has none."""
    mark = (_BULLET.match(text) or _NUMBERED.match(text)) if is_item(text) else None
    return text[mark.end() :].lstrip() if mark else text
