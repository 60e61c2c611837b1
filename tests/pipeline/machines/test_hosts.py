"""Workers on other hosts, as pools of their own processes on this one, and what Dataflow is told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.errors import CommandError, RunBrokenError
from pipeline.exit_codes import ExitCode
from pipeline.machines.dataflow import completed, memory_of_a_machine
from pipeline.machines.hosts import address_towards, parse_hosts, those_that_answer
from pipeline.machines.runners import RunnerChoice, pipeline_options
from tests.support.places import ROOT

pytestmark = pytest.mark.slow

_REQUIRED = ("--project=p", "--region=r", "--temp_location=gs://b/temp", "--sdk_container_image=i")

# A process of its own that spreads a little work over hosts: hosts, folder, how many, seconds for each.
_SUBMITTER = """
import os, sys, time
import apache_beam as beam
from pathlib import Path
from pipeline.machines.runners import RunnerChoice, create_runner, pipeline_options

def work(number, folder, seconds):
    time.sleep(seconds)
    with (Path(folder) / str(os.getpid())).open("a") as done:
        done.write(f"{number}\\n")

if __name__ == "__main__":
    hosts, folder, count, seconds = sys.argv[1:]
    choice = RunnerChoice(hosts=tuple(hosts.split(",")))
    with beam.Pipeline(runner=create_runner(choice), options=pipeline_options(choice)) as pipeline:
        numbers = pipeline | beam.Create(range(int(count))) | beam.Reshuffle()
        heavy = beam.Map(work, folder, float(seconds)).with_resource_hints(min_ram="20GiB")
        _ = numbers | heavy
