"""One run of the batch: settle what it works with, run the pipeline, audit, publish, sum up."""

from __future__ import annotations

import datetime
import importlib.metadata
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import apache_beam as beam
import pyarrow as pa

from nlu.application import Application
from nlu.errors import InputError
from ocr.engines import create
from ocr.errors import ReadingError
from ocr.limits import Limits
from pipeline import batch, files, publish
from pipeline.errors import CommandError
from pipeline.exit_codes import ExitCode
from pipeline.inbox import list_files
from pipeline.progress import Event, tell
from pipeline.routing import routes_of
from pipeline.runners import RunnerChoice, create_runner, pipeline_options
from pipeline.settings import RunSettings
from pipeline.staging import read_manifest, read_staged, to_arrow
from pipeline.tables import PARTITION, Table

MODEL_FOLDER = "model"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the operator asked for.

    `applications` and `models` are folders; a model folder takes the place of the `model/` folder inside
    the application of the same name.
    """

    inbox: str
    out: str
    applications: tuple[Path, ...]
    models: tuple[Path, ...]
    engine: str
    limits: Limits
    runner: RunnerChoice
    pictures: bool


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did: `listed` = documents + copies + failed files; `tables` hold what it published."""

    settings: RunSettings
    listed: int
    failed: int
    seconds: float
    tables: Mapping[Table, pa.Table]

    @property
    def exit_code(self) -> ExitCode:
        if self.listed == 0:
            return ExitCode.NOTHING_TO_DO
        return ExitCode.PARTIAL_SUCCESS if self.tables[Table.FAILURES].num_rows else ExitCode.DONE


def settle(request: RunRequest) -> RunSettings:
    """Checks all that can be checked before the first page. Raises CommandError."""
    models: dict[str, str] = {}
    kinds: dict[str, Mapping[str, tuple[str, ...]]] = {}
    trained = {_load_application(folder).name: folder for folder in request.models}
    for folder in request.applications:
        application = _load_application(folder)
        model = trained.pop(application.name, folder / MODEL_FOLDER)
        if not (model / "model.safetensors").is_file():
            raise CommandError(
                f"アプリケーション「{application.name}」の学習済みモデルがありません: {model}。"
                "yomitori train で学習するか、--model でフォルダを指定してください。"
            )
        models[application.name] = str(model.resolve())
        kinds[application.name] = application.routing
    if trained:
        raise CommandError(f"--model に対応する --app がありません: {'、'.join(trained)}")
    try:
        engine_id = create(request.engine).fingerprint
    except ReadingError as error:
        raise CommandError(error.message) from error
    return RunSettings(
        out=request.out,
        run_id=f"{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        code_version=importlib.metadata.version("yomitori"),
        engine=request.engine,
        engine_id=engine_id,
        limits=request.limits,
        models=models,
        routes=routes_of(kinds),
        progress=None,
        pictures=request.pictures,
    )


def _load_application(folder: Path) -> Application:
    try:
        return Application.load(folder)
    except InputError as error:
        raise CommandError(str(error)) from error


def execute(request: RunRequest, shown: Callable[[str], AbstractContextManager[None]]) -> RunReport:
    """Runs the batch and publishes its tables; `shown` shows the progress file it is given meanwhile.

    Raises CommandError; BrokenContractError where the audit fails, with nothing published.
    """
    started = datetime.datetime.now(datetime.UTC)
    inbox = list_files(request.inbox)
    settings = settle(request)
    try:
        files.make_folder(settings.staging)
    except OSError as error:
        raise CommandError(
            f"出力先に書き込めません: {request.out}({error})。場所と権限を確かめてください。"
        ) from error
    with tempfile.TemporaryDirectory(prefix="yomitori-") as scratch:
        progress = str(Path(scratch) / "progress.jsonl")
        if request.runner.is_local:
            settings = replace(settings, progress=progress)
        tell(settings.progress, Event.FILE_LISTED, len(inbox))
        with shown(progress):
            pipeline = beam.Pipeline(
                runner=create_runner(request.runner), options=pipeline_options(request.runner)
            )
            batch.build(pipeline, inbox, settings)
            pipeline.run().wait_until_finish()

    staged = read_manifest(settings)
    tables: dict[Table, pa.Table] = {
        table: read_staged(table, staged) for table in Table if table is not Table.RUNS
    }
    publish.audit(tables, len(inbox))
    publish.publish(settings.tables, tables)
    finished = datetime.datetime.now(datetime.UTC)
    failed = publish.whole_failures(tables[Table.DOCUMENTS], tables[Table.FAILURES])
    run_row = _run_row(tables, len(inbox), failed, started, finished, request, settings)
    publish.append_run(settings.tables, run_row)
    files.remove_tree(settings.staging)
    return RunReport(settings, len(inbox), failed, (finished - started).total_seconds(), tables)


def _run_row(
    tables: Mapping[Table, pa.Table],
    listed: int,
    failed: int,
    started: datetime.datetime,
    finished: datetime.datetime,
    request: RunRequest,
    settings: RunSettings,
) -> pa.Table:
    documents = tables[Table.DOCUMENTS].to_pandas()
    models = tables[Table.PREDICTIONS].to_pandas()[["application", "model_id"]].drop_duplicates()
    row = {
        PARTITION: started.date().isoformat(),
        "started_at": started,
        "finished_at": finished,
        "listed": listed,
        "documents": len(documents),
        "partial": int((documents["pages_failed"] > 0).sum()),
        "failed": failed,
        "copies": int(documents["copies"].map(len).sum()),
        "pages": tables[Table.PAGES].num_rows,
        "runner": request.runner.name,
        "workers": request.runner.workers,
        "engine": settings.engine_id,
        "models": sorted(f"{app}@{model}" for app, model in models.itertuples(index=False)),
    }
    return to_arrow(Table.RUNS, [row], settings)
