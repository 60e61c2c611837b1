"""Night after night over one inbox: only what is due is done, and the tables show the inbox as it is."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest

from fixtures.truth_file import read_truth
from pipeline.exit_codes import ExitCode
from pipeline.tables.contract import TableName
from tests.support.installed import APPS, WITH_APPS, Command, Output, run_batch

pytestmark = pytest.mark.slow

STACK = "複合機 朝の束.pdf"


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two reports and a call with text layers, a stack of further ones with a blank back, and an empty file,
    under Japanese names with blanks."""
    folder = tmp_path_factory.mktemp("受信箱")
    (folder / "大阪支店").mkdir()
    truths = [truth for truth in read_truth() if truth.source == "text_layer" and truth.labels]
    reports = [truth for truth in truths if "issues" in truth.labels]
    shutil.copy(reports[0].path, folder / "営業日報 一.pdf")
    shutil.copy(reports[1].path, folder / "大阪支店" / "営業日報 二.pdf")
    calls = [truth for truth in truths if "needs" in truth.labels]
    shutil.copy(calls[0].path, folder / "入電記録.pdf")
    _stack(folder / STACK, [reports[2].path, None, calls[1].path, calls[2].path])
    (folder / "空のファイル.pdf").touch()
    return folder


def _stack(path: Path, papers: list[Path | None]) -> None:
    """One PDF of all pages of the papers, None for a blank page."""
    stack = pdfium.PdfDocument.new()
    for paper in papers:
        if paper is None:
            stack.new_page(595, 842)
        else:
            stack.import_pages(pdfium.PdfDocument(paper))
    stack.save(path)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("出力")


@pytest.fixture(scope="module")
def nights(inbox: Path, out: Path, warm: Command) -> dict[str, Output]:
    """Seven nights, looked at by the tests below; each `Output` is looked at as it was left."""
    done: dict[str, Output] = {}

    def night(name: str, *options: object) -> None:
        keep(name, run_batch(inbox, out, *options, command=warm))

    def keep(name: str, ended: Output) -> None:
        kept = out / "versions" / (out / "tables").readlink().name
        (out / name).mkdir()
        (out / name / "tables").symlink_to(kept)
        done[name] = Output(out / name, ended.exit_code, ended.printed)

    night("first")
    planned = warm("plan", inbox, out, *WITH_APPS, "--json")
    done["planned"] = Output(out, planned.returncode, planned.stdout)
    night("unchanged")
    # Renamed, copied, changed with an older date, and gone.
    (inbox / "営業日報 一.pdf").rename(inbox / "大阪支店" / "日報 一(改).pdf")
    shutil.copy(inbox / "入電記録.pdf", inbox / "入電記録 の控え.pdf")
    report = inbox / "大阪支店" / "営業日報 二.pdf"
    report.write_bytes(report.read_bytes() + b"\n% again\n")
    os.utime(report, (1_700_000_000, 1_700_000_000))
    (inbox / "空のファイル.pdf").unlink()
    planned = warm("plan", inbox, out, *WITH_APPS, "--json", "--price", "10")
    done["planned changes"] = Output(out, planned.returncode, planned.stdout)
    night("changed")
    other = out / "model"
    shutil.copytree(APPS[0] / "model", other)
    with (other / "app.toml").open("a", encoding="utf-8") as settings:
        settings.write("# 別のモデル\n")
    night("bounded", "--model", other, "--limit-pages", 1)
    night("other model", "--model", other, "--only-changed-model")
    whole = out / "app"
    shutil.copytree(APPS[0], whole)
    told = (whole / "app.toml").read_text(encoding="utf-8")
    (whole / "app.toml").write_text(told.replace("[routing]", '[routing]\nsplit = "never"'), encoding="utf-8")
    ended = warm("run", inbox, out, "--app", whole, "--app", APPS[1], "--model", other)
    keep("never parted", Output(out, ended.returncode, ended.stdout + ended.stderr))
    return done


def _names(output: Output) -> dict[str, list[str]]:
    return {row["file_name"]: row["copies"] for row in output.rows("documents", "file_name, copies")}


def _last_run(output: Output) -> dict[str, Any]:
    return max(output.rows("runs"), key=lambda row: row["started_at"])


def test_the_first_night_publishes_all_and_names_what_failed(nights: dict[str, Output]) -> None:
    first = nights["first"]
    assert first.exit_code == ExitCode.PARTIAL_SUCCESS, first.printed
    assert set(_names(first)) == {"営業日報 一.pdf", "大阪支店/営業日報 二.pdf", "入電記録.pdf", STACK}
    assert [(row["file_name"], row["category"]) for row in first.rows("failures")] == [
        ("空のファイル.pdf", "empty_file")
    ]


def test_a_night_without_changes_does_nothing_and_says_so(nights: dict[str, Output]) -> None:
    unchanged = nights["unchanged"]
    assert unchanged.exit_code == ExitCode.NOTHING_TO_DO, unchanged.printed
    assert unchanged.rows("documents") == nights["first"].rows("documents")
    run = _last_run(unchanged)
    assert (run["listed"], run["skipped"], run["documents"]) == (5, 5, 0)
    plan = json.loads(nights["planned"].printed)
    assert (plan["total"]["documents"], plan["skipped"]) == (0, {"unchanged": 4, "failed_for_good": 1})


def test_a_plan_tells_what_the_night_then_does(nights: dict[str, Output]) -> None:
    plan = json.loads(nights["planned changes"].printed)
    done = dict(_last_run(nights["changed"])["due"])
    assert {reason: work["documents"] for reason, work in plan["by_reason"].items()} == done
    assert done == {"renamed": 2, "changed": 1}
    assert plan["gone"] == ["営業日報 一.pdf", "空のファイル.pdf"]
    assert plan["total"]["cost"] > 0


