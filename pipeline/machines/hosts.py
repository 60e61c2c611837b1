"""The hosts that a run is spread over, as the submitting process sees them.

Beam's in-process runner stays the one that runs the pipeline; its workers are processes of the pools that
`yomitori worker` serves. They call back at one address of this machine.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn

import grpc
from apache_beam.portability import common_urns
from apache_beam.portability.api import (
    beam_fn_api_pb2,
    beam_fn_api_pb2_grpc,
    beam_runner_api_pb2,
    endpoints_pb2,
)
from apache_beam.runners.portability.fn_api_runner.worker_handlers import GrpcWorkerHandler, WorkerHandler
from apache_beam.transforms.environments import ExternalEnvironment

from pipeline import files
from pipeline.errors import CommandError, RunBrokenError
from pipeline.exit_codes import ExitCode
from pipeline.machines.pool import CHECK, WATCH, keep_alive, lease_of, versions

_EXAMPLE = "10.0.0.2:5000,10.0.0.3:5000"
_ANSWER_SECONDS = 10.0
_END_SECONDS = 10.0

_log = logging.getLogger(__name__)


def parse_hosts(text: str) -> tuple[str, ...]:
    """`a:5000,b:5000` -> its addresses. Raises CommandError."""
    hosts = tuple(host for part in text.split(",") if (host := part.strip()))
    for host in hosts:
        name, _, port = host.rpartition(":")
        if not (name and port.isdigit()):
            raise CommandError(
                f"--hosts の「{host}」は「ホスト名:ポート」の形ではありません。例: --hosts {_EXAMPLE}"
            )
    if not hosts:
        raise CommandError(f"--hosts にホストがありません。例: --hosts {_EXAMPLE}")
    return hosts


def those_that_answer(hosts: Sequence[str], shared: str, paths: Sequence[str]) -> tuple[str, ...]:
    """The hosts that a run can count on; those that do not answer are warned of and left out.

    `shared` is an existing folder under OUT, `paths` are what else every worker must see: the inbox, the
    models. Raises CommandError where a host has other versions or does not see them, RunBrokenError where
    no host answers.
    """
    probe = files.join(shared, f"probe-{secrets.token_hex(8)}")
    files.write_whole(probe, b"")
    try:
        request = json.dumps({"paths": [probe, *paths]}).encode()
        channels = {host: _channel(host) for host in dict.fromkeys(hosts)}
        calls = {
            host: channel.unary_unary(CHECK).future(request, timeout=_ANSWER_SECONDS)
            for host, channel in channels.items()
        }
        answers = {host: answer for host, call in calls.items() if (answer := _answer(host, call))}
        for channel in channels.values():
            channel.close()
    finally:
        files.remove_tree(probe)
    if not answers:
        raise RunBrokenError(
            f"応答するホストがありません: {'、'.join(hosts)}。"
            "各ホストで yomitori worker が動いているか、ポートが開いているかを確かめてください。"
        )
    for host, answer in answers.items():
        _refuse_other_versions(host, answer["versions"])
        if missing := [shared if path == probe else path for path in answer["missing"]]:
            raise CommandError(
                f"ホスト {host} から見えない場所があります: {'、'.join(missing)}。"
                "受信フォルダ・出力先・モデルは、すべてのホストで同じパスの共有フォルダかバケットに置いてください。"
            )
    return tuple(host for host in hosts if host in answers)


def _answer(host: str, call: Any) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(call.result())
    except grpc.RpcError as error:
        _warn_of(host, error)
        return {}
    return answer


def _refuse_other_versions(host: str, theirs: dict[str, str]) -> None:
    ours = versions()
    unlike = [
        f"{name} {theirs.get(name, 'なし')}(こちらは {ours.get(name, 'なし')})"
        for name in sorted({*ours, *theirs})
        if theirs.get(name) != ours.get(name)
    ]
    if unlike:
        raise CommandError(
            f"ホスト {host} の版が違います: {'、'.join(unlike)}。"
            "同じ版を入れて yomitori worker を起動し直してください。"
        )


def _warn_of(host: str, error: grpc.RpcError) -> None:
    _log.warning(
        "ホスト %s は応答しないため使いません(%s)。そのホストの yomitori worker を確かめてください。",
        host,
        error.code().name,
    )


def _channel(host: str) -> grpc.Channel:
    return grpc.insecure_channel(host, options=keep_alive())


def address_towards(hosts: Sequence[str]) -> str:
    """The address of this machine on the way to the hosts, to the first that is not this machine itself.

    Raises CommandError where a name cannot be resolved or there is no way.
    """
    found = [_own_address(host) for host in hosts]
    return next((address for address in found if not address.startswith(("127.", "[::1"))), found[0])


def _own_address(host: str) -> str:
    name, _, port = host.rpartition(":")
    try:
        family, kind, protocol, _, peer = socket.getaddrinfo(
            name.strip("[]"), int(port), type=socket.SOCK_DGRAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.connect(peer)  # a datagram socket sends nothing by that, it only chooses the way
            address: str = probe.getsockname()[0]
    except OSError as error:
        raise CommandError(
            f"ホスト {host} への経路がありません({error.strerror or error})。"
            "名前とネットワークを確かめるか、--submitter にこのマシンのアドレスを指定してください。"
        ) from error
    return f"[{address}]" if ":" in address else address


def end_run(message: str) -> NoReturn:
    """Ends this process at once: Beam would wait for ever for a worker that is gone."""
    print(f"yomitori: {message}", file=sys.stderr, flush=True)
    os._exit(ExitCode.WATCHDOG)


class Lease:
    """A worker process on a host, from its start to its end."""

    def __init__(self, host: str, channel: grpc.Channel, request: Any, lost: Callable[[str], object]) -> None:
        self._host = host
        self._channel = channel
        self._lost = lost
        self._over = threading.Event()
        response = beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(channel).StartWorker(
            request, timeout=_ANSWER_SECONDS
        )
        if response.error:
            raise RunBrokenError(f"ホスト {host} でワーカーを起動できません: {response.error}")
        self._watch = channel.unary_unary(WATCH).future(
            lease_of(request.worker_id, request.control_endpoint.url)
        )
        self._watch.add_done_callback(self._ended)

    def _ended(self, watch: Any) -> None:
        if self._over.is_set():
            return
        self._lost(f"{self._end_of(watch)}公開済みの表は変えていません。")

    def _end_of(self, watch: Any) -> str:
        try:
            end = json.loads(watch.result())
        except grpc.RpcError as error:
            return f"ホスト {self._host} との接続が切れました({error.code().name})。"
        worker, code = f"ホスト {self._host} のワーカー(pid {end['pid']})", end["code"]
        if code < 0:
            return f"{worker}が {signal.Signals(-code).name} で止められました。"
        return (
            f"{worker}が途中で終わりました(終了コード {code})。そのホストのログを確かめてください。"
            "このマシンへ接続できないときは --submitter でアドレスを指定します。"
        )

    def end(self) -> None:
        """Waits until the worker has ended of itself, as it does without a control connection, or ends it."""
        self._over.set()
        try:
            self._watch.result(timeout=_END_SECONDS)
        except (grpc.RpcError, grpc.FutureTimeoutError):
            self._watch.cancel()
        self._channel.close()


class Hosts:
    """Deals workers out to the hosts in turn; one that does not answer is left out of the round.

    `submitter` is the address at which workers reach this machine; `lost` is told, in a sentence and from
    another thread, of the first worker that ended before its work did.
    """

    def __init__(self, hosts: Sequence[str], submitter: str, lost: Callable[[str], object] = end_run) -> None:
        self._round = deque(hosts)
        self.submitter = submitter
        self._tell = lost
        self._told = threading.Lock()

    def environment(self) -> ExternalEnvironment:
        """What Beam's in-process runner is given so that its workers run here."""
        WorkerHandler.register_environment(
            common_urns.environments.EXTERNAL.urn, beam_runner_api_pb2.ExternalPayload
        )(partial(_HostWorker, self))
        return ExternalEnvironment(",".join(self._round))

    def _lost(self, message: str) -> None:
        if self._told.acquire(blocking=False):
            self._tell(message)

    def start(self, request: Any) -> Lease:
        """A worker on the next host that answers. Raises RunBrokenError where none is left."""
        while self._round:
            host = self._round[0]
            channel = _channel(host)
            try:
                lease = Lease(host, channel, request, self._lost)
            except grpc.RpcError as error:
                channel.close()
                _warn_of(host, error)
                self._round.popleft()
                continue
            self._round.rotate(-1)
            return lease
        raise RunBrokenError(
            "応答するホストが残っていません。yomitori worker を起動し直し、もう一度実行してください。"
        )


class _HostWorker(GrpcWorkerHandler):  # type: ignore[misc]
    """Beam's handle on one worker.

    Takes the place of its handler of external workers, which has one pool, leaves the address to the
    machine's name, and does not notice a worker's end.
    """

    def __init__(self, hosts: Hosts, payload: Any, state: Any, provision_info: Any, grpc_server: Any) -> None:
        self._hosts = hosts
        super().__init__(state, provision_info, grpc_server)

    def host_from_worker(self) -> str:
        return self._hosts.submitter

    def start_worker(self) -> None:
        control = endpoints_pb2.ApiServiceDescriptor(url=self.control_address)
        self._lease = self._hosts.start(
            beam_fn_api_pb2.StartWorkerRequest(
                worker_id=self.worker_id,
                control_endpoint=control,
                artifact_endpoint=control,
                provision_endpoint=control,
                logging_endpoint=self.logging_api_service_descriptor(),
            )
        )

    def stop_worker(self) -> None:
        self._lease.end()
