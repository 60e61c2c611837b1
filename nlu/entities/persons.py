"""Persons, told by the words around them: 山田様, 佐藤課長, 経理課の郷田, 担当：御手洗."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nlu.entities.titles_and_sections import HONORIFICS, SECTION, TITLES
from nlu.text.sudachi_words import Word

_LABELS = re.compile(
    r"(?:(?:ご|御)?担当者?名?|受付者|報告者|記入者|作成者|承認者|氏 ?名|お名前|面談者|応対者"
    r"|発信者|差出人|申込者|依頼者|代表者|連絡者|責任者|起票者|転記者|代表取締役(?:社長)?)(?:"
    r" ?[::は] ?| )$"
)
_SHORTEST_NAME, _LONGEST_NAME = 2, 8  # characters
_LONGEST_BEFORE = 24  # characters that a label, section or title before a name takes
_ENDS_NAME = re.compile(r"[、。,()（）・/ がはにをもとへより]|から|$")
_ACTS = re.compile(r"(?:が|は|へ|より|から|に(?!て|よる|より|おけ|おい|つい|関))(?!ん)")
_INTRODUCES = re.compile(
    rf"(?:{SECTION.pattern}|(?:支店|営業所|支社|本社)|{TITLES.pattern}|担当)(?:[ の]|[::] ?)$|担当[をはが]$"
)
# No names even before a title; and family names that, standing alone, are places or trees as a rule.
_CITIES = (
    "東京 大阪 京都 名古屋 札幌 仙台 横浜 神戸 広島 福岡 埼玉 新潟 静岡 愛知 岐阜 熊本 沖縄 博多 新宿 渋谷"
    " 青森 岩手 茨城 大分 徳島 日本 中国"
)
_PLACES_AND_TREES = (
    "羽田 成田 宮崎 千葉 石川 福島 山口 長野 富山 福井 秋田 山形 宮城 岡山 高知 長崎 奈良 三重 香川 川崎"
    " 土手 谷川 立木 赤松 小竹"
)
_NO_NAME_OF_RANK = frozenset(_CITIES.split())
_NO_FAMILY = _NO_NAME_OF_RANK | frozenset(_PLACES_AND_TREES.split())
_NAME_CHARS = re.compile(r"[一-龥々ヶァ-ヶーぁ-ん・]{1,10}|[A-Z][a-z]+(?: [A-Z][a-z]+)?")
_SIGNED = re.compile(
    r"(?:代表取締役(?:社長)?|代表社員|代表者|理事長|取締役) +"
    r"(?P<name>[一-龥々]{1,4} ?[一-龥々ぁ-んァ-ヶー]{1,4})(?=$|[ 、。()印])"
)
_FAMILY, _GIVEN, _NAME, _PLACE = (
    "名詞-固有名詞-人名-姓", "名詞-固有名詞-人名-名", "名詞-固有名詞-人名-一般", "名詞-固有名詞-地名-一般",
)  # fmt: skip
_PERSONAL = frozenset({_FAMILY, _GIVEN, _NAME})
_LISTED_NAME = re.compile("[一-龥々]{2,4}")
_BEHIND_TITLE = re.compile(rf"{TITLES.pattern} $")
_KANJI = re.compile("[一-龥]")
_RANK = re.compile("社長|会長|専務|常務|部長|課長|係長|主任|店長|次長|代表(?!取締)")
# With さん they are shops, sorts of people and places rather than names.
_SORTS_OF_PEOPLE = (
    "お客 客 皆 皆々 奥 神 仏 王 業者 担当 担当者 患者 利用者 取引先 仕入先 顧客 店員 各位 会員 先方"
    " 得意先 お得意 ユーザー オーナー 主人 ご主人 娘 息子 父 母 兄 姉 お父 お母 お兄 お姉 お子 子供 お嬢"
    " おじ おば じい ばあ 貴 社員 運転手 大家 家主 施主 事務員 職人 大工 看護師 医者 先輩 後輩 相手 本人"
    " ご本人 他社 当社 同社 御社 弊社 貴社 各社 何 仲居 スタッフ ドライバー パート バイト 母親 父親 両親"
    " 老人 人 姫 嫁 婿 孫 店 社 組 家 宿 若者 学生 生徒 隣 どちら 誰 ところ"
    " 上 中 下 別 同 某 両 有 左 右 外 内 女性 男性"
    " 現場"
)
_NO_NAMES = frozenset(_SORTS_OF_PEOPLE.split())


def persons(of: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Start and end of the names of persons in a folded text with its `words`, as they overlap."""
    for signed in _SIGNED.finditer(of):
        yield signed.span("name")
    for number, word in enumerate(words):
        if word.text in HONORIFICS or TITLES.match(of, word.start):
            start = _name_before(of, words, number)
            if start is not None and _may_be_called(words, number):
                yield start
        if word.tag == _FAMILY and (full := _full_name(of, words, number)):
            yield word.start, full
        elif (_may_be_name(word) and _is_spoken_of(of, words, number)) or _is_listed(of, word):
            yield word.start, word.end
        elif _is_labelled(of, word):
            following = words[number + 1 : number + 2]
            yield word.start, following[0].end if following and following[0].tag in _PERSONAL else word.end


