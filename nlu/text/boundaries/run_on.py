"""Boundaries of sentences in text without marks, learned by putting the marks back into clean text.

A linear model over the words around each gap: their parts of speech, inflections and functional words, the
particle that follows, and the manner of the writer: where somebody is polite elsewhere, 対応した報告 is one
phrase; where somebody sets no commas, 壊れやすい すぐ動かなくなる are two sentences. It was learned without
annotation: the 。 of clean texts were taken out, and where they had been is what to find
(as in Stevenson and Gaizauskas, "Experiments on Sentence Boundary Detection", ANLP 2000).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from nlu.text.sudachi_words import Word

MODEL_FILE = "run_on.json"

POLITE = re.compile(r"(?:です|ます|でした|ました|ません|ください|下さい|でしょう|ましょう)")
_POLITE_EVERY = 90
"""Characters for one polite ending from which on a writer counts as polite."""
_COMMA = re.compile("[、，]")
_COMMA_EVERY = 40
"""Characters for one comma from which on a writer counts as one who parts clauses by them."""
_AHEAD = 7
_FAR = 12
_FUNCTIONAL = (
    *(
        "助詞",
        "助動詞",
        "接尾辞",
        "接頭辞",
        "補助記号",
        "記号",
        "代名詞",
        "接続詞",
        "感動詞",
        "副詞",
        "連体詞",
    ),
    *("動詞-非自立可能", "形容詞-非自立可能", "形状詞-助動詞語幹", "名詞-助動詞語幹"),
    *("名詞-普通名詞-副詞可能", "名詞-普通名詞-助数詞可能"),
)
_FORMAL_NOUNS = frozenset(
    re.findall(
        r"\S+",
        """こと ため もの 方 旨 通り 中 際 時 場合 折 とき 事 為 わけ よう ところ はず さい ほか 他 後 あと
        前 間 うち 結果 点 まま 程 ほど くらい 所 内 上 模様 件 頃 ころ 度 たび 以上 以外 以前 以降 限り
        一方 方々 もと 下 代わり おかげ せい 感じ つもり 割 わり 者 人 物 由 話""",
    )
)
"""Nouns that a clause before them defines."""
_NEVER_STARTS = (
    "助動詞",
    "接尾辞",
    "助詞-終助詞",
    "補助記号-読点",
    "補助記号-句点",
    "補助記号-括弧閉",
    "空白",
)
_NEVER_ENDS = ("接頭辞", "連体詞", "補助記号-読点", "補助記号-括弧開")
_PREDICATES = ("動詞", "形容詞", "助動詞", "形状詞")


@dataclass(frozen=True, slots=True)
class Gap:
    """The place between two words, as an offset of the text; features name what stands around it."""

    place: int
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A word as the features see it: its grammar, and itself where it is functional."""

    text: str
    tag: str
    grammar: str
    name: str


_NOTHING = _Seen("", "", "-", "-")


@dataclass(frozen=True, slots=True)
class Manner:
    """ "polite" (です, ます) or "plain", and whether commas are "rare", "some" or "none"."""

    style: str
    commas: str

    @classmethod
    def of(cls, text: str) -> Manner:
        polite = len(POLITE.findall(text)) * _POLITE_EVERY >= len(text)
        commas = len(_COMMA.findall(text))
        often = "none" if not commas else "some" if commas * _COMMA_EVERY >= len(text) else "rare"
        return cls("polite" if polite else "plain", often)


def gaps(words: Sequence[Word], manner: Manner) -> Iterator[Gap]:
    """The gaps between `words` where a sentence could end."""
    style, commas = manner.style, manner.commas
    seen = [_NOTHING, _NOTHING, *map(_seen, words), *[_NOTHING] * _AHEAD]
    since_topic = since_comma = _FAR
    particle = "-"
    for number in range(2, len(words) + 1):
        third, second, last = seen[number - 2 : number + 1]
        first, next_ = seen[number + 1 : number + 3]
        since_topic = 0 if last.tag == "助詞-係助詞" else since_topic + 1
        since_comma = 0 if last.tag == "補助記号-読点" else since_comma + 1
        if last.tag in ("助詞-格助詞", "助詞-係助詞"):
            particle = last.text
        if first.tag.startswith(_NEVER_STARTS) or last.tag.startswith(_NEVER_ENDS):
            continue
        ahead = _ahead(seen[number + 2 : number + 2 + _AHEAD])
        clause = "topic" if since_topic < since_comma else "comma" if since_comma < _FAR else "-"
        yield Gap(
            words[number - 1].start,
            (
                f"0 {last.grammar}",
                f"1 {last.name}",
                f"2 {last.text}",
                f"3 {second.name} {last.name}",
                f"4 {third.name} {second.name} {last.name}",
                f"5 {first.grammar}",
                f"6 {first.name}",
                f"7 {first.text}",
                f"8 {first.name} {next_.name}",
                f"9 {last.name} {first.name}",
                f"a {second.name} {last.name} {first.name}",
                f"b {last.name} {first.name} {next_.name}",
                f"c {last.grammar} {first.grammar}",
                f"d {second.name}",
                f"e {next_.name}",
                f"f {style} {last.grammar}",
                f"g {style} {last.grammar} {first.tag[:3]}",
                f"h {ahead} {last.grammar}",
                f"i {clause} {last.grammar}",
                f"j {clause} {ahead} {last.grammar}",
                f"k {style} {ahead} {last.grammar}",
                f"l {particle} {last.grammar}",
                f"m {style} {ahead} {clause} {particle} {last.grammar}",
                f"n {commas} {style} {last.grammar}",
                f"o {commas}",
            ),
        )


class RunOnModel:
    """The learned weights of features; a score above 0 says that a sentence more likely ends than not."""

    def __init__(self, weights: Mapping[str, float], bias: float) -> None:
        self._weights = weights
        self.bias = bias

    @classmethod
    def load(cls) -> RunOnModel:
        """The weights that come with Yomitori."""
        stored = json.loads((files(__package__) / MODEL_FILE).read_text("utf-8"))
        return cls(stored["weights"], stored["bias"])

    def scores(self, words: Sequence[Word], manner: Manner) -> dict[int, float]:
        """Offset of each gap where a sentence could end -> log odds that it does."""
        return {gap.place: self.score(gap.features) for gap in gaps(words, manner)}

    def score(self, features: Sequence[str]) -> float:
        """Log odds that a sentence ends where these features hold."""
        weight = self._weights.get
        return self.bias + sum(weight(feature, 0.0) for feature in features)


def _seen(word: Word) -> _Seen:
    grammar = f"{word.tag}/{word.form}"
    if word.text in _FORMAL_NOUNS:
        return _Seen(word.text, word.tag, f"{grammar}*", word.text)
    name = f"{word.text}/{word.form}" if word.tag.startswith(_FUNCTIONAL) else grammar
    return _Seen(word.text, word.tag, grammar, name)


def _ahead(seen: Sequence[_Seen]) -> str:
    """The next particle or mark, or that a predicate comes before any."""
    for word in seen:
        if word.tag.startswith(("助詞", "補助記号")):
            return word.text
        if word.tag.startswith(_PREDICATES):
            return "predicate"
    return "-"
