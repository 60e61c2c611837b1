"""What of GiNZA applications ask for beside its tokenizer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nlu.application.application import Application


@dataclass(frozen=True, slots=True)
class TextAnalysis:
    """`parser`: GiNZA's parser decides where marks and weights do not; `phrases`: the table of phrases."""

    parser: bool = False
    phrases: bool = False

    @staticmethod
    def of(application: Application) -> TextAnalysis:
        language = application.settings.language
        return TextAnalysis(language.parser, language.phrases)

    @staticmethod
    def all_of(asked: Iterable[TextAnalysis]) -> TextAnalysis:
        """What any of them asks for: a document that several applications read is analysed once."""
        several = list(asked)
        return TextAnalysis(any(one.parser for one in several), any(one.phrases for one in several))
