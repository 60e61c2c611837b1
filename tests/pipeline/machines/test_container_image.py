"""The worker image cannot be built in the tests, but what it is built from can be checked."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def instructions(root: Path) -> list[list[str]]:
    text = (root / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [shlex.split(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_the_linter_finds_nothing(root: Path) -> None:
    linter = Path(sys.executable).with_name("hadolint")
    found = subprocess.run([linter, root / "Dockerfile"], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_every_copied_path_exists_and_is_let_into_the_build(
    root: Path, instructions: list[list[str]]
) -> None:
    copied = [
        source
        for name, *arguments in instructions
        if name == "COPY" and not arguments[0].startswith("--from")
        for source in arguments[:-1]
    ]
    assert copied
    allowed = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for source in copied:
        assert (root / source).exists(), source
        assert f"!{source}" in allowed, source


def test_the_image_holds_the_beam_version_that_is_pinned(root: Path, instructions: list[list[str]]) -> None:
    pins = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    (pin,) = (line for line in pins if line.startswith("apache-beam=="))
    images = [arguments[0] for name, *arguments in instructions if name == "FROM"]
    assert any(image.endswith("_sdk:" + pin.removeprefix("apache-beam==")) for image in images)


def test_the_image_does_not_run_as_root(instructions: list[list[str]]) -> None:
    users = [arguments[0] for name, *arguments in instructions if name == "USER"]
    assert users
    assert users[-1] not in ("root", "0")


def test_a_worker_of_the_image_computes_in_one_thread(instructions: list[list[str]]) -> None:
    """Dataflow starts workers without the command line, which sets these variables elsewhere."""
    variables = [setting for name, *settings in instructions if name == "ENV" for setting in settings]
    for library in ("OMP", "OPENBLAS", "MKL"):
        assert f"{library}_NUM_THREADS=1" in variables
