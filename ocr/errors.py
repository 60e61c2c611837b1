"""Why a file or a page could not be read: a category to count by, and a sentence to act on."""

from __future__ import annotations

from enum import StrEnum


class FailureCategory(StrEnum):
    EMPTY_FILE = "empty_file"
    UNSUPPORTED_FORMAT = "unsupported_format"
    CORRUPT = "corrupt"
    ENCRYPTED = "encrypted"
    TOO_LARGE = "too_large"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_MANY_PIXELS = "too_many_pixels"
    SIDE_TOO_LONG = "side_too_long"
    TOO_COMPLEX = "too_complex"
    DECOMPRESSION_BOMB = "decompression_bomb"
    EMBEDDED_FILES = "embedded_files"
    XFA_FORM = "xfa_form"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    OUT_OF_MEMORY = "out_of_memory"
    FONT_MISSING = "font_missing"
    DECODER_MISSING = "decoder_missing"
    ENGINE_MISSING = "engine_missing"
    ENGINE_FAILED = "engine_failed"


_RETRY_CAN_HELP = frozenset(
    {
        FailureCategory.TIMEOUT,
        FailureCategory.CRASHED,
        FailureCategory.OUT_OF_MEMORY,
        FailureCategory.FONT_MISSING,
        FailureCategory.DECODER_MISSING,
        FailureCategory.ENGINE_MISSING,
        FailureCategory.ENGINE_FAILED,
    }
)


class ReadingError(Exception):
    """A document or page that cannot be read. `message` is Japanese: what is wrong, what to do next."""

    def __init__(self, category: FailureCategory, message: str) -> None:
        super().__init__(category, message)
        self.category = category
        self.message = message

    @property
    def retryable(self) -> bool:
        """Whether the same bytes can succeed another time."""
        return self.category in _RETRY_CAN_HELP

    def __str__(self) -> str:
        return f"{self.category}: {self.message}"
