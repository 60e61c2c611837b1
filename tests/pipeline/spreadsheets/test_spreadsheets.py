"""Published tables as workbooks and CSV: read back by pandas and openpyxl, opened by LibreOffice."""

from __future__ import annotations

import datetime
import io
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.spreadsheets.exported_tables import PublishedTables
from pipeline.spreadsheets.sheets import Sheet, application_sheet, failure_sheet, other_sheet, typed_value
from pipeline.spreadsheets.written_workbook import (
    LONGEST_CELL,
    LONGEST_NAME,
    sheet_names,
    to_csv,
    to_workbook,
)

RECEIVED = pd.Timestamp("2024-04-19 16:30", tz="UTC")


@pytest.fixture(scope="module")
def tables() -> PublishedTables:
    """Two call logs, one with two labels and what looks like a formula, and a letter that nobody read."""
    documents = [
        ("a", "入電/0419_入電.tif", "call-log", "電話受付票", datetime.date(2024, 4, 19), 1, "done"),
        ("b", "入電/0420_入電.tif", "call-log", "電話受付票", None, 3, "partial"),
        ("c", "手紙.pdf", "other", None, None, 1, "done"),
    ]
    names = ["doc_id", "file_name", "kind", "title", "business_date", "first_page", "status"]
    fields = [
        ("a", "customer", "お客様名", '=HYPERLINK("http://example.com")', "text", None),
        ("a", "amount", "見込金額", "3,200,000円", "money", "3200000"),
        ("a", "received_at", "受付日時", "令和6年4月19日 15:30", "date", "2024-04-19T15:30"),
        ("a", "written_on", "日付", "4月17日", "date", "2024-04-17"),
        ("a", "visited_on", "訪問日", "4月18日", "date", "2024-04-18"),
        ("b", "customer", "お客様", "クボデラ金物", "text", None),
        ("b", "customer", "お客様名", "ミササギ紙器", "text", None),
        ("b", None, "受付", "石動", "text", None),
    ]
    predictions = [
        ("a", "call-log", "needs", "ニーズあり", "既存契約", "契約内", 0.91, True, False),
        ("a", "call-log", "needs", "できないことあり", "機能要望", "追加機能", 0.95, True, False),
        ("a", "call-log", "needs", "その他", "その他", "その他", 0.02, False, None),
        ("b", "call-log", "needs", "その他", "その他", "その他", 0.97, False, False),
        ("b", "call-log", "needs", "ニーズあり", "新規契約", "契約外", 0.41, False, True),
    ]
    evidence = [
        ("a", "call-log", "needs", "契約内", 4, "至急直してほしい。", 2),
        ("a", "call-log", "needs", "追加機能", 4, "至急直してほしい。", 2),
        ("a", "call-log", "needs", "追加機能", 9, "-追加の機能がほしい。", 3),
    ]
    return PublishedTables(
        documents=pd.DataFrame(documents, columns=names).assign(
            received_at=RECEIVED, pages=1, confidence=0.98, dt="2024-04-19"
        ),
        fields=pd.DataFrame(fields, columns=["doc_id", "key", "name", "value", "kind", "normalized"]),
        predictions=pd.DataFrame(
            predictions,
            columns=[
                "doc_id", "application", "task", "label_major", "label_middle", "label_minor", "probability",
                "accepted", "review",
            ],
        ),
        scores=pd.DataFrame(
            [("a", "call-log", "urgency", 3.25)], columns=["doc_id", "application", "task", "value"]
        ),
        evidence=pd.DataFrame(
            evidence, columns=["doc_id", "application", "task", "label", "sentence_no", "text", "page"]
        ),
        failures=pd.DataFrame(
            [("不備/破損.pdf", "list", "corrupt", None, False, "PDFが壊れています。", 2, RECEIVED)],
            columns=[
                "file_name", "stage", "category", "page", "retryable", "message", "attempts", "first_seen",
            ],
        ),
        run_id="20240420T000000Z-aaaaaa",
    )  # fmt: skip


def picture(name: str, page: int) -> str:
    return f"pictures/{name}-{page}.jpg"


@pytest.fixture(scope="module")
def workbook(tables: PublishedTables) -> bytes:
    sheets = [
        application_sheet(tables, "call-log", picture),
        other_sheet(tables, picture),
        failure_sheet(tables),
    ]
    return to_workbook(sheets, [("実行（run_id）", tables.run_id)])


