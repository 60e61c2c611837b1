"""`metrics.json`: what training found out about the model it made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nlu.decisions.threshold import Threshold

METRICS_FILE = "metrics.json"


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
