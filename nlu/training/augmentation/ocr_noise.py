"""Misreading a record as the reader misreads: with its confusions, as often as on a worn page.

How often which character was read as what is counted on the scanned fixture pages (`ocr_confusions`). Those
pages hold only part of the characters that texts hold, so pairs that look alike in print are added as if
each had been confused a little.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import cache

from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence
from nlu.training.augmentation.editing import Changed, Edit, rewrite
from nlu.training.augmentation.ocr_confusions import CONFUSIONS, LINE_BREAK, PAGE_RATES

LOOK_ALIKE = """
ー一 タ夕 ロ口 カ力 二ニ ハ八 エ工 ト卜 オ才 チ千 ミ三 へヘ べベ ぺペ りリ ソン シツ 未末 土士 日曰
つっ やゃ ゆゅ よょ ツッ ヤャ ユュ ヨョ
ばぱ びぴ ぶぷ ぼぽ バパ ビピ ブプ ベペ ボポ
0O 1l Il 8B 5S 、， 。． ：:
"""
"""Pairs with (nearly) the same shape in Gothic and Mincho faces: kana and kanji, katakana that differ by a
stroke's slant, small and large kana, voicing marks, which 150 dpi hardly parts, and marks of two widths."""
ASSUMED = 0.5
"""Confusions that a pair that looks alike is counted for beside those seen."""
UNSEEN = 100.0
"""Characters that one is assumed to have been read beside those seen: keeps the rate of rare ones low."""


def misread(record: Record, sentences: Sequence[Sentence], rng: random.Random) -> Changed | None:
    """The record with as many confusions as a page of it would have, at least one, and with line breaks that
    the reader left inside lines; None where nothing is changed."""
    text = record.text
    wanted = max(1, round(rng.choice(PAGE_RATES) * len(text)))
    places = [place for place, character in enumerate(text) if character in _readings()]
    # Weighted sampling without replacement (Efraimidis and Spirakis 2006).
    order = sorted(places, key=lambda place: rng.random() ** (1 / _rate(text[place])), reverse=True)
    inside = {place for sentence in sentences for place in range(sentence.start + 1, sentence.end - 1)}
    edits: list[Edit] = []
    for place in order:
        read = _reading(text[place], rng)
        # At the edge of a sentence nothing is skipped: `rewrite` would not do it.
        if len(edits) < wanted and (read or place in inside):
            edits.append(Edit(place, place + 1, read))
    edits += [Edit(place, place, "\n") for place in sorted(inside) if rng.random() < LINE_BREAK]
    changed = rewrite(record, sentences, edits)
    return None if changed[0].text == text else changed


def _reading(character: str, rng: random.Random) -> str:
    readings = _readings()[character]
    (read,) = rng.choices(tuple(readings), tuple(readings.values()))
    return read


def _rate(character: str) -> float:
    seen, _ = CONFUSIONS.get(character, (0, {}))
    return sum(_readings()[character].values()) / (seen + UNSEEN)


@cache
def _readings() -> Mapping[str, Mapping[str, float]]:
    """What each character is read as, with how often."""
    readings: dict[str, dict[str, float]] = {true: dict(read) for true, (_, read) in CONFUSIONS.items()}
    for pair in LOOK_ALIKE.split():
        for true, read in ((pair[0], pair[1]), (pair[1], pair[0])):
            counts = readings.setdefault(true, {})
            counts[read] = counts.get(read, 0.0) + ASSUMED
    return readings
