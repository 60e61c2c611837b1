"""Sentences of a text, with their places in it.

Three layers of boundaries, each inside the one before: blocks and lines; 。！？ outside brackets; and, where
the marks leave a long or a suspicious run, GiNZA (`ja_ginza`: its parser and its part-of-speech tags).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from nlu.text.noise import VALUE_KINDS, NoiseReason, is_bare_name, noise_reason

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

PARAGRAPH = "paragraph"
LONG_RUN = 40
"""Characters without a mark from which on GiNZA is asked."""
LONGEST_RUN = 2_000
"""Characters that GiNZA gets at a time; its tokenizer ends at 49,149 bytes."""
LONGEST_NAME = 30

_UNUSED = ("ner", "morphologizer", "attribute_ruler", "compound_splitter", "bunsetu_recognizer")
_BATCH = 16

_LINE = re.compile(r"[^\n\r\t\v\f\x1c-\x1e\x85\u2028\u2029]+")
_BRACKETS = dict(zip("「『（(【［[〈《〔｢", "」』）)】］]〉》〕｣", strict=True))
_CLOSERS = re.compile(f"[{re.escape(''.join(_BRACKETS.values()))}]+")
_MARK = re.compile(
    r"[。｡！？‼⁉]+[。｡！？!?…]*"
    r"|(?<![A-Za-z0-9!?])[!?]+(?![A-Za-z0-9])"
    r"|[!?]+(?=\s|$)"
    r"|(?<=[ぁ-ん])[.．](?![\d０-９.．])"
)
_POLITE_END = re.compile(r"(?:です|ます|でした|ました|ません|ください|下さい|でしょう|ましょう)$")
_POLITE_INSIDE = re.compile(
    r"(?:です|ます|でした|ました|ません|ください|下さい|でしょう|ましょう)[^。がけしのかとねよ、]"
)
_LEANS_BACK = ("助詞", "助動詞", "補助記号", "接尾辞", "形状詞-助動詞語幹", "動詞-非自立", "空白")
_FORMAL_NOUN = re.compile(r"こと|ため|もの|方|旨|通り|中|際|時|場合|折|とき|事|為|わけ|よう|ところ|はず")
_OPEN_INFLECTIONS = ("連用形", "未然形", "仮定形", "語幹")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A stretch of text with one role; `kind` is a block kind of the reader ("paragraph", "field",
    "header", ...), or "label" or "cell" for parts of forms."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """`number` counts from 0 in the text; `text` is the text from `start` to `end` without white space
    around it; `noise` says why it is not content."""

    number: int
    text: str
    start: int
    end: int
    noise: NoiseReason | None


@dataclass(frozen=True, slots=True)
class _Run:
    """A candidate sentence: a span of the text inside one block, and that block's kind."""

    start: int
    end: int
    kind: str


class SentenceSplitter:
    """Holds GiNZA with only what sentence boundaries need; loading takes seconds and about 600 MB."""

    def __init__(self) -> None:
        import spacy

        self._ginza = spacy.load("ja_ginza", exclude=_UNUSED)

    def split(self, text: str, blocks: Sequence[TextBlock] = ()) -> tuple[Sentence, ...]:
        """The sentences of `text` in order, noise included; every character but white space belongs to
        exactly one. Text outside all `blocks` counts as a paragraph; of overlapping blocks the shortest
        rules. A line break always ends a sentence."""
        runs = [run for span in _regions(text, blocks) for run in _marked_runs(text, span)]
        spans = [run for run in self._split_further(text, runs) if text[run.start : run.end].strip()]
        return tuple(self._sentence(number, text, run) for number, run in enumerate(spans))

    def _split_further(self, text: str, runs: Sequence[_Run]) -> Iterator[_Run]:
        """The runs, those that may hide a boundary cut where GiNZA sees one."""
        asked = [run for run in runs if _may_hide_boundary(text[run.start : run.end], run.kind)]
        # A lone surrogate cannot be encoded for the tokenizer; "?" keeps the length.
        texts = (text[run.start : run.end].encode("utf-8", "replace").decode() for run in asked)
        cuts = dict(zip(asked, map(_boundaries, self._ginza.pipe(texts, batch_size=_BATCH)), strict=True))
        for run in runs:
            places = [run.start, *(run.start + cut for cut in cuts.get(run, ())), run.end]
            yield from (_Run(start, end, run.kind) for start, end in pairwise(places))

    def _sentence(self, number: int, text: str, run: _Run) -> Sentence:
        raw = text[run.start : run.end]
        trimmed = raw.strip()
        start = run.start + len(raw) - len(raw.lstrip())
        noise = noise_reason(trimmed, run.kind)
        if noise is None and run.kind in VALUE_KINDS and len(trimmed) <= LONGEST_NAME:
            words = self._ginza.make_doc(trimmed.encode("utf-8", "replace").decode())
            noise = NoiseReason.FIELD_VALUE if is_bare_name([word.tag_ for word in words]) else None
        return Sentence(number, trimmed, start, start + len(trimmed), noise)


