"""The fingerprint of reading changes when what is read can change, and only then."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ocr.engines.registry import create
from ocr.limits import Limits
from ocr.reading.fingerprint import code_digest, reading_fingerprint

pytestmark = pytest.mark.slow

PPOCR, TESSERACT = "ocr.engines.ppocr.ppocr_engine", "ocr.engines.tesseract"


@pytest.fixture
def source(root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(root / "ocr", tmp_path / "ocr", ignore=shutil.ignore_patterns("__pycache__")))


def edited(source: Path, module: str, old: str, new: str, *, engine: str = PPOCR) -> bool:
    """Whether the fingerprint changes with an edit; `old` must stand in the module."""
    before = code_digest(source, (engine,))
    text = (source / module).read_text("utf-8")
    assert old in text
    (source / module).write_text(text.replace(old, new, 1), "utf-8")
    code_digest.cache_clear()
    return code_digest(source, (engine,)) != before


def test_comments_documentation_and_layout_of_the_code_change_nothing(source: Path) -> None:
    assert not edited(source, "reading/reader.py", "from __future__", "# told to nobody\nfrom __future__")
    assert not edited(
        source,
        "reading/reader.py",
        '"""One page as a document of its own',
        '"""A page as a document of its own',
    )
    assert not edited(source, "reading/reader.py", "def failed(", "\n\n\ndef failed(")


def test_what_reading_never_comes_to_changes_nothing(source: Path) -> None:
    assert not edited(source, "export/overlay_legend.py", "TYPE_SIZE = 8.0", "TYPE_SIZE = 9.0")
    assert not edited(source, "export/markdown.py", "def ", "_MORE = 1\n\n\ndef ")
    assert not edited(
        source, "engines/tesseract.py", "class TesseractEngine", "_MORE = 1\n\n\nclass TesseractEngine"
    )


def test_a_rule_of_reading_changes_it(source: Path) -> None:
    assert edited(source, "grids/grid.py", "SNAP = 3.0", "SNAP = 4.0")
    assert edited(
        source,
        "engines/tesseract.py",
        "class TesseractEngine",
        "_MORE = 1\n\n\nclass TesseractEngine",
        engine=TESSERACT,
    )
    assert edited(source, "values/phones.py", "def ", "_MORE = 1\n\n\ndef ")


def test_data_of_reading_changes_it_and_a_module_may_move(source: Path) -> None:
    before = code_digest(source, (PPOCR,))
    (source / "layout" / "written").mkdir()
    shutil.move(source / "layout" / "ruby.py", source / "layout" / "written" / "ruby.py")
    (source / "layout" / "written" / "__init__.py").write_text('"""A room."""\n')
    page = source / "layout" / "page.py"
    page.write_text(page.read_text("utf-8").replace("ocr.layout.ruby", "ocr.layout.written.ruby"), "utf-8")
    code_digest.cache_clear()
    assert code_digest(source, (PPOCR,)) == before

    (source / "values" / "holidays.json").write_text("[]")
    code_digest.cache_clear()
    assert code_digest(source, (PPOCR,)) != before


def test_limits_and_engines_are_part_of_it() -> None:
    ppocr = create("ppocr")
    assert reading_fingerprint(ppocr, Limits()) == reading_fingerprint(create("ppocr"), Limits())
    assert reading_fingerprint(ppocr, Limits()) != reading_fingerprint(ppocr, Limits(dpi=300))


@pytest.mark.parametrize(
    "name", ["ppocr", "tesseract", "ppocr+tesseract", "tests.support.ocr.other_engines:plain"]
)
def test_the_networks_that_turn_and_clean_pages_count_for_every_engine(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create(name)
    before = reading_fingerprint(engine, Limits())
    monkeypatch.setattr("ocr.engines.ppocr.networks.version", lambda package: f"{package} of tomorrow")
    assert reading_fingerprint(engine, Limits()) != before


def test_an_engine_that_finds_the_orientation_counts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create("tests.support.ocr.other_engines:oriented")
    before = reading_fingerprint(engine, Limits())
    monkeypatch.setattr("ocr.engines.ppocr.networks.version", lambda package: f"{package} of tomorrow")
    assert reading_fingerprint(engine, Limits()) == before
