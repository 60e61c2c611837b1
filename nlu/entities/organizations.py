"""Organisations: companies by their corporate form (㈱カミナリ), sections (経理課), branches (大阪支店)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nlu.entities.titles_and_sections import HONORIFICS, SECTION, TITLES
from nlu.text.sudachi_words import Word

_CORPORATE = {
    "㈱": "株式会社",
    "(株)": "株式会社",
    "㈲": "有限会社",
    "(有)": "有限会社",
    "(同)": "合同会社",
    "(資)": "合資会社",
    "(財)": "財団法人",
    "(社)": "社団法人",
    "(医)": "医療法人",
    "(学)": "学校法人",
    "(福)": "社会福祉法人",
}
_WRITTEN_OUT = (
    "株式会社|有限会社|合同会社|合資会社|合名会社|相互会社|(?:一般|公益)?(?:社団|財団)法人"
    "|(?:特定非営利活動|学校|医療|社会福祉|独立行政|NPO)法人"
)
_FORM = re.compile("|".join([*map(re.escape, _CORPORATE), _WRITTEN_OUT]))
_OF_OURS = "当社 弊社 御社 貴社 同社 子会社 親会社 関連会社 取引先 顧客 株式会社 有限会社"
_NO_COMPANY = frozenset(_OF_OURS.split())
_BRANCH = re.compile(r"(?:支店|営業所|支社|事業所|出張所|支部|支局)(?![長員])")


def organizations(of: str, words: Sequence[Word]) -> Iterator[tuple[int, int, str]]:
    """Start, end and ENE label of the organisations in a folded text with its `words`, as they overlap."""
    yield from _companies(of, words)
    yield from _sections(of, words)


def written_out(name: str) -> str:
    """The name with its corporate form in full: ㈱カミナリ is 株式会社カミナリ."""
    return _FORM.sub(lambda form: _CORPORATE.get(form.group(), form.group()), name)


def _companies(of: str, words: Sequence[Word]) -> Iterator[tuple[int, int, str]]:
    """Names with a corporate form before or behind them."""
    for form in _FORM.finditer(of):
        before = _back(of, words, form.start())
        behind = _forth(of, words, form.end())
        if before < form.start():
            yield before, form.end(), "Company"
        elif behind > form.end():
            yield form.start(), behind, "Company"


def _back(of: str, words: Sequence[Word], place: int) -> int:
    """Where the run of name words begins that ends at `place`."""
    for word in reversed([word for word in words if word.end <= place]):
        if word.end != place or not _is_of_a_name(word) or word.text in _NO_COMPANY:
            break
        place = word.start
    return place + 1 if of[place : place + 1] == "・" else place


def _forth(of: str, words: Sequence[Word], place: int) -> int:
    """Where the run of name words ends that begins at `place`, before a section, a title or an honorific."""
    start = place
    if start < len(of) and of[start] == " ":
        start = place = place + 1
    for word in words:
        if word.start < start:
            continue
        stops = word.start != place or not _is_of_a_name(word) or SECTION.match(of, word.start)
        if stops or word.text in HONORIFICS or word.text == "御中" or TITLES.fullmatch(word.text):
            break
        place = word.end
    return place if place > start else 0


def _is_of_a_name(word: Word) -> bool:
    if word.text in "・&-.ー":
        return True
    return (
        word.tag.startswith(("名詞", "接頭辞", "接尾辞-名詞的"))
        and "数詞" not in word.tag
        and word.text != "御中"
    )


def _sections(of: str, words: Sequence[Word]) -> Iterator[tuple[int, int, str]]:
    """Sections (品質保証部) and branches (大阪支店), each by itself."""
    for found in SECTION.finditer(of):
        if (
            not found.start()
            or not re.match("[一-龥ァ-ヶー]", of[found.start() - 1])
            or _starts_word(found.start(), words)
        ):
            yield found.start(), found.end(), "Organization_Other"
    for found in _BRANCH.finditer(of):
        start = _branch_start(words, found.start())
        if start < found.start():
            yield start, found.end(), "Organization_Other"


def _starts_word(place: int, words: Sequence[Word]) -> bool:
    return any(word.start == place for word in words)


def _branch_start(words: Sequence[Word], place: int) -> int:
    """Before a branch stands its place, at most two words of it."""
    before = [word for word in words if word.end <= place][-2:]
    for word in reversed(before):
        if word.end != place or "固有名詞" not in word.tag or word.tag.endswith("人名-名"):
            return place
        place = word.start
    return place
