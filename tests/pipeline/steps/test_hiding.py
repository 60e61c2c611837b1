"""What nobody may read stays out of every published text and picture; what is asked for is found."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from PIL import Image
from rich.console import Console

from fixtures.named_things import names_of_the_inbox
from fixtures.truth_file import FIXTURES, INBOX
from nlu.entities.entity import Entity, Group
from nlu.entities.lists import ListedName
from ocr.document import BlockKind, Box, Document, Line, Page, TextSource, ValueKind
from ocr.export.overlay import draw
from ocr.limits import Limits
from pipeline.applications.entity_rules import EntityRules
from pipeline.applications.models import understanding_fingerprint
from pipeline.exit_codes import ExitCode
from pipeline.machines.runners import RunnerChoice
from pipeline.night.resolve import RunRequest
from pipeline.night.run import execute
from pipeline.steps.field_entities import field_entities
from pipeline.steps.hiding import Hiding
from pipeline.supervision.supervised_run import Supervision
from pipeline.tables.contract import TableName

_FILES = (
    "営業報告書_R6.5.8_法人第二課.pdf",
    "営業部/営業日報_20240412_佐藤.pdf",
    "コールセンター/入電記録_20240417_0009.pdf",
    "福岡営業所/日報 6月5日.pdf",
    "総務/営業会議議事録_2024年5月.pdf",
    "総務/秘密保持契約書_編集不可.pdf",
)
_ASKED = """
[entities]
enabled = true
lists = { "product" = "products.csv" }

[privacy]
hide = ["person", "phone", "email", "address"]
"""
_NAMES_OF_FILES = {"file_name", "uri", "copies"}


class _Nobody:
    """Watches a run, and looks away."""

    def __getattr__(self, name: str) -> object:
        return lambda *_: None


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of a night over a few papers whose applications hide persons, phones, mails, addresses."""
    folder = tmp_path_factory.mktemp("hiding")
    for name in _FILES:
        (folder / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(INBOX / name, folder / "in" / name)
    applications = []
    for name in ("call-log", "daily-report"):
        applications.append(folder / name)
        shutil.copytree(FIXTURES / "apps" / name, folder / name)
        settings = folder / name / "app.toml"
        settings.write_text(
            re.sub(r"\[entities\]\n(.+\n)+", "", settings.read_text("utf-8")) + _ASKED, "utf-8"
        )
        (folder / name / "products.csv").write_text("名前,別名\n三次元測定器,測定器\n", "utf-8")
    request = RunRequest(
        str(folder / "in"),
        str(folder / "out"),
        tuple(applications),
        (),
        "ppocr",
        Limits(),
        RunnerChoice(),
        True,
    )
    supervised = Supervision(str(folder / "progress"), False, 0)
    assert execute(request, supervised, Console(quiet=True), _Nobody()) is ExitCode.DONE  # type: ignore[arg-type]
    return folder / "out"


def _rows(night: Path, query: str) -> list[tuple[Any, ...]]:
    tables = re.sub(r"<(\w+)>", rf"read_parquet('{night}/tables/\1/**/*.parquet')", query)
    return duckdb.sql(tables).fetchall()


def _texts(night: Path) -> Iterator[tuple[str, str, str]]:
    """Every text of every table but the names of files: table, column, text without white space."""
    for table in TableName:
        found = duckdb.sql(f"SELECT * FROM read_parquet('{night}/tables/{table}/**/*.parquet')")
        columns = [
            name
            for name, kind in zip(found.columns, found.types, strict=True)
            if str(kind) == "VARCHAR" and name not in _NAMES_OF_FILES
        ]
        for row in found.select(*(f'"{name}"' for name in columns)).fetchall():
            yield from (
                (table.value, name, "".join(text.split()))
                for name, text in zip(columns, row, strict=True)
                if text
            )


@pytest.mark.slow
def test_no_table_says_who_it_was(night: Path) -> None:
    names = names_of_the_inbox()
    secret = {
        part for name in names["persons"] for part in (*name.split(), "".join(name.split())) if len(part) > 1
    }
    secret |= {*names["phones"], *(phone.replace("-", "") for phone in names["phones"]), *names["addresses"]}
    texts = list(_texts(night))
    assert {table for table, _, _ in texts} >= {
        "documents",
        "sentences",
        "fields",
        "cells",
        "evidence",
        "entities",
    }
    told = [(table, column, name) for table, column, text in texts for name in secret if name in text]
    assert told == []
    assert sum("■" in text for _, column, text in texts if column in ("text", "value")) > 50


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("sentences", "text"),
        ("fields", "value"),
        ("cells", "text"),
        ("evidence", "text"),
        ("entities", "text"),
    ],
)
def test_offsets_lead_to_the_same_text(night: Path, table: str, column: str) -> None:
    place = 'substring(d.text, t.start + 1, t."end" - t.start)'
    ((rows, same),) = _rows(
        night,
        f"SELECT count(*), count_if({place} = t.{column}) FROM <{table}> t JOIN <documents> d USING (doc_id)",
    )
    assert rows == same != 0


