"""Names and figures of business Japanese: found, told apart, and brought to one form."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from fixtures.named_things import unmarked, written_sentences
from nlu.application.application import Application
from nlu.entities.entity import Entity, Group, Source
from nlu.entities.finder import EntityFinder, repeats
from nlu.entities.lists import ListedName, read_list
from nlu.entities.model import NAME, ModelEntityFinder
from nlu.errors import ApplicationError


@pytest.fixture(scope="module")
def finder() -> EntityFinder:
    return EntityFinder()


def _found(finder: EntityFinder | ModelEntityFinder, text: str) -> list[Entity]:
    return finder.find(text, [(0, len(text))])


def test_patterns_find_what_people_wrote_and_little_else(finder: EntityFinder) -> None:
    right = found = due = 0
    for text, marked in written_sentences():
        said = {(one.start, one.end, one.group.value) for one in _found(finder, text)}
        right, found, due = right + len(said & marked), found + len(said), due + len(marked)
    assert right / found >= 0.95
    assert right / due >= 0.95


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("令和6年4月16日（火）", "2024-04-16"),
        ("平成元年", "1989"),
        ("R6.4.15", "2024-04-15"),
        ("令和六年五月二十三日", "2024-05-23"),
        ("4月9日", "--04-09"),
        ("2024年4月1日から2025年3月31日", "2024-04-01/2025-03-31"),
        ("3か月間", "P3M"),
        ("90分", "PT90M"),
        ("2024年度第3四半期", "2024-Q3"),
        ("３億１，８７０万円", "318700000"),
        ("651,134千円", "651134000"),
        ("百八十四万円", "1840000"),
        ("3,000ドル", "USD 3000"),
        ("百二十件", "120"),
        ("101.8パーセント", "101.8%"),
        ("03(1234)5678", "0312345678"),
        ("+81-90-1234-5678", "09012345678"),
        ("Info@Example.co.jp", "info@example.co.jp"),
        ("T1-2345-6789-0123", "T1234567890123"),
        ("㈱アサギリ", "株式会社アサギリ"),
        ("アサギリ（株）", "アサギリ株式会社"),
        ("個人情報保護法第23条", "個人情報保護法第23条"),
    ],
)
def test_all_spellings_of_a_thing_have_one_form(finder: EntityFinder, text: str, normal: str) -> None:
    (one,) = _found(finder, text)
    assert (one.text, one.normal) == (text, normal)


@pytest.mark.parametrize(
    "text",
    [
        "2024年13月45日", "電話番号03-1234", "注文番号20240418-22", "第2回", "様子を見る", "皆様", "お客様",
        "部長",
        "方法", "一番", "四半期", "A4", "ISO9001", "株式会社", "",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_none(finder: EntityFinder, text: str) -> None:
    assert _found(finder, text) == []


def test_a_name_goes_on_over_the_end_of_a_line(finder: EntityFinder) -> None:
    text = "先方の長谷\n川様から、合計１，２５０，\n０００円とのこと。"
    assert [(one.text, one.normal) for one in _found(finder, text)] == [
        ("長谷\n川", "長谷川"),
        ("１，２５０，\n０００円", "1250000"),
    ]


def test_names_of_a_list_are_found_by_each_of_their_names(tmp_path: Path) -> None:
    data = "品　名,別名,備考\n複合機 MX,エムエックス、MX機,\n".encode("cp932")
    listed = read_list(data, Group.PRODUCT, tmp_path / "products.csv")
    assert listed == (ListedName(Group.PRODUCT, "複合機 MX", ("エムエックス", "MX機")),)
    text, marked = unmarked("⟦product|ＭＸ機⟧と⟦product|エムエックス⟧。リエムエックスは別。")
    found = _found(EntityFinder(listed), text)
    assert {(one.start, one.end, one.group.value) for one in found} == marked
    assert {(one.normal, one.source) for one in found} == {("複合機 MX", Source.LIST)}


@pytest.mark.parametrize(
    ("content", "told"),
    [("番号\n1\n", "見出し「名前」"), ("名前\nあ\n", "1 文字の名前「あ」"), ("", "見出し「名前」")],
)
def test_a_list_that_is_none_says_what_is_wrong(content: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ApplicationError, match=told):
        read_list(content.encode(), Group.PRODUCT, tmp_path / "products.csv")


def test_an_application_names_its_lists(tmp_path: Path) -> None:
    settings = 'name = "a"\ntitle = "あ"\n[routing]\nkinds = { "a" = ["日報"] }\n[entities]\nlists = '
    (tmp_path / "app.toml").write_text(settings + '{ "product" = "p.csv" }')
    with pytest.raises(ApplicationError, match=r"entities\.lists"):
        Application.load(tmp_path)
    (tmp_path / "p.csv").write_text("名前\n測定器\n")
    application = Application.load(tmp_path)
    assert application.listed == (ListedName(Group.PRODUCT, "測定器"),)
    application.save(tmp_path)
    (tmp_path / "app.toml").write_text(settings + '{ "thing" = "p.csv" }')
    with pytest.raises(ApplicationError, match=r"「entities\.lists\.thing」は .*product"):
        Application.load(tmp_path)


def test_a_name_is_found_again_without_what_showed_it(finder: EntityFinder) -> None:
    text = "佐藤 花子様が来社。佐藤\n花子、花子さん、サトウ。林の林様。"
    people = [one for one in _found(finder, text) if one.group is Group.PERSON]
    again = {text[start:end] for start, end in repeats(text, people)}
    assert again == {"佐藤 花子", "佐藤\n花子", "佐藤", "花子", "林"}
    assert (text.index("林の"), text.index("林の") + 1) in repeats(text, people)


def test_the_component_stands_before_the_recognizer_of_ginza() -> None:
    nlp = spacy.load("ja_ginza")
    nlp.add_pipe(NAME, before="ner")
    found = {ent.text: ent for ent in nlp("㈱アサギリの轟木課長が、京都で3台を86,000円で買った。").ents}
    assert (found["86,000円"].label_, found["86,000円"]._.normal) == ("Money", "86000")
    assert (found["㈱アサギリ"]._.group, found["㈱アサギリ"]._.normal) == ("organization", "株式会社アサギリ")
    assert found["京都"]._.group == "place"


def test_the_model_finds_places_behind_the_patterns() -> None:
    found = _found(ModelEntityFinder(), "㈱アサギリの轟木課長が、京都で3台を86,000円で買った。")
    assert {(one.text, one.source) for one in found} == {
        ("㈱アサギリ", Source.PATTERN),
        ("轟木", Source.PATTERN),
        ("京都", Source.MODEL),
        ("3台", Source.PATTERN),
        ("86,000円", Source.PATTERN),
    }
