"""`yomitori export`: the published tables as a workbook or CSV."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from pathlib import Path

from pipeline import files
from pipeline.errors import CommandError
from pipeline.run_settings import PICTURES
from pipeline.spreadsheets.exported_tables import ExportChoice, PublishedTables, read_tables
from pipeline.spreadsheets.sheets import application_sheet, failure_sheet, other_sheet
from pipeline.spreadsheets.written_workbook import to_csv, to_workbook

ENDINGS = (".xlsx", ".csv")


def export(out: str, file: Path, choice: ExportChoice) -> tuple[Path, ...]:
    """Writes the chosen documents to `file`, and returns what was written: a workbook, or a CSV for each
    application (`FILE-NAME.csv` where there are several). Raises CommandError."""
    if file.suffix.lower() not in ENDINGS:
        raise CommandError(
            f"{file} の形式がわかりません。-o に .xlsx か .csv で終わる名前を指定してください。"
        )
    tables = read_tables(out, choice)
    asked = choice.applications or tuple(tables.applications)
    links = _picture_links(out, file)
    sheets = [application_sheet(tables, name, links) for name in asked]
    if file.suffix.lower() == ".csv":
        contents = {
            file if len(sheets) == 1 else file.with_stem(f"{file.stem}-{sheet.name}"): to_csv(sheet.rows)
            for sheet in sheets
        }
        if not contents:
            raise CommandError(f"{out} に、アプリケーションが読んだ文書がありません。期間を広げてください。")
    else:
        if not choice.applications:
            sheets = [*sheets, other_sheet(tables, links), failure_sheet(tables)]
        contents = {file: to_workbook(sheets, _about(out, tables, choice))}
    for path, data in contents.items():
        _write(path, data)
    return tuple(contents)


def _about(out: str, tables: PublishedTables, choice: ExportChoice) -> list[tuple[str, str]]:
    """What was exported, for whoever opens the file."""
    return [
        ("出力フォルダ", out),
        ("実行（run_id）", tables.run_id),
        ("書き出した日時", datetime.datetime.now().astimezone().isoformat(" ", "seconds")),
        ("アプリケーション", "、".join(choice.applications) or "すべて"),
        (
            "期間",
            f"{choice.first or '最初'} ～ {choice.last or '最後'}（文書の日付。日付のない文書は届いた日）",
        ),
        ("並び順", "文書の日付、ファイル名の順"),
        ("文書の数", f"{len(tables.documents):,}"),
    ]


def _picture_links(out: str, file: Path) -> Callable[[str, int], str]:
    """Gives the way from `file` to the picture of a page, empty where the night drew none."""
    from pipeline.steps.draw_pictures import picture_file

    folder = Path(out, PICTURES).absolute()

    def link(name: str, page: int) -> str:
        picture = folder / picture_file(name, page)
        return os.path.relpath(picture, file.absolute().parent) if picture.is_file() else ""

    return link


def _write(path: Path, data: bytes) -> None:
    try:
        files.write_whole(str(path), data)
    except OSError as error:
        raise CommandError(
            f"{path} に書けません（{error.strerror}）。"
            "開いていれば閉じ、場所と書き込み権限を確かめてください。"
        ) from error
