"""Annotated texts on disk: JSON Lines in UTF-8, one record a line, or a spreadsheet (`spreadsheet_records`).

    {"id": "…", "text": "…",
     "labels": {"TASK": "小分類" | ["…", …]}, "scores": {"TASK": 2.0},
     "evidence": {"TASK": [[start, end], [start, end, "小分類"], …]},
     "sentences": {"TASK": [[start, end, "小分類" | ["…", …]], …]},
     "spans": {"TASK": [[start, end, "小分類"], …]}, "meta": {…}}

A task that a record does not name is not annotated there; offsets are characters of `text`, half open.
`evidence` holds everything that proves the record's labels, so what it leaves out proves nothing.
`sentences` holds the sentences that somebody read, [] for one that proves no label, and says nothing of the
rest. `spans` holds everything that a span task looks for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nlu.application.application import Application
from nlu.errors import RecordError
from nlu.records.problems import MARKED, application_problems, shape_problems
from nlu.records.record import Record, Span, Spans
from nlu.records.spreadsheet_records import NoTextColumnError, record_contents
from nlu.spreadsheets import OLE, ZIPPED, UnreadableSpreadsheetError, read_spreadsheet


def read_lines(path: Path) -> list[str]:
    """The lines of a JSON Lines file. Raises RecordError where it cannot be read as UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise RecordError(path, ["ファイルを開けません。場所と読み取り権限を確かめてください。"]) from error
    except UnicodeDecodeError as error:
        raise RecordError(path, ["文字コードが UTF-8 ではありません。保存し直してください。"]) from error


def read_records(path: Path, application: Application | None = None) -> tuple[Record, ...]:
    """The records of a JSON Lines file or a spreadsheet (.xlsx, .xls, .ods, .csv, .tsv), checked against
    `application` where one is given.

    Raises RecordError with every problem found, each with its line number.
    """
    records: list[Record] = []
    problems: list[str] = []
    first_seen: dict[str, int] = {}
    for number, content, found in _contents(path, application):
        found = found or list(shape_problems(content))
        record = None if found else _from_json(content)
        if record is not None:
            if record.id in first_seen:
                found = [*found, f"id「{record.id}」は {first_seen[record.id]} 行目にもあります。"]
            first_seen.setdefault(record.id, number)
            if application is not None:
                found = [*found, *application_problems(record, application)]
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
        "evidence": _spans_to_json(record.evidence),
        "sentences": _spans_to_json(record.sentences),
        "spans": _spans_to_json(record.spans),
        "meta": dict(record.meta),
    }
    return {"id": record.id, "text": record.text, **{key: part for key, part in parts.items() if part}}


def _spans_to_json(spans_by_task: Mapping[str, Spans]) -> dict[str, Any]:
    return {task: [_span_to_json(span) for span in spans] for task, spans in spans_by_task.items()}


def _span_to_json(span: Span) -> list[Any]:
    named = [span.labels[0]] if len(span.labels) == 1 else [list(span.labels)] if span.labels else []
    return [span.start, span.end, *named]


def _contents(
    path: Path, application: Application | None
) -> Iterator[tuple[int, Mapping[str, Any], Sequence[str]]]:
    """The number of each line or row, what it says, and why it says nothing."""
    if not _is_spreadsheet(path):
        for number, line in enumerate(read_lines(path), start=1):
            if line.strip():
                yield number, *_parsed(line)
        return
    try:
        sheets = list(read_spreadsheet(path.read_bytes()).values())
        for number, content in record_contents(sheets, application):
            yield number, content, ()
    except OSError as error:
        raise RecordError(path, ["ファイルを開けません。場所と読み取り権限を確かめてください。"]) from error
    except (UnreadableSpreadsheetError, NoTextColumnError) as error:
        raise RecordError(path, [str(error)]) from error


def _is_spreadsheet(path: Path) -> bool:
    """Whether the bytes or the name say so: text of either kind is text."""
    if path.suffix.lower() in (".csv", ".tsv"):
        return True
    try:
        with path.open("rb") as file:
            return file.read(4) in (ZIPPED, OLE)
    except OSError:
        return False


def _parsed(line: str) -> tuple[Mapping[str, Any], Sequence[str]]:
    """A line of JSON, and why it is none."""
    try:
        content = json.loads(line)
    except json.JSONDecodeError as error:
        return {}, [f"JSON として読めません（{error.colno} 文字目: {error.msg}）。"]
    if not isinstance(content, dict):
        return {}, ['{"id": …, "text": …} の形ではありません。']
    return content, []


def _from_json(content: Mapping[str, Any]) -> Record:
    return Record(
        id=content["id"],
        text=content["text"],
        labels={
            task: tuple(names) if isinstance(names, list) else (names,)
            for task, names in content.get("labels", {}).items()
        },
        scores={task: float(value) for task, value in content.get("scores", {}).items()},
        **{part: _spans_from_json(content.get(part, {})) for part in MARKED},
        meta=content.get("meta", {}),
    )


def _spans_from_json(spans_by_task: Mapping[str, Any]) -> dict[str, Spans]:
    return {
        task: tuple(Span(start, end, _names(named)) for start, end, *named in spans)
        for task, spans in spans_by_task.items()
    }


def _names(named: Sequence[Any]) -> tuple[str, ...]:
    (given,) = named or [()]
    return (given,) if isinstance(given, str) else tuple(given)
