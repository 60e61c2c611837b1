"""Pages that hang or kill the process that reads them, each for real."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pytest
from PIL import Image, ImageDraw

from ocr.document import Document, TextSource
from ocr.errors import FailureCategory, ReadingError
from ocr.limits import Limits
from ocr.processes.supervised_reader import SupervisedReader
from ocr.reading.reader import read
from ocr.serialization import from_json, to_json
from tests.support.ocr import unruly_engines as unruly
from tests.support.ocr.samples import Sample, without_space
from tests.support.places import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.apart]

UNRULY = f"{unruly.__name__}:unruly"
PAGE_SECONDS = 4.0
LIMITS = Limits(page_seconds=PAGE_SECONDS, start_seconds=40)


def _empty_page() -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (600, 800), "white").save(buffer, format="PNG")
    return buffer.getvalue()


EMPTY_PAGE = _empty_page()


def pages(*widths: int) -> bytes:
    """A TIFF with a page of each width, with ink on it that is no writing."""
    drawn = []
    for width in widths:
        page = Image.new("L", (width, 800), "white")
        ImageDraw.Draw(page).rectangle((100, 100, 300, 140), fill="black")
        drawn.append(page)
    buffer = io.BytesIO()
    drawn[0].save(buffer, format="TIFF", save_all=True, append_images=drawn[1:], compression="tiff_lzw")
    return buffer.getvalue()


def process_of(document: Document, number: int) -> int:
    page = next(page for page in document.pages if page.number == number)
    return int(page.lines[0].text.removeprefix("PID"))


def outcome(document: Document) -> dict[int, str]:
    return {page.number: "read" for page in document.pages} | {
        failure.page: failure.category for failure in document.failures
    }


@pytest.fixture(scope="module")
def reader() -> Iterator[SupervisedReader]:
    with SupervisedReader(UNRULY, LIMITS) as reader:
        yield reader


def test_a_process_that_is_killed_from_outside_costs_no_page(reader: SupervisedReader) -> None:
    data = pages(unruly.WELL_BEHAVED)
    process = process_of(reader.read(data), 1)
    os.kill(process, signal.SIGKILL)
    document = reader.read(data)
    assert outcome(document) == {1: "read"}
    assert process_of(document, 1) != process


def test_a_page_that_hangs_in_native_code_costs_only_itself(reader: SupervisedReader) -> None:
    data = pages(unruly.WELL_BEHAVED, unruly.HANGS, unruly.WELL_BEHAVED)
    assert outcome(reader.read(data, 1, 1)) == {1: "read"}
    started = time.monotonic()
    document = reader.read(data)
    assert outcome(document) == {1: "read", 2: "timeout", 3: "read"}
    assert time.monotonic() - started < LIMITS.start_seconds + 3 * PAGE_SECONDS
    assert document.failures[0].retryable
    assert "4秒以内" in document.failures[0].message
    hung = process_of(document, 1)
    assert process_of(document, 3) != hung
    with pytest.raises(ProcessLookupError):
        os.kill(hung, 0)


@pytest.mark.parametrize("width", [unruly.IS_KILLED, unruly.SEGFAULTS], ids=["sigkill", "sigsegv"])
def test_a_page_that_kills_its_process_costs_only_itself(reader: SupervisedReader, width: int) -> None:
    document = reader.read(pages(unruly.WELL_BEHAVED, width, unruly.WELL_BEHAVED))
    assert outcome(document) == {1: "read", 2: "crashed", 3: "read"}
    assert document.failures[0].retryable
    assert "異常終了" in document.failures[0].message


def test_a_page_that_eats_memory_costs_only_itself() -> None:
    limits = Limits(page_seconds=30, start_seconds=40, max_process_bytes=1500 * 1024 * 1024)
    with SupervisedReader(UNRULY, limits) as reader:
        document = reader.read(pages(unruly.WELL_BEHAVED, unruly.EATS, unruly.WELL_BEHAVED))
    assert outcome(document) == {1: "read", 2: "out_of_memory", 3: "read"}
    assert "1,500MB" in document.failures[0].message


# They look for the same program on the whole machine.
looks_for_programs = pytest.mark.xdist_group("programs of a page")


def programs() -> list[psutil.Process]:
    return [
        p
        for p in psutil.process_iter(["cmdline"])
        if str(unruly.PROGRAM_SECONDS) in (p.info["cmdline"] or [])
    ]


@looks_for_programs
def test_a_program_that_hangs_dies_with_the_page(reader: SupervisedReader) -> None:
    document = reader.read(pages(unruly.RUNS_A_PROGRAM, unruly.WELL_BEHAVED))
    assert outcome(document) == {1: "timeout", 2: "read"}
    assert not programs()


def test_what_no_file_can_hold_is_left_out(reader: SupervisedReader) -> None:
    document = reader.read(pages(unruly.BABBLES))
    assert without_space(document.text) == "日報\ufffdの件\ufffd\ufffd担当😀者"
    assert sorted(line.confidence for line in document.pages[0].lines) == pytest.approx([0.0, 1.0], abs=0.01)
    assert from_json(to_json(document)) == document
    pa.array([document.text])


def test_an_error_that_cannot_be_told_is_still_a_page(reader: SupervisedReader) -> None:
    document = reader.read(pages(unruly.CANNOT_TELL, unruly.WELL_BEHAVED))
    assert outcome(document) == {1: "engine_failed", 2: "read"}


def test_a_document_has_a_deadline_of_its_own() -> None:
    limits = Limits(page_seconds=60, start_seconds=60, document_seconds=6)
    with SupervisedReader(UNRULY, limits) as reader:
        reader.read(pages(unruly.WELL_BEHAVED), 1, 1)
        started = time.monotonic()
        document = reader.read(pages(unruly.WELL_BEHAVED, unruly.HANGS, unruly.WELL_BEHAVED))
    assert outcome(document) == {1: "read", 2: "timeout", 3: "timeout"}
    assert time.monotonic() - started < 12
    assert all("文書全体" in failure.message for failure in document.failures)


def test_a_child_that_has_grown_is_replaced() -> None:
    limits = Limits(page_seconds=PAGE_SECONDS, start_seconds=40, kept_process_bytes=1)
    with SupervisedReader(UNRULY, limits) as reader:
        document = reader.read(pages(unruly.WELL_BEHAVED, unruly.WELL_BEHAVED))
    assert process_of(document, 1) != process_of(document, 2)


@looks_for_programs
@pytest.mark.parametrize("busy", ["idle", "with a program", "in native code"])
def test_nothing_outlives_a_parent_that_is_killed(busy: str, tmp_path: Path) -> None:
    widths = {"idle": 0, "with a program": unruly.RUNS_A_PROGRAM, "in native code": unruly.HANGS}
    (tmp_path / "first.tif").write_bytes(pages(unruly.WELL_BEHAVED))
    (tmp_path / "second.tif").write_bytes(pages(widths[busy] or unruly.WELL_BEHAVED))
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys, time\n"
        "from pathlib import Path\n"
        "from ocr.limits import Limits\n"
        "from ocr.processes.supervised_reader import SupervisedReader\n"
        "if __name__ == '__main__':\n"
        f"    reader = SupervisedReader('{UNRULY}', Limits(page_seconds=4, start_seconds=40))\n"
        "    first = reader.read(Path('first.tif').read_bytes())\n"
        "    print(first.text, flush=True)\n"
        "    reader.read(Path('second.tif').read_bytes())\n"
        "    time.sleep(60)\n",
        encoding="utf-8",
    )
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline().decode().strip().removeprefix("PID")))
    time.sleep(1.0)  # it is now at its second page
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    child.wait(timeout=PAGE_SECONDS + 10)
    assert not programs()
    assert {path.name for path in tmp_path.iterdir()} == {"first.tif", "second.tif", "parent.py"}


def test_errors_inside_the_child_are_pages_too(reader: SupervisedReader) -> None:
    document = reader.read(pages(unruly.RAISES, unruly.WELL_BEHAVED, unruly.RUNS_OUT))
    assert outcome(document) == {1: "engine_failed", 2: "read", 3: "out_of_memory"}


def test_the_child_is_kept_between_documents_and_replaced_after_its_pages() -> None:
    limits = Limits(page_seconds=PAGE_SECONDS, start_seconds=40, pages_per_process=3)
    with SupervisedReader(UNRULY, limits) as reader:
        data = pages(*[unruly.WELL_BEHAVED] * 5)
        first, second = reader.read(data, 1, 2), reader.read(data, 3, 5)
    used = [process_of(first, 1), process_of(first, 2)] + [process_of(second, n) for n in (3, 4, 5)]
    assert used[0] == used[1] == used[2]
    assert used[3] == used[4] != used[0]
    assert os.getpid() not in used


def test_what_cannot_be_opened_is_raised(reader: SupervisedReader) -> None:
    with pytest.raises(ReadingError) as caught:
        reader.inspect(b"")
    assert caught.value.category is FailureCategory.EMPTY_FILE
    with pytest.raises(ReadingError) as caught:
        reader.read(b"%PDF-1.4 ...")
    assert caught.value.category is FailureCategory.CORRUPT


def test_a_missing_engine_is_raised_not_blamed_on_the_page() -> None:
    with (
        SupervisedReader(f"{unruly.__name__}:missing", LIMITS) as reader,
        pytest.raises(ReadingError) as caught,
    ):
        reader.read(pages(unruly.WELL_BEHAVED), 1, 1)
    assert caught.value.category is FailureCategory.ENGINE_MISSING


def test_closing_or_forgetting_ends_the_child() -> None:
    reader = SupervisedReader(UNRULY, LIMITS)
    data = pages(unruly.WELL_BEHAVED)
    first = process_of(reader.read(data), 1)
    reader.close()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    second = process_of(reader.read(data), 1)
    assert second != first
    del reader
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


def test_the_real_engine_reads_the_same_in_a_child(report: Sample, limits: Limits, root: Path) -> None:
    from ocr.engines.registry import create

    with SupervisedReader("ppocr") as reader:
        document = reader.read(report.data)
        assert reader.read(EMPTY_PAGE).pages[0].source is TextSource.BLANK
        picture = Image.open(io.BytesIO(reader.picture(report.data, document.pages[0])))
    page = document.pages[0]
    assert picture.format == "JPEG"
    assert picture.width / picture.height <= 1.01 * page.width / page.height, "a legend may stand below"
    assert (np.ptp(np.asarray(picture).astype(int), axis=2) > 60).any(), "boxes are drawn in colour"
    assert without_space(document.text) == without_space(
        read(report.data, engine=create("ppocr"), limits=limits).text
    )
