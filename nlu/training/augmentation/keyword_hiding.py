"""Hiding the keywords of the label sheet, so that a model learns what stands around them.

A keyword gives way to 〇〇, as Japanese office texts write what is left open: a tokenizer has a piece for it,
an encoder has seen it in any place of a noun, and unlike a mask token it means the same to every encoder and
to the character n-grams.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Sequence

from nlu.application.application import Application
from nlu.records.record import Record
from nlu.text.boundaries.sentences import Sentence
from nlu.training.augmentation.editing import Changed, Edit, rewrite

HIDDEN = "〇〇"
SHARE = 0.5
"""Of the keywords in a record: with all gone a note of two sentences says nothing any more."""


def hide_keywords(
    record: Record, sentences: Sequence[Sentence], application: Application, rng: random.Random
) -> Changed | None:
    """The record with some keywords of its tasks' sheets hidden, at least one; None where it has none."""
    pattern = _pattern(application)
    found = [match.span() for match in pattern.finditer(_plain(record.text))] if pattern else []
    hidden = [place for place in found if rng.random() < SHARE] or rng.sample(found, min(1, len(found)))
    changed = rewrite(record, sentences, [Edit(start, end, HIDDEN) for start, end in hidden])
    return None if changed[0].text == record.text else changed


def _pattern(application: Application) -> re.Pattern[str] | None:
    words = {
        _plain(word)
        for sheet in application.sheets.values()
        for label in sheet.labels
        for word in label.keywords
    }
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def _plain(text: str) -> str:
    """Widths and cases put aside, each character staying in its place."""
    plain = (unicodedata.normalize("NFKC", letter).casefold() for letter in text)
    return "".join(form if len(form) == 1 else letter for form, letter in zip(plain, text, strict=True))
