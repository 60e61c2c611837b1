"""What an `app.toml` may say: the tasks of an application and how its model is made, with their defaults."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from nlu.entities.entity import Group
from nlu.strict import StrictSettings
from nlu.text.noise.noise_settings import NoiseSettings

_COLUMN = re.compile(r"[a-z][a-z0-9_]*")


def plain_label(label: str) -> str:
    """The label of a form as it is compared, NFKC without white space: お 名　前 is お名前."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", label))


class Aim(StrictSettings):
    """What a threshold is set for on the dev records: the best F1 where nothing is said.

    `recall`: the highest precision whose recall is expected to be it; on other records it falls short about
    as often as it exceeds. `precision`: the highest recall whose precision
    reaches it. `miss_cost`: the lowest cost where a miss costs as much as so many false alarms.
    """

    recall: float | None = Field(default=None, gt=0, le=1)
    precision: float | None = Field(default=None, gt=0, le=1)
    miss_cost: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(value is not None for value in (self.recall, self.precision, self.miss_cost)) > 1:
            raise ValueError("recall・precision・miss_cost のうち 1 つだけにしてください")
        return self


def _in_the_folder(value: str) -> str:
    if not value or PurePath(value).name != value or "\\" in value:
        raise ValueError(f"「{value}」はアプリケーションのフォルダの中のファイル名だけにしてください")
    return value


_FileName = Annotated[str, AfterValidator(_in_the_folder)]


class _SheetTask(StrictSettings):
    name: str = Field(min_length=1)
    labels: _FileName


class ClassificationTask(_SheetTask):
    """Which labels of a sheet hold for a document.

    `other` is the 小分類 that means "nothing to report". `evidence` asks for the sentences that prove a
    label. `aim` is for the whole task, `aims` for single 小分類 where labels can be combined.
    """

    type: Literal["classification"]
    multi_label: bool = False
    other: str | None = None
    evidence: bool = False
    aim: Aim = Aim()
    aims: Mapping[str, Aim] = {}


class ScoreTask(StrictSettings):
    """How strongly: a number between `minimum` and `maximum`; `ordinal` where only the whole ones exist."""

    name: str = Field(min_length=1)
    type: Literal["score"]
    minimum: float
    maximum: float
    ordinal: bool = False

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.minimum >= self.maximum:
            raise ValueError("minimum は maximum より小さくしてください")
        if self.ordinal and not (self.minimum.is_integer() and self.maximum.is_integer()):
            raise ValueError("ordinal のときは minimum と maximum を整数にしてください")
        return self


class SpanTask(_SheetTask):
    """Which stretches of the text are what the labels of a sheet name: a product, a place, a wish. `aim` is
    for each label; a recall is met only as far as spans are found at all."""

    type: Literal["span"]
    aim: Aim = Aim()


Task = ClassificationTask | ScoreTask | SpanTask


class Routing(StrictSettings):
    """Which documents the application reads.

    `kinds`: document kind -> words in a title that tell the kind. `files`: document kind -> patterns for the
    path of its file below the inbox, for papers whose title tells none; a mere list is for the one kind
    that the application reads, which bears its name where `kinds` names none. `split` says whether a file
    may hold several documents: where a page starts one ("auto"), "never", or each of its "pages" is one;
    None leaves it to others.
    """

    kinds: Mapping[str, tuple[str, ...]] = {}
    files: Mapping[str, tuple[str, ...]] = {}
    split: Literal["auto", "never", "pages"] | None = None

    @model_validator(mode="after")
    def _tells_something(self) -> Self:
        for kind, titles in self.kinds.items():
            if not all(map(plain_label, titles)):
                raise ValueError(f"種別「{kind}」に空の表題があります。書くか、消してください")
        for kind, patterns in self.files.items():
            if not all(pattern.strip("/ ") for pattern in patterns):
                raise ValueError(f"種別「{kind}」の files に空のパターンがあります。書くか、消してください")
            if any("\\" in pattern for pattern in patterns):
                raise ValueError(f"種別「{kind}」の files では、フォルダの区切りに / を使ってください")
        return self


