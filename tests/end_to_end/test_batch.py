"""The whole batch, from drawn scans to tables read back by DuckDB."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from fixtures.comparing.measures import Errors, character_errors, fields_found
from fixtures.truth_file import INBOX, Truth, read_truth
from pipeline.exit_codes import ExitCode
from pipeline.tables.contract import LINEAGE, TableName, schema
from tests.support.installed import Output, run_batch

pytestmark = pytest.mark.slow

READABLE = [truth for truth in read_truth() if truth.failure is None or truth.failed_pages]
BROKEN = [truth for truth in read_truth() if truth.failure is not None]


@pytest.fixture(scope="module")
def ids(night: Output) -> dict[str, str]:
    """File name below the inbox -> doc_id."""
    return {row["file_name"]: row["doc_id"] for row in night.rows("documents", "file_name, doc_id")}


def test_an_inbox_with_broken_files_ends_as_partial_success(night: Output) -> None:
    assert night.exit_code == ExitCode.PARTIAL_SUCCESS, night.printed


def test_every_readable_document_is_published_once(night: Output) -> None:
    names = Counter(row["file_name"] for row in night.rows("documents", "file_name"))
    assert names == Counter(truth.file for truth in READABLE)


@pytest.mark.parametrize("truth", BROKEN, ids=lambda truth: truth.file)
def test_a_broken_file_is_a_reasoned_failure(night: Output, truth: Truth) -> None:
    failures = [row for row in night.rows("failures") if row["uri"] == str(truth.path)]
    assert {row["category"] for row in failures} == {truth.failure}
    assert [row["page"] for row in failures] == (list(truth.failed_pages) or [None])
    assert all(row["message"].endswith("。") for row in failures)


def test_tables_follow_the_contract(night: Output) -> None:
    for table in TableName:
        rows = night.rows(table.value)
        if table in (TableName.SPANS, TableName.PHRASES):  # the sample applications look for none
            continue
        assert rows, table
        assert set(rows[0]) == set(schema(table).names)
        for field in LINEAGE:
            assert all(row[field.name] for row in rows), (table, field.name)


def test_text_of_printed_scans_is_read(night: Output) -> None:
    texts = {row["file_name"]: row["text"] for row in night.rows("documents", "file_name, text")}
    printed = [truth for truth in READABLE if truth.printed and truth.source == "ocr"]
    errors = sum((character_errors(truth.text, texts[truth.file]) for truth in printed), Errors())
    assert len(printed) >= 10
    assert errors.rate <= 0.02


def test_form_fields_are_read(night: Output, ids: dict[str, str]) -> None:
    fields = night.rows("fields", "doc_id, name, value")
    found = total = 0
    for truth in READABLE:
        read = [(row["name"], row["value"]) for row in fields if row["doc_id"] == ids[truth.file]]
        found += fields_found(truth.fields, read)
        total += len(truth.fields)
    assert found / total >= 0.8


def test_documents_carry_the_date_of_their_form(night: Output) -> None:
    dated = {truth.file: truth.date for truth in READABLE if truth.date}
    rows = night.rows("documents", "file_name, business_date::VARCHAR AS business_date, dt::VARCHAR AS dt")
    right = [row for row in rows if dated.get(row["file_name"]) == row["business_date"] is not None]
    assert len(right) >= 0.9 * len(dated)
    assert all(row["dt"] == row["business_date"] for row in right)


def test_reports_and_calls_reach_their_application(night: Output, ids: dict[str, str]) -> None:
    predicted = {(row["doc_id"], row["task"]) for row in night.rows("predictions", "doc_id, task")}
    expected = {(ids[truth.file], task) for truth in READABLE for task in truth.labels}
    assert len(predicted & expected) >= 0.95 * len(expected)
    unread = {ids[truth.file] for truth in READABLE if truth.kind in ("contract", "other")}
    assert unread
    assert not unread & {doc_id for doc_id, _ in predicted}


def test_labels_are_better_than_always_other(night: Output, ids: dict[str, str]) -> None:
    """Documents with something to report are told from those without, both ways."""
    accepted = {
        (row["doc_id"], row["label_minor"])
        for row in night.rows("predictions", "doc_id, label_minor, accepted")
        if row["accepted"] and row["label_minor"] != "その他"
    }
    reported = {
        (ids[truth.file], label)
        for truth in READABLE
        for labels in truth.labels.values()
        for label in ((labels,) if isinstance(labels, str) else labels)
        if label != "その他"
    }
    hits = len(accepted & reported)
    assert hits / max(1, len(accepted)) >= 0.5
    assert hits / len(reported) >= 0.5


def test_scores_lie_in_their_range(night: Output) -> None:
    scores = night.rows("scores")
    assert {(row["task"], row["minimum"], row["maximum"]) for row in scores} == {
        ("urgency", 0.0, 4.0),
        ("impact", 0.0, 3.0),
    }
    assert all(row["minimum"] <= row["value"] <= row["maximum"] for row in scores)


def test_evidence_leads_back_to_ink(night: Output) -> None:
    texts = {row["doc_id"]: row["text"] for row in night.rows("documents", "doc_id, text")}
    pages = {(row["doc_id"], row["page"]): row for row in night.rows("pages")}
    evidence = night.rows("evidence")
    assert evidence
    for row in evidence:
        assert texts[row["doc_id"]][row["start"] : row["end"]] == row["text"]
        page = pages[row["doc_id"], row["page"]]
        assert 0 <= row["x0"] < row["x1"] <= page["width"] + 1
        assert 0 <= row["y0"] < row["y1"] <= page["height"] + 1


def test_turned_and_blank_pages_are_recognised(night: Output, ids: dict[str, str]) -> None:
    pages = {(row["doc_id"], row["page"]): row for row in night.rows("pages")}
    turned = 0
    for truth in READABLE:
        for page in truth.pages:
            if page.number not in truth.failed_pages:
                row = pages[ids[truth.file], page.number]
                assert row["rotation"] == page.rotation, truth.file
                assert (row["source"] == "blank") == (truth.source == "blank"), truth.file
                turned += page.rotation != 0
    assert turned >= 2


def test_every_page_has_a_picture(night: Output) -> None:
    from PIL import Image

    pictures = sorted((night.folder / "pictures").rglob("*.jpg"))
    assert len(pictures) == len(night.rows("pages"))
    for picture in pictures:
        with Image.open(picture) as image:
            assert min(image.size) > 300


def test_the_run_is_on_record_and_adds_up(night: Output) -> None:
    (run,) = night.rows("runs")
    listed = sum(path.is_file() for path in INBOX.rglob("*"))
    assert run["listed"] == listed == run["documents"] + run["copies"] + run["failed"]
    assert run["pages"] == len(night.rows("pages"))


def test_log_record_and_metrics_tell_of_the_run_without_a_word_of_a_document(night: Output) -> None:
    texts = [row["text"] for row in night.rows("sentences", "text") if len(row["text"]) > 12]
    (run, *_) = sorted((night.folder / "runs").glob("*.json"))
    record = json.loads(run.read_text(encoding="utf-8"))
    assert record["run"]["listed"] == sum(path.is_file() for path in INBOX.rglob("*"))
    events = [json.loads(line) for line in night.printed.splitlines() if line.startswith("{")]
    assert {"started", "planned", "wave", "failure", "published", "finished"} <= {e["event"] for e in events}
    assert {e["run"] for e in events} == {record["run_id"]}
    metrics = (night.folder / "metrics" / "yomitori.prom").read_text(encoding="utf-8")
    assert f"yomitori_run_exit_code {float(ExitCode.PARTIAL_SUCCESS)}" in metrics
    told = night.printed + run.read_text(encoding="utf-8") + metrics
    assert not [text for text in texts if text in told]


def test_a_second_run_finds_nothing_to_do_and_shows_the_same_rows(night: Output) -> None:
    before = {table: _content(night, table) for table in TableName if table is not TableName.RUNS}
    again = run_batch(INBOX, night.folder)
    assert again.exit_code == ExitCode.NOTHING_TO_DO, again.printed
    for table, rows in before.items():
        assert _content(again, table) == rows, table
    assert [run["documents"] for run in sorted(again.rows("runs"), key=lambda run: run["started_at"])] == [
        len(again.rows("documents")),
        0,
    ]


def _content(output: Output, table: TableName) -> list[str]:
    """The rows without the id of the run that wrote them."""
    rows = output.rows(table.value)
    return sorted(str({name: value for name, value in row.items() if name != "run_id"}) for row in rows)