def _regions(text: str, blocks: Sequence[TextBlock]) -> Iterator[_Run]:
    """The text cut into stretches that one block rules, in order."""
    owner = [-1] * len(text)
    for number, block in sorted(enumerate(blocks), key=lambda pair: pair[1].start - pair[1].end):
        start, end = max(0, block.start), min(len(text), block.end)
        owner[start:end] = [number] * max(0, end - start)
    edges = [place for place in range(1, len(text)) if owner[place] != owner[place - 1]]
    for start, end in pairwise([0, *edges, len(text)]):
        if start < end:
            yield _Run(start, end, blocks[owner[start]].kind if owner[start] >= 0 else PARAGRAPH)


def _marked_runs(text: str, region: _Run) -> Iterator[_Run]:
    """A region cut at line breaks and at sentence marks outside brackets, never longer than LONGEST_RUN."""
    for line in _LINE.finditer(text, region.start, region.end):
        start = line.start()
        ends = [line.start() + end for end in mark_ends(line.group())]
        for end in [*ends, line.end()]:
            while end - start > LONGEST_RUN:
                cut = _soft_cut(text, start, start + LONGEST_RUN)
                yield _Run(start, cut, region.kind)
                start = cut
            if start < end:
                yield _Run(start, end, region.kind)
            start = end


def mark_ends(line: str) -> list[int]:
    """Where 。！？ end a sentence inside `line`: outside brackets, or before the bracket that closes a
    quotation which another follows. Neither a bracket that never closes nor a pair around the whole line
    counts."""
    depth = _bracket_depths(line)
    whole = 1 if line[:1] in _BRACKETS and all(depth[1:-1]) and line[-1:] in _BRACKETS.values() else 0
    ends: list[int] = []
    for mark in _MARK.finditer(line):
        end = mark.end()
        closing = _CLOSERS.match(line, end)
        after = closing.end() if closing else end
        if depth[mark.start()] == whole and after == len(line):
            ends.append(after)
        elif depth[mark.start()] == whole:
            ends.append(end)
        elif depth[mark.start()] == whole + 1 and after == end + 1 and line[after : after + 1] in _BRACKETS:
            ends.append(after)
    return ends


def _bracket_depths(line: str) -> list[int]:
    """How many pairs of brackets surround each character."""
    steps = [0] * (len(line) + 1)
    open_at: list[int] = []
    for place, character in enumerate(line):
        if character in _BRACKETS:
            open_at.append(place)
        elif character in _BRACKETS.values():
            while open_at and _BRACKETS[line[open_at[-1]]] != character:
                open_at.pop()
            if open_at:
                steps[open_at.pop() + 1] += 1
                steps[place] -= 1
    return list(accumulate(steps))[: len(line)]


def _soft_cut(text: str, start: int, limit: int) -> int:
    """The last comma or space before `limit`, else `limit`."""
    at = max(text.rfind(mark, start, limit) for mark in "、，, \u3000")
    return at + 1 if at > start else limit


def _may_hide_boundary(run: str, kind: str) -> bool:
    if noise_reason(run.strip(), kind) is not None:
        return False
    return len(run) >= LONG_RUN or _POLITE_INSIDE.search(run) is not None


def _boundaries(doc: Doc) -> list[int]:
    """Offsets inside a run where a sentence starts: after a closed predicate, before a word that cannot
    lean on it, if GiNZA's parser starts a sentence there or the predicate is a polite one."""
    depth = _bracket_depths(doc.text)
    found = []
    for before, after in pairwise(doc):
        place = after.idx
        polite = _POLITE_END.search(doc.text, max(0, place - 4), before.idx + len(before)) is not None
        starts = polite or (after.is_sent_start and _is_closed(before))
        if starts and depth[place] == 0 and not _leans_back(after):
            found.append(place)
    return found


def _is_closed(word: Token) -> bool:
    """Whether a clause can end with the word: a final particle or a form that asks for no other."""
    inflection = "".join(word.morph.get("Inflection"))
    closed = bool(inflection) and not any(form in inflection for form in _OPEN_INFLECTIONS)
    return closed or word.tag_.startswith("助詞-終助詞")


def _leans_back(word: Token) -> bool:
    return word.tag_.startswith(_LEANS_BACK) or _FORMAL_NOUN.fullmatch(word.text) is not None
