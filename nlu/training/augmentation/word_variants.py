"""Other spellings and words for the same: 見積り for 見積, 御社 for 貴社, ３ for 3, します for する.

What the Sudachi dictionary gives one normal form is one word in several spellings. The spellings themselves
cannot be asked for, so likely ones are made and those kept that the dictionary knows as the same word. What
it does not list, synonyms and endings, is in `wording`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import jaconv

from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence
from nlu.text.sudachi_words import dictionary, sudachi
from nlu.training.augmentation.editing import Changed, Edit, rewrite
from nlu.training.augmentation.synonyms import ENDINGS, KANA_OR_KANJI, SYNONYMS

if TYPE_CHECKING:
    from sudachipy import Morpheme

CHANGED = 0.25
"""Share of the words with another form that get it: one or two in a sentence, so that it stays a sentence
that somebody could have written."""

_SPELLED = ("名詞", "動詞", "形容詞", "副詞")
_NAMES = ("固有名詞", "数詞")
_KANJI = re.compile(r"[一-鿿々]")
_OKURIGANA = re.compile(r"(?<=[一-鿿])[ぁ-ん]")
_KATAKANA = re.compile(r"[ァ-ヴー]{2,}")
_FULL_WIDTH = re.compile(r"[０-９Ａ-Ｚａ-ｚ]+")
_HALF_WIDTH = re.compile(r"[0-9A-Za-z]+")
_SMALL_NUMBER = re.compile(r"(?<![0-9０-９./:-])[1-9１-９](?=[月日時分件台名人社度回本枚冊](?!前|後))")
_KANJI_NUMBER = re.compile(r"(?<![一-鿿])[一二三四五六七八九](?=[月時件台名社回本枚冊])")
_RANGE = re.compile(r"(?<=[0-9０-９時分日月円])[〜～~](?=[0-9０-９一二三四五六七八九十])")
_ENDINGS = tuple((re.compile(f"(?:{pattern})(?=[。！？]?$)"), forms) for pattern, forms in ENDINGS)
_DIGITS = "一二三四五六七八九"

_SYNONYMS = {word: tuple(w for w in group if w != word) for group in SYNONYMS for word in group}
_BOTH_WAYS = {form: pair for pair in KANA_OR_KANJI for form in pair}


@dataclass(frozen=True, slots=True)
class Choice:
    """A stretch of a text and the other ways to write it."""

    start: int
    end: int
    forms: tuple[str, ...]


def vary(record: Record, sentences: Sequence[Sentence], rng: random.Random) -> Changed | None:
    """The record with some of its words written another way; None where no word has one."""
    choices = [choice for sentence in sentences for choice in _choices(sentence)]
    chosen = [choice for choice in choices if rng.random() < CHANGED]
    if not chosen:
        chosen = rng.sample(choices, min(1, len(choices)))
    changed = rewrite(
        record, sentences, [Edit(choice.start, choice.end, rng.choice(choice.forms)) for choice in chosen]
    )
    return None if changed[0].text == record.text else changed


def _choices(sentence: Sentence) -> Iterator[Choice]:
    """What can be written another way, from left to right; of what overlaps the first sort wins."""
    taken: list[Choice] = []
    for choice in (*_endings(sentence.text), *_words(sentence.text), *_marks(sentence.text)):
        if not any(choice.start < other.end and other.start < choice.end for other in taken):
            taken.append(choice)
    for choice in sorted(taken, key=lambda choice: choice.start):
        yield Choice(sentence.start + choice.start, sentence.start + choice.end, choice.forms)


def _endings(text: str) -> Iterator[Choice]:
    for pattern, forms in _ENDINGS:
        for match in pattern.finditer(text):
            yield from _choice(match.start(), match.group(), forms)


def _words(text: str) -> Iterator[Choice]:
    for word in sudachi().tokenize(text):
        surface = word.surface()
        forms = _SYNONYMS.get(surface, ()) or spellings(word)
        yield from _choice(word.begin(), surface, forms)


def _marks(text: str) -> Iterator[Choice]:
    for match in _SMALL_NUMBER.finditer(text):
        digit = jaconv.z2h(match.group(), digit=True)
        yield from _choice(
            match.start(), match.group(), (_DIGITS[int(digit) - 1], jaconv.h2z(digit, digit=True), digit)
        )
    for match in _KANJI_NUMBER.finditer(text):
        yield from _choice(match.start(), match.group(), (str(_DIGITS.index(match.group()) + 1),))
    for match in _RANGE.finditer(text):
        yield from _choice(match.start(), match.group(), ("〜", "～", "から", "-"))
    for match in _FULL_WIDTH.finditer(text):
        yield from _choice(
            match.start(), match.group(), (jaconv.z2h(match.group(), kana=False, ascii=True, digit=True),)
        )
    for match in _HALF_WIDTH.finditer(text):
        yield from _choice(
            match.start(), match.group(), (jaconv.h2z(match.group(), kana=False, ascii=True, digit=True),)
        )
    for match in _KATAKANA.finditer(text):
        yield from _choice(match.start(), match.group(), (jaconv.z2h(match.group()),))


def _choice(start: int, surface: str, forms: Sequence[str]) -> Iterator[Choice]:
    others = tuple(dict.fromkeys(form for form in forms if form != surface))
    if others:
        yield Choice(start, start + len(surface), others)


def spellings(word: Morpheme) -> tuple[str, ...]:
    """Other spellings of a word as it stands: 見積もり of 見積, サーバ of サーバー, 致し of いたし."""
    part = word.part_of_speech()
    if part[0] not in _SPELLED or part[1] in _NAMES:
        return ()
    lemma, normal = word.dictionary_form(), word.normalized_form()
    return _spellings(word.surface(), lemma, normal, word.reading_form(), part[0])


@cache
def _spellings(surface: str, lemma: str, normal: str, reading: str, part: str) -> tuple[str, ...]:
    likely = {*_either_way(surface, lemma), *_okurigana(surface, lemma, normal, part)} - {surface}
    spelled = {form for form in likely if (normal, reading, part) in _known(form)}
    if _KATAKANA.fullmatch(surface) and len(surface) > 3:
        other = surface[:-1] if surface.endswith("ー") else surface + "ー"
        spelled.update({other} if (normal, other, part) in _known(other) else ())
    return tuple(sorted(spelled))


def _known(form: str) -> set[tuple[str, str, str]]:
    """Normal form, reading and part of speech of the words that are spelled so."""
    return {
        (word.normalized_form(), word.reading_form(), word.part_of_speech()[0])
        for word in dictionary().lookup(form)
    }


def _either_way(surface: str, lemma: str) -> Iterator[str]:
    """The word in kanji where it is in kana and the other way round, of words that people write both ways."""
    for form in _BOTH_WAYS.get(lemma, ()):
        yield from _restemmed(surface, lemma, form)


def _okurigana(surface: str, lemma: str, normal: str, part: str) -> Iterator[str]:
    """More or fewer kana between and after the kanji: 申し込み, 申込み, 申込."""
    if not _KANJI.search(surface):
        return
    if len(surface) > 1 and _bare(normal) == _bare(lemma):
        yield from _restemmed(surface, lemma, normal)
    if lemma == surface and part == "名詞" and len(_bare(surface)) > 1:
        for form in (surface, normal):
            kana = [match.start() for match in _OKURIGANA.finditer(form)]
            kana += [place + 1 for place in kana if re.fullmatch("[ぁ-ん]", form[place + 1 : place + 2])]
            for count in range(1, len(kana) + 1):
                for places in combinations(kana, count):
                    yield "".join(letter for place, letter in enumerate(form) if place not in places)


def _restemmed(surface: str, lemma: str, form: str) -> Iterator[str]:
    """`surface`, an inflected form of `lemma`, as the same form of `form`."""
    ending = 0
    while ending < min(len(lemma), len(form)) and lemma[-1 - ending] == form[-1 - ending]:
        ending += 1
    stem, other = lemma[: len(lemma) - ending], form[: len(form) - ending]
    if surface.startswith(stem) and stem != other:
        yield other + surface[len(stem) :]


def _bare(word: str) -> str:
    return "".join(_KANJI.findall(word))
