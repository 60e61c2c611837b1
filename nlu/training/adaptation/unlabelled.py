"""Texts that nobody has annotated: JSON Lines with a `text`, records among them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from nlu.errors import RecordError
from nlu.records.record_files import read_lines

LEAST_TEXTS = 20
"""Fewer leave next to nothing to hold out."""


def read_texts(paths: Sequence[Path]) -> tuple[str, ...]:
    """The texts of all files, each once, in the order of the files; whatever else a line says is ignored, so
    that records count, "other" among them, whether or not they fit an application.

    Raises RecordError with every line that has no text, or where all files together have too few.
    """
    texts = [text for path in paths for text in _texts(path)]
    distinct = tuple(dict.fromkeys(texts))
    if len(distinct) < LEAST_TEXTS:
        remedy = f"{LEAST_TEXTS} 件以上、できれば数千件の異なる文章を用意してください。"
        raise RecordError(paths[0], [f"文章が全部で {len(distinct)} 件しかありません。{remedy}"])
    return distinct


def _texts(path: Path) -> list[str]:
    texts: list[str] = []
    problems: list[str] = []
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        text = _text(line)
        if text is None:
            problems.append(
                f'{number} 行目: {{"text": "…"}} の形になっていません。直すか、行を消してください。'
            )
        elif text.strip():
            texts.append(text.strip())
    if problems:
        raise RecordError(path, problems)
    return texts


def _text(line: str) -> str | None:
    try:
        content = json.loads(line)
    except ValueError:
        return None
    text = content.get("text") if isinstance(content, dict) else None
    return text if isinstance(text, str) else None
