"""A label sheet as people really save it, and what they are told when it cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.application.label_sheet import LabelSheet
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
    ("text", "told"),
    [
        ("大分類,中分類,定義,キーワード\nA,B,,\n", ["見出し「小分類」がありません"]),
        (
            "大分類,中分類,小分類,定義,キーワード,備考\nA,B,C,,,\n",
            ["1 行目 6 列目", "「備考」", "大分類・中分類・小分類"],
        ),
        ("大分類,中分類,小分類,定義,キーワード\nA,B,,意味,\n", ["2 行目の「小分類」が空"]),
        ("大分類,中分類,小分類,定義,キーワード\n,B,C,,\n", ["2 行目の「大分類」が空"]),
        ("大分類,中分類,小分類,定義,キーワード\nA,B,C,,\nD,,E,,\n", ["3 行目の「中分類」が空"]),
        (
            "大分類,中分類,小分類,定義,キーワード\nA,B,C,,\n,,D,,\n,,C,,\n",
            ["4 行目の「小分類」の「C」は 2 行目にも"],
        ),
        ("大分類,中分類,小分類,定義,キーワード\n", ["見出しの下に行がありません"]),
        ("", ["見出し「大分類」がありません"]),
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
