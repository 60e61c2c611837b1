"""What is told after a run, on the terminal and in its record, from rows that are never held in memory."""

from __future__ import annotations

import datetime
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.exit_codes import ExitCode
from pipeline.publishing.drift import Alarm, DriftReport
from pipeline.publishing.staged_views import opened
from pipeline.reporting import run_records as records
from pipeline.reporting import summary
from pipeline.reporting.facts import Findings, RunFacts, findings_of
from pipeline.tables.contract import TableName
from tests.support.pipeline.staged_nights import row, staged

_ROW = {
    "started_at": datetime.datetime(2026, 4, 1, 22, tzinfo=datetime.UTC),
    "listed": 31,
    "documents": 2,
    "failed": 25,
    "copies": 1,
    "skipped": 3,
    "waiting": 0,
    "gone": 4,
    "wall_seconds": 12.3,
    "pages_read": 5,
    "due": {"new": 2, "understanding": 1},
}


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    documents = [
        row(
            TableName.DOCUMENTS, "x", doc_id="d1", kind="daily-report", title="営業日報",
            pages=3, pages_failed=1, confidence=0.9,
        ),
        row(TableName.DOCUMENTS, "x", doc_id="d2", kind="daily-report", pages=2, confidence=0.8),
        row(TableName.DOCUMENTS, "x", doc_id="d3", kind="other", pages=1),
        *(row(TableName.DOCUMENTS, "x", doc_id=f"t{n}", kind="other", title="稟議書") for n in range(3)),
        row(TableName.DOCUMENTS, "x", doc_id="t3", kind="other", title="出張[控]旅費精算書"),
    ]  # fmt: skip
    labels = {"application": "daily-report", "label_major": "営業", "label_middle": "要望"}
    predictions = [
        row(TableName.PREDICTIONS, "x", **labels, doc_id=doc_id, label_minor="価格", accepted=accepted)
        for doc_id, accepted in (("d1", True), ("d2", True), ("d3", False))
    ]
    scores = [row(TableName.SCORES, "x", doc_id=f"d{n}", value=float(n)) for n in (1, 2)]
    failures = [
        row(
            TableName.FAILURES,
            "x",
            uri=f"/in/{n}",
            file_name=f"支店/{n:02}.pdf",
            category="corrupt",
            message="壊れ",
        )
        for n in range(25)
    ]
    rows = {
        TableName.DOCUMENTS: documents,
        TableName.PREDICTIONS: predictions,
        TableName.SCORES: scores,
        TableName.FAILURES: failures,
    }
    with opened(staged(tmp_path_factory.mktemp("staged"), rows)) as night:
        return findings_of(night)


def test_findings_are_counted_from_the_staged_rows(findings: Findings) -> None:
    report, other = findings.kinds
    assert (report.kind, report.documents, report.pages, report.pages_failed) == ("daily-report", 2, 5, 1)
    assert report.confidence == pytest.approx(0.85)
    assert other.confidence is None
    (label,) = findings.labels
    assert (label.minor, label.documents, label.score) == ("価格", 2, 1.5)
    assert (len(findings.failures), findings.failures_in_all) == (20, 25)


def test_the_commonest_titles_that_no_application_reads_are_counted(findings: Findings) -> None:
    assert [(told.title, told.documents) for told in findings.unread_titles] == [
        ("稟議書", 3),
        ("出張[控]旅費精算書", 1),
    ]


def test_titles_are_shown_only_where_documents_may_be_quoted(findings: Findings) -> None:
    page = io.StringIO()
    summary.show(_facts(findings), Console(file=page, width=120))
    assert "稟議書" not in page.getvalue()
    assert "出張[控]旅費精算書" in summary.as_text(_facts(findings))


def _facts(findings: Findings) -> RunFacts:
    alarm = Alarm("OCR の平均確信度", 0.8, 0.95, 0.02, "スキャナーを見てください。")
    return RunFacts(
        "20260401T220000Z-abc", ExitCode.PARTIAL_SUCCESS, _ROW, findings, DriftReport((alarm,)),
        quarantined=("固まる [急].pdf",), tables="/出力/tables",
    )  # fmt: skip


