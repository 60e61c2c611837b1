"""The two libraries as a notebook uses them: what the README shows runs and says what it should."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import ocr
from tests.support.places import ROOT

SHOWN = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)
    return names


def test_a_file_is_read_in_three_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    names = run(next(code for code in SHOWN if "import ocr" in code))
    assert "入電記録" in capsys.readouterr().out
    fields = names["fields"].set_index("name")
    assert fields.loc["受付日時", "normalized"] == "2024-04-24T09:05"
    assert fields.loc["電話番号", "kind"] == "phone"


@pytest.mark.slow
def test_a_script_needs_no_guard_against_being_run_again(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    code = next(code for code in SHOWN if "import ocr" in code)
    script.write_text(f"{code}\nprint('fields', len(fields))\n", "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, script], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("fields ") == 1


def test_texts_are_understood_in_three_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names = run(next(code for code in SHOWN if "import nlu" in code))
    labels = names["labels"]
    assert set(labels["text"]) == {0, 1}
    assert labels.groupby(["text", "task"])["probability"].max().between(0, 1).all()
    accepted = labels[labels["accepted"]]
    assert accepted.set_index("text")["minor"].to_dict() == {0: "契約外", 1: "その他"}
    assert "複合機を入れたい" in accepted["evidence"].iloc[0]
    one = names["nlu"].understand(names["model"], "修理のお礼のお電話。")
    assert names["nlu"].to_frame(one)["minor"].tolist() == labels.query("text == 1")["minor"].tolist()


def test_tables_become_frames_with_their_headings(tmp_path: Path) -> None:
    book = pd.DataFrame({"品名": ["軸受", "歯車"], "数量": [1200, 45]})
    book.to_excel(tmp_path / "在庫.xlsx", index=False)
    (table,) = ocr.to_tables(ocr.read(tmp_path / "在庫.xlsx"))
    assert [*table.columns] == ["品名", "数量"]
    assert table.to_numpy().tolist() == [["軸受", "1200"], ["歯車", "45"]]


@pytest.mark.parametrize(("library", "heavy"), [("ocr", "cv2 pandas onnxruntime"), ("nlu", "torch pandas")])
def test_importing_a_library_loads_nothing_that_is_not_asked_for(library: str, heavy: str) -> None:
    code = f"import sys, {library}; sys.exit(', '.join(set({heavy.split()!r}) & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
