"""Reads the `E5S1` file of a 4-bit e5 encoder: sizes, tokenizer pieces, normalisation map, tensors.

Little-endian, in this order: magic, version, seven sizes, LayerNorm epsilon, block size; the tokenizer
(counts, byte offsets, log-probabilities, UTF-8 pieces, code point replacements); a directory of tensors
with their places in the file. A tensor is float32, or Q4_0: per 32 weights one float16 scale and 16 bytes
whose low nibbles are weights 0-15 and high nibbles 16-31, stored plus 8.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])


@dataclass(frozen=True, slots=True)
class Sizes:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int


@dataclass(frozen=True, slots=True)
class SpecialIds:
    start: int
    end: int
    pad: int
    unknown: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    quantised: bool
    weights: int
    offset: int


@dataclass(frozen=True, slots=True)
class E5File:
    """One parsed file; `pieces[i]` is token id `i`, `scores` its log-probability.

    `normalisation` maps a character to what replaces it; a character it lacks stays.
    """

    sizes: Sizes
    epsilon: float
    special: SpecialIds
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    normalisation: Mapping[str, str]
    _data: bytes
    _directory: Mapping[str, _Tensor]

    def vector(self, name: str) -> NDArray[np.float32]:
        """A float32 tensor, flat. Raises KeyError where the file has none of that name."""
        entry = self._directory[name]
        return np.frombuffer(self._data, "<f4", entry.weights, entry.offset)

    def matrix(self, name: str, rows: int, only: NDArray[np.intp] | None = None) -> NDArray[np.float32]:
        """A tensor of `rows` rows as float32, shape (rows, weights / rows); `only` picks rows by number
        before anything is expanded. Raises KeyError where the file has none of that name."""
        entry = self._directory[name]
        if not entry.quantised:
            full = self.vector(name).reshape(rows, -1)
            return full if only is None else full[only]
        blocks = np.frombuffer(self._data, _Q4_BLOCK, entry.weights // BLOCK, entry.offset).reshape(rows, -1)
        return _dequantise(blocks if only is None else blocks[only])


def _dequantise(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    """Q4_0 blocks of shape (rows, n) as float32 weights of shape (rows, 32 n)."""
    rows, per_row = blocks.shape
    weights = np.empty((rows, per_row, BLOCK), np.float32)
    weights[:, :, : BLOCK // 2] = blocks["nibbles"] & 0x0F
    weights[:, :, BLOCK // 2 :] = blocks["nibbles"] >> 4
    weights -= 8
    weights *= blocks["scale"].astype(np.float32)[:, :, None]
    return weights.reshape(rows, per_row * BLOCK)


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def number(self, layout: str) -> int:
        return self.take(layout)[0]

    def raw(self, length: int) -> bytes:
        found = self._data[self._at : self._at + length]
        if len(found) != length:
            raise ValueError("the E5S1 file ends too early")
        self._at += length
        return found


def parse(data: bytes) -> E5File:
    """The file's content; the tensors stay views of `data`. Raises ValueError for any other format."""
    cursor = _Cursor(data)
    if data[:8] != b"E5S1" + struct.pack("<I", 1):
        raise ValueError("not an E5S1 file of version 1")
    try:
        cursor.raw(8)
        sizes = Sizes(*cursor.take("7i"))
        (epsilon,) = struct.unpack("<f", cursor.raw(4))
        if cursor.number("i") != BLOCK:
            raise ValueError("an E5S1 file with blocks of another size")
        count, start, end, pad, unknown = cursor.take("5i")
        blob_length = cursor.number("Q")
        bounds = np.frombuffer(cursor.raw(4 * (count + 1)), "<u4").tolist()
        scores = np.frombuffer(cursor.raw(4 * count), "<f4")
        blob = cursor.raw(blob_length)
        pieces = tuple(blob[a:b].decode() for a, b in pairwise(bounds))
        normalisation = _read_normalisation(cursor)
        directory = _read_directory(cursor)
    except (struct.error, UnicodeDecodeError) as error:
        raise ValueError(f"a damaged E5S1 file: {error}") from error
    special = SpecialIds(start, end, pad, unknown)
    return E5File(sizes, epsilon, special, pieces, scores, normalisation, data, directory)


def _read_normalisation(cursor: _Cursor) -> dict[str, str]:
    count, _byte_length = cursor.take("iI")
    replacements: dict[str, str] = {}
    for _ in range(count):
        code_point, length = cursor.take("IB")
        replacements[chr(code_point)] = "".join(map(chr, cursor.take(f"{length}I")))
    return replacements


def _read_directory(cursor: _Cursor) -> dict[str, _Tensor]:
    entries: dict[str, _Tensor] = {}
    for _ in range(cursor.number("i")):
        name = cursor.raw(cursor.number("H")).decode()
        kind, weights, offset, _byte_length = cursor.take("BIQQ")
        entries[name] = _Tensor(quantised=kind == 1, weights=weights, offset=offset)
    return entries
