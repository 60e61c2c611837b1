"""Character n-grams as sparse rows: hashed as scikit-learn's HashingVectorizer hashes them.

Written out because scikit-learn brings scipy.stats and pandas with it: a second of CPU and 100 MiB in each
process that predicts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from nlu.text.folding import plain

BUCKETS = 2**15
_LONGEST = 3
_REMEMBERED = 2**16
_SPACES = re.compile(r"\s\s+")
_ALL_BITS = 0xFFFFFFFF


def character_ngrams(texts: Sequence[str]) -> csr_matrix:
    """The character 1–3-grams of each text, hashed, after NFKC and case folding: (texts, BUCKETS), 0 or 1."""
    rows = [sorted({bucket(ngram) for ngram in _ngrams(plain(text))}) for text in texts]
    indices = np.array([column for row in rows for column in row], np.int32)
    ends = np.cumsum([0, *map(len, rows)])
    return csr_matrix((np.ones(len(indices)), indices, ends), shape=(len(texts), BUCKETS))


def unit_rows(matrix: csr_matrix) -> csr_matrix:
    """The rows at length 1, in the Euclidean norm; what is empty stays so."""
    return _divided(matrix, np.sqrt(_row_sums(matrix, matrix.data**2)))


def share_rows(matrix: csr_matrix) -> csr_matrix:
    """The rows, of values of at least 0, as shares of their sums; what is empty stays so."""
    return _divided(matrix, _row_sums(matrix, matrix.data))


@lru_cache(_REMEMBERED)
def bucket(ngram: str) -> int:
    """The column of an n-gram: MurmurHash3 of its UTF-8 bytes (Appleby 2011), taken as a signed number."""
    value = _murmur3(ngram.encode("utf-8", "surrogatepass"))
    return abs(value - 2**32 if value >= 2**31 else value) % BUCKETS


def _ngrams(text: str) -> Iterator[str]:
    text = _SPACES.sub(" ", text)
    for length in range(1, _LONGEST + 1):
        for start in range(len(text) - length + 1):
            yield text[start : start + length]


def _row_sums(matrix: csr_matrix, values: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return np.bincount(rows, weights=values, minlength=matrix.shape[0]).astype(np.float64)


def _divided(matrix: csr_matrix, by: NDArray[np.float64]) -> csr_matrix:
    divisors = np.repeat(np.where(by > 0, by, 1.0), np.diff(matrix.indptr))
    return csr_matrix((matrix.data / divisors, matrix.indices, matrix.indptr), shape=matrix.shape)


def _murmur3(data: bytes) -> int:
    """MurmurHash3_x86_32 with seed 0."""
    value, whole = 0, len(data) & ~3
    for start in range(0, whole, 4):
        value ^= _scrambled(int.from_bytes(data[start : start + 4], "little"))
        value = ((value << 13 | value >> 19) * 5 + 0xE6546B64) & _ALL_BITS
    if whole < len(data):
        value ^= _scrambled(int.from_bytes(data[whole:], "little"))
    value ^= len(data)
    value = ((value ^ value >> 16) * 0x85EBCA6B) & _ALL_BITS
    value = ((value ^ value >> 13) * 0xC2B2AE35) & _ALL_BITS
    return value ^ value >> 16


def _scrambled(block: int) -> int:
    block = (block * 0xCC9E2D51) & _ALL_BITS
    block = (block << 15 | block >> 17) & _ALL_BITS
    return (block * 0x1B873593) & _ALL_BITS
