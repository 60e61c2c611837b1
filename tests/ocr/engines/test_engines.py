"""Both engines on real print, what a missing one says, and the repairs of look-alike characters."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.engines.engine import Engine
from ocr.engines.ppocr.networks import RECOGNITION_MODEL, Models, cut, rapidocr_folder
from ocr.engines.ppocr.runtime.quantize import is_fast, known_ranges
from ocr.engines.ppocr.runtime.session import OnnxruntimeNetwork, OpenvinoNetwork, runtime
from ocr.engines.registry import ENGINES, create
from ocr.errors import FailureCategory, ReadingError
from ocr.proofreading.lookalikes import repair
from ocr.raster import Raster
from tests.support.ocr.samples import error_rate, without_space

pytestmark = pytest.mark.slow

MOST_ERRORS = {"ppocr": 0.005, "tesseract": 0.03}

# Reads a page and prints the clock ticks that each thread but the first worked meanwhile.
TICKS_OF_OTHER_THREADS = """
import os, sys, numpy as np
from pathlib import Path
from ocr.engines.registry import create
def ticks():
    stats = {int(t.name): (t / "stat").read_text() for t in Path("/proc/self/task").iterdir()}
    return {task: sum(map(int, stat.rsplit(")")[-1].split()[11:13])) for task, stat in stats.items()}
engine = create(sys.argv[1])
page = np.full((2000, 1400, 3), 255, np.uint8)
page[100:130, 100:1300:7] = 0
engine.recognize(page)
before = ticks()
for _ in range(10):
    engine.recognize(page)
