"""What training writes beside a model: `metrics.json`, which says what it found out, and its checkpoints."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nlu.decisions.threshold import Threshold
from nlu.records.record import Record

CARD_FILE = "MODEL_CARD.md"
METRICS_FILE = "metrics.json"
CHECKPOINT_FOLDER = ".training"

_HASH_DIGITS = 8
"""Of each text: among thousands of records one in a million is taken for another."""


def write_metrics(folder: Path, metrics: Mapping[str, Any]) -> None:
    """Write the file into a model folder."""
    text = json.dumps(metrics, ensure_ascii=False, indent=2)
    (folder / METRICS_FILE).write_text(text + "\n", encoding="utf-8")


def read_thresholds(folder: Path) -> tuple[Threshold, ...]:
    """The thresholds of a model with their figures on dev, for comparison; () where nobody knows them."""
    try:
        content = json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))
        return tuple(Threshold(**row) for row in content["thresholds"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def text_hashes(records: Iterable[Record]) -> str:
    """Short hashes of the distinct texts, ascending, with spaces between: small, and no text can be read
    from them."""
    return " ".join(sorted({_hash(record.text) for record in records}))


def count_known(folder: Path, records: Iterable[Record]) -> int:
    """How many of the records have a text that the model in `folder` was trained or tuned on; 0 where nobody
    knows them, as of models that older versions trained."""
    try:
        content = json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))
        known = set(content["text_hashes"].split())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return 0
    return sum(_hash(record.text) in known for record in records)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
