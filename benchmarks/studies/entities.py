"""Entities found by patterns, by lists and by GiNZA's model: precision and recall by group, and their speed.

python -m benchmarks.studies.entities [--data shared/data]

On sentences that were written for the purpose, on persons and organisations of the sample inbox as its
truth has the text, without the labels of its forms, and on a hundred sentences of others (chABSA, JRTE, ASDC,
reports of accidents) that were annotated by hand: `entities.json` says where, as their licences forbid to
copy them. A find counts where place and group are exact. The patterns were mended on the first two, on a
hundred other sentences and on what they found in the same collections at large, never on these.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from fixtures.named_things import Span, names_of_the_inbox, written_sentences
from fixtures.truth_file import read_truth
from nlu.entities.entity import Entity, Group
from nlu.entities.finder import EntityFinder
from nlu.entities.lists import ListedName
from nlu.entities.model import ModelEntityFinder
from nlu.text.boundaries.sentences import SentenceSplitter

Sample = tuple[str, set[Span], frozenset[str]]
"""A text, its entities, and the groups that are annotated in it."""

ANNOTATED = Path(__file__).with_name("entities.json")
_ALL = frozenset(group.value for group in Group)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    asked = parser.parse_args()
    names = names_of_the_inbox()
    listed = [ListedName(Group.ORGANIZATION, name) for name in names["organizations"]]
    finders: list[tuple[str, EntityFinder | ModelEntityFinder]] = [
        ("patterns", EntityFinder()),
        ("patterns, lists", EntityFinder(listed)),
        ("patterns, model", ModelEntityFinder()),
    ]
    for title, samples in (
        ("written sentences", [(*one, _ALL) for one in written_sentences()]),
        ("sample inbox", list(inbox(names))),
        ("sentences of others", list(of_others(asked.data))),
    ):
        table = Table("group", "entities", *(name for name, _ in finders), title=title)
        compared = [compare(finder.find, samples) for _, finder in finders]
        for group in (*sorted({group for _, spans, _ in samples for *_, group in spans}), "all"):
            rows = [_of(counts, group) for counts, _ in compared]
            table.add_row(group, str(rows[0][1] + rows[0][2]), *map(_shown, rows))
        table.add_row("characters a CPU second", "", *(f"{speed:,.0f}" for _, speed in compared))
        Console(width=120).print(table)


def inbox(names: Mapping[str, Sequence[str]]) -> Iterator[Sample]:
    """The texts of the sample inbox with its persons and organisations, the longest name at each place."""
    of_group = {"person": names["persons"], "organization": names["organizations"]}
    known = sorted(
        ((name, group) for group, all_of in of_group.items() for name in all_of), key=_longest_first
    )
    pattern = re.compile("|".join(re.escape(name) for name, _ in known))
    groups = dict(known)
    for truth in read_truth():
        found = {(*match.span(), groups[match.group()]) for match in pattern.finditer(truth.text)}
        single = {span for span in found if span[1] - span[0] == 1 and truth.text[span[1]] not in "様"}
        yield truth.text, found - single, frozenset(of_group)


def _longest_first(named: tuple[str, str]) -> int:
    return -len(named[0])


def of_others(data: Path) -> Iterator[Sample]:
    """The sentences that `entities.json` names."""
    for one in json.loads(ANNOTATED.read_text("utf-8")):
        text = _row(data / one["file"], one["row"])
        yield text, {tuple(span) for span in one["entities"]}, _ALL


def _row(file: Path, row: int) -> str:
    content = file.read_text("utf-8")
    if file.suffix == ".json":
        return str(json.loads(content)["sentences"][row]["sentence"])
    line = content.splitlines()[row]
    return (
        str(json.loads(line)["description"])
        if file.suffix == ".jsonl"
        else line.split("\t")[2 if file.parent.name == "jrte" else 1]
    )


Find = Callable[[str, Sequence[tuple[int, int]]], list[Entity]]


def compare(find: Find, samples: Sequence[Sample]) -> tuple[Counter[tuple[str, str]], float]:
    """How many of each group are found rightly, wrongly, not; and the characters of a CPU second."""
    counts: Counter[tuple[str, str]] = Counter()
    splitter = SentenceSplitter()
    sentences = [[(one.start, one.end) for one in splitter.split(text)] for text, _, _ in samples]
    started = time.process_time()
    found = [find(text, spans) for (text, _, _), spans in zip(samples, sentences, strict=True)]
    seconds = time.process_time() - started
    for (_, truth, groups), entities in zip(samples, found, strict=True):
        said = {(one.start, one.end, one.group.value) for one in entities if one.group.value in groups}
        for kind, spans in (("right", said & truth), ("wrong", said - truth), ("missed", truth - said)):
            counts.update((group, kind) for *_, group in spans)
    return counts, sum(len(text) for text, _, _ in samples) / seconds


def _of(counts: Counter[tuple[str, str]], group: str) -> tuple[int, int, int]:
    """Wrong, right and missed finds of a group."""
    wrong, right, missed = (
        sum(number for (of, what), number in counts.items() if what == kind and group in (of, "all"))
        for kind in ("wrong", "right", "missed")
    )
    return wrong, right, missed


def _shown(figures: tuple[int, int, int]) -> str:
    wrong, right, missed = figures
    precision = f"{right / (right + wrong):.2f}" if right + wrong else "-"
    recall = f"{right / (right + missed):.2f}" if right + missed else "-"
    return f"{precision} / {recall} ({wrong} wrong)"


if __name__ == "__main__":
    main()
