"""The worker processes of one host: what `yomitori worker` serves until it is stopped.

It speaks Beam's external worker pool and adds two calls. `Check` tells what the host has. `Watch` is a lease:
it lasts as long as the worker process, and the process does not outlast it. So the submitter hears of a
worker that was killed, and no worker goes on for a submitter that is gone.

Whoever reaches the port can run code here: it belongs on a private network alone.
"""

from __future__ import annotations

import importlib.metadata
import json
import logging
import os
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import grpc
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc, endpoints_pb2
from apache_beam.utils.thread_pool_executor import shared_unbounded_instance
from google.protobuf import text_format

from pipeline import files
from pipeline.errors import CommandError

WATCH, CHECK = "/yomitori.WorkerPool/Watch", "/yomitori.WorkerPool/Check"

# What must be the same on both sides, or the same page is read differently on every host.
_PACKAGES = (
    "yomitori",
    "apache-beam",
    "onnxruntime",
    "openvino",
    "pypdfium2",
    "rapidocr",
    "sudachidict-core",
    "torch",
    "transformers",
)
_LOST_AFTER_MS = 10_000  # silence on the line, twice as long until it counts as cut

_log = logging.getLogger(__name__)


def keep_alive() -> list[tuple[str, int]]:
    """gRPC options of both ends, by which each notices within half a minute that the other is gone."""
    return [
        ("grpc.keepalive_time_ms", _LOST_AFTER_MS),
        ("grpc.keepalive_timeout_ms", _LOST_AFTER_MS),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.http2.max_ping_strikes", 0),
        ("grpc.http2.min_ping_interval_without_data_ms", _LOST_AFTER_MS // 2),
    ]


def versions() -> dict[str, str]:
    """Versions of what a page's result depends on; a package that is missing has none."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for package in _PACKAGES:
        with suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found


def lease_of(worker_id: str, control_address: str) -> bytes:
    """What `Watch` is asked for: worker ids count from 0 in every run, the address tells the run."""
    return f"{worker_id} {control_address}".encode()


class WorkerPool(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):  # type: ignore[misc]
    """Starts one process a worker and follows it to its end."""

    def __init__(self) -> None:
        self._processes: dict[bytes, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()

    def StartWorker(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, named by Beam
        """A process that runs Beam's worker with this host's Python and environment."""
        control = request.control_endpoint.url
        environment = {
            **os.environ,
            "CONTROL_API_SERVICE_DESCRIPTOR": text_format.MessageToString(
                endpoints_pb2.ApiServiceDescriptor(url=control)
            ),
            "WORKER_ID": request.worker_id,
            "PIPELINE_OPTIONS": json.dumps({"default_sdk_harness_log_level": "WARNING"}),
        }
        command = [sys.executable, "-m", "apache_beam.runners.worker.sdk_worker_main"]
        try:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
            )
        except OSError as error:
            return beam_fn_api_pb2.StartWorkerResponse(error=str(error))
        with self._lock:
            self._processes[lease_of(request.worker_id, control)] = process
        _log.warning("%s のためのワーカー(pid %d)を起動しました。", control, process.pid)
        threading.Thread(target=self._follow, args=(process,), daemon=True).start()
        return beam_fn_api_pb2.StartWorkerResponse()

    def _follow(self, process: subprocess.Popen[bytes]) -> None:
        _log.warning("ワーカー(pid %d)が終わりました(終了コード %d)。", process.pid, process.wait())

    def watch(self, lease: bytes, context: grpc.ServicerContext) -> bytes:
        """Returns the process's exit code when it ends; a caller that goes away takes the process along."""
        with self._lock:
            process = self._processes.get(lease)
        if process is None:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such worker")
            raise AssertionError  # abort raises
        if not context.add_callback(process.kill):
            process.kill()
        code = process.wait()
        with self._lock:
            self._processes.pop(lease, None)
        return json.dumps({"pid": process.pid, "code": code}).encode()

    def close(self) -> None:
        """Ends every worker."""
        with self._lock:
            for process in self._processes.values():
                process.kill()


def _check(request: bytes, context: grpc.ServicerContext) -> bytes:
    """{"paths": […]} -> {"versions": {…}, "missing": [paths that this host does not see]}."""
    paths: Sequence[str] = json.loads(request)["paths"]
    return json.dumps({"versions": versions(), "missing": [p for p in paths if not _seen(p)]}).encode()


def _seen(path: str) -> bool:
    try:
        return files.exists(path)
    except Exception:  # each filesystem has errors of its own
        return False


@contextmanager
def serving(bind: str, port: int) -> Iterator[int]:
    """Serves a pool at `bind`:`port` (0 for any) for as long as the body runs, which is given the port.

    Raises CommandError where the address cannot be had.
    """
    pool = WorkerPool()
    server = grpc.server(shared_unbounded_instance(), options=[*keep_alive(), ("grpc.so_reuseport", 0)])
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    service, watch = WATCH.strip("/").split("/")
    calls = {
        watch: grpc.unary_unary_rpc_method_handler(pool.watch),
        CHECK.rsplit("/", 1)[1]: grpc.unary_unary_rpc_method_handler(_check),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, calls),))
    try:
        bound = server.add_insecure_port(f"{bind}:{port}")
    except RuntimeError as error:
        raise CommandError(
            f"{bind}:{port} で待ち受けられません。ほかのプロセスが使っていないか、"
            "--bind がこのマシンのアドレスかを確かめてください。"
        ) from error
    server.start()
    try:
        yield bound
    finally:
        pool.close()
        server.stop(grace=None).wait()


def serve(bind: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT, and ends the workers. Raises CommandError."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with serving(bind, port) as bound:
        _log.warning("%s:%d で仕事を待っています。", bind, bound)
        stop.wait()
