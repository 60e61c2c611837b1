"""Records on disk: written, read back, and checked line by line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest

from nlu.application.application import Application
from nlu.errors import RecordError
from nlu.records.record import Record, Span
from nlu.records.record_files import read_records, write_records

TEXT = "お世話になっております。追加のライセンスを見積もってほしい。"


@pytest.fixture
def application(tmp_path: Path) -> Application:
    (tmp_path / "labels.csv").write_text(
        "大分類,中分類,小分類,定義,キーワード\nニーズ,契約,契約内,,\n,,契約外,,\nその他,その他,その他,,\n",
        encoding="utf-8",
    )
    (tmp_path / "app.toml").write_text(
        'name = "a"\ntitle = "題"\n'
        '[[tasks]]\nname = "needs"\ntype = "classification"\nlabels = "labels.csv"\nother = "その他"\n'
        "evidence = true\n"
        '[[tasks]]\nname = "topics"\ntype = "classification"\nlabels = "labels.csv"\nother = "その他"\n'
        "multi_label = true\n"
        '[[tasks]]\nname = "products"\ntype = "span"\nlabels = "labels.csv"\n'
        '[[tasks]]\nname = "urgency"\ntype = "score"\nminimum = 0\nmaximum = 4\n',
        encoding="utf-8",
    )
    return Application.load(tmp_path)


def test_records_are_read_back_as_written(tmp_path: Path, application: Application) -> None:
    records = (
        Record(
            id="r1",
            text=TEXT + "\n二行目🏢も。",
            labels={"needs": ("契約外",), "topics": ("契約内", "契約外")},
            scores={"urgency": 2.5},
            evidence={"needs": (Span(12, 29), Span(12, 15, ("契約外",)))},
            sentences={"needs": (Span(0, 12), Span(12, 29, ("契約外",)))},
            spans={"products": (Span(15, 20, ("契約外",)),)},
            meta={"split": "train"},
        ),
        Record(id="r2", text="何もない。", labels={"topics": ()}, evidence={"needs": ()}),
        Record(id="r3", text="注釈のない文。"),
    )
    path = tmp_path / "records.jsonl"
    write_records(path, records)

    assert read_records(path, application) == records
    first = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    assert first["labels"] == {"needs": "契約外", "topics": ["契約内", "契約外"]}
    assert first["evidence"] == {"needs": [[12, 29], [12, 15, "契約外"]]}
    assert first["sentences"] == {"needs": [[0, 12], [12, 29, "契約外"]]}
    assert "契約外" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"labels": {"needs": "契約害"}}, "「契約害」は labels.csv の小分類にありません"),
        ({"labels": {"need": "契約外"}}, "labels の「need」という分類タスクは app.toml にありません"),
        ({"labels": {"needs": ["契約外", "契約内"]}}, "1 つだけ"),
        ({"labels": {"topics": ["契約外", "その他"]}}, "他の小分類と一緒に"),
        ({"labels": {"needs": 3}}, "小分類の名前か"),
        ({"scores": {"urgency": 5}}, "5 は範囲の外"),
        ({"scores": {"urgency": "高"}}, "「urgency」は数に"),
        ({"evidence": {"needs": [[20, 31]]}}, "[20, 31] は本文（30 文字）の外"),
        ({"evidence": {"needs": [[9, 9]]}}, "空の範囲"),
        ({"evidence": {"needs": [[0, 1.5]]}}, "整数"),
        ({"evidence": {"topics": [[0, 5]]}}, "evidence = true としたタスクではありません"),
        ({"evidence": {"needs": [[0, 5, "契約外"]]}}, "labels に付いていません"),
        ({"sentences": {"needs": [[0, 5, "契約害"]]}}, "「契約害」はラベルシートの小分類にありません"),
        ({"sentences": {"needs": [[0, 5, 3]]}}, "[[開始, 終了, 小分類], …] の形"),
        ({"spans": {"products": [[0, 5]]}}, "小分類を 1 つ付けて"),
        ({"spans": {"needs": [[0, 5, "契約外"]]}}, 'type = "span"'),
        ({"text": " "}, "「text」がない"),
        ({"label": {}}, "「label」という項目は使えません"),
        ({"scores": []}, "「scores」は {…} の形"),
    ],
)
def test_a_broken_line_is_named_with_the_remedy(
    tmp_path: Path, application: Application, change: dict[str, object], told: str
) -> None:
    path = tmp_path / "records.jsonl"
    good = {"id": "a", "text": TEXT}
    path.write_text(
        "\n".join(
            json.dumps(line, ensure_ascii=False) for line in (good, {"id": "b", "text": TEXT, **change})
        ),
        encoding="utf-8",
    )
    with pytest.raises(RecordError) as caught:
        read_records(path, application)
    assert "2 行目: " in str(caught.value)
    assert told in str(caught.value)


def test_all_problems_are_listed_up_to_twenty(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text("{broken\n" * 25, encoding="utf-8")
    with pytest.raises(RecordError) as caught:
        read_records(path)
    message = str(caught.value)
    assert len(caught.value.problems) == 25
    assert "20 行目" in message
    assert "21 行目" not in message
    assert "ほか 5 件" in message


def test_repeated_ids_empty_files_and_wrong_encodings_are_told(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text('{"id": "a", "text": "一"}\n\n{"id": "a", "text": "二"}\n', encoding="utf-8")
    with pytest.raises(RecordError, match="3 行目: id「a」は 1 行目にも"):
        read_records(path)
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(RecordError, match="1 件もありません"):
        read_records(path)
    path.write_bytes('{"id": "a", "text": "文字"}'.encode("cp932"))
    with pytest.raises(RecordError, match="UTF-8 ではありません"):
        read_records(path)


ROWS: list[list[str | int | None]] = [
    ["4月の入電", None, None, None, None, None],
    ["番号", "本文", "needs", "topics", "urgency", "支店"],
    ["A-1", "追加のライセンスを見積もってほしい。", "契約外", "契約内、契約外", 3, "大阪"],
    ["A-2", "使い方を教えてほしい。\n急がない。", "契約内", None, "１．５", None],
    [None, None, None, None, None, None],
    [None, "間違い電話。", None, "その他", None, "東京"],
]
READ = (
    Record(
        "A-1",
        "追加のライセンスを見積もってほしい。",
        {"needs": ("契約外",), "topics": ("契約内", "契約外")},
        {"urgency": 3.0},
        meta={"支店": "大阪"},
    ),
    Record("A-2", "使い方を教えてほしい。\n急がない。", {"needs": ("契約内",)}, {"urgency": 1.5}),
    Record("6", "間違い電話。", {"topics": ("その他",)}, meta={"支店": "東京"}),
)


@pytest.mark.parametrize("name", ["records.xlsx", "records.csv", "records.tsv", "records-cp932.csv"])
def test_records_of_a_spreadsheet(tmp_path: Path, application: Application, name: str) -> None:
    path = tmp_path / name
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in ROWS:
            book.active.append(row)
        book.save(path)
    else:
        encoding = "cp932" if "cp932" in name else "utf-8-sig"
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter="\t" if path.suffix == ".tsv" else ",").writerows(ROWS)
    assert read_records(path, application) == READ


def test_a_row_that_is_no_record_says_where_and_what(tmp_path: Path, application: Application) -> None:
    path = tmp_path / "records.csv"
    path.write_text(
        "本文,needs,urgency\n見積がほしい,契約案,3\n,契約内,2\n急ぎ,契約内,高\n", encoding="utf-8"
    )
    with pytest.raises(RecordError) as caught:
        read_records(path, application)
    message = str(caught.value)
    assert "2 行目: " in message
    assert "契約案" in message
    assert "3 行目: 「text」がないか、空" in message
    assert "4 行目: scores の「urgency」は数に" in message


def test_a_spreadsheet_without_texts_says_how_to_head_them(tmp_path: Path, application: Application) -> None:
    path = tmp_path / "records.csv"
    path.write_text("番号,分類\n1,契約内\n", encoding="utf-8")
    with pytest.raises(RecordError, match="見出しを「本文」に"):
        read_records(path, application)