after = ticks()
print(after[os.getpid()] - before[os.getpid()])
print(sum(after.values()) - sum(before.values()) - after[os.getpid()] + before[os.getpid()])
"""


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return available(request.param)


def available(name: str) -> Engine:
    try:
        return create(name)
    except ReadingError as error:
        pytest.skip(error.message)


def test_a_real_scan_is_read(engine: Engine, scans: Path) -> None:
    image = cv2.imread(str(scans / "scaned0.png"), cv2.IMREAD_COLOR)
    lines = sorted(engine.recognize(image), key=lambda line: line.box.y0)  # type: ignore[arg-type]
    truth = (scans / "scaned0.txt").read_text(encoding="utf-8")
    assert error_rate("".join(line.text for line in lines), truth) <= MOST_ERRORS[engine.name]
    assert not any(line.vertical for line in lines)
    assert all(0 <= line.confidence <= 1 for line in lines)
    height, width = image.shape[:2]
    assert all(0 <= line.box.x0 < line.box.x1 <= width for line in lines)
    assert all(0 <= line.box.y0 < line.box.y1 <= height for line in lines)


def test_columns_of_vertical_writing_are_told(engine: Engine, magazine: np.ndarray) -> None:
    lines = engine.recognize(magazine)
    down = sum(len(line.text) for line in lines if line.vertical)
    assert down > 0.7 * sum(len(line.text) for line in lines)


def test_an_empty_page_has_no_lines(engine: Engine) -> None:
    assert engine.recognize(np.full((1000, 800, 3), 250, dtype=np.uint8)) == ()


def test_japanese_is_joined_without_spaces(engine: Engine, scans: Path) -> None:
    image = cv2.imread(str(scans / "scaned0.png"), cv2.IMREAD_COLOR)[190:, :]
    assert not any(" " in line.text for line in engine.recognize(image))  # type: ignore[arg-type]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted through /proc")
def test_ppocr_works_on_one_thread() -> None:
    counted = subprocess.run(
        [sys.executable, "-c", TICKS_OF_OTHER_THREADS, "ppocr"], capture_output=True, text=True, check=True
    )
    own, others = map(int, counted.stdout.split())
    assert own > 20
    assert others <= 1


def test_openvino_and_onnxruntime_read_the_same(printed: Raster) -> None:
    pytest.importorskip("openvino")
    pytest.importorskip("onnxruntime")
    one, other = Models(OpenvinoNetwork), Models(OnnxruntimeNetwork)
    quads, same = one.detect(printed.pixels), other.detect(printed.pixels)
    assert len(quads) == len(same) > 10
    for quad in quads:
        assert min(np.abs(quad - twin).max() for twin in same) <= 3
    crops = [cut(printed.pixels, quad) for quad in quads]
    texts = ["".join(without_space(models.read(crop).text) for crop in crops) for models in (one, other)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("flags", "fast"),
    [("fpu avx2 avx512_vnni avx512_bf16", True), ("fpu avx_vnni", True), ("fpu avx2 avx512f", False)],
)
def test_eight_bits_are_for_processors_that_name_vnni(tmp_path: Path, flags: str, fast: bool) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(f"processor\t: 0\nmodel name\t: avx_vnni\nflags\t\t: {flags}\nbugs\t\t:\n")
    assert is_fast(told) is fast


def test_eight_bits_are_not_for_processors_that_say_nothing(tmp_path: Path) -> None:
    assert not is_fast(tmp_path / "cpuinfo")


def test_eight_bits_are_for_the_network_that_was_measured(tmp_path: Path) -> None:
    installed = rapidocr_folder() / RECOGNITION_MODEL
    assert known_ranges(installed)
    other = tmp_path / installed.name
    other.write_bytes(installed.read_bytes() + b"\0")
    assert not known_ranges(other)


def test_tesseract_runs_on_one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tesseract = available("tesseract")
    seen = tmp_path / "environment"
    program = tmp_path / "tesseract"
    program.write_text(f'#!/bin/sh\necho "$OMP_THREAD_LIMIT" > {seen}\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setattr("pytesseract.pytesseract.tesseract_cmd", str(program))
    monkeypatch.setenv("OMP_THREAD_LIMIT", "8")
    with pytest.raises(ReadingError) as caught:
        tesseract.recognize(np.zeros((50, 50, 3), dtype=np.uint8))
    assert caught.value.category is FailureCategory.ENGINE_FAILED
    assert seen.read_text() == "1\n"


def test_tesseract_is_given_up_on_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ocr.limits import Limits

    available("tesseract")
    tesseract = create("tesseract", Limits(page_seconds=0.5))
    program = tmp_path / "tesseract"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr("pytesseract.pytesseract.tesseract_cmd", str(program))
    with pytest.raises(ReadingError) as caught:
        tesseract.recognize(np.zeros((50, 50, 3), dtype=np.uint8))
    assert caught.value.category is FailureCategory.TIMEOUT
    assert caught.value.retryable


def test_a_missing_tesseract_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReadingError) as caught:
        create("tesseract")
    assert caught.value.category is FailureCategory.ENGINE_MISSING
    assert "apt-get install tesseract-ocr tesseract-ocr-jpn" in caught.value.message


def test_missing_japanese_data_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    available("tesseract")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    with pytest.raises(ReadingError) as caught:
        create("tesseract")
    assert caught.value.category is FailureCategory.ENGINE_MISSING
    assert "日本語データ" in caught.value.message


def test_an_unknown_engine_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match="ppocr, tesseract"):
        create("abbyy")


def test_fingerprints_tell_engines_apart() -> None:
    assert "PP-OCRv6" in create("ppocr").fingerprint
    assert ("int8" in create("ppocr").fingerprint) == (runtime() == "openvino" and is_fast())
    assert create("ppocr").fingerprint == create("ppocr").fingerprint
    assert available("tesseract").fingerprint != create("ppocr").fingerprint


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("搬送口ーラーの摩耗", "搬送ローラーの摩耗"),
        ("エネルギ一効率", "エネルギー効率"),
        ("力タログの請求", "カタログの請求"),
        ("デー夕を送る", "データを送る"),
        ("工ラーになった", "エラーになった"),
        ("候補はべトナムの代理店", "候補はベトナムの代理店"),
        ("本社ヘ連絡する", "本社へ連絡する"),
        ("ビニ二ル袋", "ビニニル袋"),
        ("へッドの交換", "ヘッドの交換"),
        ("株式会社了オバ運輸", "株式会社アオバ運輸"),
        ("(以下「こ」という。)", "(以下「乙」という。)"),
        ("甲又はこが負担する", "甲又は乙が負担する"),
    ],
)
def test_lookalikes_are_repaired_by_the_script_around_them(read: str, meant: str) -> None:
    assert repair(read, vertical=False) == meant


@pytest.mark.parametrize(
    "text",
    [
        "カタログの力学的な記述",
        "三ライン中二ラインが停止",
        "データ一件を一覧に追加",
        "メーカー一覧",
        "窓口サービスの夕方の入力データ",
        "八ケ岳の千ドル工事",
        "システムへログインできない",
        "こちらへ戻るべきか調べる",
        "人力で口頭の才能を工夫",
        "ベテランの一人",
        "終了メールを了承",
        "甲及びこの契約に「ここ」と書く",
        "03-1234-5678",
    ],
)
def test_right_characters_stay(text: str) -> None:
    assert repair(text, vertical=False) == text
    assert repair(text, vertical=True) == text


def test_the_long_vowel_mark_stands_upright_in_a_column() -> None:
    assert repair("ニュ|スレタ|の", vertical=True) == "ニュースレターの"
