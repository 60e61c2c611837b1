"""What a person sees after a run: a few small tables in Japanese."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table as RichTable

from pipeline.run import RunReport
from pipeline.tables import Table

_SHOWN_FAILURES = 20


def show(report: RunReport, console: Console) -> None:
    """Prints counts by kind, accepted labels, failures with their reasons, and where everything lies."""
    console.print(_kinds(report))
    if report.tables[Table.PREDICTIONS].num_rows:
        console.print(_labels(report))
    if report.tables[Table.FAILURES].num_rows:
        console.print(_failures(report))
    documents = report.tables[Table.DOCUMENTS].num_rows
    console.print(
        f"一覧 {report.listed} 件: 文書 {documents} 件、失敗 {report.failed} 件、"
        f"同一内容の写し {report.listed - documents - report.failed} 件 ({report.seconds:.0f} 秒)"
    )
    console.print(f"表: {report.settings.tables}", soft_wrap=True)
    if report.settings.pictures:
        console.print(f"画像: {report.settings.picture_folder}", soft_wrap=True)


def _kinds(report: RunReport) -> RichTable:
    documents = report.tables[Table.DOCUMENTS].to_pandas()
    shown = RichTable(title="読み取った文書", title_justify="left")
    shown.add_column("種別")
    for name in ("文書", "ページ", "読めないページ", "平均確信度"):
        shown.add_column(name, justify="right")
    for kind, group in documents.groupby("kind"):
        confidence = group["confidence"].mean()
        shown.add_row(
            str(kind),
            f"{len(group)}",
            f"{group['pages'].sum()}",
            f"{group['pages_failed'].sum()}",
            f"{confidence:.3f}",
        )
    return shown


def _labels(report: RunReport) -> RichTable:
    predictions = report.tables[Table.PREDICTIONS].to_pandas()
    scores = report.tables[Table.SCORES].to_pandas().groupby("doc_id")["value"].mean()
    accepted = predictions[predictions["accepted"]]
    shown = RichTable(title="分類の結果", title_justify="left")
    for name in ("アプリケーション", "大分類", "中分類", "小分類"):
        shown.add_column(name)
    for name in ("文書", "平均スコア"):
        shown.add_column(name, justify="right")
    keys = ["application", "label_major", "label_middle", "label_minor"]
    for key, group in accepted.groupby(keys, sort=True):
        mean = scores.reindex(group["doc_id"]).mean()
        shown.add_row(*map(str, key), f"{len(group)}", f"{mean:.1f}")
    return shown


def _failures(report: RunReport) -> RichTable:
    failures = report.tables[Table.FAILURES].to_pandas()
    shown = RichTable(title="読めなかったもの", title_justify="left")
    for name in ("ファイル", "ページ", "分類", "理由"):
        shown.add_column(name, overflow="fold")
    for row in failures.head(_SHOWN_FAILURES).itertuples():
        page = "" if row.page != row.page else f"{row.page:.0f}"  # pandas reads a missing page as NaN
        shown.add_row(str(row.uri).rsplit("/", 1)[-1], page, str(row.category), str(row.message))
    if len(failures) > _SHOWN_FAILURES:
        shown.caption = f"ほか {len(failures) - _SHOWN_FAILURES} 件は failures 表にあります。"
    return shown
