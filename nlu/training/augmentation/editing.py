"""Changing the text of a record so that its annotation and its sentences move along.

Two ways: replacing stretches inside sentences (`rewrite`), and putting whole sentences together anew
(`sentence_groups` and `join`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from nlu.records.record import Record, Span, Spans
from nlu.text.boundaries.sentences import Sentence

MARKED = ("evidence", "sentences", "spans")

Changed = tuple[Record, tuple[Sentence, ...]]
"""A record with another text, and the sentences of that text."""


@dataclass(frozen=True, slots=True)
class Edit:
    """`text` in place of the characters from `start` to `end`, half open; an insertion where they are
    equal."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class SentenceGroup:
    """Neighbouring sentences of a record that an annotated stretch keeps together."""

    record: Record
    sentences: tuple[Sentence, ...]

    @property
    def start(self) -> int:
        return self.sentences[0].start

    @property
    def end(self) -> int:
        return self.sentences[-1].end

    @property
    def text(self) -> str:
        return self.record.text[self.start : self.end]


def marks(record: Record) -> Iterator[Span]:
    """Every annotated stretch of a record, in all its tasks."""
    for part in MARKED:
        for spans in getattr(record, part).values():
            yield from spans


def rewrite(record: Record, sentences: Sequence[Sentence], edits: Iterable[Edit]) -> Changed:
    """The record with `edits` made, which must not overlap.

    Left out are edits that cross or touch from outside the edge of a sentence or of an annotated stretch,
    that lie in no sentence, or that insert or delete at such an edge.
    """
    stretches = [(span.start, span.end) for span in marks(record)]
    stretches += [(sentence.start, sentence.end) for sentence in sentences]
    made = _harmless(sorted(edits, key=lambda edit: (edit.start, edit.end)), stretches)
    places = _Places(made)
    pieces: list[str] = []
    done = 0
    for edit in made:
        pieces += [record.text[done : edit.start], edit.text]
        done = edit.end
    text = "".join([*pieces, record.text[done:]])

    def moved(span: Span) -> Span:
        return replace(span, start=places.start(span.start), end=places.end(span.end))

    changed = _with_marks(record, lambda _task, spans: tuple(map(moved, spans)))
    return replace(changed, text=text), tuple(
        _moved_sentence(sentence, text, places.start(sentence.start), places.end(sentence.end))
        for sentence in sentences
    )


class _Places:
    """Old places to new ones; none lies inside an edit."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._starts = [edit.start for edit in edits]
        self._ends = [edit.end for edit in edits]
        self._shifts = [0]
        for edit in edits:
            self._shifts.append(self._shifts[-1] + len(edit.text) - (edit.end - edit.start))

    def start(self, place: int) -> int:
        """Where a stretch starts that started at `place`: before what replaces its first character."""
        return place + self._shifts[bisect_left(self._starts, place)]

    def end(self, place: int) -> int:
        """Where a stretch ends that ended at `place`: after what replaces its last character."""
        return place + self._shifts[bisect_right(self._ends, place)]


def _harmless(edits: Sequence[Edit], stretches: Sequence[tuple[int, int]]) -> list[Edit]:
    kept: list[Edit] = []
    for edit in edits:
        if kept and edit.start < kept[-1].end:
            raise ValueError(f"edits overlap at {edit.start}")
        around = [stretch for stretch in stretches if stretch[0] <= edit.start and edit.end <= stretch[1]]
        crossed = any(_crosses(edit, stretch) for stretch in stretches if stretch not in around)
        if around and not crossed and not any(_spoils(edit, stretch) for stretch in around):
            kept.append(edit)
    return kept


def _crosses(edit: Edit, stretch: tuple[int, int]) -> bool:
    return edit.start < stretch[1] and stretch[0] < edit.end


def _spoils(edit: Edit, stretch: tuple[int, int]) -> bool:
    """Whether an edit reaches the edge of a stretch without putting characters there: of an insertion nobody
    could tell whether it is inside, and a deletion could lay white space bare."""
    at_edge = edit.start == stretch[0] or edit.end == stretch[1]
    return at_edge and (edit.start == edit.end or not edit.text or edit.text != edit.text.strip())


def sentence_groups(record: Record, sentences: Sequence[Sentence]) -> tuple[SentenceGroup, ...]:
    """All sentences of a record in order, those of one annotated stretch together."""
    if not sentences:
        return ()
    groups: list[list[Sentence]] = [[sentences[0]]]
    for before, after in pairwise(sentences):
        if any(span.start < before.end and after.start < span.end for span in marks(record)):
            groups[-1].append(after)
        else:
            groups.append([after])
    return tuple(SentenceGroup(record, tuple(group)) for group in groups)


def join(record: Record, order: Sequence[SentenceGroup]) -> Changed:
    """`record` with the text, the annotated stretches and the sentences of the sentence_groups in `order`.

    Each group keeps the white space that followed it; where none did, a line break follows unless a
    sentence mark ends it. Annotated stretches are cut to their group.
    """
    text = ""
    sentences: list[Sentence] = []
    marked: dict[str, dict[str, Spans]] = {part: {} for part in MARKED}
    for number, group in enumerate(order):
        shift = len(text) - group.start
        for sentence in group.sentences:
            start, end = sentence.start + shift, sentence.end + shift
            sentences.append(replace(sentence, number=len(sentences), start=start, end=end))
        for part, by_task in marked.items():
            for task, spans in getattr(group.record, part).items():
                by_task[task] = (*by_task.get(task, ()), *_cut(spans, group, shift))
        text += group.text + (_gap(group) if number + 1 < len(order) else "")
    joined = replace(
        record,
        text=text,
        evidence=marked["evidence"],
        sentences=marked["sentences"],
        spans=marked["spans"],
    )
    return joined, tuple(sentences)


def without_tasks(record: Record, tasks: Collection[str]) -> Record:
    """The record as if nobody had annotated these tasks."""
    bare = replace(
        record,
        labels={task: labels for task, labels in record.labels.items() if task not in tasks},
        scores={task: score for task, score in record.scores.items() if task not in tasks},
    )
    return _with_marks(bare, lambda task, spans: None if task in tasks else spans)


def _with_marks(record: Record, change: Callable[[str, Spans], Spans | None]) -> Record:
    """The record with the annotated stretches of each task changed, or left out where that gives None."""

    def changed(by_task: Mapping[str, Spans]) -> dict[str, Spans]:
        found = {task: change(task, spans) for task, spans in by_task.items()}
        return {task: spans for task, spans in found.items() if spans is not None}

    return replace(
        record,
        evidence=changed(record.evidence),
        sentences=changed(record.sentences),
        spans=changed(record.spans),
    )


def _cut(spans: Spans, group: SentenceGroup, shift: int) -> Iterator[Span]:
    for span in spans:
        start, end = max(span.start, group.start), min(span.end, group.end)
        if start < end:
            yield replace(span, start=start + shift, end=end + shift)


def _gap(group: SentenceGroup) -> str:
    rest = group.record.text[group.end :]
    gap = rest[: len(rest) - len(rest.lstrip())]
    return gap or ("" if group.text[-1] in "。！？!?" else "\n")


def _moved_sentence(sentence: Sentence, text: str, start: int, end: int) -> Sentence:
    return replace(sentence, text=text[start:end], start=start, end=end)
