"""Who holds an output, told to the next who asks."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.errors import LockedError


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds an output: for people, nothing is decided by it. `since` is local time."""

    host: str
    pid: int
    run_id: str
    since: str

    @staticmethod
    def of_this_process(run_id: str) -> Owner:
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        return Owner(socket.gethostname(), os.getpid(), run_id, now)


def locked(out: str, owner: Mapping[str, object]) -> LockedError:
    """The refusal, naming the owner where one is told."""
    who = (
        f"({owner['host']} のプロセス {owner['pid']}、実行 {owner['run_id']}、{owner['since']} 開始)"
        if set(owner) >= {"host", "pid", "run_id", "since"}
        else ""
    )
    return LockedError(
        f"同じ出力先で別の実行が動いています: {out}{who}。終わるのを待って再実行するか、"
        "--wait 秒数 を付けて待たせてください。"
    )
