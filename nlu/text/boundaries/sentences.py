"""Sentences of a text, with their places in it and the reason of each boundary.

Where the text decides, rules do: blocks, blank lines, lists, 。！？ outside brackets. A line break ends a
sentence only where the words or the layout say so (`lines`). A run without marks is cut where a model learned
from clean text would put them back (`run_on`), on the words of Sudachi, the tokenizer of GiNZA. GiNZA's
parser is not asked: without marks it misses half of them, and where the model is in doubt it would set one
in a hundred right, for forty times the time and 500 MB.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from nlu.text.boundaries.boundary import Boundary
from nlu.text.boundaries.lines import LineJoiner, Stretch, joined
from nlu.text.boundaries.marks import CLOSING, bracket_depths, ends_with_mark, item_starts, mark_ends
from nlu.text.boundaries.run_on import POLITE, Manner, RunOnModel
from nlu.text.noise.debris import DEBRIS, broken_share
from nlu.text.noise.noise import VALUE_KINDS, NoiseReason, is_bare_name, noise_reason
from nlu.text.noise.signatures import is_contact, repeated_lines, signature_lines
from nlu.text.sudachi_words import WordSplitter

PARAGRAPH = "paragraph"
LONG_RUN = 40
"""Characters from which on a run that ends with a mark may hide a boundary."""
SHORT_RUN = 8
"""Characters below which a run without marks is one sentence."""
LONGEST_RUN = 2_000
"""Characters that are looked at in one piece."""
LONGEST_NAME = 30
LONGEST_DOUBTFUL = 60
"""Characters from which on a sentence is neither a name nor taken for debris."""
MARK_EVERY = 100
"""Characters for one mark from which on a writer counts as one who sets them."""

# Log odds from which on a run is cut. Where the writer sets marks a missing one is rare, and so it is inside
# a line where the writer gives each sentence a line.
RUN_ON_ODDS = 0.25
LINED_ODDS = 2.0
MARKED_ODDS = 4.0
DOUBT = 2.0
"""Log odds below those within which a gap stays open for a parser."""

_OUTER = (Boundary.BLOCK, Boundary.LINE, Boundary.BLANK_LINE, Boundary.BULLET, Boundary.END)
_MARK = re.compile(r"[。｡！？]")
_POLITE_INSIDE = re.compile(POLITE.pattern + r"[^。がけしのかとねよ、]")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A stretch of text with one role; `kind` is a block kind of the reader ("paragraph", "field",
    "header", ...), or "label" or "cell" for parts of forms; `page` is 0 where pages are not known."""

    start: int
    end: int
    kind: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class Sentence:
    """`number` counts from 0 in the text; `text` is the text from `start` to `end` without white space
    around it, line breaks inside it included; `noise` says why it is not content, `boundary` why it ends.
    `noise_degree` is how far the reason holds where it has degrees: the share of broken characters in debris,
    the number of pages of what is repeated; else 1. `open_gaps` are offsets inside where another sentence may
    begin: too little spoke for it, and a parser may decide."""

    number: int
    text: str
    start: int
    end: int
    noise: NoiseReason | None
    boundary: Boundary = Boundary.END
    noise_degree: float = 1.0
    open_gaps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _SentenceDraft:
    """A candidate sentence: a span of the text inside one block, that block, and what ends the span."""

    start: int
    end: int
    block: TextBlock
    boundary: Boundary
    open_gaps: tuple[int, ...] = ()


