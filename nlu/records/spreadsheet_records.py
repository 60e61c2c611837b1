"""Records out of a spreadsheet: a row a record, with a column of text and columns of labels and scores."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nlu.application.application import Application
from nlu.application.settings import ClassificationTask, ScoreTask
from nlu.spreadsheets import Row, find_headings, is_blank, plain_heading

TEXT_HEADINGS = (
    "本文", "テキスト", "文章", "内容", "text", "お客様の声", "コメント", "自由記述",
    "入電内容", "商談内容", "報告内容",
)  # fmt: skip
_ID_HEADINGS = ("id", "番号", "no", "no.", "管理番号", "文書番号")
_LABEL_HEADINGS = ("小分類", "ラベル", "分類", "カテゴリ", "カテゴリー", "label")
_SCORE_HEADINGS = ("点数", "スコア", "評価", "score")
_BETWEEN_LABELS = re.compile(r"\s*[、，,；;｜|/／\n]\s*")


class NoTextColumnError(ValueError):
    """No sheet has a column of texts; its message says in Japanese how such a column may be headed."""


@dataclass(frozen=True, slots=True)
class _RecordColumns:
    """Where what stands; `labels` and `scores` by task, `meta` by heading."""

    id: int | None
    text: int
    labels: dict[str, int]
    scores: dict[str, int]
    meta: dict[str, int]
    combined: frozenset[str]  # tasks whose labels may hold together


def record_contents(
    sheets: Sequence[Sequence[Row]], application: Application | None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The number of each row, from 1, and what it says in the form of a JSON record.

    A column headed by a task's name holds its labels (several parted by 、 where they can be combined) or
    its score; where there is one such task alone 小分類, ラベル, 点数 and the like name it too. An empty cell
    says nothing of its task. What other columns say becomes `meta`. A record without an id gets the number of
    its row. Raises NoTextColumnError.
    """
    found = find_headings(sheets, _has_texts)
    if found is None:
        raise NoTextColumnError(
            "本文の列がありません。文章の列の見出しを「本文」にしてください"
            f"（{'・'.join(TEXT_HEADINGS[1:5])} などでも分かります）。"
        )
    rows, top = found
    columns = _columns(rows[top], application)
    for number, row in enumerate(rows[top + 1 :], start=top + 2):
        if not is_blank(row):
            yield number, _content(row, number, columns)


def _has_texts(row: Row) -> bool:
    return any(plain_heading(heading) in TEXT_HEADINGS for heading in row)


def _columns(header: Row, application: Application | None) -> _RecordColumns:
    places = {
        plain_heading(heading): place for place, heading in reversed(list(enumerate(header))) if heading
    }
    settings = application.settings.tasks if application else ()
    classifications = [task for task in settings if isinstance(task, ClassificationTask)]
    scores = [task for task in settings if isinstance(task, ScoreTask)]
    labelled = _by_task([task.name for task in classifications], _LABEL_HEADINGS, places)
    scored = _by_task([task.name for task in scores], _SCORE_HEADINGS, places)
    text = next(places[heading] for heading in TEXT_HEADINGS if heading in places)
    number = next((places[heading] for heading in _ID_HEADINGS if heading in places), None)
    taken = {text, number, *labelled.values(), *scored.values()}
    meta = {heading: place for place, heading in enumerate(header) if heading and place not in taken}
    combined = frozenset(task.name for task in classifications if task.multi_label)
    return _RecordColumns(number, text, labelled, scored, meta, combined)


def _by_task(tasks: Sequence[str], synonyms: Sequence[str], places: dict[str, int]) -> dict[str, int]:
    """The column of each task: headed by its name, or by a synonym where there is one task alone."""
    found = {task: places[plain_heading(task)] for task in tasks if plain_heading(task) in places}
    alike = [places[heading] for heading in synonyms if heading in places]
    return {tasks[0]: alike[0]} if not found and len(tasks) == 1 and alike else found


def _content(row: Row, number: int, columns: _RecordColumns) -> dict[str, Any]:
    def at(place: int | None) -> str:
        return row[place] if place is not None and place < len(row) else ""

    labels = {task: at(place) for task, place in columns.labels.items() if at(place)}
    scores = {task: at(place) for task, place in columns.scores.items() if at(place)}
    return {
        "id": at(columns.id) or str(number),
        "text": at(columns.text),
        "labels": {
            task: [name for name in _BETWEEN_LABELS.split(cell) if name] if task in columns.combined else cell
            for task, cell in labels.items()
        },
        "scores": {task: _number(cell) for task, cell in scores.items()},
        "meta": {heading: at(place) for heading, place in columns.meta.items() if at(place)},
    }


def _number(cell: str) -> float | str:
    """The number of a cell, full-width digits too; the text itself where it is none, so that it is told."""
    try:
        return float(unicodedata.normalize("NFKC", cell))
    except ValueError:
        return cell