class DocumentSettings(StrictSettings):
    """`date`: the fields whose date is the document's own, the first that it has: labels as forms print them,
    or columns of `fields`. Without any of them the date is found by itself."""

    date: tuple[str, ...] = ()

    @field_validator("date")
    @classmethod
    def _names_fields(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        plain = [plain_label(label) for label in value]
        if not all(plain):
            raise ValueError("日付にする項目名に空のものがあります。書くか、消してください")
        twice = next((label for label in value if plain.count(plain_label(label)) > 1), None)
        if twice is not None:
            raise ValueError(f"日付にする項目名「{twice}」が重なっています。一度だけ書いてください")
        return value


class SelectionSettings(StrictSettings):
    """`max_tokens` is the room for a document in the encoder, its two end marks included; 0 means the
    encoder's own limit."""

    max_tokens: int = Field(default=256, ge=0)


class AugmentationSettings(StrictSettings):
    """How much of what an epoch draws is shown changed: shares of the records, 0 to 1.

    `ocr_noise`: misread as the reader misreads. `variants`: other spellings and synonyms of words.
    `sentences`: sentences left out or in another order. `keywords`: keywords of the sheet masked.
    `mixed`: a rare record's proving sentence put among the sentences of another record.
    """

    ocr_noise: float = Field(default=0.0, ge=0, le=1)
    variants: float = Field(default=0.0, ge=0, le=1)
    sentences: float = Field(default=0.0, ge=0, le=1)
    keywords: float = Field(default=0.0, ge=0, le=1)
    mixed: float = Field(default=0.2, ge=0, le=1)


class TrainingSettings(StrictSettings):
    """How the model is trained.

    `preset` "fast" trains no network: linear models on words and on what the encoder says as it came, in a
    minute for 5,000 records.
    The top `trainable_layers` of the encoder learn, through LoRA of `lora_rank` or in full (`tuning`); the
    outputs of those below are computed once. `redraw` draws each epoch its own records: `other_ratio` of
    "other" for one with something to report, rare labels up to `max_repeats` times; `balance` says whether
    that balance holds to the end or returns to the natural one. `class_weights` weigh rare labels more in the
    loss. `task_balance` is how the tasks' losses are weighed against each other, `hierarchy` the weight of
    the losses on 大分類 and 中分類. `auxiliary` are tasks that cost no annotation. The `averaged_epochs` of
    best dev figures make one model. With `folds` above one train and dev are put together and cut into as
    many parts of unlike records; as many networks learn, each from all records but its part, which judges it,
    and the mean of their weights is the model. It takes `folds` − 1 times as long and is better where records
    are few, so 0 means 3 up to 2,500 records and 2 beyond; 1 learns from train and is judged by dev. `epochs`
    are at most; where an epoch is long there are fewer. Training ends after `patience` epochs without a
    better one.
    `threads` above one are for a machine that does nothing else; another number adds the same numbers in
    another order, and the model differs a little.
    """

    preset: Literal["default", "fast"] = "default"
    epochs: int = Field(default=10, ge=0)
    patience: int = Field(default=4, ge=1)
    batch_size: int = Field(default=16, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    tuning: Literal["lora", "full"] = "lora"
    lora_rank: int = Field(default=8, ge=1)
    trainable_layers: int = Field(default=4, ge=1)
    redraw: bool = True
    other_ratio: float = Field(default=2.0, ge=0)
    max_repeats: int = Field(default=3, ge=1)
    balance: Literal["constant", "natural"] = "constant"
    class_weights: bool = True
    task_balance: Literal["equal", "uncertainty"] = "equal"
    hierarchy: float = Field(default=0.0, ge=0)
    auxiliary: tuple[Literal["keywords", "kind"], ...] = ()
    averaged_epochs: int = Field(default=1, ge=1)
    folds: int = Field(default=0, ge=0, le=10)
    precision: Literal["auto", "float32"] = "auto"
    threads: int = Field(default=1, ge=1)
    seed: int = 13


class LanguageSettings(StrictSettings):
    """What GiNZA's parser is asked for; it takes forty times the time of sentences alone, and 430 MB in each
    worker. `parser`: where neither marks nor learned weights decide whether a sentence ends, it does; it sets
    few boundaries more. `phrases`: the table `phrases` tells what is said of what (紙詰まり → 発生)."""

    parser: bool = False
    phrases: bool = False


class DecisionSettings(StrictSettings):
    """From what the model says to what is accepted: `linear` blends in a linear model on words and
    characters, `vectors` one on what the encoder's lower layers say, `sheet` starts the heads from the
    definitions and keywords of the label sheet, `calibration` says how probabilities are made honest on the
    dev records, and with "none" leaves scores as they are said, too."""

    linear: bool = True
    vectors: bool = True
    sheet: bool = True
    calibration: Literal["none", "temperature", "isotonic"] = "temperature"


class EntitySettings(StrictSettings):
    """Whether the table `entities` is filled with the names and figures of the documents of a run.

    Patterns of business Japanese find them, and the company's own `lists`: group -> spreadsheet in the
    application's folder with the columns 名前 and, where there are any, 別名. With `model` GiNZA's model is
    asked as well: it takes 430 MB, goes through 3,000 characters a CPU second and is wrong more often.
    """

    enabled: bool = False
    model: bool = False
    lists: Mapping[Group, _FileName] = {}


class PrivacySettings(StrictSettings):
    """What no published text and no picture of a run may show: each character of it becomes ■, a bar covers
    it in pictures. A name that is found once is hidden in all of its document. What was read stays in
    `OUT/digitized`; names of files stay as they are."""

    hide: tuple[Literal["person", "phone", "email", "address"], ...] = ()


class Settings(StrictSettings):
    """What `app.toml` says; `fields` maps a column of the published fields to the labels that forms print
    for it. Without `tasks` the application only names the documents that it reads and their fields, and needs
    no model."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = Field(min_length=1)
    encoder: str = "bundled"
    routing: Routing = Routing()
    tasks: tuple[Annotated[Task, Field(discriminator="type")], ...] = ()
    fields: Mapping[str, tuple[str, ...]] = {}
    documents: DocumentSettings = DocumentSettings()
    language: LanguageSettings = LanguageSettings()
    noise: NoiseSettings = NoiseSettings()
    selection: SelectionSettings = SelectionSettings()
    training: TrainingSettings = TrainingSettings()
    augmentation: AugmentationSettings = AugmentationSettings()
    decisions: DecisionSettings = DecisionSettings()
    entities: EntitySettings = EntitySettings()
    privacy: PrivacySettings = PrivacySettings()

    @model_validator(mode="before")
    @classmethod
    def _files_of_the_one_kind(cls, value: Any) -> Any:
        routing = value.get("routing") if isinstance(value, Mapping) else None
        if not isinstance(routing, Mapping) or not isinstance(routing.get("files"), list):
            return value
        kinds = list(routing.get("kinds") or {value.get("name"): ()})
        if len(kinds) > 1:
            raise ValueError(
                "routing.files は、種別が複数あるときは種別ごとに書いてください"
                '（例: files = { "invoice" = ["経理部/**", "*請求*"] }）'
            )
        return {**value, "routing": {**routing, "files": {kinds[0]: routing["files"]}}}

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
    def _does_something(self) -> Self:
        if not (self.tasks or self.routing.kinds or self.routing.files):
            raise ValueError(
                "tasks も routing もありません。読む文書（routing）か、判断すること（tasks）を書いてください"
            )
        return self

    @model_validator(mode="after")
    def _fast_can_learn_it(self) -> Self:
        if self.training.preset == "fast":
            if any(isinstance(task, SpanTask) for task in self.tasks):
                raise ValueError(
                    'training.preset = "fast" では type = "span" を学習できません。消してください'
                )
            if not (self.decisions.linear or self.decisions.vectors):
                raise ValueError(
                    'training.preset = "fast" のときは decisions の linear か vectors を true にしてください'
                )
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [task.name for task in self.tasks]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"tasks の name「{name}」が重なっています。別の名前にしてください")
        return self
