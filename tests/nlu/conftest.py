"""What loads slowly is loaded once: the bundled encoder and the dictionary of words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nlu.encoders.loading import load_encoder, one_thread
from nlu.text.boundaries.sentences import SentenceSplitter

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


@pytest.fixture(scope="session")
def encoder() -> Iterator[tuple[PreTrainedModel, PreTrainedTokenizerFast]]:
    """The bundled encoder and its tokenizer, in evaluation mode: not to be changed."""
    one_thread()
    model, tokenizer = load_encoder("bundled")
    yield model, tokenizer
    assert not model.training, "a test left the shared encoder in training mode"


@pytest.fixture(scope="session")
def splitter() -> SentenceSplitter:
    return SentenceSplitter()


@pytest.fixture(scope="session")
def reviews(shared: Path) -> list[list[str]]:
    """Reviews whose sentences people told apart: a list of sentences each."""
    files = sorted((shared / "data" / "quasi_reviews").rglob("*.txt"))
    reviews = [file.read_text("utf-8").split("\n") for file in files if "quasi" in file.name]
    return [[line.strip() for line in lines if line.strip()] for lines in reviews]