class SentenceSplitter:
    """Holds a dictionary of words and the learned weights; loading takes 0.2 s and 100 MB."""

    def __init__(self, words: WordSplitter | None = None) -> None:
        self._words = words or WordSplitter()
        self._model = RunOnModel.load()
        self._lines = LineJoiner(self._words, self._model)

    def split(self, text: str, blocks: Sequence[TextBlock] = ()) -> tuple[Sentence, ...]:
        """The sentences of `text` in order, noise included; every character but white space belongs to
        exactly one. Text outside all `blocks` counts as a paragraph; of overlapping blocks the shortest
        rules. A line break ends a sentence where words or layout say so."""
        marked = len(_MARK.findall(text)) * MARK_EVERY >= len(text)
        manner = Manner.of(text)
        runs = [
            run
            for region in _regions(text, blocks)
            for run in self._region_runs(text, region, marked, manner)
            if text[run.start : run.end].strip()
        ]
        sentences = [self._sentence(number, text, run) for number, run in enumerate(runs)]
        return self._judged_together(sentences, [run.block for run in runs])

    def parted(
        self, text: str, sentences: Sequence[Sentence], starts: Collection[int]
    ) -> tuple[Sentence, ...]:
        """The sentences, those cut that have an open gap where a parser says that another one `starts`."""
        found: list[Sentence] = []
        for sentence in sentences:
            places = [place for place in sentence.open_gaps if place in starts]
            if not places or sentence.noise is not None:
                found.append(replace(sentence, number=len(found)))
                continue
            for start, end in pairwise([sentence.start, *places, sentence.end]):
                boundary = sentence.boundary if end == sentence.end else Boundary.PARSER
                run = _SentenceDraft(start, end, TextBlock(start, end, PARAGRAPH), boundary)
                found.append(self._sentence(len(found), text, run))
        return tuple(found)

    def _region_runs(
        self, text: str, region: _SentenceDraft, marked: bool, manner: Manner
    ) -> Iterator[_SentenceDraft]:
        stretches = list(self._lines.stretches(text, region.start, region.end, region.boundary, marked))
        lined = len(stretches) > 1 and len(stretches) * MARK_EVERY >= region.end - region.start
        odds = MARKED_ODDS if marked else LINED_ODDS if lined else RUN_ON_ODDS
        for stretch in stretches:
            for run in self._ruled_runs(text, stretch, region.block):
                yield from self._learned_runs(text, run, odds, manner)

    def _ruled_runs(self, text: str, stretch: Stretch, block: TextBlock) -> Iterator[_SentenceDraft]:
        """A stretch cut at marks outside brackets and at items of a list, never longer than LONGEST_RUN."""
        line = text[stretch.start : stretch.end]
        ends = dict.fromkeys(item_starts(line), Boundary.BULLET)
        for end in mark_ends(line, self._is_reported):
            ends[end] = Boundary.QUOTE if line[end - 1] in CLOSING else Boundary.MARK
        last = stretch.boundary
        if last is Boundary.MARK and line.rstrip()[-1:] in CLOSING:
            last = Boundary.QUOTE
        ends.setdefault(len(line), last)
        start = stretch.start
        for end, boundary in sorted(ends.items()):
            while stretch.start + end - start > LONGEST_RUN:
                cut = _soft_cut(text, start, start + LONGEST_RUN)
                yield _SentenceDraft(start, cut, block, Boundary.LENGTH)
                start = cut
            yield _SentenceDraft(start, stretch.start + end, block, boundary)
            start = stretch.start + end

    def _learned_runs(
        self, text: str, run: _SentenceDraft, odds: float, manner: Manner
    ) -> Iterator[_SentenceDraft]:
        """A run cut where the learned model sees boundaries above `odds`."""
        scores = self._learned_scores(text[run.start : run.end], run.block.kind, odds, manner)
        cuts = [run.start + place for place, score in scores.items() if score > odds]
        open_ = [run.start + place for place, score in scores.items() if odds - DOUBT < score <= odds]
        for start, end in pairwise([run.start, *cuts, run.end]):
            gaps = tuple(place for place in open_ if start < place < end)
            boundary = run.boundary if end == run.end else Boundary.LEARNED
            yield _SentenceDraft(start, end, run.block, boundary, gaps)

    def _learned_scores(self, raw: str, kind: str, odds: float, manner: Manner) -> dict[int, float]:
        """Offset of each gap outside brackets -> log odds of a boundary; none where a run is no prose."""
        plain, places = joined(raw)
        if len(plain) < (LONG_RUN if odds > RUN_ON_ODDS else SHORT_RUN) and not _POLITE_INSIDE.search(plain):
            return {}
        if noise_reason(plain, kind) is not None:
            return {}
        if len(plain) <= LONGEST_DOUBTFUL and self._broken_share(plain) >= DEBRIS:
            return {}
        depth = bracket_depths(plain)
        scores = self._model.scores(self._words.words(plain), manner)
        return {places[place]: score for place, score in scores.items() if not depth[place]}

    def _is_reported(self, before: str, after: str) -> bool:
        """Whether `after` opens with a particle, which takes up what stands before."""
        plain = after.lstrip()
        words = self._words.words(before + plain)
        return any(word.start == len(before) and word.tag.startswith("助詞") for word in words)

    def _sentence(self, number: int, text: str, run: _SentenceDraft) -> Sentence:
        raw = text[run.start : run.end]
        trimmed = raw.strip()
        start = run.start + len(raw) - len(raw.lstrip())
        noise, degree = self._noise(trimmed, run.block.kind)
        boundary = run.boundary
        if boundary in _OUTER and ends_with_mark(trimmed):
            boundary = Boundary.QUOTE if trimmed[-1] in CLOSING else Boundary.MARK
        return Sentence(number, trimmed, start, start + len(trimmed), noise, boundary, degree, run.open_gaps)

    def _noise(self, trimmed: str, kind: str) -> tuple[NoiseReason | None, float]:
        """Why a sentence by itself is noise, and to what degree."""
        noise = noise_reason(trimmed, kind)
        if noise is not None or len(trimmed) > LONGEST_DOUBTFUL:
            return noise, 1.0
        if kind in VALUE_KINDS and self._is_name(trimmed):
            return NoiseReason.FIELD_VALUE, 1.0
        broken = self._broken_share(trimmed)
        return (NoiseReason.DEBRIS, broken) if broken >= DEBRIS else (None, 1.0)

    def _judged_together(
        self, sentences: Sequence[Sentence], blocks: Sequence[TextBlock]
    ) -> tuple[Sentence, ...]:
        """The sentences with what only their neighbours tell: signatures, and what pages repeat."""
        texts = [sentence.text for sentence in sentences]
        open_ = [
            sentence.noise is None and block.kind not in VALUE_KINDS
            for sentence, block in zip(sentences, blocks, strict=True)
        ]
        signed: set[int] = set()
        if any(free and is_contact(text) for free, text in zip(open_, texts, strict=True)):
            names = [free and self._is_name(text) for free, text in zip(open_, texts, strict=True)]
            signed = signature_lines(texts, open_, names)
        repeated = repeated_lines(texts, [block.page for block in blocks], open_)
        return tuple(
            replace(sentence, noise=NoiseReason.SIGNATURE)
            if sentence.number in signed
            else replace(sentence, noise=NoiseReason.REPEATED, noise_degree=float(repeated[sentence.number]))
            if sentence.number in repeated
            else sentence
            for sentence in sentences
        )

    def _broken_share(self, text: str) -> float:
        pieces = unicodedata.normalize("NFKC", text).split()
        spaced_out = all(len(piece) == 1 for piece in pieces)  # a heading set wide is no debris
        return broken_share(self._words.words(("" if spaced_out else " ").join(pieces)))

    def _is_name(self, text: str) -> bool:
        return len(text) <= LONGEST_NAME and is_bare_name([word.tag for word in self._words.words(text)])


def _regions(text: str, blocks: Sequence[TextBlock]) -> Iterator[_SentenceDraft]:
    """The text cut into stretches that one block rules, in order."""
    owner = [-1] * len(text)
    for number, block in sorted(enumerate(blocks), key=lambda pair: pair[1].start - pair[1].end):
        start, end = max(0, block.start), min(len(text), block.end)
        owner[start:end] = [number] * max(0, end - start)
    edges = [place for place in range(1, len(text)) if owner[place] != owner[place - 1]]
    for start, end in pairwise([0, *edges, len(text)]):
        if start < end:
            block = blocks[owner[start]] if owner[start] >= 0 else TextBlock(start, end, PARAGRAPH)
            yield _SentenceDraft(start, end, block, Boundary.BLOCK if end < len(text) else Boundary.END)


def _soft_cut(text: str, start: int, limit: int) -> int:
    """The last comma or space before `limit`, else `limit`."""
    at = max(text.rfind(mark, start, limit) for mark in "、，, \u3000")
    return at + 1 if at > start else limit
