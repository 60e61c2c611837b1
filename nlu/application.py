"""One tailored use of Yomitori: the folder with `app.toml` and the label sheets it names."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from nlu.errors import ApplicationError
from nlu.labels import LabelSheet

SETTINGS_FILE = "app.toml"
_COLUMN = re.compile(r"[a-z][a-z0-9_]*")


def plain_label(label: str) -> str:
    """The label of a form as it is compared, NFKC without white space: お 名　前 is お名前."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", label))


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClassificationTask(_Settings):
    """Which labels of a sheet hold for a document.

    `other` is the 小分類 that means "nothing to report". `target_recall` asks for the highest precision
    whose recall on the dev records reaches it; without it thresholds give the best F1.
    """

    name: str = Field(min_length=1)
    type: Literal["classification"]
    labels: str
    multi_label: bool = False
    other: str | None = None
    evidence: bool = False
    target_recall: float | None = Field(default=None, gt=0, le=1)

    @field_validator("labels")
    @classmethod
    def _is_in_the_folder(cls, value: str) -> str:
        if not value or PurePath(value).name != value or "\\" in value:
            raise ValueError(f"「{value}」はアプリケーションのフォルダの中のファイル名だけにしてください")
        return value


class ScoreTask(_Settings):
    """How strongly: a number between `minimum` and `maximum`."""

    name: str = Field(min_length=1)
    type: Literal["score"]
    minimum: float
    maximum: float

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.minimum >= self.maximum:
            raise ValueError("minimum は maximum より小さくしてください")
        return self


Task = ClassificationTask | ScoreTask


class Routing(_Settings):
    """Which documents the application reads: document kind -> words in a title that tell the kind."""

    kinds: Mapping[str, tuple[str, ...]] = {}


class SelectionSettings(_Settings):
    """`max_tokens` is the room for a document in the encoder, its two end marks included."""

    max_tokens: int = Field(default=256, ge=16)


class TrainingSettings(_Settings):
    """How the model is trained.

    The top `trainable_layers` of the encoder learn through LoRA of `lora_rank`; the outputs of those below
    are computed once. `other_ratio` is how many records of "other" are drawn each epoch for one with
    something to report; `max_repeats` is how often at most a record of a rare label comes in one epoch.
    Training ends after `patience` epochs without a better dev figure.
    """

    epochs: int = Field(default=10, ge=1)
    patience: int = Field(default=4, ge=1)
    batch_size: int = Field(default=16, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    lora_rank: int = Field(default=8, ge=1)
    trainable_layers: int = Field(default=4, ge=1)
    other_ratio: float = Field(default=2.0, ge=0)
    max_repeats: int = Field(default=3, ge=1)
    seed: int = 13


class Settings(_Settings):
    """What `app.toml` says; `fields` maps a column of the published fields to the labels that forms print
    for it."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = Field(min_length=1)
    encoder: str = "bundled"
    routing: Routing = Routing()
    tasks: tuple[Annotated[Task, Field(discriminator="type")], ...] = Field(min_length=1)
    fields: Mapping[str, tuple[str, ...]] = {}
    selection: SelectionSettings = SelectionSettings()
    training: TrainingSettings = TrainingSettings()

    @field_validator("fields")
    @classmethod
    def _is_a_dictionary(cls, value: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        column_of: dict[str, str] = {}
        for column, labels in value.items():
            if not _COLUMN.fullmatch(column):
                raise ValueError(
                    f"列名「{column}」は半角の英小文字で始め、英小文字・数字・下線（_）で書いてください"
                )
            if not labels:
                raise ValueError(f"列「{column}」に帳票の項目名がありません。1 つ以上書いてください")
            for label in labels:
                plain = plain_label(label)
                if not plain:
                    raise ValueError(f"列「{column}」に空の項目名があります。書くか、消してください")
                if plain in column_of:
                    raise ValueError(
                        f"項目名「{label}」が列「{column_of[plain]}」と「{column}」に重なっています。"
                        "どちらか一方だけにしてください"
                    )
                column_of[plain] = column
        return value

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [task.name for task in self.tasks]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"tasks の name「{name}」が重なっています。別の名前にしてください")
        return self


@dataclass(frozen=True, slots=True)
class Application:
    """The settings, the label sheet of each classification task, and the bytes of the files they came from.

    `files` maps file name to content, so that a model folder carries exactly what its model was trained on.
    """

    settings: Settings
    sheets: Mapping[str, LabelSheet]
    files: Mapping[str, bytes]

    @staticmethod
    def load(folder: Path) -> Application:
        """Read `app.toml` and the label sheets in `folder`. Raises ApplicationError or LabelSheetError."""
        path = folder / SETTINGS_FILE
        try:
            data = path.read_bytes()
        except OSError as error:
            remedy = "アプリケーションのフォルダ（app.toml とラベルシートがある場所）を指定してください。"
            raise ApplicationError(path, [f"ファイルを開けません。{remedy}"]) from error
        settings = _parse_settings(data, path)
        files = {SETTINGS_FILE: data}
        sheets: dict[str, LabelSheet] = {}
        for task in settings.tasks:
            if isinstance(task, ClassificationTask):
                sheet_path = folder / task.labels
                sheets[task.name] = LabelSheet.read(sheet_path)
                files[task.labels] = sheet_path.read_bytes()
                if task.other is not None and task.other not in sheets[task.name].names:
                    problem = (
                        f"タスク「{task.name}」の other「{task.other}」は {task.labels} の小分類に"
                        "ありません。どちらかの名前を合わせてください。"
                    )
                    raise ApplicationError(path, [problem])
        return Application(settings, sheets, files)

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
    def fields(self) -> Mapping[str, tuple[str, ...]]:
        """Column of the published fields -> the labels that forms print for it."""
        return self.settings.fields

    @property
    def routing(self) -> Mapping[str, tuple[str, ...]]:
        """Document kind -> the title words that tell it."""
        return self.settings.routing.kinds


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
    "union_tag_invalid": "の type は classification か score にしてください。",
    "union_tag_not_found": "に type がありません。classification か score を書いてください。",
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
        elif not (len(steps) == 1 and steps[0].startswith("tasks[") and step in ("classification", "score")):
            steps.append(step)
    return ".".join(steps)