def test_the_tables_follow_the_inbox(nights: dict[str, Output]) -> None:
    changed = nights["changed"]
    assert changed.exit_code == ExitCode.DONE, changed.printed
    assert _names(changed) == {
        "大阪支店/日報 一(改).pdf": [],
        "大阪支店/営業日報 二.pdf": [],
        "入電記録 の控え.pdf": ["入電記録.pdf"],
        STACK: [],
    }
    assert changed.rows("failures") == []
    known = {row["doc_id"] for row in changed.rows("documents")}
    for table in ("pages", "sentences", "predictions", "scores"):
        assert {row["doc_id"] for row in changed.rows(table)} <= known, table
    gone = [row["file_name"] for row in changed.rows("sources") if row["status"] == "gone"]
    assert sorted(gone) == ["営業日報 一.pdf", "空のファイル.pdf"]
    assert _last_run(changed)["pages_read"] == 1


def test_earlier_nights_can_still_be_read(nights: dict[str, Output]) -> None:
    assert set(_names(nights["first"])) != set(_names(nights["changed"]))
    assert len(nights["first"].rows("runs")) == 1


def test_another_model_reads_no_page_again_and_a_bound_leaves_the_rest_due(nights: dict[str, Output]) -> None:
    bounded, other = nights["bounded"], nights["other model"]
    runs = [_last_run(night) for night in (bounded, other)]
    assert [run["documents"] for run in runs] == [1, 3]
    assert [run["pages_read"] for run in runs] == [0, 0]
    assert runs[0]["waiting"] == 3 + 1  # one of the documents has a copy
    before, after = (
        {row["model_id"] for row in night.rows("predictions") if row["application"] == "call-log"}
        for night in (nights["first"], other)
    )
    assert len(before) == len(after) == 1
    assert before != after
    assert {row["run_id"] for row in other.rows("documents")} == {run["run_id"] for run in runs}


def _of_stack(output: Output, table: str, columns: str = "*") -> list[dict[str, object]]:
    (file,) = {row["doc_id"] for row in output.rows("sources") if row["file_name"] == STACK}
    rows = output.rows(table, columns)
    return sorted((row for row in rows if row["doc_id"].startswith(file)), key=lambda row: str(row["doc_id"]))


def test_each_form_of_a_stack_is_a_document_of_its_own(nights: dict[str, Output]) -> None:
    first = nights["first"]
    stack = _of_stack(first, "documents")
    assert [(one["first_page"], one["last_page"], one["kind"]) for one in stack] == [
        (1, 1, "daily-report"), (3, 3, "call-log"), (4, 4, "call-log")
    ]  # fmt: skip
    assert [one["part_no"] for one in stack] == [1, 2, 3]
    assert len({one["business_date"] for one in stack}) == 3
    assert {row["doc_id"] for row in _of_stack(first, "scores")} == {one["doc_id"] for one in stack}
    pages = {(row["page"], row["aside"]): row["doc_id"] for row in _of_stack(first, "pages")}
    assert list(pages) == [(1, None), (2, "blank"), (3, None), (4, None)]
    places = {(row["doc_id"], row["page"]) for row in _of_stack(first, "evidence")}
    assert places <= {(doc_id, page) for (page, _), doc_id in pages.items()}
    run = _last_run(first)
    assert (run["listed"], run["documents"], run["parts"], run["failed"]) == (5, 4, 6, 1)
    assert run["pages"] == len(first.rows("pages"))
    (known,) = [row for row in first.rows("sources") if row["file_name"] == STACK]
    assert (known["status"], known["pages"], known["documents"]) == ("done", 4, 3)


def test_a_stack_that_is_no_longer_parted_leaves_nothing_of_its_parts(nights: dict[str, Output]) -> None:
    before, after = nights["other model"], nights["never parted"]
    assert after.exit_code == ExitCode.DONE, after.printed
    run = _last_run(after)
    assert (dict(run["due"]), run["pages_read"], run["documents"], run["parts"]) == (
        {"understanding": 4}, 0, 4, 4
    )  # fmt: skip
    (whole,) = _of_stack(after, "documents")
    assert (whole["doc_id"], whole["first_page"], whole["last_page"], whole["parts"]) == (
        whole["file_id"], 1, 4, 1
    )  # fmt: skip
    assert "\n".join(str(one["text"]) for one in _of_stack(before, "documents")) == whole["text"]
    for table in TableName:
        if table not in (TableName.RUNS, TableName.SOURCES):
            assert {row["doc_id"] for row in _of_stack(after, table.value)} <= {whole["doc_id"]}, table
    assert [row["page"] for row in _of_stack(after, "pages")] == [1, 2, 3, 4]


def test_failures_are_tried_again_when_somebody_asks(
    inbox: Path, out: Path, nights: dict[str, Output], warm: Command
) -> None:
    (inbox / "壊れた日報.pdf").write_bytes(b"%PDF-1.7\n")
    assert run_batch(inbox, out, "--fail-above", 0.1, command=warm).exit_code == ExitCode.AUDIT_FAILED
    ended = run_batch(inbox, out, command=warm)
    assert ended.exit_code == ExitCode.PARTIAL_SUCCESS, ended.printed
    retried = warm("retry", out, "--category", "corrupt")
    assert retried.returncode == ExitCode.PARTIAL_SUCCESS, retried.stdout + retried.stderr
    (failure,) = Output(out, 0, "").rows("failures")
    assert (failure["file_name"], failure["attempts"]) == ("壊れた日報.pdf", 2)
    assert failure["first_seen"] < failure["last_seen"]
    nothing = warm("retry", out, "--category", "encrypted")
    assert nothing.returncode == ExitCode.BAD_CONFIGURATION
    assert "やり直す失敗がありません" in nothing.stderr
