"""The other commands, as a person types them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pdfplumber
import pytest
from lxml import etree
from PIL import Image

from fixtures.comparing.measures import plain
from fixtures.truth_file import INBOX, read_truth
from nlu.ablation.overrides import with_settings
from nlu.application.application import Application
from pipeline.exit_codes import ExitCode
from tests.support.installed import APPS, Command, Output, yomitori

pytestmark = pytest.mark.slow

TYPED = next(t for t in read_truth() if t.source == "text_layer" and t.labels)
REPORT = next(
    t for t in read_truth() if t.source == "text_layer" and t.kind == "daily-report" and "日付" in t.fields
)


def test_help_waits_for_no_library() -> None:
    heavy = "apache_beam, cv2, numpy, pandas, pyarrow, pydantic, spacy, torch, transformers"
    code = f"import sys, pipeline.commands.main; sys.exit(bool(set({heavy.split(', ')}) & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert "ocr" in yomitori("--help").stdout


def test_an_application_without_a_model_is_refused_before_any_page(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    for name in ("app.toml", "labels.csv"):
        (app / name).write_bytes((APPS[0] / name).read_bytes())
    done = yomitori("run", INBOX, tmp_path / "out", "--app", app)
    assert done.returncode == ExitCode.BAD_CONFIGURATION
    assert "学習済みモデルがありません" in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_application_without_a_task_needs_no_model(tmp_path: Path, warm: Command) -> None:
    """Its documents get kind, date and the columns of their fields; what no application reads is counted by
    title in the record, and no word of it is printed where standard output is no terminal."""
    app, inbox, out = tmp_path / "app", tmp_path / "inbox", tmp_path / "out"
    app.mkdir()
    (app / "app.toml").write_text(
        'name = "visits"\ntitle = "訪問の記録"\n[routing]\nfiles = ["営業部/**"]\n'
        '[fields]\nreported_on = ["日付"]\n[documents]\ndate = ["reported_on"]\n',
        encoding="utf-8",
    )
    unread = next(t for t in read_truth() if t.source == "text_layer" and not t.labels and not t.failure)
    for folder, truth in (("営業部", REPORT), ("総務", unread)):
        (inbox / folder).mkdir(parents=True)
        (inbox / folder / "a.pdf").write_bytes(truth.path.read_bytes())
    done = warm("run", inbox, out, "--app", app)
    assert done.returncode == ExitCode.DONE, done.stderr

    published = Output(out, done.returncode, done.stdout)
    columns = "file_name, kind, title, business_date::VARCHAR AS day, business_date_source AS source"
    report, other = sorted(published.rows("documents", columns), key=lambda row: row["kind"], reverse=True)
    assert (report["file_name"], report["kind"], report["day"]) == ("営業部/a.pdf", "visits", REPORT.date)
    assert (report["source"], other["kind"]) == ("日付", "other")
    assert "reported_on" in {row["key"] for row in published.rows("fields", "key")}
    (record,) = (out / "runs").glob("*.json")
    assert json.loads(record.read_text("utf-8"))["unread_titles"] == [
        {"title": other["title"], "documents": 1}
    ]
    assert other["title"] not in done.stdout + done.stderr
    assert record.with_suffix(".txt").name in done.stdout

    refused = warm("train", app, "-o", tmp_path / "model")
    assert refused.returncode == ExitCode.BAD_CONFIGURATION
    assert "学習は不要です" in refused.stderr


def test_an_empty_inbox_is_nothing_to_do(tmp_path: Path, warm: Command) -> None:
    (tmp_path / "inbox").mkdir()
    done = warm("run", tmp_path / "inbox", tmp_path / "out")
    assert done.returncode == ExitCode.NOTHING_TO_DO, done.stderr


def test_a_missing_inbox_is_bad_input(tmp_path: Path) -> None:
    done = yomitori("run", tmp_path / "ない", tmp_path / "out")
    assert done.returncode == ExitCode.BAD_INPUT
    assert "受信フォルダがありません" in done.stderr


def test_text_goes_to_standard_output() -> None:
    done = yomitori("ocr", TYPED.path)
    assert done.returncode == ExitCode.DONE, done.stderr
    value = max(TYPED.fields.values(), key=len)
    assert plain(value) in plain(done.stdout)


def test_every_format_is_written(tmp_path: Path) -> None:
    value = max(TYPED.fields.values(), key=len)
    formats = ("text", "markdown", "json", "hocr", "pdf", "overlay", "layer")
    asked = [part for name in formats for part in ("--format", name)]
    done = yomitori("ocr", TYPED.path, *asked, "-o", tmp_path)
    assert done.returncode == ExitCode.DONE, done.stderr
    assert TYPED.path.name in done.stderr
    stem = TYPED.path.stem
    assert plain(value) in plain((tmp_path / f"{stem}.txt").read_text("utf-8"))
    assert plain(value) in plain((tmp_path / f"{stem}.md").read_text("utf-8"))
    document = json.loads((tmp_path / f"{stem}.json").read_text("utf-8"))
    assert plain(value) in [plain(f["value"]) for page in document["pages"] for f in page["fields"]]
    hocr = etree.parse(str(tmp_path / f"{stem}.hocr"))
    assert plain(value)[:10] in plain("".join(hocr.getroot().itertext()))
    with pdfplumber.open(tmp_path / f"{stem}.pdf") as pdf:
        assert plain(value)[:10] in plain(pdf.pages[0].extract_text())
    with Image.open(tmp_path / f"{stem}-1.jpg") as picture:
        assert picture.width > 300
    with Image.open(tmp_path / f"{stem}-1-layer.png") as layer:
        assert layer.format == "PNG"
    assert len(list(tmp_path.iterdir())) == 7


def test_a_folder_is_read_with_its_folders_and_the_source_is_not_written_over(
    tmp_path: Path, warm: Command
) -> None:
    places = [tmp_path / "営業部" / "日報.pdf", tmp_path / "控" / "日報.pdf", tmp_path / "控" / ".隠し.pdf"]
    for place in places:
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(TYPED.path.read_bytes())
    done = warm("ocr", tmp_path, "--format", "pdf", "-o", tmp_path)
    assert done.returncode == ExitCode.DONE, done.stderr
    assert all(place.read_bytes() == TYPED.path.read_bytes() for place in places)
    written = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*-yomitori.pdf")}
    assert written == {"営業部/日報-yomitori.pdf", "控/日報-yomitori.pdf"}


def test_only_the_pages_asked_for_are_read(warm: Command) -> None:
    truth = next(t for t in read_truth() if t.source == "text_layer" and len(t.pages) == 2)
    done = warm("ocr", truth.path, "--pages", "2-")
    assert done.returncode == ExitCode.DONE, done.stderr
    first, second = (plain(page.text) for page in truth.pages)
    assert second[-20:] in plain(done.stdout)
    assert first[:20] not in plain(done.stdout)
    beyond = warm("ocr", truth.path, "--pages", "3")
    assert beyond.returncode == ExitCode.BAD_INPUT
    assert "全2ページ" in beyond.stderr
    assert warm("ocr", truth.path, "--pages", "2-1").returncode == ExitCode.BAD_CONFIGURATION


def test_what_standard_output_cannot_hold_needs_a_folder(tmp_path: Path, warm: Command) -> None:
    for asked in (["--format", "pdf"], ["--format", "text", "--format", "json"]):
        done = warm("ocr", TYPED.path, *asked)
        assert done.returncode == ExitCode.BAD_CONFIGURATION
        assert "-o フォルダ" in done.stderr
    for name in ("json", "hocr"):
        done = warm("ocr", TYPED.path, TYPED.path, "--format", name)
        assert done.returncode == ExitCode.BAD_CONFIGURATION
        assert "-o フォルダ" in done.stderr
    (tmp_path / "空").mkdir()
    assert warm("ocr", tmp_path / "空").returncode == ExitCode.NOTHING_TO_DO


def test_a_bad_file_among_good_ones_is_named_and_the_rest_is_read(tmp_path: Path, warm: Command) -> None:
    broken = next(t for t in read_truth() if t.failure == "encrypted")
    done = warm("ocr", broken.path, "ない.pdf", TYPED.path)
    assert done.returncode == ExitCode.PARTIAL_SUCCESS
    assert broken.path.name in done.stderr
    assert "パスワード" in done.stderr
    assert "ない.pdf: ファイルがありません" in done.stderr
    assert done.stdout.strip()


def test_two_files_of_one_name_do_not_overwrite_each_other(tmp_path: Path, warm: Command) -> None:
    copies = [tmp_path / folder / TYPED.path.name for folder in ("東京", "大阪")]
    for copy in copies:
        copy.parent.mkdir()
        copy.write_bytes(TYPED.path.read_bytes())
    done = warm("ocr", *copies, "-o", tmp_path / "読み取り")
    assert done.returncode == ExitCode.DONE, done.stderr
    assert len(list((tmp_path / "読み取り").iterdir())) == 2


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_a_shipped_model_predicts_and_is_evaluated(app: Path, tmp_path: Path, warm: Command) -> None:
    lines = (app / "test.jsonl").read_text("utf-8").splitlines()[:40]
    records = tmp_path / "records.jsonl"
    records.write_text("\n".join(lines) + "\n", "utf-8")
    done = warm("predict", app / "model", records, "-o", tmp_path / "predicted.jsonl")
    assert done.returncode == ExitCode.DONE, done.stderr
    predicted = [json.loads(line) for line in (tmp_path / "predicted.jsonl").read_text("utf-8").splitlines()]
    assert [one["id"] for one in predicted] == [json.loads(line)["id"] for line in lines]
    for one in predicted:
        for task in one["labels"].values():
            assert any(label["accepted"] for label in task)
        for proofs in one["evidence"].values():
            assert all(one["text"][p["start"] : p["end"]] == p["text"] for p in proofs)
    done = warm("evaluate", app / "model", records, "-o", tmp_path / "report")
    assert done.returncode == ExitCode.DONE, done.stderr
    assert "macro-F1" in (tmp_path / "report" / "evaluation.md").read_text("utf-8")
    assert "<html" in (tmp_path / "report" / "evaluation.html").read_text("utf-8")


def test_a_label_sheet_alone_makes_a_model_that_ranks_better_than_chance(
    tmp_path: Path, warm: Command
) -> None:
    """Day zero: nobody has annotated anything yet."""
    app = next(app for app in APPS if app.name == "daily-report")
    done = warm("train", app, "-o", tmp_path / "model")
    assert done.returncode == ExitCode.DONE, done.stderr
    assert "ラベルシートの定義とキーワードだけ" in done.stdout + done.stderr
    lines = (app / "test.jsonl").read_text("utf-8").splitlines()[:120]
    records = tmp_path / "records.jsonl"
    records.write_text("\n".join(lines) + "\n", "utf-8")
    done = warm("evaluate", tmp_path / "model", records, "-o", tmp_path / "report")
    assert done.returncode == ExitCode.DONE, done.stderr
    figures = json.loads((tmp_path / "report" / "evaluation.json").read_text("utf-8"))
    (issues,) = figures["classifications"]
    reported = [row for row in issues["classes"] if row["label"] != "その他"]
    for row in reported:
        assert row["average_precision"] > 1.5 * row["support"] / len(lines)


def test_two_threads_learn_as_one_does(tmp_path: Path, warm: Command) -> None:
    """Two have a process of their own, as what it allows its threads is settled when it starts."""
    app = APPS[0]
    lines = (app / "train.jsonl").read_text("utf-8").splitlines()
    (tmp_path / "few.jsonl").write_text("\n".join(lines[:24]) + "\n", "utf-8")
    losses = []
    for threads, command in ((1, warm), (2, yomitori)):
        place = tmp_path / str(threads)
        quick = {"training.threads": threads, "training.folds": 1, "training.epochs": 1}
        with_settings(Application.load(app), quick, place)
        done = command("train", place, "--train", tmp_path / "few.jsonl", "-o", place / "model")
        assert done.returncode == ExitCode.DONE, done.stderr
        metrics = json.loads((place / "model" / "metrics.json").read_text("utf-8"))
        losses.append(metrics["epochs"][0]["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=0.02)


def test_a_record_with_an_unknown_label_is_named_in_japanese(tmp_path: Path, warm: Command) -> None:
    record = {"id": "1", "text": "至急の対応を希望。", "labels": {"needs": "ない分類"}}
    records = tmp_path / "records.jsonl"
    records.write_text(json.dumps(record, ensure_ascii=False) + "\n", "utf-8")
    done = warm("train", APPS[0], "--train", records, "--dev", records, "-o", tmp_path / "model")
    assert done.returncode == ExitCode.BAD_INPUT
    assert "ない分類" in done.stderr
    assert not (tmp_path / "model").exists()
