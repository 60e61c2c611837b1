"""Which sentences of a document an application reads."""

from __future__ import annotations

from collections.abc import Sequence

from nlu.text.boundaries.sentences import Sentence
from nlu.text.noise.noise import NoiseReason
from nlu.text.noise.noise_settings import NoiseSettings


def content_of(sentences: Sequence[Sentence], settings: NoiseSettings) -> list[Sentence]:
    """The sentences that are no noise to an application with these settings, in their order."""
    return [sentence for sentence in sentences if not is_noise(sentence, settings)]


def is_noise(sentence: Sentence, settings: NoiseSettings) -> bool:
    """Whether the sentence has a reason to be left out that the application agrees with."""
    if sentence.noise is None or sentence.noise in settings.content:
        return False
    if sentence.noise is NoiseReason.DEBRIS:
        return sentence.noise_degree >= settings.debris
    if sentence.noise is NoiseReason.REPEATED:
        return sentence.noise_degree >= settings.repeated
    return True
