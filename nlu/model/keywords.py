"""Which keywords of the label sheets stand in a sentence."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from nlu.application import Application
from nlu.model.heads import reported_labels

MOST_HITS = 2
"""From here on more keywords of one label in one sentence tell nothing new."""


def plain(text: str) -> str:
    """The text as keywords are compared: NFKC, case folded."""
    return unicodedata.normalize("NFKC", text).casefold()


class SheetKeywords:
    """The keywords of every label that can be reported, by classification task."""

    def __init__(self, application: Application) -> None:
        self._words: dict[str, tuple[tuple[str, ...], ...]] = {}
        for task in application.classifications:
            sheet = application.sheets[task.name]
            reported = [sheet.labels[index] for index in reported_labels(task, sheet)]
            self._words[task.name] = tuple(
                tuple(dict.fromkeys(plain(word) for word in label.keywords)) for label in reported
            )

    @property
    def tasks(self) -> tuple[str, ...]:
        return tuple(self._words)

    def count(self, task: str) -> int:
        """How many labels of a task can be reported."""
        return len(self._words[task])

    def hits(self, task: str, text: str) -> Sequence[float]:
        """For each reported label of `task` how many of its keywords `text` holds, at most MOST_HITS."""
        content = plain(text)
        return [float(min(MOST_HITS, sum(word in content for word in words))) for words in self._words[task]]
