"""`yomitori init`: a folder in, an application to start from out."""

from __future__ import annotations

import re
from pathlib import Path

from rich.console import Console

from nlu.application.application import SETTINGS_FILE
from pipeline.commands.output_folder import make_output_folder
from pipeline.errors import CommandError

TEMPLATE = Path(__file__).parent / "template"

_NEXT = """\
次にすること:
  1. {folder}/app.toml の routing に、読む文書の題名を書く
  2. {folder}/labels.csv を表計算ソフトで開き、分類を書く
  3. yomitori train {folder} -o {folder}/model              分類表だけからモデルを作る
  4. yomitori run 受信フォルダ 出力フォルダ --app {folder}
注釈を付けたら:
  yomitori train {folder} --train {folder}/train.jsonl -o {folder}/model
  yomitori evaluate {folder}/model {folder}/test.jsonl -o 報告"""


def init_application(folder: Path, console: Console) -> None:
    """Writes the template of an application into a new or empty folder, under the folder's name where that
    can be an application's. Raises CommandError."""
    make_output_folder(folder)
    if held := sorted(path.name for path in folder.iterdir()):
        raise CommandError(
            f"{folder} には別のもの（{held[0]} など）が入っています。"
            "まだないフォルダか、空のフォルダを指定してください。"
        )
    for file in sorted(TEMPLATE.iterdir()):
        (folder / file.name).write_bytes(file.read_bytes())
    settings = folder / SETTINGS_FILE
    settings.write_text(settings.read_text("utf-8").replace('"NAME"', f'"{_name(folder)}"'), "utf-8")
    console.print(_NEXT.format(folder=folder), markup=False, highlight=False, soft_wrap=True)


def _name(folder: Path) -> str:
    name = folder.resolve().name.lower()
    return name if re.fullmatch(r"[a-z0-9][a-z0-9-]*", name) else "my-application"
