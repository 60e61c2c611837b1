"""A command's exit code survives the end of its process: real processes that have just read a Delta table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from pipeline.exit_codes import ExitCode

pytestmark = pytest.mark.slow

BEGIN = "from pipeline.commands.process_end import ProcessEnd\nend = ProcessEnd()"
READER = f"""
import atexit, sys
{BEGIN}
from pipeline.due.ledger import failed_names
atexit.register(print, "後片づけ")
end.code = len(failed_names(sys.argv[1]))
print("読みました", end="")
"""
ATTEMPTS = 5


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A table `failures` of ten files over five days."""
    rows = [
        {"file_name": f"日報{i}.pdf", "category": "corrupt", "dt": f"2026-04-0{i % 5 + 1}"} for i in range(10)
    ]
    write_deltalake(tmp_path / "failures", pa.Table.from_pylist(rows), partition_by=["dt"])
    return tmp_path


def test_a_process_that_has_just_read_a_table_ends_with_its_code(tables: Path) -> None:
    """Without it most of such processes are ended by SIGABRT, so that one try would show little."""
    for _ in range(ATTEMPTS):
        done = subprocess.run(
            [sys.executable, "-c", READER, tables], capture_output=True, text=True, check=False, timeout=60
        )
        assert (done.returncode, done.stderr) == (10, "")
        assert done.stdout == "読みました後片づけ\n"


def test_what_nobody_foresaw_is_not_taken_for_success() -> None:
    script = f"{BEGIN}\nraise SystemExit(0)"
    done = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert done.returncode == ExitCode.BROKEN_OFF


def test_what_could_not_be_printed_is_not_taken_for_success() -> None:
    script = f"{BEGIN}\nprint('日報', end='')\nend.code = 0"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", script], stdout=full, stderr=subprocess.PIPE, check=False, timeout=60
        )
    assert done.returncode == ExitCode.BROKEN_OFF
