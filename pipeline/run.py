"""One run of the batch: settle what it works with, run the pipeline, audit, publish, sum up."""

from __future__ import annotations

import datetime
import importlib.metadata
import secrets
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import apache_beam as beam
import pyarrow as pa

from nlu.application import Application
from nlu.errors import InputError
from ocr.engines import create
from ocr.errors import ReadingError
from ocr.fingerprint import reading_fingerprint
from ocr.limits import Limits
from pipeline import batch, files
from pipeline.errors import CommandError, RunBrokenError
from pipeline.exit_codes import ExitCode
from pipeline.field_dictionary import FieldDictionary
from pipeline.inbox import ListedFile, list_files
from pipeline.machines.runners import RunnerChoice, create_runner, pipeline_options
from pipeline.passwords import read_passwords
from pipeline.publishing import publish
from pipeline.publishing.staging import read_manifest, read_staged, to_arrow
from pipeline.reporting.progress import Event, tell
from pipeline.routing import routes_of
from pipeline.settings import RunSettings
from pipeline.tables import PARTITION, Table

MODEL_FOLDER = "model"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the operator asked for.

    `applications` and `models` are folders; a model folder takes the place of the `model/` folder inside
    the application of the same name. Each line of `password_file` is tried on encrypted PDFs.
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
    dictionaries: dict[str, FieldDictionary] = {}
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
        dictionaries[application.name] = application.fields
    if trained:
        raise CommandError(f"--model に対応する --app がありません: {'、'.join(trained)}")
    read_passwords(request.password_file)
    try:
        engine_id = reading_fingerprint(create(request.engine, request.limits), request.limits)
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
        dictionaries=dictionaries,
        progress=None,
        pictures=request.pictures,
        password_file=request.password_file,
    )


def _load_application(folder: Path) -> Application:
    try:
        return Application.load(folder)
    except InputError as error:
        raise CommandError(str(error)) from error


def execute(request: RunRequest, shown: Callable[[str], AbstractContextManager[None]]) -> RunReport:
    """Runs the batch and publishes its tables; `shown` shows the progress file it is given meanwhile.

    Raises CommandError; RunBrokenError or BrokenContractError with nothing published.
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
    try:
        _run_pipeline(request, settings, inbox, shown)
        staged = read_manifest(settings)
        tables: dict[Table, pa.Table] = {t: read_staged(t, staged) for t in Table if t is not Table.RUNS}
    finally:
        files.remove_tree(settings.staging)
    publish.audit(tables, len(inbox))
    publish.publish(settings.tables, tables)
    finished = datetime.datetime.now(datetime.UTC)
    failed = publish.whole_failures(tables[Table.DOCUMENTS], tables[Table.FAILURES])
    run_row = _run_row(tables, len(inbox), failed, started, finished, request, settings)
    publish.append_run(settings.tables, run_row)
    return RunReport(settings, len(inbox), failed, (finished - started).total_seconds(), tables)


def _run_pipeline(
    request: RunRequest,
    settings: RunSettings,
    inbox: Sequence[ListedFile],
    shown: Callable[[str], AbstractContextManager[None]],
) -> None:
    with tempfile.TemporaryDirectory(prefix="yomitori-") as scratch:
        progress = str(Path(scratch) / "progress.jsonl")
        if request.runner.is_local:
            settings = replace(settings, progress=progress)
        tell(settings.progress, Event.FILE_LISTED, len(inbox))
        runner, options = create_runner(request.runner), pipeline_options(request.runner)
        try:
            with shown(progress):
                pipeline = beam.Pipeline(runner=runner, options=options)
                batch.build(pipeline, inbox, settings)
                pipeline.run().wait_until_finish()
        except Exception as error:  # a runner raises what its workers raised
            reason = str(error).strip().splitlines()[-1:] or [type(error).__name__]
            raise RunBrokenError(
                f"実行が途中で止まりました: {reason[0]}。公開済みの表は変えていません。"
                "原因を取り除いて同じコマンドをもう一度実行してください（読み取り済みのページは再利用します）。"
            ) from error


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
