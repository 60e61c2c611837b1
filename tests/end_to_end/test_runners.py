"""The same pipeline on other runners: a job service, hosts, and Dataflow short of submitting."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
import psutil
import pytest
from apache_beam.portability import common_urns
from apache_beam.portability.api import beam_runner_api_pb2

from fixtures.truth_file import INBOX, read_truth
from ocr.limits import Limits
from pipeline.exit_codes import ExitCode
from pipeline.machines.runners import RunnerChoice, create_runner, pipeline_options
from pipeline.night.resolve import RunRequest, resolve
from pipeline.steps import batch
from pipeline.tables.contract import TableName
from tests.support.installed import APPS, Command, Output, run_batch

pytestmark = pytest.mark.slow

_MIN_RAM = common_urns.resource_hints.MIN_RAM_BYTES.urn


@pytest.fixture(scope="module")
def small_inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report, a call and a broken file."""
    folder = tmp_path_factory.mktemp("小さな受信箱")
    truths = read_truth()
    for task in ("issues", "needs"):
        truth = next(t for t in truths if task in t.labels and t.source == "text_layer")
        shutil.copy(truth.path, folder)
    shutil.copy(next(t.path for t in truths if t.failure == "empty_file"), folder)
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def worker_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, psutil.Process]]:
    """`yomitori worker`, as another host runs it; its address and process."""
    port = _free_port()
    log = tmp_path_factory.mktemp("host") / "worker.log"
    command = [Path(sys.executable).with_name("yomitori"), "worker", "--port", str(port)]
    with log.open("wb") as stream:
        pool = psutil.Popen(command, cwd="/", stdout=stream, stderr=stream)
    try:
        while "待っています" not in log.read_text("utf-8"):
            assert pool.poll() is None, log.read_text("utf-8")
            time.sleep(0.1)
        yield f"127.0.0.1:{port}", pool
    finally:
        pool.terminate()
        assert pool.wait(20) == 0


@pytest.fixture
def job_service(tmp_path: Path) -> Iterator[str]:
    """Beam's own local job service, as another process; its address."""
    port = _free_port()
    command = [sys.executable, "-m", "apache_beam.runners.portability.local_job_service_main"]
    with (tmp_path / "job_service.log").open("wb") as log:
        service = subprocess.Popen(
            [*command, "--port", str(port), "--staging_dir", str(tmp_path / "staging")],
            stdout=log,
            stderr=log,
        )
    try:
        for _ in range(120):
            with socket.socket() as probe:
                if probe.connect_ex(("localhost", port)) == 0:
                    break
            time.sleep(0.5)
        yield f"localhost:{port}"
    finally:
        service.terminate()
        service.wait(timeout=20)


@pytest.fixture(scope="module")
def here(small_inbox: Path, tmp_path_factory: pytest.TempPathFactory, warm: Command) -> Output:
    """The small inbox, read by the runner that a person has at hand."""
    output = run_batch(small_inbox, tmp_path_factory.mktemp("here"), "--runner", "DirectRunner", command=warm)
    assert output.exit_code == ExitCode.PARTIAL_SUCCESS, output.printed
    return output


def test_a_job_service_publishes_the_same_rows(
    small_inbox: Path, here: Output, job_service: str, tmp_path: Path, warm: Command
) -> None:
    options = ("--", f"--job_endpoint={job_service}", "--environment_type=LOOPBACK")
    there = run_batch(small_inbox, tmp_path, "--runner", "PortableRunner", *options, command=warm)
    assert there.exit_code == ExitCode.PARTIAL_SUCCESS, there.printed
    _assert_same_rows(here, there)


def test_hosts_publish_the_same_rows_although_a_worker_is_killed(
    small_inbox: Path, here: Output, worker_pool: tuple[str, psutil.Process], tmp_path: Path
) -> None:
    address, pool = worker_pool
    killing = threading.Thread(target=_kill_a_worker, args=(pool, tmp_path / "digitized"))
    killing.start()
    there = run_batch(small_inbox, tmp_path, "--hosts", address)
    killing.join()
    assert there.exit_code == ExitCode.PARTIAL_SUCCESS, there.printed
    assert "SIGKILL で止められました" in there.printed
    _assert_same_rows(here, there)
    _, left = psutil.wait_procs(pool.children(), timeout=20)
    assert not left


def _kill_a_worker(pool: psutil.Process, digitized: Path) -> None:
    """As soon as the first page range is kept."""
    for _ in range(2400):  # a busy machine starts a worker in a minute
        if next(digitized.rglob("*.json.gz"), None):
            pool.children()[0].kill()
            return
        time.sleep(0.1)


def _assert_same_rows(one: Output, other: Output) -> None:
    of_the_run = {"run_id", "first_seen", "last_seen", "last_tried"}
    for table in TableName:
        if table is not TableName.RUNS:
            rows = [
                sorted(
                    str({k: v for k, v in row.items() if k not in of_the_run}) for row in output.rows(table)
                )
                for output in (one, other)
            ]
            assert rows[0] == rows[1], table


_DATAFLOW = (
    "--project=yomitori-sample",
    "--region=asia-northeast1",
    "--temp_location=gs://yomitori-sample/temp",
    "--sdk_container_image=yomitori:test",
)


def test_the_pipeline_builds_for_dataflow_without_submitting(tmp_path: Path) -> None:
    choice = RunnerChoice("DataflowRunner", 1, (*_DATAFLOW, "--dry_run=true"))
    request = RunRequest(str(INBOX), str(tmp_path), APPS, (), "ppocr", Limits(), choice, False)
    pipeline = beam.Pipeline(runner=create_runner(choice), options=pipeline_options(choice))
    batch.build(pipeline, ["gs://yomitori-sample/out/references.jsonl"], resolve(request))
    job = pipeline.run().job
    components = job.proto_pipeline.components
    environments = {
        transform.unique_name: components.environments[transform.environment_id]
        for transform in components.transforms.values()
        if transform.environment_id
    }
    assert {
        "Digitize/Plan pages",
        "Digitize/Read pages",
        "Understand/Split sentences",
        "Stage/Write rows",
    } <= set(environments)
    payloads = [beam_runner_api_pb2.DockerPayload.FromString(e.payload) for e in environments.values()]
    assert {payload.container_image for payload in payloads} == {"yomitori:test"}
    # 8 vCPUs, a process each.
    heavy = {name for name, e in environments.items() if e.resource_hints.get(_MIN_RAM) == b"21474836480"}
    steps = {"/".join(name.split("/")[:2]) for name in heavy}
    assert steps == {"Digitize/Read pages", "Understand/call-log", "Understand/daily-report"}


def test_dataflow_without_a_project_is_refused_before_anything_is_listed(
    tmp_path: Path, warm: Command
) -> None:
    done = warm(
        "run", tmp_path / "ない", tmp_path / "out", "--runner", "DataflowRunner", "--", *_DATAFLOW[1:]
    )
    assert done.returncode == ExitCode.BAD_CONFIGURATION
    assert "--project=" in done.stderr
    assert not (tmp_path / "out").exists()
