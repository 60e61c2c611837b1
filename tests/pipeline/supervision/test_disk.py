"""What is settled before the first page: room to write, and models that stay what they are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fixtures.truth_file import FIXTURES
from ocr.limits import Limits
from pipeline.applications.models import folder_digest, understanding_fingerprint
from pipeline.errors import CommandError, RunBrokenError
from pipeline.night.resolve import refuse_replaced
from pipeline.run_settings import RunSettings
from pipeline.supervision.disk import check_room, make_output
from pipeline.tables.contract import CONTRACT_VERSION

SAMPLE = FIXTURES / "apps" / "call-log" / "model"


def test_an_output_is_made_and_nothing_is_left_of_the_trial(tmp_path: Path) -> None:
    out = tmp_path / "出力" / "夜 1"
    make_output(str(out))
    make_output(str(out))
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("place", ["/proc/出力", "/dev/null/出力"])
def test_an_output_that_cannot_be_written_is_an_error(place: str) -> None:
    with pytest.raises(CommandError, match="書き込めません"):
        make_output(place)


@contextmanager
def nobody() -> Iterator[None]:
    """Rights count again where the tests are run by root."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_an_output_of_somebody_else_is_an_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with nobody(), pytest.raises(CommandError, match="権限"):
        make_output(str(tmp_path))


def test_a_run_that_has_no_room_is_refused(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    check_room(str(tmp_path), 1)
    with pytest.raises(CommandError, match="空き容量"):
        check_room(str(tmp_path), free // 50_000)


def test_a_model_is_told_by_its_content(tmp_path: Path) -> None:
    model = tmp_path / "モデル"
    shutil.copytree(SAMPLE, model)
    before = folder_digest(str(model))
    for path in model.iterdir():
        os.utime(path, (0, 0))
    (model / "MODEL_CARD.md").write_text("別の説明")
    assert folder_digest(str(model)) == before == folder_digest(str(SAMPLE))
    labels = model / "labels.csv"
    labels.write_bytes(labels.read_bytes() + b"\n")
    assert folder_digest(str(model)) != before


def test_a_model_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").symlink_to("/proc/self/mem")
    with pytest.raises(CommandError, match="入電"):
        understanding_fingerprint({"入電": str(tmp_path)}, (), {}, 4)


def test_a_model_that_is_replaced_in_mid_run_ends_the_run(tmp_path: Path) -> None:
    model = tmp_path / "モデル"
    shutil.copytree(SAMPLE, model)
    models = {"call-log": str(model)}
    settings = RunSettings(
        out=str(tmp_path), run_id="夜", code_version="1", engine="ppocr", engine_id="e", limits=Limits(),
        models=models, routes=(), dictionaries={}, progress=None, pictures=False,
        understanding=understanding_fingerprint(models, (), {}, CONTRACT_VERSION),
    )  # fmt: skip
    refuse_replaced(settings)
    shutil.copyfile(model / "relevance.safetensors", model / "model.safetensors")
    with pytest.raises(RunBrokenError, match="差し替え"):
        refuse_replaced(settings)
