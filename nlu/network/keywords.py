"""Which words of the label sheets stand in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import sqrt

from nlu.application.application import Application
from nlu.application.label_sets import reported_labels
from nlu.application.label_sheet import Label
from nlu.text.folding import plain
from nlu.text.keyword_search import SearchableText

_BETWEEN_NAMES = re.compile(r"[、，,・/／（）()\s]+")


def label_words(label: Label) -> tuple[str, ...]:
    """The keywords of a label and the parts of its name, as they are compared."""
    names = [part for part in _BETWEEN_NAMES.split(label.minor) if len(part) > 1]
    return tuple(dict.fromkeys(plain(word) for word in (*label.keywords, *names)))


def word_hits(text: SearchableText, words: Sequence[str]) -> float:
    """The root of how many characters beyond the first the words in a text have together: longer words are
    rarer, and the second word of a label tells less than the first."""
    return sqrt(sum(len(word) - 1 for word in words if text.holds(word)))


class SheetKeywords:
    """The words of every label that can be reported, by classification task."""

    def __init__(self, application: Application) -> None:
        self._words: dict[str, tuple[tuple[str, ...], ...]] = {}
        for task in application.classifications:
            sheet = application.sheets[task.name]
            self._words[task.name] = tuple(
                label_words(sheet.labels[index]) for index in reported_labels(task, sheet)
            )

    @property
    def tasks(self) -> tuple[str, ...]:
        return tuple(self._words)

    def count(self, task: str) -> int:
        """How many labels of a task can be reported."""
        return len(self._words[task])

    def hits(self, task: str, text: str) -> Sequence[float]:
        """For each reported label of `task` the `word_hits` of its words in `text`."""
        content = SearchableText(text)
        return [word_hits(content, words) for words in self._words[task]]