"""
_POOL = "import sys; from pipeline.machines.pool import serve; serve('127.0.0.1', int(sys.argv[1]))"

StartPool = Callable[..., "Pool"]


class Pool:
    """A pool in a process of its own, as `yomitori worker` is one."""

    def __init__(self, **environment: str) -> None:
        self.address = _free_address()
        command = [sys.executable, "-c", _POOL, self.address.rpartition(":")[2]]
        self.process = subprocess.Popen(
            command, env={**os.environ, **environment}, cwd="/", stderr=subprocess.PIPE, text=True
        )

    def wait_until_ready(self) -> None:
        assert self.process.stderr is not None
        assert "待っています" in self.process.stderr.readline()

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def close(self) -> None:
        self.process.terminate()
        assert self.process.wait(20) == 0
        assert self.process.stderr is not None
        self.process.stderr.close()


def _free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture(scope="module")
def pools() -> Iterator[list[Pool]]:
    """Two hosts."""
    started = [Pool(), Pool()]
    for pool in started:
        pool.wait_until_ready()
    yield started
    for pool in started:
        pool.close()


def _submit(hosts: list[str], folder: Path, count: int, seconds: float) -> subprocess.Popen[str]:
    script = folder.parent / "submitter.py"
    script.write_text(_SUBMITTER, "utf-8")
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, script, ",".join(hosts), folder, str(count), str(seconds)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )


def _done(folder: Path) -> dict[int, list[int]]:
    """What each worker process has done."""
    return {int(path.name): [*map(int, path.read_text().split())] for path in folder.iterdir()}


def _wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(300):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("waited for 30 seconds")


def test_work_is_spread_evenly_over_the_hosts_that_answer(pools: list[Pool], tmp_path: Path) -> None:
    gone = _free_address()
    submitter = _submit([pools[0].address, gone, pools[1].address], tmp_path / "済", 30, 0)
    _, told = submitter.communicate(timeout=60)
    assert submitter.returncode == 0, told
    assert f"ホスト {gone} は応答しない" in told
    done = _done(tmp_path / "済")
    assert sorted(number for numbers in done.values() for number in numbers) == list(range(30))
    assert [len(numbers) for numbers in done.values()] == [10, 10, 10]
    _wait_for(lambda: not any(pool.workers() for pool in pools))


def test_a_run_that_loses_a_worker_ends_at_once_and_can_be_run_again(
    pools: list[Pool], tmp_path: Path
) -> None:
    hosts = [pool.address for pool in pools]
    submitter = _submit(hosts, tmp_path / "済", 2000, 0.05)
    _wait_for(lambda: len(list((tmp_path / "済").iterdir())) == 2)
    (victim,) = pools[1].workers()  # a step with a resource hint has no worker of its own
    victim.send_signal(signal.SIGKILL)
    _, told = submitter.communicate(timeout=20)
    assert submitter.returncode == ExitCode.WATCHDOG
    assert f"ホスト {hosts[1]} のワーカー(pid {victim.pid})が SIGKILL で止められました" in told
    _wait_for(lambda: not pools[0].workers())  # none goes on working for a run that is over
    again = _submit(hosts, tmp_path / "もう一度", 4, 0)
    again.communicate(timeout=60)
    assert again.returncode == 0


def test_workers_do_not_outlive_their_submitter(pools: list[Pool], tmp_path: Path) -> None:
    submitter = _submit([pools[0].address], tmp_path / "済", 2000, 0.05)
    _wait_for(lambda: any((tmp_path / "済").iterdir()))
    submitter.kill()
    submitter.communicate()
    _wait_for(lambda: not pools[0].workers())


def test_a_run_that_loses_a_host_ends_at_once(tmp_path: Path) -> None:
    pool = Pool()
    pool.wait_until_ready()
    submitter = _submit([pool.address], tmp_path / "済", 2000, 0.05)
    _wait_for(lambda: any((tmp_path / "済").iterdir()))
    (worker,) = pool.workers()
    pool.process.kill()
    _, told = submitter.communicate(timeout=20)
    assert submitter.returncode == ExitCode.WATCHDOG
    assert f"ホスト {pool.address} との接続が切れました" in told
    _wait_for(lambda: not worker.is_running())
    pool.process.communicate()


def test_hosts_must_see_what_the_run_reads_and_writes(pools: list[Pool], tmp_path: Path) -> None:
    hosts = [pool.address for pool in pools]
    assert those_that_answer(hosts, str(tmp_path), [str(tmp_path)]) == tuple(hosts)
    assert those_that_answer([_free_address(), hosts[0]], str(tmp_path), []) == (hosts[0],)
    assert not list(tmp_path.iterdir())  # no trace of the question
    with pytest.raises(CommandError, match="見えない場所があります: /ない/受信箱。"):
        those_that_answer(hosts, str(tmp_path), ["/ない/受信箱"])


def test_a_run_without_any_host_says_so(tmp_path: Path) -> None:
    with pytest.raises(RunBrokenError, match="応答するホストがありません"):
        those_that_answer([_free_address()], str(tmp_path), [])


def test_a_host_with_other_versions_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "yomitori-9.9.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: yomitori\nVersion: 9.9\n", "utf-8")
    pool = Pool(PYTHONPATH=str(tmp_path))
    pool.wait_until_ready()
    with pytest.raises(CommandError, match=r"版が違います: yomitori 9\.9\(こちらは "):
        those_that_answer([pool.address], str(tmp_path), [])
    pool.close()


def test_a_port_that_is_taken_is_named(pools: list[Pool]) -> None:
    port = pools[0].address.rpartition(":")[2]
    code = (
        "import sys; from pipeline.errors import CommandError; from pipeline.machines.pool import serve\n"
        f"try: serve('127.0.0.1', {port})\nexcept CommandError as error: sys.exit(str(error))"
    )
    second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert f"127.0.0.1:{port} で待ち受けられません" in second.stderr


@pytest.mark.parametrize("hosts", ["", "a", "a:", ":5000", "a:5000,b"])
def test_addresses_without_a_name_or_a_port_are_refused(hosts: str) -> None:
    with pytest.raises(CommandError, match="--hosts"):
        parse_hosts(hosts)


def test_the_own_address_is_the_one_on_the_way_to_the_hosts() -> None:
    assert parse_hosts("127.0.0.1:5000, 127.0.0.2:5000") == ("127.0.0.1:5000", "127.0.0.2:5000")
    assert address_towards(("127.0.0.1:5000",)) == "127.0.0.1"
    assert address_towards(("[::1]:5000",)) == "[::1]"
    with pytest.raises(CommandError, match="経路がありません"):
        address_towards(("ない.invalid:5000",))


def test_dataflow_names_every_option_that_is_missing() -> None:
    with pytest.raises(CommandError) as refused:
        pipeline_options(RunnerChoice("DataflowRunner", options=_REQUIRED[:1]))
    assert "--project" not in str(refused.value)
    for name in ("--region=", "--temp_location=", "--sdk_container_image="):
        assert name in str(refused.value)


def test_dataflow_gets_one_page_a_process_and_what_the_operator_says() -> None:
    options = pipeline_options(RunnerChoice("DataflowRunner", options=_REQUIRED)).get_all_options()
    assert options["number_of_worker_harness_threads"] == 1
    assert options["sdk_location"] == "container"
    assert options["max_num_workers"] == 10
    own = completed([*_REQUIRED, "--worker_machine_type", "n2-highmem-4", "--max_num_workers=3"])
    assert not any("standard" in option for option in own)
    assert "--max_num_workers=10" not in own


@pytest.mark.parametrize(
    ("machine_type", "memory"),
    [("n2-standard-8", "20GiB"), ("c3-highmem-4", "10GiB"), ("n2-custom-6-18432-ext", "15GiB")],
)
def test_the_memory_hint_follows_the_machine(machine_type: str, memory: str) -> None:
    choice = RunnerChoice("DataflowRunner", options=(*_REQUIRED, f"--machine_type={machine_type}"))
    assert memory_of_a_machine(pipeline_options(choice)) == memory
