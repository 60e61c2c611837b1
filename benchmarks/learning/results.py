"""Runs on disk: one JSON line each, appended at once, so that a benchmark goes on where it was stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "results" / "nlu"


@dataclass(frozen=True, slots=True)
class Key:
    """What a run is told by."""

    dataset: str
    task: str
    size: str
    seed: int
    contender: str


def read(folder: Path = FOLDER) -> dict[Key, Mapping[str, Any]]:
    """The figures of every finished run; the last one where a run was repeated."""
    found: dict[Key, Mapping[str, Any]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            content = json.loads(line)
            key = Key(*(content.pop(name) for name in Key.__slots__))
            found[key] = content
    return found


def append(key: Key, content: Mapping[str, Any], folder: Path = FOLDER) -> None:
    """Adds one line to the file of its data set."""
    folder.mkdir(parents=True, exist_ok=True)
    line = {name: getattr(key, name) for name in Key.__slots__} | dict(content)
    with (folder / f"{key.dataset}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