@pytest.mark.slow
def test_entities_are_published_with_their_place(night: Path) -> None:
    found = _rows(
        night,
        "SELECT e.text, e.normalized, e.kind, e.source, e.page, e.x0 < e.x1 FROM <entities> e "
        'JOIN <sentences> s USING (doc_id, sentence_no) WHERE s.start <= e.start AND e."end" <= s."end"',
    )
    ((entities,),) = _rows(night, "SELECT count(*) FROM <entities>")
    assert len(found) == entities
    assert ("三次元測定器", "三次元測定器", "product", "list", 1, True) in found
    assert ("2,480,000円", "2480000", "amount", "pattern", 1, True) in found
    assert ("6月1日から9月30日", "--06-01/--09-30", "period", "pattern") in {one[:4] for one in found}
    hidden = [one for one in found if one[2] in ("person", "phone")]
    assert len(hidden) > 10
    assert {(re.sub(r"\s", "", text).strip("■"), normal) for text, normal, *_ in hidden} == {("", None)}


@pytest.mark.slow
def test_bars_cover_what_is_hidden_in_pictures(night: Path) -> None:
    (box,) = _rows(
        night,
        "SELECT x0, y0, x1, y1, width FROM <entities> e JOIN <documents> d USING (doc_id) "
        "JOIN <pages> p USING (doc_id, page) WHERE e.kind = 'phone'",
    )
    picture = Image.open(night / "pictures" / f"{_FILES[2]}-1.jpg").convert("L")
    scale = picture.width / box[4]
    inside = picture.crop(tuple(round(side * scale) for side in box[:4]))
    assert max(inside.tobytes()) < 40


def test_a_bar_is_black_and_leaves_the_rest() -> None:
    page = Page(1, 100, 50, TextSource.OCR, "ppocr", 0, 0.0, 1.0, (), (), ())
    picture = draw(page, Image.new("RGB", (200, 100), "white"), hidden=[Box(20, 20, 40, 30)])
    assert picture.getpixel((60, 50)) == (0, 0, 0)
    assert picture.getpixel((120, 50)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("label", "value", "found"),
    [
        ("担当者", "長谷部 悠斗", {"長谷部 悠斗"}),
        ("ご担当者", "品質保証 能勢様", {"能勢"}),
        ("応対者", "大槌社長、製造部 古賀部長", {"大槌", "古賀"}),
        ("面談者", "八雲社長、企画の峰岸様", {"八雲", "峰岸"}),
        ("面談者", "呉浜様（事務）", {"呉浜"}),
        ("お客様名", "スミス", {"スミス"}),
        ("お客様名", "株式会社ハヤセ園芸", set()),
        ("送信先", "クレハマ塗装 呉浜様", {"呉浜"}),
        ("お名前", "匿名希望", set()),
        ("同行者", "なし", set()),
        ("天候", "雨", set()),
    ],
)  # fmt: skip
def test_forms_say_who_is_a_person(form: Document, label: str, value: str, found: set[str]) -> None:
    page = form.pages[0]
    field = replace(page.fields[0], name=label, value=value, start=0, end=len(value))
    document = replace(form, text=value, pages=(replace(page, fields=(field,)),))
    people = [one for one in field_entities(document) if one.group is Group.PERSON]
    assert {one.text for one in people} == found
    assert all(value[one.start : one.end] == one.text for one in people)


def test_forms_say_what_leads_to_a_person(form: Document) -> None:
    page = form.pages[0]
    fields = (
        replace(page.fields[0], name="電話番号", value="1234-5678", start=0, end=9, kind=ValueKind.PHONE),
        replace(page.fields[0], name="ご住所", value="港町15", start=10, end=14),
        replace(page.fields[0], name="品名", value="測定器", key="contact", start=15, end=18),
    )
    document = replace(form, pages=(replace(page, fields=fields),))
    assert [one.group for one in field_entities(document)] == [Group.PHONE, Group.ADDRESS, Group.PERSON]


def test_a_seal_names_a_person(form: Document) -> None:
    page = form.pages[0]
    lines = tuple(Line(text, Box(0, 0, 9, 9), 0.9, 0, len(text)) for text in ("村井", "受領", "24.5.9"))
    stamp = replace(page.blocks[0], kind=BlockKind.STAMP, lines=lines)
    document = replace(form, pages=(replace(page, fields=(), blocks=(stamp,)),))
    assert [one.text for one in field_entities(document)] == ["村井"]


def test_what_is_looked_for_and_hidden_decides_what_is_due() -> None:
    rules = (EntityRules(), EntityRules(published=True), EntityRules(hidden=frozenset({Group.PERSON})))
    listed = EntityRules(published=True, listed=(ListedName(Group.PRODUCT, "測定器"),))
    made = [understanding_fingerprint({}, (), {}, 6, entities=one) for one in (*rules, listed)]
    assert len(set(made)) == len(made)
    assert made[0] == understanding_fingerprint({}, (), {}, 6)


def test_what_is_hidden_once_is_hidden_everywhere() -> None:
    text = "佐藤 花子様へ。花子さんの件、佐藤商事の佐\n藤に電話。"
    person = Entity(0, 5, "佐藤 花子", "佐藤花子", Group.PERSON, "Person")
    hiding = Hiding.of(text, [person, replace(person, group=Group.COUNT)], {Group.PERSON})
    assert hiding.at(text, 0) == "■■ ■■様へ。■■さんの件、■■商事の■\n■に電話。"
    assert hiding.at("花子さん", 8) == "■■さん"
    assert hiding.anywhere("佐藤花子の報告") == "■■■■の報告"
    assert Hiding().anywhere(text) == Hiding().at(text, 0) == text