def _is_spoken_of(of: str, words: Sequence[Word], number: int) -> bool:
    """Whether a section or title stands before a name (経理課の郷田, 営業部長 白峰), or a family name stands
    alone as whoever does something (松永が)."""
    word = words[number]
    behind = _ENDS_NAME.match(of, word.end)
    if not behind or len(word.text) < _SHORTEST_NAME:
        return False
    if _INTRODUCES.search(of, max(0, word.start - _LONGEST_BEFORE), word.start):
        return True
    alone = number == 0 or not words[number - 1].tag.startswith(("名詞", "接頭辞", "接尾辞"))
    return word.tag == _FAMILY and alone and bool(_ACTS.match(of, word.end)) and word.text not in _NO_FAMILY


def _is_listed(of: str, word: Word) -> bool:
    """Whether a word stands alone behind a title, as in lists of those present: 営業部長 白峰、"""
    plain = word.tag == "名詞-普通名詞-一般" and _LISTED_NAME.fullmatch(word.text)
    ends = bool(plain) and (word.end == len(of) or of[word.end] in "、,(")
    return (
        ends
        and bool(_BEHIND_TITLE.search(of, max(0, word.start - _LONGEST_BEFORE), word.start))
        and not TITLES.match(word.text)
    )


def _may_be_name(word: Word) -> bool:
    return "固有名詞" in word.tag or (not word.known and word.tag.startswith("名詞"))


def _is_labelled(of: str, word: Word) -> bool:
    """Whether a label such as 担当者: stands before what may be a name."""
    may_be = _may_be_name(word)
    long_enough = len(word.text) > 1 and _NAME_CHARS.fullmatch(word.text)
    return bool(
        may_be and long_enough and _LABELS.search(of, max(0, word.start - _LONGEST_BEFORE), word.start)
    )


def _may_be_called(words: Sequence[Word], number: int) -> bool:
    """Whether what stands there is an honorific or title behind a name; 様子 and 氏名 are other words."""
    return (
        words[number].text not in ("君", "殿", "担当", "社員", "代表") or words[number - 1].tag in _PERSONAL
    )


def _name_before(of: str, words: Sequence[Word], number: int) -> tuple[int, int] | None:
    """The name that ends before a word, a space between them or not."""
    at = number - 1
    if at > 0 and words[at].text == " " and words[number].text in HONORIFICS:
        at -= 1
    if at < 0 or words[at].text.strip() == "":
        return None
    last = words[at]
    honoured = words[number].text in HONORIFICS
    ranked = _RANK.match(of, words[number].start) and last.text not in _NO_NAME_OF_RANK
    unusual = (honoured or ranked) and _is_unusual_name(last, words, at)
    if last.tag not in _PERSONAL and not unusual:
        return None
    start = last.start
    if last.text in _NO_NAMES:
        return None
    before = at - 1
    if before > 0 and words[before].text == " " and last.tag != _FAMILY:
        before -= 1
    if before >= 0 and words[before].tag in _PERSONAL and last.tag in (_GIVEN, _NAME):
        start = words[before].start
    return start, last.end


def _is_unusual_name(word: Word, words: Sequence[Word], at: int) -> bool:
    """A place, or a word that no dictionary knows, as only names are called 様 or さん."""
    if word.text in _NO_NAMES or not _NAME_CHARS.fullmatch(word.text) or len(word.text) > _LONGEST_NAME:
        return False
    alone = at == 0 or not words[at - 1].tag.startswith(("名詞", "接頭辞")) or words[at - 1].end != word.start
    short = len(word.text) == 1 and _KANJI.match(word.text)
    return alone and bool(word.tag == _PLACE or not word.known or short) and "数詞" not in word.tag


def _full_name(of: str, words: Sequence[Word], number: int) -> int | None:
    """Where a family name with a given name behind it ends."""
    following = number + 1
    if following < len(words) and words[following].text == " ":
        following += 1
    if following >= len(words) or words[following].tag != _GIVEN:
        return None
    end = words[following].end
    goes_on = following + 1 < len(words) and words[following + 1].start == end
    if goes_on and words[following + 1].tag.startswith(("名詞", "接尾辞")):
        called = words[following + 1].text in HONORIFICS or TITLES.match(of, end)
        return end if called else None
    return end
