"""An annotated record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, half open, and the 小分類 it was given."""

    start: int
    end: int
    labels: tuple[str, ...] = ()


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One text with what people said of it, by task; `labels` are 小分類."""

    id: str
    text: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    evidence: Mapping[str, Spans] = field(default_factory=dict)
    sentences: Mapping[str, Spans] = field(default_factory=dict)
    spans: Mapping[str, Spans] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
