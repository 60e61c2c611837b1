"""What a run works with, settled and checked before the first page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.applications.models import understanding_fingerprint
from pipeline.applications.text_analysis import TextAnalysis
from pipeline.errors import CommandError, RunBrokenError

if TYPE_CHECKING:
    from pipeline.applications.routing import Route
    from pipeline.run_settings import RunSettings

import datetime
import importlib.metadata
import secrets
from dataclasses import dataclass, field

from nlu.application.application import Application
from nlu.errors import InputError
from ocr.engines.registry import create
from ocr.errors import ReadingError
from ocr.limits import Limits
from ocr.parting.document_parts import Split
from ocr.reading.fingerprint import reading_fingerprint
from pipeline.applications.entity_rules import entity_rules
from pipeline.applications.file_parts import split_of
from pipeline.applications.routing import Route, routes_of
from pipeline.due.plan import Bounds
from pipeline.inbox.file_patterns import matches
from pipeline.inbox.passwords import read_passwords
from pipeline.machines.runners import RunnerChoice
from pipeline.run_settings import RunSettings
from pipeline.tables.contract import CONTRACT_VERSION

MODEL_FOLDER = "model"


@dataclass(frozen=True, slots=True)
class Publishing:
    """How an operator wants a night to be published.

    `force` publishes rows that are unlike those of earlier nights; `fail_above` is the share of the files
    tried that may fail; versions are kept for `keep_days`.
    """

    force: bool = False
    fail_above: float | None = None
    keep_days: int = 28


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the operator asked for.

    `applications` and `models` are folders; a model folder takes the place of the `model/` folder inside
    the application of the same name. Each line of `password_file` is tried on encrypted PDFs. `wait_seconds`
    is how long the run waits for another one on the same output.
    """

    inbox: str
    out: str
    applications: tuple[Path, ...]
    models: tuple[Path, ...]
    engine: str
    limits: Limits
    runner: RunnerChoice
    pictures: bool
    password_file: str | None = None
    bounds: Bounds = field(default_factory=Bounds)
    publishing: Publishing = field(default_factory=Publishing)
    wait_seconds: float = 0.0
    exclude: tuple[str, ...] = ()


def resolve(request: RunRequest) -> RunSettings:
    """Checks all that can be checked before the first page. Raises CommandError."""
    applications = {folder: _load_application(folder) for folder in request.applications}
    models = _models(applications, {_load_application(folder).name: folder for folder in request.models})
    named = {application.name: application for application in applications.values()}
    routes = routes_of(
        {name: application.routing for name, application in named.items()},
        {name: application.file_patterns for name, application in named.items()},
    )
    _check_patterns(routes)
    dictionaries = {name: application.fields for name, application in named.items()}
    dates = {name: application.date_fields for name, application in named.items()}
    analyses = {name: TextAnalysis.of(application) for name, application in named.items()}
    splits = [Split(application.split) if application.split else None for application in named.values()]
    read_passwords(request.password_file)
    try:
        engine_id = reading_fingerprint(create(request.engine, request.limits), request.limits)
    except ReadingError as error:
        raise CommandError(error.message) from error
    split = split_of(splits)
    entities = entity_rules(named.values())
    return RunSettings(
        out=request.out,
        run_id=f"{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        code_version=importlib.metadata.version("yomitori"),
        engine=request.engine,
        engine_id=engine_id,
        limits=request.limits,
        models=models,
        routes=routes,
        dictionaries=dictionaries,
        progress=None,
        pictures=request.pictures,
        understanding=understanding_fingerprint(
            models, routes, dictionaries, CONTRACT_VERSION, split, dates, analyses, entities
        ),
        password_file=request.password_file,
        split=split,
        dates=dates,
        analyses=analyses,
        entities=entities,
    )


def _check_patterns(routes: Sequence[Route]) -> None:
    """Raises CommandError where a pattern for files cannot be read."""
    for route in routes:
        try:
            matches("", route.files)
        except ValueError as error:
            raise CommandError(
                f"アプリケーション「{route.application}」の routing.files のパターンが読めません（{error}）。"
                "[ ] の中を直してください。"
            ) from error


def _models(applications: Mapping[Path, Application], trained: Mapping[str, Path]) -> dict[str, str]:
    """The model folder of each application that has a task, by its name. Raises CommandError."""
    models: dict[str, str] = {}
    for folder, application in applications.items():
        if not application.settings.tasks:
            continue
        model = trained.get(application.name, folder / MODEL_FOLDER)
        if not (model / "model.safetensors").is_file():
            raise CommandError(
                f"アプリケーション「{application.name}」の学習済みモデルがありません: {model}。"
                "yomitori train で学習するか、--model でフォルダを指定してください。"
            )
        models[application.name] = str(model.resolve())
    if unused := [name for name in trained if name not in models]:
        raise CommandError(f"--model に対応する、タスクのある --app がありません: {'、'.join(unused)}")
    return models


def _load_application(folder: Path) -> Application:
    try:
        return Application.load(folder)
    except InputError as error:
        raise CommandError(str(error)) from error


def refuse_replaced(settings: RunSettings) -> None:
    """To be called when all documents are understood. Raises RunBrokenError where the models are no longer
    those that the run began with: some of its rows would be from the old, some from the new ones."""
    from pipeline.tables.contract import CONTRACT_VERSION

    now = understanding_fingerprint(
        settings.models,
        settings.routes,
        settings.dictionaries,
        CONTRACT_VERSION,
        settings.split,
        settings.dates,
        settings.analyses,
        settings.entities,
    )
    if now != settings.understanding:
        raise RunBrokenError(
            "実行中にモデルのフォルダが差し替えられました。新旧のモデルの結果が混ざるため、公開を中止しました。"
            "公開済みの表は変えていません。差し替えを終えてから、同じコマンドをもう一度実行してください"
            "(読み取り済みのページは再利用します)。"
        )
