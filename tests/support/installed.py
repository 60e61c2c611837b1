"""Runs the installed command and reads back what it published."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from fixtures.truth_file import FIXTURES

APPS = tuple(FIXTURES / "apps" / name for name in ("call-log", "daily-report"))
WITH_APPS = [part for app in APPS for part in ("--app", app)]

Command = Callable[..., subprocess.CompletedProcess[str]]


@dataclass(frozen=True, slots=True)
class Output:
    """What a finished run left behind."""

    folder: Path
    exit_code: int
    printed: str

    def rows(self, table: str, columns: str = "*") -> list[dict[str, Any]]:
        """The rows of a table as a reader of plain Parquet sees them."""
        if not list((self.folder / "tables" / table).glob("dt=*/*.parquet")):
            return []
        source = f"read_parquet('{self.folder}/tables/{table}/dt=*/*.parquet', union_by_name=true)"
        return duckdb.sql(f"SELECT {columns} FROM {source}").to_arrow_table().to_pylist()


def yomitori(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs the installed command."""
    command = Path(sys.executable).with_name("yomitori")
    return subprocess.run(
        [command, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=600
    )


def run_batch(inbox: Path, out: Path, *options: object, command: Command = yomitori) -> Output:
    """Runs the batch with both sample applications."""
    done = command("run", inbox, out, *WITH_APPS, *options)
    return Output(out, done.returncode, done.stdout + done.stderr)