def test_a_row_is_a_document_with_what_was_found_in_it(tables: PublishedTables) -> None:
    first, second = application_sheet(tables, "call-log", picture).rows.to_dict("records")
    assert first["ファイル"] == "入電/0419_入電.tif"
    assert first["needs 小分類"] == "追加機能、契約内"
    assert first["needs 確率"] == 0.95
    assert pd.isna(first["needs 要確認"])
    assert second["needs 要確認"] == "契約外"
    assert first["needs 根拠"] == "至急直してほしい。\n-追加の機能がほしい。"
    assert first["urgency"] == 3.25
    assert first["見込金額"] == 3_200_000
    assert first["日付"] == datetime.date(2024, 4, 19)
    assert first["日付（written_on）"] == datetime.date(2024, 4, 17)
    assert first["訪問日"] == datetime.date(2024, 4, 18)
    assert first["受付日時"] == datetime.datetime(2024, 4, 19, 15, 30)
    assert first["更新日時"] == datetime.datetime(2024, 4, 20, 1, 30)  # in Japan
    assert first["画像"] == "pictures/入電/0419_入電.tif-2.jpg"  # where the first proof stands
    assert second["状態"] == "一部のページが読めません"
    assert second["お客様名"] == "クボデラ金物、ミササギ紙器"
    assert pd.isna(second["needs 小分類"])
    assert second["画像"] == "pictures/入電/0420_入電.tif-3.jpg"  # where the document begins


def test_no_document_is_left_out(workbook: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    assert book.sheetnames == ["抽出条件", "call-log", "アプリケーションなし", "読めなかったもの"]
    assert [row[0].value for row in book["アプリケーションなし"].iter_rows(min_row=2)] == ["手紙.pdf"]
    assert [row[0].value for row in book["読めなかったもの"].iter_rows(min_row=2)] == ["不備/破損.pdf"]
    about = {row[0].value: row[1].value for row in book["抽出条件"].iter_rows()}
    assert about["実行（run_id）"] == "20240420T000000Z-aaaaaa"
    assert about["シート「call-log」"].endswith("：2 行")


def cells_under(book: openpyxl.Workbook, heading: str) -> list[openpyxl.cell.Cell]:
    sheet = book["call-log"]
    place = [cell.value for cell in sheet[1]].index(heading)
    return [row[place] for row in sheet.iter_rows(min_row=2)]


def assert_usable(book: openpyxl.Workbook) -> None:
    sheet = book["call-log"]
    assert sheet.auto_filter.ref == sheet.dimensions
    assert cells_under(book, "日付")[0].is_date
    assert cells_under(book, "訪問日")[0].value == datetime.datetime(2024, 4, 18)
    assert cells_under(book, "見込金額")[0].value == 3_200_000
    customer = cells_under(book, "お客様名")[0]
    assert customer.data_type == "s"
    assert str(customer.value).lstrip("'").startswith("=HYPERLINK")


def test_a_workbook_filters_freezes_its_header_and_holds_no_formula(workbook: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    assert_usable(book)
    assert book["call-log"].freeze_panes == "B2"


def test_libreoffice_opens_it(workbook: bytes, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-calc")
    (tmp_path / "表.xlsx").write_bytes(workbook)
    subprocess.run(
        [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx",
         "--outdir", tmp_path / "again", tmp_path / "表.xlsx"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert_usable(openpyxl.load_workbook(tmp_path / "again" / "表.xlsx"))


def test_csv_opens_in_excel_and_holds_no_formula(tables: PublishedTables) -> None:
    data = to_csv(application_sheet(tables, "call-log", picture).rows)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = pd.read_csv(io.BytesIO(data), encoding="utf-8-sig")
    assert rows["お客様名"][0].startswith("'=HYPERLINK")
    assert rows["見込金額"][0] == 3_200_000


@given(st.text(max_size=40))
def test_no_text_becomes_a_formula_in_csv(text: str) -> None:
    written = to_csv(pd.DataFrame({"値": [text]})).decode("utf-8-sig").removeprefix("値\r\n")
    assert not written.lstrip('"').startswith(("=", "+", "-", "@", "\t"))


@given(st.lists(st.text(min_size=1, max_size=50), max_size=8))
def test_sheet_names_are_what_excel_takes(names: list[str]) -> None:
    found = sheet_names(names, taken=["抽出条件"])
    assert len({name.casefold() for name in [*found, "抽出条件"]}) == len(names) + 1
    assert all(0 < len(name) <= LONGEST_NAME for name in found)
    assert not any(character in name for name in found for character in "[]:*?/\\")


def test_a_text_longer_than_a_cell_is_cut_and_says_so() -> None:
    book = to_workbook([Sheet("長文", pd.DataFrame({"本文": ["あ" * 40_000]}), "")], [])
    written = openpyxl.load_workbook(io.BytesIO(book))["長文"]["A2"].value
    assert len(written) == LONGEST_CELL
    assert written.endswith("…（以下略）")


@pytest.mark.parametrize(
    ("kind", "normalized", "printed", "value"),
    [
        ("money", "3200000", "3,200,000円", 3_200_000.0),
        ("number", None, "約三千", "約三千"),
        ("date", "2024-04", "令和6年4月", "令和6年4月"),
        ("choice", "4", "□ 1 □ 2 □ 3 ☑ 4 □ 5", "4"),
        ("phone", "06-0000-5528", "０６－００００－５５２８", "０６－００００－５５２８"),
        ("text", None, "", ""),
    ],
)
def test_values_sort_where_they_have_a_normal_form(
    kind: str, normalized: str | None, printed: str, value: object
) -> None:
    assert typed_value(kind, normalized, printed) == value
