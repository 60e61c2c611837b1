"""One tailored use of Yomitori: the folder with `app.toml` and the label sheets it names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask, ScoreTask, Settings, SpanTask
from nlu.entities.lists import ListedName, read_list
from nlu.errors import ApplicationError

SETTINGS_FILE = "app.toml"

_TASK_TYPES = ("classification", "score", "span")


@dataclass(frozen=True, slots=True)
class Application:
    """The settings, the label sheet of each classification task, and the bytes of the files they came from.

    `files` maps file name to content, so that a model folder carries exactly what its model was trained on.
    `listed` are the names of its lists.
    """

    settings: Settings
    sheets: Mapping[str, LabelSheet]
    files: Mapping[str, bytes]
    listed: tuple[ListedName, ...] = ()

    @staticmethod
    def load(folder: Path, *, to_learn: bool = False) -> Application:
        """Read `app.toml`, label sheets and lists in `folder`. Raises ApplicationError or LabelSheetError.

        An application `to_learn` has a task.
        """
        path = folder / SETTINGS_FILE
        try:
            data = path.read_bytes()
        except OSError as error:
            remedy = "アプリケーションのフォルダ（app.toml とラベルシートがある場所）を指定してください。"
            raise ApplicationError(path, [f"ファイルを開けません。{remedy}"]) from error
        settings = _parse_settings(data, path)
        if to_learn and not settings.tasks:
            remedy = "学習は不要です。yomitori run の --app にそのまま指定してください。"
            raise ApplicationError(path, [f"tasks がないため、学習することがありません。{remedy}"])
        files = {SETTINGS_FILE: data}
        sheets: dict[str, LabelSheet] = {}
        problems: list[str] = []
        for task in settings.tasks:
            if not isinstance(task, ScoreTask):
                sheet_path = folder / task.labels
                sheets[task.name] = LabelSheet.read(sheet_path)
                files[task.labels] = sheet_path.read_bytes()
            if isinstance(task, ClassificationTask):
                problems += _unknown_labels(task, sheets[task.name])
        if problems:
            raise ApplicationError(path, problems)
        listed: list[ListedName] = []
        for group, name in settings.entities.lists.items():
            files[name] = _bytes_of(folder / name)
            listed += read_list(files[name], group, folder / name)
        return Application(settings, sheets, files, tuple(listed))

    def save(self, folder: Path) -> None:
        """Write `app.toml` and the label sheets into `folder`, byte for byte as they were read."""
        for name, data in self.files.items():
            (folder / name).write_bytes(data)

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def classifications(self) -> tuple[ClassificationTask, ...]:
        return tuple(task for task in self.settings.tasks if isinstance(task, ClassificationTask))

    @property
    def scores(self) -> tuple[ScoreTask, ...]:
        return tuple(task for task in self.settings.tasks if isinstance(task, ScoreTask))

    @property
    def spans(self) -> tuple[SpanTask, ...]:
        return tuple(task for task in self.settings.tasks if isinstance(task, SpanTask))

    @property
    def fields(self) -> Mapping[str, tuple[str, ...]]:
        """Column of the published fields -> the labels that forms print for it."""
        return self.settings.fields

    @property
    def routing(self) -> Mapping[str, tuple[str, ...]]:
        """Document kind -> the title words that tell it."""
        return self.settings.routing.kinds

    @property
    def split(self) -> str | None:
        """How files are parted into documents: auto, never, pages; None where nothing is said."""
        return self.settings.routing.split

    @property
    def file_patterns(self) -> Mapping[str, tuple[str, ...]]:
        """Document kind -> the patterns that tell it by the path of a file below the inbox."""
        return self.settings.routing.files

    @property
    def date_fields(self) -> tuple[str, ...]:
        """The fields whose date is the document's own, in order of preference."""
        return self.settings.documents.date


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        remedy = "app.toml の entities.lists に書いた名前と、ファイルの場所を確かめてください。"
        raise ApplicationError(path, [f"ファイルを開けません。{remedy}"]) from error


def _unknown_labels(task: ClassificationTask, sheet: LabelSheet) -> Iterator[str]:
    named = [("other", task.other)] if task.other is not None else []
    for key, name in [*named, *(("aims", name) for name in task.aims)]:
        if name not in sheet.names:
            yield (
                f"タスク「{task.name}」の {key}「{name}」は {task.labels} の小分類に"
                "ありません。どちらかの名前を合わせてください。"
            )


def _parse_settings(data: bytes, path: Path) -> Settings:
    try:
        content = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ApplicationError(path, ["文字コードが UTF-8 ではありません。保存し直してください。"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ApplicationError(
            path, [f"TOML として読めません（{error}）。その行を直してください。"]
        ) from error
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        problems = [_explain(problem, content) for problem in error.errors()]
        raise ApplicationError(path, problems) from error


# pydantic's error types -> what a person reads; `{key}` and the error's own context fill the places.
_EXPLANATIONS = {
    "missing": "がありません。書き加えてください。",
    "extra_forbidden": "という項目は使えません。綴りを確かめるか、消してください。",
    "union_tag_invalid": "の type は classification・score・span のどれかにしてください。",
    "union_tag_not_found": "に type がありません。classification・score・span のどれかを書いてください。",
    "greater_than": "は {gt} より大きくしてください。",
    "greater_than_equal": "は {ge} 以上にしてください。",
    "less_than_equal": "は {le} 以下にしてください。",
    "string_type": 'は文字列（"…"）にしてください。',
    "string_too_short": "が空です。書いてください。",
    "string_pattern_mismatch": "は半角の英小文字・数字・ハイフンで書いてください。",
    "int_type": "は整数にしてください。",
    "int_from_float": "は整数にしてください。",
    "int_parsing": "は整数にしてください。",
    "float_type": "は数にしてください。",
    "float_parsing": "は数にしてください。",
    "enum": "は {expected} のどれかにしてください。",
    "literal_error": "は {expected} のどれかにしてください。",
    "bool_type": "は true か false にしてください。",
    "bool_parsing": "は true か false にしてください。",
    "tuple_type": "は並び（[…]）にしてください。",
    "too_short": "が空です。1 つ以上書いてください。",
}


def _explain(problem: Any, content: Mapping[str, Any]) -> str:
    key = _key(problem["loc"], content)
    context = problem.get("ctx", {})
    if problem["type"] == "value_error":
        return f"{key}: {context['error']}。" if key else f"{context['error']}。"
    explanation = _EXPLANATIONS.get(problem["type"], "の値を使えません（{message}）。")
    return f"「{key}」{explanation.format(message=problem['msg'], **context)}"


def _key(location: tuple[str | int, ...], content: Mapping[str, Any]) -> str:
    """The place in the file as a person finds it: `tasks[2].minimum` counts from 1."""
    steps: list[str] = []
    for step in location:
        if isinstance(step, int):
            steps[-1] += f"[{step + 1}]"
        elif step != "[key]" and not (
            len(steps) == 1 and steps[0].startswith("tasks[") and step in _TASK_TYPES
        ):
            steps.append(step)
    return ".".join(steps)
