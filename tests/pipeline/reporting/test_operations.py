"""What operators copy from the manual works, and the manual says what the program does."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from croniter import croniter
from typer.testing import CliRunner

from pipeline.commands.main import app
from pipeline.exit_codes import ExitCode
from pipeline.reporting import prometheus_file as metrics
from pipeline.reporting.facts import RunFacts
from pipeline.reporting.logs import RunEvent

_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


@pytest.fixture(scope="module")
def manual(root: Path) -> str:
    return (root / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def options() -> set[str]:
    """The options of all commands of the nightly batch."""
    helps = [CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "300"}) for name in _COMMANDS]
    return {option for shown in helps for option in _OPTION.findall(shown.output)}


_COMMANDS = ("run", "plan", "retry", "versions", "worker", "ocr")


def test_every_exit_code_is_explained(manual: str) -> None:
    rows = re.findall(r"^\| (\d+) \| (\w+) \|", manual, re.MULTILINE)
    assert [(int(code), name) for code, name in rows] == [(code, code.name.lower()) for code in ExitCode]


def test_every_event_and_every_metric_is_named(manual: str, tmp_path: Path) -> None:
    assert [event for event in RunEvent if f"`{event}`" not in manual] == []
    row: dict[str, float] = {
        "listed": 1,
        "gone": 0,
        "left_out": 0,
        "partial": 0,
        "pages": 1,
        "pages_read": 1,
        "wall_seconds": 1,
        "cpu_seconds": 1,
    }
    row |= {"confidence": 0.9, "empty_share": 0, "failed_share": 0, "peak_mib": 1, "documents": 1}
    full = {**row, "stage_seconds": {"digitize": 1.0}, "due": {"new": 1}}
    metrics.write(RunFacts("r", ExitCode.DONE, full), str(tmp_path / "y.prom"))
    written = set(
        re.findall(r"^(yomitori_\w+)", (tmp_path / "y.prom").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert written == set(re.findall(r"`(yomitori_\w+)", manual))


def test_the_options_that_are_shown_exist(root: Path, manual: str, options: set[str]) -> None:
    units = (root / "deploy" / "systemd" / "yomitori.service").read_text(encoding="utf-8")
    cron = (root / "deploy" / "cron" / "yomitori").read_text(encoding="utf-8")
    shown = set(_OPTION.findall(manual + units + cron))
    of_others = {"--now", "--since", "--collector", "--constraint"}
    assert shown - options - of_others == set()


def test_systemd_takes_the_units(root: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in (root / "deploy" / "systemd").iterdir():
        text = unit.read_text(encoding="utf-8")
        # What is installed elsewhere stands in for the command, whose being there is checked too.
        text = text.replace("/opt/yomitori/.venv/bin/yomitori", sys.executable)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    units = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    told = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "yomitori" in line]
    assert told == []


def test_cron_takes_the_line(root: Path) -> None:
    lines = (root / "deploy" / "cron" / "yomitori").read_text(encoding="utf-8").splitlines()
    (job,) = [line for line in lines if re.match(r"[\d*]", line)]
    schedule, (user, command) = job.split()[:5], job.split(maxsplit=6)[5:]
    assert croniter.is_valid(" ".join(schedule))
    assert user == "yomitori"
    assert "%" not in command  # cron would end the line there
    subprocess.run(["bash", "-n", "-c", command], check=True)


@pytest.mark.parametrize(("code", "mails"), [(0, False), (10, False), (11, False), (17, True), (15, True)])
def test_cron_mails_only_what_somebody_has_to_look_at(
    root: Path, tmp_path: Path, code: int, mails: bool
) -> None:
    lines = (root / "deploy" / "cron" / "yomitori").read_text(encoding="utf-8").splitlines()
    command = lines[-1].split(maxsplit=6)[6]
    stub = tmp_path / "yomitori"
    stub.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
    stub.chmod(0o755)
    command = command.replace("/opt/yomitori/.venv/bin/yomitori", str(stub))
    command = command.replace("/var/log/yomitori", str(tmp_path))
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert bool(done.stdout) is mails
    assert done.stderr == ""


def test_alerts_ask_for_metrics_that_are_written(root: Path, manual: str) -> None:
    rules = yaml.safe_load(
        (root / "deploy" / "prometheus" / "yomitori.rules.yaml").read_text(encoding="utf-8")
    )
    asked = {
        name
        for group in rules["groups"]
        for rule in group["rules"]
        for name in re.findall(r"yomitori_\w+", rule["expr"])
    }
    assert asked <= set(re.findall(r"`(yomitori_\w+)", manual))
