"""The same pipeline on other runners: a job service on this machine, and Dataflow short of submitting."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
import pytest
from end_to_end_support import APPS, run_batch

from fixtures.truth_file import INBOX, read_truth
from ocr.limits import Limits
from pipeline import batch
from pipeline.exit_codes import ExitCode
from pipeline.inbox import list_files
from pipeline.machines.runners import RunnerChoice, create_runner, pipeline_options
from pipeline.run import RunRequest, settle
from pipeline.tables import Table


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


@pytest.fixture
def job_service(tmp_path: Path) -> Iterator[str]:
    """Beam's own local job service, as another process; its address."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
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


def test_a_job_service_publishes_the_same_rows(small_inbox: Path, job_service: str, tmp_path: Path) -> None:
    here = run_batch(small_inbox, tmp_path / "here", "--runner", "DirectRunner")
    options = ("--", f"--job_endpoint={job_service}", "--environment_type=LOOPBACK")
    there = run_batch(small_inbox, tmp_path / "there", "--runner", "PortableRunner", *options)
    assert (here.exit_code, there.exit_code) == (ExitCode.PARTIAL_SUCCESS,) * 2, there.printed
    for table in Table:
        if table is not Table.RUNS:
            rows = [
                sorted(str({**row, "run_id": None}) for row in output.rows(table.value))
                for output in (here, there)
            ]
            assert rows[0] == rows[1], table


def test_the_pipeline_builds_for_dataflow_without_submitting(tmp_path: Path) -> None:
    flags = (
        "--project=yomitori-sample",
        "--region=asia-northeast1",
        "--temp_location=gs://yomitori-sample/temp",
        "--sdk_container_image=yomitori:test",
        "--dry_run=true",
    )
    choice = RunnerChoice("DataflowRunner", 1, flags)
    request = RunRequest(str(INBOX), str(tmp_path), APPS, (), "ppocr", Limits(), choice, False)
    pipeline = beam.Pipeline(runner=create_runner(choice), options=pipeline_options(choice))
    batch.build(pipeline, list_files(str(INBOX)), settle(request))
    job = pipeline.run().job
    steps = {transform.unique_name for transform in job.proto_pipeline.components.transforms.values()}
    assert {"Identify", "Digitize", "Split sentences", "Understand call-log", "Stage rows"} <= steps
    environments = job.proto_pipeline.components.environments.values()
    assert any(b"yomitori:test" in environment.payload for environment in environments)
