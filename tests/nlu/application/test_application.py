"""An application folder read back, and the Japanese messages about a broken one."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from nlu.application.application import Application
from nlu.application.settings import ClassificationTask, ScoreTask
from nlu.errors import ApplicationError, LabelSheetError

SHEET = "大分類,中分類,小分類,定義,キーワード\nニーズ,契約,契約内,,\n,,契約外,,\nその他,その他,その他,,\n"
SETTINGS = """
name = "call-log"
title = "入電記録のニーズ分類"

[routing]
kinds = { "call-log" = ["入電記録", "電話受付票"], "voc" = ["お客様の声"] }

[[tasks]]
name = "needs"
type = "classification"
labels = "labels.csv"
other = "その他"
evidence = true
aim = { recall = 0.8 }

[[tasks]]
name = "urgency"
type = "score"
minimum = 0
maximum = 4

[fields]
received_at = ["受付日時", "受 電 日 時"]
phone = ["電話番号"]

[selection]
max_tokens = 128

[training]
epochs = 3
"""


def _folder(folder: Path, settings: str) -> Path:
    (folder / "app.toml").write_text(settings, encoding="utf-8")
    (folder / "labels.csv").write_text(SHEET, encoding="utf-8-sig")
    return folder


def test_an_application_is_read_saved_and_read_again(tmp_path: Path) -> None:
    application = Application.load(_folder(tmp_path, SETTINGS))

    needs, urgency = application.settings.tasks
    assert isinstance(needs, ClassificationTask)
    assert isinstance(urgency, ScoreTask)
    assert (needs.other, needs.multi_label, needs.evidence, needs.aim.recall) == (
        "その他",
        False,
        True,
        0.8,
    )
    assert application.sheets["needs"].names == ("契約内", "契約外", "その他")
    assert application.routing["call-log"] == ("入電記録", "電話受付票")
    assert application.fields == {"received_at": ("受付日時", "受 電 日 時"), "phone": ("電話番号",)}
    assert application.split is None
    assert application.settings.encoder == "bundled"
    assert (application.settings.selection.max_tokens, application.settings.training.epochs) == (128, 3)

    copy = tmp_path / "copy"
    copy.mkdir()
    application.save(copy)
    assert Application.load(copy) == application
    assert pickle.loads(pickle.dumps(application)) == application


@pytest.mark.parametrize("split", ["auto", "never", "pages"])
def test_an_application_may_say_how_files_are_parted(tmp_path: Path, split: str) -> None:
    text = SETTINGS.replace("[routing]", f'[routing]\nsplit = "{split}"')
    assert Application.load(_folder(tmp_path, text)).split == split


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("epochs = 3", "epoch = 3", ["「training.epoch」", "使えません"]),
        ("epochs = 3", "epochs = -1", ["「training.epochs」", "0 以上"]),
        ('title = "入電記録のニーズ分類"\n', "", ["「title」がありません"]),
        ('type = "score"', 'type = "points"', ["tasks[2]", "classification・score・span"]),
        ("maximum = 4", "maximum = 0", ["tasks[2]", "minimum は maximum より小さく"]),
        ("minimum = 0", 'minimum = "低"', ["「tasks[2].minimum」は数に"]),
        ("recall = 0.8", "recall = 1.5", ["「tasks[1].aim.recall」は 1.0 以下"]),
        ('name = "urgency"', 'name = "needs"', ["「needs」が重なって"]),
        ('other = "その他"', 'other = "無し"', ["other「無し」は labels.csv の小分類にありません"]),
        ('labels = "labels.csv"', 'labels = "../labels.csv"', ["フォルダの中のファイル名だけ"]),
        ('name = "call-log"', 'name = "入電"', ["「name」は半角"]),
        ("phone = [", "電話 = [", ["TOML として読めません"]),
        ("phone = [", "Phone = [", ["fields", "列名「Phone」は半角の英小文字"]),
        ('["電話番号"]', '"電話番号"', ["「fields.phone」は並び"]),
        ('["電話番号"]', "[]", ["列「phone」に帳票の項目名がありません"]),
        ('["電話番号"]', '["　"]', ["列「phone」に空の項目名"]),
        ('["電話番号"]', '["受電　日時"]', ["「受電　日時」が列「received_at」と「phone」に重なって"]),
        ("[routing]", '[routing]\nsplit = "always"', ["「routing.split」は", "'never'", "のどれか"]),
        ("[training]", "[training", ["TOML として読めません"]),
        ('["お客様の声"] }', '["　"] }', ["routing", "種別「voc」に空の表題"]),
        ('["お客様の声"] }', '["お客様の声"] }\nfiles = ["*声*"]', ["種別が複数あるとき", "種別ごとに"]),
        ('["お客様の声"] }', '["お客様の声"] }\nfiles = { voc = [""] }', ["種別「voc」", "空のパターン"]),
        ('["お客様の声"] }', '["お客様の声"] }\nfiles = { voc = ["a\\\\b"] }', ["区切りに /"]),
        ("[fields]", '[documents]\ndate = ["　"]\n[fields]', ["documents.date", "空のもの"]),
        ("[fields]", '[documents]\ndate = ["日付", "日 付"]\n[fields]', ["「日付」が重なって"]),
        ("[fields]", '[documents]\ndate = "日付"\n[fields]', ["「documents.date」は並び"]),
    ],
)
def test_a_broken_app_toml_names_the_key(tmp_path: Path, right: str, wrong: str, told: list[str]) -> None:
    assert right in SETTINGS
    with pytest.raises(ApplicationError) as caught:
        Application.load(_folder(tmp_path, SETTINGS.replace(right, wrong, 1)))
    for part in told:
        assert part in str(caught.value)


INVOICES = """
name = "invoice"
title = "請求書の項目"

[routing]
kinds = { "invoice" = ["請求書"] }
files = ["経理部/**"]

[fields]
billed_on = ["請求日"]

[documents]
date = ["billed_on", "納品日"]
"""


def test_an_application_without_a_task_names_documents_dates_and_fields(tmp_path: Path) -> None:
    (tmp_path / "app.toml").write_text(INVOICES, encoding="utf-8")
    application = Application.load(tmp_path)
    assert application.settings.tasks == ()
    assert (application.routing, application.file_patterns) == (
        {"invoice": ("請求書",)},
        {"invoice": ("経理部/**",)},
    )
    assert application.date_fields == ("billed_on", "納品日")
    with pytest.raises(ApplicationError, match="学習は不要です"):
        Application.load(tmp_path, to_learn=True)


def test_files_alone_tell_a_kind_of_the_name_of_the_application(tmp_path: Path) -> None:
    settings = 'name = "invoice"\ntitle = "請求書"\n[routing]\nfiles = ["経理部/**"]\n'
    (tmp_path / "app.toml").write_text(settings, encoding="utf-8")
    assert Application.load(tmp_path).file_patterns == {"invoice": ("経理部/**",)}


def test_an_application_that_does_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app.toml").write_text('name = "invoice"\ntitle = "請求書"\n', encoding="utf-8")
    with pytest.raises(ApplicationError, match="tasks も routing もありません"):
        Application.load(tmp_path)


def test_missing_files_are_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ApplicationError, match=r"app\.toml"):
        Application.load(tmp_path)
    folder = _folder(tmp_path, SETTINGS)
    (folder / "labels.csv").unlink()
    with pytest.raises(LabelSheetError, match=r"labels\.csv"):
        Application.load(folder)
