"""A file of several documents on its way through a night: ids, rows, counts, and what is taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest

from ocr.document import Document, PageFailure, TextSource
from ocr.parting.document_parts import Split
from ocr.serialization import from_json, to_json
from pipeline.applications.file_parts import DEFAULT_SPLIT, split_of
from pipeline.applications.models import understanding_fingerprint
from pipeline.applications.routing import routes_of
from pipeline.due.known import Status
from pipeline.due.ledger import PublishedFile
from pipeline.due.plan import Due, Plan
from pipeline.due.reasons import Reason
from pipeline.errors import BrokenContractError
from pipeline.exit_codes import ExitCode
from pipeline.inbox.failures import Failure
from pipeline.inbox.listing import ListedFile, SourceRef
from pipeline.night.outcomes import outcomes_of
from pipeline.publishing.audit import FileCounts, check
from pipeline.publishing.publish import publish_version
from pipeline.publishing.staged_views import opened
from pipeline.reporting import summary
from pipeline.reporting.facts import RunFacts, findings_of
from pipeline.run_settings import RunSettings
from pipeline.steps.digitize import Assemble
from pipeline.steps.digitized import DigitizedDocument
from pipeline.steps.rows import context_of, document_rows
from pipeline.steps.staging import StagedFile, to_arrow
from pipeline.tables.contract import TableName
from tests.support.pipeline.staged_nights import OF_DOCUMENTS, plain, replaced, row, rows_of_night, staged

pytestmark = pytest.mark.slow

FILE = ListedFile("/受信/束.pdf", "束.pdf", 10, 1_712_000_000.0)
ROUTES = routes_of({"daily-report": {"daily-report": ("営業日報",)}})


def _report(form: Document, person: str, number: int) -> Document:
    """The form as another one filled it in, on another page."""
    filled = from_json(to_json(form).replace("佐藤 花子".encode(), person.encode()))
    return replace(filled, pages=(replace(filled.pages[0], number=number),))


def _blank(form: Document, number: int) -> Document:
    page = replace(form.pages[0], number=number, source=TextSource.BLANK, blocks=(), tables=(), fields=())
    return Document("", (page,))


def _failed(number: int) -> Document:
    return Document("", (), (PageFailure(number, "timeout", True, "時間内に読めませんでした。"),))


def _assembled(
    settings: RunSettings, pages: Iterable[Document], split: Split = Split.AUTO
) -> tuple[list[DigitizedDocument], list[Failure]]:
    """The documents of a file whose pages come one by one in any order, and its failures."""
    found = list(pages)
    ranges = [
        DigitizedDocument(SourceRef(FILE, "f0", "application/pdf", len(found), number, number), page)
        for number, page in enumerate(found, start=1)
    ]
    step = Assemble(replace(settings, routes=ROUTES, split=split))
    out = list(step.process(("f0", reversed(ranges))))
    failures = [one.value for one in out if isinstance(one, beam.pvalue.TaggedOutput)]
    return [one for one in out if isinstance(one, DigitizedDocument)], failures


def _rows(digitized: DigitizedDocument, table: TableName, settings: RunSettings) -> list[dict[str, Any]]:
    rows = document_rows(digitized, "daily-report", context_of(digitized, "ppocr-test"))
    return to_arrow(table, [one.values for one in rows if one.table is table], settings).to_pylist()


def test_each_form_of_a_stack_gets_an_id_and_rows_of_its_own(form: Document, settings: RunSettings) -> None:
    pages = [_report(form, "佐藤 花子", 1), _blank(form, 2), _failed(3), _report(form, "鈴木 一郎", 4)]
    (first, second), (failure,) = _assembled(settings, pages)
    assert (first.doc_id, second.doc_id) == ("f0-p1-3", "f0-p4-4")
    assert (failure.doc_id, failure.page, failure.category) == ("f0-p1-3", 3, "timeout")
    assert second.document.text == form.text.replace("佐藤 花子", "鈴木 一郎")

    (one,), (other,) = (_rows(digitized, TableName.DOCUMENTS, settings) for digitized in (first, second))
    told = ("file_id", "first_page", "last_page", "part_no", "parts", "pages", "pages_failed", "split_reason")
    assert [one[name] for name in told] == ["f0", 1, 3, 1, 2, 3, 1, None]
    assert [other[name] for name in told] == ["f0", 4, 4, 2, 2, 1, 0, "same_form"]
    assert [row["page"] for row in _rows(first, TableName.PAGES, settings)] == [1, 2]
    assert [row["page"] for row in _rows(second, TableName.FIELDS, settings)] == [4]


def test_a_blank_page_between_documents_is_kept_beside_the_one_before_it(
    form: Document, settings: RunSettings
) -> None:
    pages = [_report(form, "佐藤 花子", 1), _blank(form, 2), _report(form, "鈴木 一郎", 3), _blank(form, 4)]
    documents, failures = _assembled(settings, pages)
    assert failures == []
    told = [
        (row["doc_id"], row["page"], row["aside"])
        for digitized in documents
        for row in _rows(digitized, TableName.PAGES, settings)
    ]
    assert told == [
        ("f0-p1-1", 1, None), ("f0-p1-1", 2, "blank"), ("f0-p3-3", 3, None), ("f0-p3-3", 4, "blank")
    ]  # fmt: skip
    assert [row["pages"] for one in documents for row in _rows(one, TableName.DOCUMENTS, settings)] == [1, 1]


def test_a_file_of_one_document_keeps_its_id(form: Document, settings: RunSettings) -> None:
    pages = [_report(form, "佐藤 花子", 1), _report(form, "鈴木 一郎", 2)]
    (whole,), _ = _assembled(settings, pages, Split.NEVER)
    assert whole.doc_id == "f0"
    (told,) = _rows(whole, TableName.DOCUMENTS, settings)
    assert (told["file_id"], told["first_page"], told["last_page"], told["parts"]) == ("f0", 1, 2, 1)
    assert len(_assembled(settings, pages[:1])[0]) == 1


def test_a_file_without_a_page_is_one_failure(settings: RunSettings) -> None:
    documents, (failure,) = _assembled(settings, [_failed(1), _failed(2)])
    assert (documents, failure.doc_id, failure.page) == ([], "f0", None)


def test_the_most_cautious_application_decides_and_silence_does_not() -> None:
    assert split_of([]) == split_of([None, None]) == DEFAULT_SPLIT == Split.AUTO
    assert split_of([None, Split.PAGES]) == Split.PAGES
    assert split_of([Split.PAGES, Split.AUTO]) == Split.AUTO
    assert split_of([Split.AUTO, Split.NEVER, None]) == Split.NEVER


def test_another_way_to_part_files_makes_them_due() -> None:
    now = {understanding_fingerprint({}, (), {}, 5, split) for split in Split}
    assert len(now) == len(Split)


def _plan(pages: int, copies: tuple[str, ...] = ()) -> Plan:
    source = SourceRef(FILE, "f0", "application/pdf", pages, 1, pages, copies)
    listed = {name: replace(FILE, name=name) for name in (FILE.name, *copies)}
    return Plan((Due(source, Reason.NEW),), (), {}, (), (), listed, {})


def _night(folder: Path, parts: dict[str, int], asides: int = 0, failed: int = 0) -> list[StagedFile]:
    """Staged rows of a file: so many pages read of each of its documents, and beside the last of them; so
    many failed of the first."""
    day, common = {"dt": "2024-04-12"}, {"file_id": "f0", "file_name": FILE.name, "copies": ["写し.pdf"]}
    documents, pages, first = [], [], 1
    for number, (doc_id, count) in enumerate(parts.items()):
        lost = 0 if number else failed
        documents.append(
            row(
                TableName.DOCUMENTS, "x", **day, **common, doc_id=doc_id, first_page=first,
                pages=count + lost, pages_failed=lost,
            )
        )  # fmt: skip
        pages += [row(TableName.PAGES, "x", **day, doc_id=doc_id, page=first + n) for n in range(count)]
        first += count + lost
    pages += [
        row(TableName.PAGES, "x", **day, doc_id=doc_id, page=first + n, aside="blank") for n in range(asides)
    ]
    failure = row(
        TableName.FAILURES, "x", **day, doc_id=next(iter(parts)), uri=FILE.uri, file_name=FILE.name, page=9,
        stage="digitize", retryable=True,
    )  # fmt: skip
    failures = [failure] if failed else []
    return staged(
        folder, {TableName.DOCUMENTS: documents, TableName.PAGES: pages, TableName.FAILURES: failures}
    )


def _counted(files: list[StagedFile], plan: Plan) -> FileCounts:
    with opened(files) as night:
        return check(files, night, plan)


def test_a_file_counts_once_however_many_documents_it_holds(tmp_path: Path) -> None:
    files = _night(tmp_path, {"f0-p1-3": 2, "f0-p4-4": 1}, asides=1, failed=1)
    counts = _counted(files, _plan(5, ("写し.pdf",)))
    assert (counts.listed, counts.documents, counts.partial, counts.copies, counts.failed) == (2, 1, 1, 1, 0)


def test_a_page_that_no_document_of_its_file_has_is_refused(tmp_path: Path) -> None:
    files = _night(tmp_path, {"f0-p1-3": 3, "f0-p4-4": 1})
    with pytest.raises(BrokenContractError, match=r"束\.pdf: 全 4 ページ\(計画では 5\)"):
        _counted(files, _plan(5, ("写し.pdf",)))


def test_the_same_failure_of_two_documents_of_a_file_is_two_rows(tmp_path: Path) -> None:
    files = _night(tmp_path / "a", parts := {"f0-p1-3": 3, "f0-p4-4": 1})
    failures = [
        row(
            TableName.FAILURES, "x", doc_id=doc_id, uri=FILE.uri, file_name=FILE.name, category="model_failed"
        )
        for doc_id in parts
    ]
    files += staged(tmp_path / "b", {TableName.FAILURES: failures})
    assert _counted(files, _plan(4, ("写し.pdf",))).failed == 0
    with opened(files) as night:
        shown = summary.as_text(RunFacts("r", ExitCode.DONE, {}, findings_of(night)))
    assert "1-3" in shown
    assert "4-4" in shown


def test_how_a_file_ended_is_told_by_all_its_documents(tmp_path: Path) -> None:
    ended = outcomes_of(_night(tmp_path, {"f0-p1-3": 2, "f0-p4-4": 1}, failed=1), _plan(5))
    assert ended.published == {"f0": PublishedFile("2024-04-12", Status.PARTIAL, True, documents=2)}
    assert ended.whole_failures == {}


@pytest.mark.parametrize(
    "later", [{"f0": "2024-05-01"}, {"f0-p1-2": "2024-05-01", "f0-p3-3": "2024-05-02"}, {}]
)
def test_a_file_that_is_parted_otherwise_or_gone_leaves_nothing_of_before(
    tmp_path: Path, later: dict[str, str]
) -> None:
    tables = tmp_path / "tables"
    before = {"f0-p1-1": "2024-04-01", "f0-p2-3": "2024-04-02", "f1": "2024-04-01"}
    for number, documents in enumerate((before, later)):
        night = rows_of_night(f"{number}夜", documents)
        for one in night[TableName.DOCUMENTS]:
            one["file_id"] = one["doc_id"].split("-p")[0]
        goes = replaced(["f0"] if number else [])
        publish_version(str(tables), staged(tmp_path / f"s{number}", night), goes)
    expected = sorted([*later, "f1"])
    for table in (*OF_DOCUMENTS, TableName.FAILURES):
        assert [doc_id for (doc_id,) in plain(tables, table)] == expected, table


def test_the_summary_tells_documents_from_files() -> None:
    counts = {"listed": 3, "documents": 2, "parts": 9, "failed": 1, "copies": 0}
    assert "文書 9 件（2 ファイル）" in summary.as_text(RunFacts("r", ExitCode.DONE, counts))
    assert "文書 2 件、" in summary.as_text(RunFacts("r", ExitCode.DONE, {**counts, "parts": 2}))
    assert "文書 2 件、" in summary.as_text(RunFacts("r", ExitCode.DONE, {**counts, "parts": None}))
