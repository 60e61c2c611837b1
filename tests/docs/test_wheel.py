"""What pip installs holds all that the command line reads beside its code."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile

import pytest

from tests.support.places import ROOT

pytestmark = pytest.mark.slow

PACKAGES = ("ocr", "nlu", "pipeline")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files of the wheel, built from a copy so that nothing is left in the tree."""
    source = tmp_path_factory.mktemp("source")
    for name in PACKAGES:  # links are followed, as building does
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = ["-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "--quiet", "-w", "built"]
    subprocess.run([sys.executable, *build], cwd=source, check=True)
    (wheel,) = (source / "built").glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_every_module_and_every_file_beside_one_is_in_the_wheel(installed: set[str]) -> None:
    tree = {file for name in PACKAGES for file in (ROOT / name).rglob("*") if file.is_file()}
    named = {str(file.relative_to(ROOT)) for file in tree if "__pycache__" not in file.parts}
    assert named - installed == set()


@pytest.mark.parametrize("sample", ["call-log", "daily-report"])
def test_samples_come_with_their_models(sample: str, installed: set[str]) -> None:
    folder = ROOT / "fixtures" / "apps" / sample
    wanted = {file.relative_to(folder) for file in folder.rglob("*") if file.is_file()}
    missing = {file for file in wanted if f"nlu/samples/{sample}/{file.as_posix()}" not in installed}
    assert {file.name for file in missing} == {"train.jsonl", "dev.jsonl", "test.jsonl"}


def test_nothing_but_the_three_rooms_is_installed(installed: set[str]) -> None:
    assert {name.split("/")[0] for name in installed if ".dist-info/" not in name} == set(PACKAGES)


def test_reading_alone_asks_for_neither_torch_nor_beam() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    base, extras = " ".join(project["dependencies"]), project["optional-dependencies"]
    assert "torch" not in base
    assert "beam" not in base
    assert "torch" in " ".join(extras["nlu"])
    assert "apache-beam" in " ".join(extras["all"])
