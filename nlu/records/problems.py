"""What can be wrong with a line of a record file, each as a Japanese sentence with its remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from nlu.application.application import Application
from nlu.application.settings import ClassificationTask, ScoreTask, SpanTask, Task

if TYPE_CHECKING:
    from nlu.records.record import Record, Span

MARKED = ("evidence", "sentences", "spans")
"""The parts of a record that mark stretches of its text."""

_KEYS = ("id", "text", "labels", "scores", *MARKED, "meta")


def shape_problems(content: Mapping[str, Any]) -> Iterator[str]:
    """What keeps a JSON object from being a record of any application."""
    for key in content:
        if key not in _KEYS:
            yield f"「{key}」という項目は使えません。meta の中に移してください。"
    for key in ("id", "text"):
        if not isinstance(content.get(key), str) or not content[key].strip():
            yield f"「{key}」がないか、空か、文字列ではありません。"
    parts = {}
    for key in ("labels", "scores", *MARKED, "meta"):
        parts[key] = content.get(key, {})
        if not isinstance(parts[key], dict):
            yield f"「{key}」は {{…}} の形にしてください。"
            parts[key] = {}
    for task, names in parts["labels"].items():
        if not _are_names(names):
            yield f"labels の「{task}」は小分類の名前か、その並びにしてください。"
    for task, value in parts["scores"].items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            yield f"scores の「{task}」は数にしてください。"
    for part in MARKED:
        for task, spans in parts[part].items():
            if not isinstance(spans, list) or not all(_is_span(span) for span in spans):
                yield (
                    f"{part} の「{task}」は [[開始, 終了], …] か [[開始, 終了, 小分類], …] の形"
                    "（開始と終了は整数）にしてください。"
                )


def _are_names(value: Any) -> bool:
    return all(isinstance(name, str) for name in (value if isinstance(value, list) else [value]))


def _is_span(value: Any) -> bool:
    if not isinstance(value, list) or len(value) not in (2, 3):
        return False
    return all(type(place) is int for place in value[:2]) and _are_names(value[2:][0] if value[2:] else [])


def application_problems(record: Record, application: Application) -> Iterator[str]:
    """What is wrong with a well-formed record in the eyes of its application."""
    tasks = {task.name: task for task in application.settings.tasks}
    for name, labels in record.labels.items():
        task = tasks.get(name)
        if isinstance(task, ClassificationTask):
            yield from _label_problems(task, labels, application)
        else:
            yield f"labels の「{name}」という分類タスクは app.toml にありません。"
    for name, value in record.scores.items():
        task = tasks.get(name)
        if isinstance(task, ScoreTask):
            yield from _score_problems(task, value)
        else:
            yield f"scores の「{name}」というスコアのタスクは app.toml にありません。"
    for part in MARKED:
        for name, spans in getattr(record, part).items():
            task = tasks.get(name)
            if not _may_mark(part, task):
                yield _CANNOT_MARK[part].format(name=name)
                continue
            for span in spans:
                yield from _span_problems(part, task, span, record, application)


_CANNOT_MARK = {
    "evidence": "evidence の「{name}」は app.toml で evidence = true としたタスクではありません。",
    "sentences": "sentences の「{name}」は app.toml で evidence = true としたタスクではありません。",
    "spans": 'spans の「{name}」は app.toml で type = "span" としたタスクではありません。',
}


def _may_mark(part: str, task: Task | None) -> bool:
    if part == "spans":
        return isinstance(task, SpanTask)
    return isinstance(task, ClassificationTask) and task.evidence


def _span_problems(
    part: str, task: Task | None, span: Span, record: Record, application: Application
) -> Iterator[str]:
    assert task is not None
    place = f"{part} の「{task.name}」の [{span.start}, {span.end}]"
    if not 0 <= span.start < span.end <= len(record.text):
        yield f"{place} は本文（{len(record.text)} 文字）の外か、空の範囲です。"
    names = application.sheets[task.name].names
    for label in span.labels:
        if label not in names:
            known = "・".join(names)
            yield f"{place} の「{label}」はラベルシートの小分類にありません。使えるのは {known} です。"
        elif part == "evidence" and label not in record.labels.get(task.name, ()):
            yield f"{place} の「{label}」は labels に付いていません。labels にも付けるか、消してください。"
    if part == "spans" and len(span.labels) != 1:
        yield f"{place} には小分類を 1 つ付けてください。"


def _score_problems(task: ScoreTask, value: float) -> Iterator[str]:
    if not task.minimum <= value <= task.maximum:
        yield (
            f"scores の「{task.name}」の {value:g} は範囲の外です。"
            f"{task.minimum:g} から {task.maximum:g} までにしてください。"
        )
    elif task.ordinal and not float(value).is_integer():
        yield f"scores の「{task.name}」の {value:g} は整数にしてください（ordinal = true）。"


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
