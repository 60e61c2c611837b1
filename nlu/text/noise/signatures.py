"""Lines that only say who wrote and how to reach them, and lines that every page repeats."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

FEWEST_PAGES = 2
"""Pages from which on a line is called repeated; an application may ask for more."""
LONGEST_RUNNING = 40
LONGEST_COMPANION = 40
LONGEST_CONTACT = 120
_EDGE = 2
_REACHED = re.compile(r"[\d@＠〒]|www|http", re.IGNORECASE)

_PHONE = r"\+?\d{2,5}[-‐ー()\s]{1,2}\d{1,4}[-‐ー()\s]{1,2}\d{3,4}(?:\s?[(]?(?:内線|代表|代|直通)[^\s]*)?"
_MAIL = r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+"
_PAGE = r"(?:https?://|www\.)\S+"
_POST_CODE = r"〒\s*\d{3}-?\d{4}"
_REGION = r"(?:東京都|北海道|(?:京都|大阪)府|[^\s\d、。]{2,3}県)"
_PLACE = r"[^\s、。]{2,30}\d[\d\-‐ー丁目番地号の]*(?:\s+[^\s、。]{1,20})?"
_ADDRESS = rf"(?:{_POST_CODE}\s*)?{_REGION}{_PLACE}|{_POST_CODE}\s*{_PLACE}"
_NAMED = (
    r"(?:tel|fax|電話番号|電話|携帯電話|携帯|直通|代表|e-?mail|mail|メール|url|hp|web|住所|所在地|連絡先)"
)
_ITEM = rf"(?:{_NAMED}\s*[.:]?\s*)?[(\[]?(?:{_PHONE}|{_MAIL}|{_PAGE}|{_ADDRESS}|{_POST_CODE})[)\]]?"
_CONTACT = re.compile(rf"{_ITEM}(?:\s*[/|,]?\s*{_ITEM})*", re.IGNORECASE)
_COMPANY = r"(?:(?:株式|有限|合同|合資)会社|\((?:株|有)\)|医療法人|社会福祉法人|学校法人)"
_OFFICE = r"[^\s、。はがをに]{1,20}(?:部|課|係|室|支店|支社|営業所|事業所|本社|工場|センター|グループ|チーム)"
_ROLE = (
    r"(?:(?:代表取締役|取締役|社長|専務|常務|部長|課長|係長|主任|店長|所長|担当|発信者|差出人|文責)\s*:?\s*)"
)
_PERSON = r"[^\s、。はがをに]{1,8}(?:\s[^\s、。はがをに]{1,4})?"
_COMPANION = re.compile(
    rf"(?:{_COMPANY}\s*[^\s、。]{{1,20}}|[^\s、。]{{1,20}}\s*{_COMPANY}|{_OFFICE}|{_ROLE})"
    rf"(?:\s+(?:{_OFFICE}|{_ROLE}?{_PERSON}))*\s*"
)


def is_contact(text: str) -> bool:
    """Whether the line is a telephone number, address, mail or web address, or several, and nothing else."""
    if len(text) > LONGEST_CONTACT or not _REACHED.search(text):
        return False
    return _CONTACT.fullmatch(_plain(text)) is not None


def signature_lines(texts: Sequence[str], may_sign: Sequence[bool], names: Sequence[bool]) -> set[int]:
    """Numbers of the lines that make up a signature: two lines of contacts or more, or one below a name and
    a firm, with the firm, office and name lines beside them.

    `may_sign` says which lines can belong to one (not those of a form), `names` which are the name of a
    person or place and nothing else.
    """
    contact = [may and is_contact(text) for text, may in zip(texts, may_sign, strict=True)]
    beside = [
        may and (name or is_companion(text)) for text, may, name in zip(texts, may_sign, names, strict=True)
    ]
    found: set[int] = set()
    for first, last in _stretches([c or b for c, b in zip(contact, beside, strict=True)]):
        lines = range(first, last + 1)
        contacts = sum(contact[line] for line in lines)
        if contacts > 1 or (contacts == 1 and len(lines) > 2):
            found.update(lines)
    return found


def repeated_lines(texts: Sequence[str], pages: Sequence[int], may_run: Sequence[bool]) -> dict[int, int]:
    """Number of each line that only repeats one at the edge of an earlier page -> how many pages have it.

    Figures count as equal, for running titles number their pages. The first one is never among them: what is
    said on every page is said once.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for number in _edge_lines(pages):
        if may_run[number] and len(texts[number]) <= LONGEST_RUNNING:
            places[re.sub(r"\d+", "0", _plain(texts[number]))].append(number)
    found: dict[int, int] = {}
    for numbers in places.values():
        count = len({pages[number] for number in numbers})
        if count >= FEWEST_PAGES:
            found.update((number, count) for number in numbers if pages[number] != pages[numbers[0]])
    return found


def _edge_lines(pages: Sequence[int]) -> list[int]:
    """The first and last lines of every page, in order."""
    by_page: dict[int, list[int]] = defaultdict(list)
    for number, page in enumerate(pages):
        by_page[page].append(number)
    return sorted({line for lines in by_page.values() for line in (*lines[:_EDGE], *lines[-_EDGE:])})


def is_companion(text: str) -> bool:
    """Whether the line is a firm, an office or a role, with or without a person's name, and nothing else."""
    return len(text) <= LONGEST_COMPANION and _COMPANION.fullmatch(_plain(text)) is not None


def _stretches(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """The first and last place of every run of true flags."""
    runs: list[tuple[int, int]] = []
    for place, flag in enumerate(flags):
        if flag and runs and runs[-1][1] == place - 1:
            runs[-1] = (runs[-1][0], place)
        elif flag:
            runs.append((place, place))
    return runs


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