def test_a_person_reads_all_that_happened(findings: Findings) -> None:
    text = summary.as_text(_facts(findings))
    for part in (
        "読み取った文書",
        "0.850",
        "価格",
        "ほか 5 件は failures 表にあります。",
        "一覧 31 件: 文書 2 件、失敗 25 件、同一内容の写し 1 件、変更なし 3 件、",
        "なくなったもの 4 件 (12 秒)",
        "新着 2 件、モデル・アプリケーションの変更 1 件",
        "固まる [急].pdf",
        "OCR の平均確信度: 今回 0.800、ふだん 0.950",
        "表: /出力/tables",
    ):
        assert part in text


def test_a_run_without_documents_has_no_tables(capsys: pytest.CaptureFixture[str]) -> None:
    summary.show(RunFacts("r", ExitCode.NOTHING_TO_DO, {**_ROW, "due": {}}), Console(width=120))
    shown = capsys.readouterr().out
    assert "読み取った文書" not in shown
    assert "一覧 31 件" in shown


def test_the_record_holds_the_run_for_programs(findings: Findings, tmp_path: Path) -> None:
    records.write(_facts(findings), str(tmp_path))
    record = json.loads((tmp_path / "runs" / "20260401T220000Z-abc.json").read_text(encoding="utf-8"))
    assert record["exit_code"] == 10
    assert record["run"]["listed"] == 31
    assert record["run"]["started_at"] == "2026-04-01T22:00:00+00:00"
    assert record["quarantined"] == ["固まる [急].pdf"]
    assert record["alarms"][0]["usual"] == 0.95
    assert record["failures"][0]["file"] == "支店/00.pdf"
    assert record["failures_in_all"] == 25
    assert record["unread_titles"][0] == {"title": "稟議書", "documents": 3}
    text = (tmp_path / "runs" / "20260401T220000Z-abc.txt").read_text(encoding="utf-8")
    assert "読めなかったもの" in text
    assert "支店/00.pdf" in text  # two folders may hold files of one name


@pytest.mark.parametrize(
    ("documents", "skipped", "said"),
    [
        (2, 0, "画像: /出力/pictures\n"),
        (2, 3, "画像: /出力/pictures（今回処理した文書）"),
        (0, 3, "描いていません"),
    ],
)
def test_pictures_are_promised_of_what_was_worked_on_alone(documents: int, skipped: int, said: str) -> None:
    row = {**_ROW, "documents": documents, "skipped": skipped}
    text = summary.as_text(RunFacts("r", ExitCode.DONE, row, pictures="/出力/pictures"))
    assert said in text
    assert ("/出力" in text) is (documents > 0)


def test_what_a_killed_run_published_is_told_of_and_what_it_did_not_is_not(
    findings: Findings, tmp_path: Path
) -> None:
    out, folder = str(tmp_path), tmp_path / "runs"
    for run_id in ("r1", "r2"):
        records.draft(replace(_facts(findings), run_id=run_id), out)
    assert list(folder.glob("[!.]*")) == []
    assert records.finish_drafts(out, {"r0", "r1"}) == ("r1",)
    assert {path.name for path in folder.iterdir()} == {"r1.json", "r1.txt"}
    assert json.loads((folder / "r1.json").read_text(encoding="utf-8"))["run"]["listed"] == 31


def test_a_record_takes_the_place_of_its_draft(findings: Findings, tmp_path: Path) -> None:
    facts = _facts(findings)
    records.draft(facts, str(tmp_path))
    records.write(facts, str(tmp_path))
    assert {path.name[0] for path in (tmp_path / "runs").iterdir()} == {"2"}


def test_a_run_that_published_nothing_says_why(tmp_path: Path) -> None:
    facts = RunFacts("r1", ExitCode.AUDIT_FAILED, {}, message="ふだんと大きく違うため、公開していません。")
    records.write(facts, str(tmp_path))
    assert "公開していません" in (tmp_path / "runs" / "r1.txt").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "runs" / "r1.json").read_text(encoding="utf-8"))["ended"] == "audit_failed"
