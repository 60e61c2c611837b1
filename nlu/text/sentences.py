"""Sentences of a text, with their places in it and the reason of each boundary.

Where the text decides, rules do: blocks, blank lines, lists, 。！？ outside brackets. A line break ends a
sentence only where the words or the layout say so (`lines`). A run without marks is cut where a model learned
from clean text would put them back (`run_on`), on the words of Sudachi, the tokenizer of GiNZA. GiNZA's
parser is not asked: without marks it misses most boundaries, and where the model is in doubt it would set one
in a hundred right, for forty times the time and 500 MB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nlu.text.boundary import Boundary
from nlu.text.lines import LineJoiner, Stretch, joined
from nlu.text.marks import CLOSING, bracket_depths, ends_with_mark, item_starts, mark_ends
from nlu.text.noise import VALUE_KINDS, NoiseReason, is_bare_name, noise_reason
from nlu.text.run_on import POLITE, RunOnModel, is_polite
from nlu.text.words import WordSplitter

PARAGRAPH = "paragraph"
LONG_RUN = 40
"""Characters from which on a run that ends with a mark may hide a boundary."""
SHORT_RUN = 8
"""Characters below which a run without marks is one sentence."""
LONGEST_RUN = 2_000
"""Characters that are looked at in one piece."""
LONGEST_NAME = 30
MARK_EVERY = 100
"""Characters for one mark from which on a writer counts as one who sets them."""

# Log odds from which on a run is cut. Where the writer sets marks a missing one is rare, and so it is inside
# a line where the writer gives each sentence a line.
RUN_ON_ODDS = 0.5
LINED_ODDS = 2.5
MARKED_ODDS = 3.5

_OUTER = (Boundary.BLOCK, Boundary.LINE, Boundary.BLANK_LINE, Boundary.BULLET, Boundary.END)
_MARK = re.compile(r"[。｡！？]")
_POLITE_INSIDE = re.compile(POLITE.pattern + r"[^。がけしのかとねよ、]")


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
    around it, line breaks inside it included; `noise` says why it is not content, `boundary` why it ends."""

    number: int
    text: str
    start: int
    end: int
    noise: NoiseReason | None
    boundary: Boundary = Boundary.END


@dataclass(frozen=True, slots=True)
class _Run:
    """A candidate sentence: a span of the text inside one block, that block's kind, and what ends it."""

    start: int
    end: int
    kind: str
    boundary: Boundary


class SentenceSplitter:
    """Holds a dictionary of words and the learned weights; loading takes 0.2 s and 100 MB."""

    def __init__(self) -> None:
        self._words = WordSplitter()
        self._model = RunOnModel.load()
        self._lines = LineJoiner(self._words, self._model)

    def split(self, text: str, blocks: Sequence[TextBlock] = ()) -> tuple[Sentence, ...]:
        """The sentences of `text` in order, noise included; every character but white space belongs to
        exactly one. Text outside all `blocks` counts as a paragraph; of overlapping blocks the shortest
        rules. A line break ends a sentence where words or layout say so."""
        marked = len(_MARK.findall(text)) * MARK_EVERY >= len(text)
        polite = is_polite(text)
        runs = [
            run
            for region in _regions(text, blocks)
            for run in self._region_runs(text, region, marked, polite)
            if text[run.start : run.end].strip()
        ]
        return tuple(self._sentence(number, text, run) for number, run in enumerate(runs))

    def _region_runs(self, text: str, region: _Run, marked: bool, polite: bool) -> Iterator[_Run]:
        stretches = list(self._lines.stretches(text, region.start, region.end, region.boundary, marked))
        lined = len(stretches) > 1 and len(stretches) * MARK_EVERY >= region.end - region.start
        odds = MARKED_ODDS if marked else LINED_ODDS if lined else RUN_ON_ODDS
        for stretch in stretches:
            for run in self._ruled_runs(text, stretch, region.kind):
                yield from self._learned_runs(text, run, odds, polite)

    def _ruled_runs(self, text: str, stretch: Stretch, kind: str) -> Iterator[_Run]:
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
                yield _Run(start, cut, kind, Boundary.LENGTH)
                start = cut
            yield _Run(start, stretch.start + end, kind, boundary)
            start = stretch.start + end

    def _learned_runs(self, text: str, run: _Run, odds: float, polite: bool) -> Iterator[_Run]:
        """A run cut where the learned model sees boundaries above `odds`."""
        cuts = self._learned_cuts(text[run.start : run.end], run.kind, odds, polite)
        places = [run.start, *(run.start + cut for cut in cuts)]
        for start, end in pairwise(places):
            yield _Run(start, end, run.kind, Boundary.LEARNED)
        yield _Run(places[-1], run.end, run.kind, run.boundary)

    def _learned_cuts(self, raw: str, kind: str, odds: float, polite: bool) -> list[int]:
        plain, places = joined(raw)
        if len(plain) < (LONG_RUN if odds > RUN_ON_ODDS else SHORT_RUN) and not _POLITE_INSIDE.search(plain):
            return []
        if noise_reason(plain, kind) is not None:
            return []
        depth = bracket_depths(plain)
        scores = self._model.scores(self._words.words(plain), polite)
        return [places[place] for place, score in scores.items() if score > odds and not depth[place]]

    def _is_reported(self, before: str, after: str) -> bool:
        """Whether `after` opens with a particle, which takes up what stands before."""
        plain = after.lstrip()
        words = self._words.words(before + plain)
        return any(word.start == len(before) and word.tag.startswith("助詞") for word in words)

    def _sentence(self, number: int, text: str, run: _Run) -> Sentence:
        raw = text[run.start : run.end]
        trimmed = raw.strip()
        start = run.start + len(raw) - len(raw.lstrip())
        noise = noise_reason(trimmed, run.kind)
        if noise is None and run.kind in VALUE_KINDS and len(trimmed) <= LONGEST_NAME:
            tags = [word.tag for word in self._words.words(trimmed)]
            noise = NoiseReason.FIELD_VALUE if is_bare_name(tags) else None
        boundary = run.boundary
        if boundary in _OUTER and ends_with_mark(trimmed):
            boundary = Boundary.QUOTE if trimmed[-1] in CLOSING else Boundary.MARK
        return Sentence(number, trimmed, start, start + len(trimmed), noise, boundary)


def _regions(text: str, blocks: Sequence[TextBlock]) -> Iterator[_Run]:
    """The text cut into stretches that one block rules, in order."""
    owner = [-1] * len(text)
    for number, block in sorted(enumerate(blocks), key=lambda pair: pair[1].start - pair[1].end):
        start, end = max(0, block.start), min(len(text), block.end)
        owner[start:end] = [number] * max(0, end - start)
    edges = [place for place in range(1, len(text)) if owner[place] != owner[place - 1]]
    for start, end in pairwise([0, *edges, len(text)]):
        if start < end:
            kind = blocks[owner[start]].kind if owner[start] >= 0 else PARAGRAPH
            yield _Run(start, end, kind, Boundary.BLOCK if end < len(text) else Boundary.END)


def _soft_cut(text: str, start: int, limit: int) -> int:
    """The last comma or space before `limit`, else `limit`."""
    at = max(text.rfind(mark, start, limit) for mark in "、，, \u3000")
    return at + 1 if at > start else limit
