"""A label sheet as people really save it, and what they are told when it cannot be used."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from nlu.application.label_sheet import Label, LabelSheet
from nlu.errors import LabelSheetError

MERGED = """大分類,中分類,小分類,定義,キーワード
ニーズあり,既存契約,契約内,いまの契約で応えられる要望,使い方、設定;手順 教えて
,新規契約,契約外,別の契約が要る要望,見積|追加費用
,,プラン変更,上位のプランへの変更,
できないこと,機能要望,追加機能,"製品にまだない機能、
への要望",
,,,,
その他,その他,その他,,
"""


def _sheet(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "labels.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_merged_cells_take_the_value_above_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    sheet = LabelSheet.read(_sheet(tmp_path, MERGED, encoding))

    assert sheet.names == ("契約内", "契約外", "プラン変更", "追加機能", "その他")
    assert sheet.labels[0].keywords == ("使い方", "設定", "手順", "教えて")
    assert sheet.labels[1].path == ("ニーズあり", "新規契約", "契約外")
    assert sheet.labels[2].path == ("ニーズあり", "新規契約", "プラン変更")
    assert sheet.labels[3].definition == "製品にまだない機能、\nへの要望"
    assert sheet.index("追加機能") == 3


def test_columns_are_found_by_their_heading(tmp_path: Path) -> None:
    text = "キーワード,定義,小分類,中分類,大分類,\n赤字、融資,資金の問題,資金繰り,カネ,経営課題,\n"
    label = LabelSheet.read(_sheet(tmp_path, text)).labels[0]

    assert label.path == ("経営課題", "カネ", "資金繰り")
    assert label.keywords == ("赤字", "融資")


@pytest.mark.parametrize(
    "text",
    [
        "大 分 類\t中分類 \t小分類（ラベル）\t説明\t例\n経営課題\tカネ\t資金繰り\t資金の問題\t赤字、融資\n",
        "大カテゴリー,中カテゴリー,カテゴリ,意味,キーワード,例\n経営課題,カネ,資金繰り,資金の問題,赤字、融資,文例\n",
        "分類表（2024年版）,,,,\n作成：営業企画部,,,,\n大分類,中分類,小分類※,定義,ｷｰﾜｰﾄﾞ\n"
        "経営課題,カネ,資金繰り,資金の問題,赤字、融資\n",
    ],
)
def test_headings_are_known_as_people_write_them(tmp_path: Path, text: str) -> None:
    [label] = LabelSheet.read(_sheet(tmp_path, text)).labels
    assert label == Label("経営課題", "カネ", "資金繰り", "資金の問題", ("赤字", "融資"))


def test_further_columns_are_ignored_and_named(tmp_path: Path) -> None:
    text = (
        "No.,大分類,中分類,小分類,定義,キーワード,備考,\n1,経営課題,カネ,資金繰り,資金の問題,赤字,要確認,\n"
    )
    sheet = LabelSheet.read(_sheet(tmp_path, text))
    assert sheet.names == ("資金繰り",)
    assert sheet.ignored == ("No.", "備考")


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("カテゴリ,説明,例\n要望,したいこと,ほしい\nその他,,\n", [("要望",) * 3, ("その他",) * 3]),
        (
            "大分類,小分類,定義,キーワード\nニーズ,要望,,\n,苦情,,\n",
            [("ニーズ", "要望", "要望"), ("ニーズ", "苦情", "苦情")],
        ),
        (
            "中分類,小分類,定義,キーワード\n機能,追加,,\n,改善,,\n",
            [("機能", "機能", "追加"), ("機能", "機能", "改善")],
        ),
    ],
)
def test_a_level_that_is_missing_takes_the_name_below(
    tmp_path: Path, text: str, paths: list[tuple[str, str, str]]
) -> None:
    assert [label.path for label in LabelSheet.read(_sheet(tmp_path, text)).labels] == paths


def _workbook(path: Path) -> Path:
    """Saved as people do: a first sheet of remarks, a title, merged cells, a number for a name, notes."""
    book = openpyxl.Workbook()
    book.active.title = "使い方"
    book.active.append(["この表の分類名を記録票に書いてください。"])
    page = book.create_sheet("分類")
    page.append(["お問い合わせの分類", None, None, None, None, None])
    page.append(["大分類", "中分類", "小分類", "定義", "キーワード", "備考"])
    page.append(["ニーズあり", "既存契約", "契約内", "いまの契約で応えられる要望", "使い方、設定", None])
    page.append([None, "新規契約", "契約外", "別の契約が要る要望", "見積", "4月に追加"])
    page.append([None, None, 2024, "年度の名前", None, None])
    page.append(["その他", "その他", "その他", None, None, None])
    page.merge_cells("A1:F1")
    page.merge_cells("A3:A5")
    page.merge_cells("B4:B5")
    book.save(path)
    return path


def _converted(path: Path, ending: str) -> Path:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-calc")
    profile = f"-env:UserInstallation=file://{path.parent}/profile"
    command = [office, profile, "--headless", "--convert-to", ending, "--outdir", str(path.parent), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return path.with_suffix(f".{ending}")


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
def test_a_workbook_is_a_label_sheet(tmp_path: Path, ending: str) -> None:
    path = _workbook(tmp_path / "labels.xlsx")
    sheet = LabelSheet.read(path if ending == "xlsx" else _converted(path, ending))
    assert [label.path for label in sheet.labels] == [
        ("ニーズあり", "既存契約", "契約内"),
        ("ニーズあり", "新規契約", "契約外"),
        ("ニーズあり", "新規契約", "2024"),
        ("その他", "その他", "その他"),
    ]
    assert sheet.labels[0].keywords == ("使い方", "設定")
    assert sheet.ignored == ("備考",)


@pytest.mark.parametrize("data", [b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0broken"])
def test_a_broken_workbook_says_what_to_do(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "labels.xlsx"
    path.write_bytes(data)
    with pytest.raises(LabelSheetError, match="保存し直してください"):
        LabelSheet.read(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("大分類,中分類,定義,キーワード\nA,B,,\n", ["見出し「小分類」がありません"]),
        (
            "大分類,中分類,カテゴリ,ラベル,定義,キーワード\nA,B,C,D,,\n",
            ["1 行目に「小分類」にあたる見出しが 2 回", "「カテゴリ」「ラベル」"],
        ),
        (
            "分類表\n\n大分類,中分類,小分類,定義,キーワード\nA,B,C,,\n,,C,,\n",
            ["5 行目の「小分類」の「C」は 4 行目"],
        ),
        ("大分類,中分類,小分類,定義,キーワード\nA,B,,意味,\n", ["2 行目の「小分類」が空"]),
        ("大分類,中分類,小分類,定義,キーワード\n,B,C,,\n", ["2 行目の「大分類」が空"]),
        ("大分類,中分類,小分類,定義,キーワード\nA,B,C,,\nD,,E,,\n", ["3 行目の「中分類」が空"]),
        (
            "大分類,中分類,小分類,定義,キーワード\nA,B,C,,\n,,D,,\n,,C,,\n",
            ["4 行目の「小分類」の「C」は 2 行目にも"],
        ),
        ("大分類,中分類,小分類,定義,キーワード\n", ["見出しの下に行がありません"]),
        ("", ["見出し「小分類」がありません"]),
    ],
)
def test_a_broken_sheet_says_where_and_what(tmp_path: Path, text: str, told: list[str]) -> None:
    path = _sheet(tmp_path, text)
    with pytest.raises(LabelSheetError) as caught:
        LabelSheet.read(path)
    message = str(caught.value)
    assert str(path) in message
    for part in told:
        assert part in message


def test_every_broken_row_is_told_at_once(tmp_path: Path) -> None:
    text = "大分類,中分類,小分類,定義,キーワード\nA,B,,,x\n,,C,,\n,,C,,\n"
    with pytest.raises(LabelSheetError) as caught:
        LabelSheet.read(_sheet(tmp_path, text))
    assert len(caught.value.problems) == 2


def test_a_utf_16_sheet_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelSheetError, match="CSV UTF-8"):
        LabelSheet.read(_sheet(tmp_path, MERGED, "utf-16"))
    with pytest.raises(LabelSheetError, match="開けません"):
        LabelSheet.read(tmp_path / "none.csv")


def test_parents_are_never_less_probable_than_their_children(tmp_path: Path) -> None:
    sheet = LabelSheet.read(_sheet(tmp_path, MERGED))
    probabilities = [0.1, 0.2, 0.3, 0.15, 0.25]

    summed = sheet.roll_up(probabilities, exclusive=True)
    assert summed["ニーズあり",] == pytest.approx(0.6)
    assert summed["ニーズあり", "新規契約"] == pytest.approx(0.5)
    assert sum(value for path, value in summed.items() if len(path) == 1) == pytest.approx(1.0)

    highest = sheet.roll_up(probabilities, exclusive=False)
    assert highest["ニーズあり",] == highest["ニーズあり", "新規契約"] == 0.3
