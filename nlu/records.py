"""Annotated texts on disk: JSON Lines in UTF-8, one record a line.

`{"id": "…", "text": "…", "labels": {"TASK": "小分類" | ["…", …]}, "scores": {"TASK": 2.0},
"evidence": {"TASK": [[start, end], …]}, "meta": {…}}`. A task that a record does not name is not annotated
there; offsets are characters of `text`, half open.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from nlu.application import Application
from nlu.errors import RecordError
from nlu.settings import ClassificationTask

Spans = tuple[tuple[int, int], ...]

_KEYS = ("id", "text", "labels", "scores", "evidence", "meta")


@dataclass(frozen=True, slots=True)
class Record:
    """One text with what people said of it; `labels` holds 小分類 by task, `evidence` spans by task."""

    id: str
    text: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    evidence: Mapping[str, Spans] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)


def read_records(path: Path, application: Application | None = None) -> tuple[Record, ...]:
    """The records of a JSON Lines file, checked against `application` where one is given.

    Raises RecordError with every problem found, each with its line number.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise RecordError(path, ["ファイルを開けません。場所と読み取り権限を確かめてください。"]) from error
    except UnicodeDecodeError as error:
        raise RecordError(path, ["文字コードが UTF-8 ではありません。保存し直してください。"]) from error
    records: list[Record] = []
    problems: list[str] = []
    first_seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        record, found = _parse(line)
        if record is not None:
            if record.id in first_seen:
                found = [*found, f"id「{record.id}」は {first_seen[record.id]} 行目にもあります。"]
            first_seen.setdefault(record.id, number)
            if application is not None:
                found = [*found, *_check(record, application)]
            records.append(record)
        problems += [f"{number} 行目: {problem}" for problem in found]
    if not records and not problems:
        problems = ["レコードが 1 件もありません。"]
    if problems:
        raise RecordError(path, problems)
    return tuple(records)


def write_records(path: Path, records: Iterable[Record]) -> None:
    """Write JSON Lines that `read_records` reads back equal."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(_to_json(record), ensure_ascii=False) + "\n")


def _to_json(record: Record) -> dict[str, Any]:
    parts = {
        "labels": {
            task: names[0] if len(names) == 1 else list(names) for task, names in record.labels.items()
        },
        "scores": dict(record.scores),
        "evidence": {task: [list(span) for span in spans] for task, spans in record.evidence.items()},
        "meta": dict(record.meta),
    }
    return {"id": record.id, "text": record.text, **{key: part for key, part in parts.items() if part}}


def _parse(line: str) -> tuple[Record | None, Sequence[str]]:
    """A record and the problems of its shape; None where there is not even a text to speak of."""
    try:
        content = json.loads(line)
    except json.JSONDecodeError as error:
        return None, [f"JSON として読めません（{error.colno} 文字目: {error.msg}）。"]
    if not isinstance(content, dict):
        return None, ['{"id": …, "text": …} の形ではありません。']
    problems = [
        f"「{key}」という項目は使えません。meta の中に移してください。" for key in content if key not in _KEYS
    ]
    for key in ("id", "text"):
        if not isinstance(content.get(key), str) or not content[key].strip():
            problems.append(f"「{key}」がないか、空か、文字列ではありません。")
    for key in ("labels", "scores", "evidence", "meta"):
        if not isinstance(content.get(key, {}), dict):
            problems.append(f"「{key}」は {{…}} の形にしてください。")
    if problems:
        return None, problems
    problems += _shape_problems(content)
    if problems:
        return None, problems
    return _from_json(content), []


def _shape_problems(content: Mapping[str, Any]) -> Iterator[str]:
    for task, names in content.get("labels", {}).items():
        several = names if isinstance(names, list) else [names]
        if not all(isinstance(name, str) for name in several):
            yield f"labels の「{task}」は小分類の名前か、その並びにしてください。"
    for task, value in content.get("scores", {}).items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            yield f"scores の「{task}」は数にしてください。"
    for task, spans in content.get("evidence", {}).items():
        if not isinstance(spans, list) or not all(_is_span(span) for span in spans):
            yield f"evidence の「{task}」は [[開始, 終了], …] の形（整数）にしてください。"


def _is_span(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(place) is int for place in value)


def _from_json(content: Mapping[str, Any]) -> Record:
    return Record(
        id=content["id"],
        text=content["text"],
        labels={
            task: tuple(names) if isinstance(names, list) else (names,)
            for task, names in content.get("labels", {}).items()
        },
        scores={task: float(value) for task, value in content.get("scores", {}).items()},
        evidence={
            task: tuple((start, end) for start, end in spans)
            for task, spans in content.get("evidence", {}).items()
        },
        meta=content.get("meta", {}),
    )


def _check(record: Record, application: Application) -> Iterator[str]:
    """What is wrong with a well-formed record in the eyes of its application."""
    classifications = {task.name: task for task in application.classifications}
    scores = {task.name: task for task in application.scores}
    for name, labels in record.labels.items():
        if name in classifications:
            yield from _label_problems(classifications[name], labels, application)
        else:
            yield f"labels の「{name}」というタスクは app.toml にありません。"
    for name, value in record.scores.items():
        if name not in scores:
            yield f"scores の「{name}」というタスクは app.toml にありません。"
        elif not scores[name].minimum <= value <= scores[name].maximum:
            yield (
                f"scores の「{name}」の {value:g} は範囲の外です。"
                f"{scores[name].minimum:g} から {scores[name].maximum:g} までにしてください。"
            )
    for name, spans in record.evidence.items():
        if name not in classifications or not classifications[name].evidence:
            yield f"evidence の「{name}」は app.toml で evidence = true としたタスクではありません。"
        for start, end in spans:
            if not 0 <= start < end <= len(record.text):
                yield (
                    f"evidence の「{name}」の [{start}, {end}] は本文（{len(record.text)} 文字）の外か、"
                    "空の範囲です。"
                )


def _label_problems(
    task: ClassificationTask, labels: Sequence[str], application: Application
) -> Iterator[str]:
    names = application.sheets[task.name].names
    for label in labels:
        if label not in names:
            yield (
                f"labels の「{task.name}」の「{label}」は {task.labels} の小分類にありません。"
                f"使えるのは {'・'.join(names)} です。"
            )
    if len(set(labels)) != len(labels):
        yield f"labels の「{task.name}」に同じ小分類が重なっています。"
    if not task.multi_label and len(labels) != 1:
        yield f"labels の「{task.name}」は 1 つだけにしてください（複数付けるなら multi_label = true）。"
    if len(labels) > 1 and task.other in labels:
        yield f"labels の「{task.name}」で「{task.other}」は他の小分類と一緒に付けられません。"
