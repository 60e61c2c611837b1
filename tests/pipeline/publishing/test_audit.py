"""What may be published: rows that agree with each other and the plan, and nights like those before."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from pipeline.due.known import KnownFile, Status
from pipeline.due.plan import Due, Plan
from pipeline.due.reasons import Reason, Skip
from pipeline.errors import AuditFailedError, BrokenContractError
from pipeline.inbox.failures import Failure, Stage
from pipeline.inbox.listing import ListedFile, SourceRef
from pipeline.publishing.audit import FileCounts, check
from pipeline.publishing.drift import judge, refuse
from pipeline.publishing.night_figures import NightFigures, figures_of, history
from pipeline.publishing.staged_views import opened
from pipeline.steps.staging import StagedFile
from pipeline.tables.contract import TableName, schema
from tests.support.pipeline.staged_nights import row, staged

Rows = dict[TableName, list[dict[str, Any]]]
_NOW = datetime.datetime(2026, 4, 1, tzinfo=datetime.UTC)


def _file(name: str) -> ListedFile:
    return ListedFile(f"/受信/{name}", name, 10, 0.0)


def _due(doc_id: str, name: str, pages: int = 1, copies: tuple[str, ...] = ()) -> Due:
    return Due(SourceRef(_file(name), doc_id, "pdf", pages, 1, pages, copies), Reason.NEW)


def _plan() -> Plan:
    """Six listed files: a document of two pages with a copy, one that fails, an unreadable, two left."""
    names = ("日報.pdf", "日報 の写し.pdf", "壊れた頁.pdf", "空.pdf", "昨日.pdf", "明日.pdf")
    return Plan(
        due=(_due("d1", "日報.pdf", 2, ("日報 の写し.pdf",)), _due("d2", "壊れた頁.pdf")),
        failed=(Failure("", _file("空.pdf"), Stage.LIST, "empty_file", None, False, "空のファイルです。"),),
        skipped={"昨日.pdf": Skip.UNCHANGED, "明日.pdf": Skip.WAITING},
        quarantined=(),
        forgotten=(_known("消えた.pdf"),),
        listed={name: _file(name) for name in names},
        sources={},
    )


def _known(name: str) -> KnownFile:
    return KnownFile(
        _file(name), "d0", "pdf", 1, "", Status.GONE, "2026-04-01", "", "", False, 0, _NOW, _NOW, _NOW
    )


def _rows() -> Rows:
    day = {"dt": "2026-04-01"}
    failure = {**day, "stage": "digitize", "category": "corrupt", "message": "壊れています。"}
    return {
        TableName.DOCUMENTS: [
            row(
                TableName.DOCUMENTS, "x", **day, doc_id="d1", file_name="日報.pdf",
                copies=["日報 の写し.pdf"], pages=2, pages_failed=1, confidence=0.9, characters=3,
            )
        ],
        TableName.PAGES: [row(TableName.PAGES, "x", **day, doc_id="d1", page=1)],
        TableName.SCORES: [row(TableName.SCORES, "x", **day, doc_id="d1")],
        TableName.FAILURES: [
            row(TableName.FAILURES, "x", **failure, doc_id="d1", uri="/受信/日報.pdf", page=2),
            row(TableName.FAILURES, "x", **failure, doc_id="d2", uri="/受信/壊れた頁.pdf"),
            row(TableName.FAILURES, "x", **failure, doc_id="", uri="/受信/空.pdf"),
        ],
    }  # fmt: skip


def _check(files: list[StagedFile], plan: Plan) -> FileCounts:
    with opened(files) as night:
        return check(files, night, plan)


def test_a_night_that_agrees_is_counted(tmp_path: Path) -> None:
    counts = _check(staged(tmp_path, _rows()), _plan())
    assert counts == FileCounts(
        listed=6, documents=1, partial=1, copies=1, failed=2, skipped=1, waiting=1, gone=1
    )
    assert counts.failed_share == 0.5


def test_a_closed_folder_is_no_failed_file_of_the_night() -> None:
    counts = FileCounts(
        listed=4,
        documents=2,
        partial=0,
        copies=0,
        failed=2,
        skipped=0,
        waiting=0,
        gone=0,
        unreadable_folders=1,
    )
    assert counts.failed_share == pytest.approx(1 / 3)
    assert dataclasses.replace(counts, documents=0, failed=1).failed_share == 0.0


def _twice(rows: Rows) -> None:
    rows[TableName.DOCUMENTS] *= 2


def _stray(rows: Rows) -> None:
    rows[TableName.SCORES].append({**rows[TableName.SCORES][0], "doc_id": "d9"})


def _without_a_page(rows: Rows) -> None:
    rows[TableName.PAGES].clear()


def _lost(rows: Rows) -> None:
    rows[TableName.FAILURES] = [failure for failure in rows[TableName.FAILURES] if failure["doc_id"] != "d2"]


def _unplanned(rows: Rows) -> None:
    rows[TableName.DOCUMENTS].append({**rows[TableName.DOCUMENTS][0], "doc_id": "d9"})


def _without_its_copy(rows: Rows) -> None:
    rows[TableName.DOCUMENTS][0]["copies"] = []


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_twice, "documents: 1 行のキー"),
        (_stray, "scores: 1 行に対応する文書がありません"),
        (_without_a_page, "日報.pdf: 全 2 ページ"),
        (_lost, "1 件に結果も失敗もありません"),
        (_unplanned, "計画にない文書が 1 件"),
        (_without_its_copy, "一覧の 6 件に対し"),
    ],
)
def test_rows_that_contradict_each_other_are_refused(
    tmp_path: Path, spoil: Callable[[Rows], None], message: str
) -> None:
    rows = _rows()
    spoil(rows)
    with pytest.raises(BrokenContractError, match=message):
        _check(staged(tmp_path, rows), _plan())


def test_rows_of_another_schema_are_refused(tmp_path: Path) -> None:
    files = staged(tmp_path, _rows())
    pages = next(file for file in files if file.table is TableName.PAGES)
    loose = pa.schema([field.with_nullable(True) for field in schema(TableName.PAGES)])
    pq.write_table(pq.read_table(pages.path).cast(loose), pages.path)
    with pytest.raises(BrokenContractError, match=r"pages: 列が契約と違います\(dt、doc_id、page"):
        _check(files, _plan())


def test_a_file_that_lost_rows_is_refused(tmp_path: Path) -> None:
    files = [dataclasses.replace(file, rows=file.rows + 1) for file in staged(tmp_path, _rows())]
    with pytest.raises(BrokenContractError, match="2 行のはずのファイルに 1 行"):
        _check(files, _plan())


def test_the_figures_are_those_of_the_rows(tmp_path: Path) -> None:
    rows = _rows()
    rows[TableName.PREDICTIONS] = [
        row(
            TableName.PREDICTIONS, "x", doc_id=doc_id, application="日報", task="needs", label_minor=label,
            accepted=accepted,
        )
        for doc_id, label, accepted in (
            ("d1", "契約外", True), ("d1", "その他", False), ("d2", "契約外", False), ("d2", "その他", False),
        )
    ]  # fmt: skip
    rows[TableName.DOCUMENTS].append(
        {**rows[TableName.DOCUMENTS][0], "doc_id": "d2", "characters": 0, "confidence": None}
    )
    with opened(staged(tmp_path, rows)) as night:
        figures = figures_of(night, failed_share=0.25)
    assert (figures.documents, figures.pages, figures.empty_share, figures.failed_share) == (2, 1, 0.5, 0.25)
    assert figures.confidence == pytest.approx(0.9)
    assert figures.label_shares == {"日報/needs/その他": 0.0, "日報/needs/契約外": 0.5}
    assert figures.null_shares["documents.confidence"] == 0.5
    assert "cells.page" not in figures.null_shares


def _figures(documents: int = 200, **given: Any) -> NightFigures:
    usual = {
        "pages": documents,
        "confidence": 0.95,
        "empty_share": 0.01,
        "failed_share": 0.02,
        "label_shares": {"日報/needs/契約外": 0.3, "日報/needs/その他": 0.5},
        "null_shares": {"fields.key": 0.4},
    }
    return NightFigures(documents=documents, **{**usual, **given})


def _nights() -> list[NightFigures]:
    return [_figures(confidence=0.94 + 0.002 * (n % 5), failed_share=0.01 * (n % 3)) for n in range(28)]


@pytest.mark.parametrize(
    ("given", "figure"),
    [
        ({"confidence": 0.85}, "OCR の平均確信度"),
        (
            {"label_shares": {"日報/needs/契約外": 0.0, "日報/needs/その他": 1.0}},
            "分類「日報/needs/その他」の割合",
        ),
        ({"empty_share": 0.11}, "文字のない文書の割合"),
        ({"failed_share": 0.2}, "失敗したファイルの割合"),
        ({"null_shares": {"fields.key": 1.0}}, "列 fields.key の空の割合"),
    ],
)
def test_a_night_unlike_those_before_is_refused(given: dict[str, Any], figure: str) -> None:
    verdict = judge(_figures(**given), _nights())
    assert figure in [alarm.figure for alarm in verdict.alarms]
    with pytest.raises(AuditFailedError, match="--force-publish"):
        refuse(verdict)


def test_an_ordinary_night_is_published() -> None:
    verdict = judge(_figures(confidence=0.955, failed_share=0.035, empty_share=0.0), _nights())
    assert verdict.alarms == ()
    refuse(verdict)


@pytest.mark.parametrize(
    ("tonight", "nights", "reason"),
    [
        (_figures(documents=19, confidence=0.1), _nights(), "19 件"),
        (_figures(confidence=0.1), _nights()[:4], "4 回"),
        (_figures(confidence=0.1), [_figures(documents=5)] * 28, "0 回"),
    ],
)
def test_too_little_to_compare_is_not_judged_and_says_so(
    tonight: NightFigures, nights: list[NightFigures], reason: str
) -> None:
    verdict = judge(tonight, nights)
    assert verdict.alarms == ()
    assert reason in verdict.not_judged


def test_the_share_of_failures_has_the_bound_that_the_operator_sets() -> None:
    few = _figures(documents=4, failed_share=0.5)
    assert judge(few, []).alarms == ()
    with pytest.raises(AuditFailedError, match=r"--fail-above.*50\.0%.*20\.0%"):
        refuse(judge(few, [], fail_above=0.2))


def test_history_is_what_the_runs_table_keeps(tmp_path: Path) -> None:
    assert history(str(tmp_path)) == []
    shares = {"label_shares": [("日報/needs/その他", 0.5)], "null_shares": [("fields.key", 0.4)]}
    for number in range(30):
        night = {
            "documents": number, "confidence": 0.9, "empty_share": 0.0, "failed_share": 0.0, **shares,
            "finished_at": _NOW + datetime.timedelta(days=number), "run_id": f"r{number}", "dt": "2026-04",
        }  # fmt: skip
        table = pa.Table.from_pylist([row(TableName.RUNS, "x", **night)], schema=schema(TableName.RUNS))
        write_deltalake(str(tmp_path / "runs"), table, mode="append")
    nights = history(str(tmp_path))
    assert [night.documents for night in nights] == list(range(2, 30))
    assert nights[-1].label_shares == {"日報/needs/その他": 0.5}
