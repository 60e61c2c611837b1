"""Polite sentences said plainly: 直りませんでした becomes 直らなかった.

Japanese has few public texts in the plain style of a hurried writer and many in the polite style, and the two
differ in their predicates only. The forms are those of school grammar (国文法の活用表).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sudachipy import Dictionary, Morpheme, SplitMode

POLITE = re.compile("です|ます|まし[たて]|ません|でしょう|ましょう|ください|下さい|ござい")

_A_ROW = dict(zip("カガサタナバマラワ", "かがさたなばまらわ", strict=True))
_PAST = dict(
    zip(
        "カガサタナバマラワ",
        ("いた", "いだ", "した", "った", "んだ", "んだ", "んだ", "った", "った"),
        strict=True,
    )
)
# A humble or honorific verb and what the same writer says plainly, with its inflection.
_PLAIN_VERBS = {
    "いたす": ("する", "サ行変格"),
    "致す": ("する", "サ行変格"),
    "おる": ("いる", "上一段-ア行"),
    "ござる": ("ある", "五段-ラ行"),
    "いただく": ("もらう", "五段-ワア行"),
    "頂く": ("もらう", "五段-ワア行"),
    "くださる": ("くれる", "下一段-ラ行"),
    "下さる": ("くれる", "下一段-ラ行"),
    "申す": ("言う", "五段-ワア行"),
    "まいる": ("くる", "カ行変格"),
    "参る": ("来る", "カ行変格"),
}


@dataclass(frozen=True, slots=True)
class _Verb:
    """A verb in its dictionary form, and its class of inflection as UniDic names it."""

    form: str
    inflection: str

    @property
    def past(self) -> str:
        if self.inflection.startswith("五段"):
            if self.form.endswith(("行く", "いく")):
                return self.form[:-1] + "った"
            return self.form[:-1] + _PAST[self.inflection[3]]
        if self.inflection.startswith("サ行変格"):
            return self.form[:-2] + "した"
        if self.inflection.startswith("カ行変格"):
            return self.form[:-1] + "た" if "来" in self.form else self.form[:-2] + "きた"
        return self.form[:-1] + "た"

    @property
    def negative(self) -> str:
        if self.form == "ある":
            return "ない"
        if self.inflection.startswith("五段"):
            return self.form[:-1] + _A_ROW[self.inflection[3]] + "ない"
        if self.inflection.startswith("サ行変格"):
            return self.form[:-2] + "しない"
        if self.inflection.startswith("カ行変格"):
            return self.form[:-1] + "ない" if "来" in self.form else self.form[:-2] + "こない"
        return self.form[:-1] + "ない"


class PlainStyle:
    """Holds a dictionary of words, which tells verbs and their inflections."""

    def __init__(self) -> None:
        self._tokenizer = Dictionary().create(mode=SplitMode.C)

    def of(self, sentence: str) -> str | None:
        """The sentence in plain style, or None where a polite form in it has no plain one here."""
        words = list(self._tokenizer.tokenize(sentence))
        said: list[str] = []
        at = 0
        while at < len(words):
            text, taken = _said_plainly(words, at)
            said.append(text)
            at += taken
        plain = "".join(said)
        return None if POLITE.search(plain) else plain


def _said_plainly(words: Sequence[Morpheme], at: int) -> tuple[str, int]:
    """What is said from the word at `at` on, and how many words that stands for."""
    surfaces = [word.surface() for word in words[at : at + 5]] + [""] * 5
    if verb := _polite_verb(words, at):
        return _verb_said(verb, surfaces)
    if words[at].dictionary_form() == "です" and words[at].part_of_speech()[0] == "助動詞":
        return _copula_said(words, at, surfaces)
    if surfaces[0] in ("ください", "下さい"):
        return ("ほしい" if at and words[at - 1].surface() in ("て", "で") else "もらいたい"), 1
    return surfaces[0], 1


def _polite_verb(words: Sequence[Morpheme], at: int) -> _Verb | None:
    """The verb at `at` if ます follows it."""
    speech = words[at].part_of_speech()
    is_verb = speech[0] == "動詞" or (
        speech[0] == "助動詞" and speech[4].startswith(("下一段", "助動詞-レル"))
    )
    if not is_verb or at + 1 == len(words) or words[at + 1].dictionary_form() != "ます":
        return None
    form, inflection = words[at].dictionary_form(), speech[4]
    return _Verb(*_PLAIN_VERBS.get(form, (form, inflection)))


def _verb_said(verb: _Verb, surfaces: Sequence[str]) -> tuple[str, int]:
    match surfaces[1:5]:
        case ["まし", "た" | "たら" | "たり" as ending, *_]:
            return verb.past + ending[1:], 3
        case ["まし", "て", *_]:
            return verb.past[:-1] + ("で" if verb.past.endswith("だ") else "て"), 3
        case ["ませ", "ん", "でし", "た"]:
            return verb.negative[:-1] + "かった", 5
        case ["ませ", "ん", *_]:
            return verb.negative, 3
        case ["ます", *_]:
            return verb.form, 2
    return "".join(surfaces[:2]), 2


def _copula_said(words: Sequence[Morpheme], at: int, surfaces: Sequence[str]) -> tuple[str, int]:
    before = words[at - 1].part_of_speech() if at else ("",) * 6
    needless = before[0] in ("形容詞", "動詞") or (
        before[0] == "助動詞" and before[5].startswith(("終止", "連体"))
    )
    match surfaces[:2]:
        case ["です", "か"]:
            return "", 1
        case ["です", _]:
            return "" if needless else "だ", 1
        case ["でし", "た"]:
            return "" if needless else "だった", 2
        case ["でしょ", "う"]:
            return "だろう", 2
    return surfaces[0], 1
