"""What a person sees after a run: a few small tables in Japanese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from pipeline.applications.file_parts import PART_OF_FILE
from pipeline.due.reasons import LEFT_OUT, REASONS, Reason
from pipeline.reporting.facts import FailureFacts, Findings, RunFacts


def show(facts: RunFacts, console: Console, *, quoting: bool = False) -> None:
    """Prints counts by kind, accepted labels, failures with their reasons, and where everything lies; where
    `quoting`, the titles of documents that no application reads, too."""
    findings = facts.findings
    if findings.kinds:
        console.print(_kinds(findings))
    if findings.unread_titles and quoting:
        console.print(_unread_titles(findings))
    if findings.labels:
        console.print(_labels(findings))
    if findings.failures:
        console.print(_failures(findings))
    for line in _lines(facts):
        console.print(line, soft_wrap=True, highlight=False, markup=False)


def as_text(facts: RunFacts) -> str:
    """What `show` prints and may quote, as plain text of 120 columns."""
    import io

    page = io.StringIO()
    show(facts, Console(file=page, width=120, color_system=None), quoting=True)
    return page.getvalue()


def _lines(facts: RunFacts) -> list[str]:
    row = facts.row
    lines = []
    if "documents" in row:
        lines.append(
            f"一覧 {row['listed']} 件: {_documents(row)}、失敗 {row['failed']} 件、"
            f"同一内容の写し {row['copies']} 件、変更なし {row.get('skipped') or 0} 件、"
            f"次回へ {row.get('waiting') or 0} 件、なくなったもの {row.get('gone') or 0} 件"
            f" ({row.get('wall_seconds') or 0:.0f} 秒)"
        )
    due = "、".join(
        f"{REASONS[Reason(reason)]} {count} 件"
        for reason, count in dict(row.get("due") or {}).items()
        if count
    )
    if due:
        lines.append(f"処理した理由: {due} (読み取ったページ {row.get('pages_read') or 0})")
    if row.get("left_out"):
        lines.append(f"{LEFT_OUT}: {row['left_out']} 件")
    if facts.quarantined:
        lines.append("処理を止めたため隔離した文書 (yomitori retry で再び試します):")
        lines += [f"  {name}" for name in facts.quarantined]
    if facts.verdict.alarms:
        lines.append("ふだんと違う値:")
        lines += [f"  {alarm}" for alarm in facts.verdict.alarms]
    if facts.verdict.not_judged:
        lines.append(f"ふだんとの比較: {facts.verdict.not_judged}行っていません。")
    if facts.message:
        lines.append(facts.message)
    if facts.tables:
        lines.append(f"表: {facts.tables}")
    if facts.pictures:
        lines.append(f"画像: {_pictures(facts)}")
    return lines


def _documents(row: Mapping[str, Any]) -> str:
    """The files with a result, and how many documents they hold where these are more."""
    files, parts = row["documents"], row.get("parts") or row["documents"]
    return f"文書 {files} 件" if parts == files else f"文書 {parts} 件（{files} ファイル）"


def _pictures(facts: RunFacts) -> str:
    """Where the pictures of this run lie: a page is drawn when its document is worked on."""
    if not facts.row.get("documents"):
        return (
            "処理した文書がないため、描いていません。処理済みの文書の画像は、"
            "別の出力先へ --pictures を付けて実行すると描けます。"
        )
    return f"{facts.pictures}（今回処理した文書）" if facts.row.get("skipped") else facts.pictures


def _kinds(findings: Findings) -> RichTable:
    shown = RichTable(title="読み取った文書", title_justify="left")
    shown.add_column("種別")
    for name in ("文書", "ページ", "読めないページ", "平均確信度"):
        shown.add_column(name, justify="right")
    for kind in findings.kinds:
        confidence = "" if kind.confidence is None else f"{kind.confidence:.3f}"
        shown.add_row(kind.kind, f"{kind.documents}", f"{kind.pages}", f"{kind.pages_failed}", confidence)
    return shown


def _unread_titles(findings: Findings) -> RichTable:
    shown = RichTable(title="どのアプリケーションも読まない文書", title_justify="left")
    shown.add_column("題名", min_width=30)
    shown.add_column("文書", justify="right")
    for title in findings.unread_titles:
        shown.add_row(Text(title.title), f"{title.documents}")
    return shown


def _labels(findings: Findings) -> RichTable:
    shown = RichTable(title="分類の結果", title_justify="left")
    for name in ("アプリケーション", "大分類", "中分類", "小分類"):
        shown.add_column(name)
    for name in ("文書", "要確認", "平均スコア"):
        shown.add_column(name, justify="right")
    for label in findings.labels:
        score = "" if label.score is None else f"{label.score:.1f}"
        path = (label.application, label.major, label.middle, label.minor)
        shown.add_row(*path, f"{label.documents}", f"{label.review}" if label.review else "", score)
    if findings.in_review:
        shown.caption = (
            f"要確認 {findings.in_review} 文書: "
            "採用も除外もしなかったラベルがあります（predictions の review）。"
        )
    return shown


def _pages(failure: FailureFacts) -> str:
    """The page that failed, or those of a document that is a part of its file."""
    if failure.page is not None:
        return f"{failure.page}"
    part = PART_OF_FILE.search(failure.doc_id)
    return f"{part[1]}-{part[2]}" if part else ""


def _failures(findings: Findings) -> RichTable:
    shown = RichTable(title="読めなかったもの", title_justify="left")
    for name in ("ファイル", "ページ", "分類", "理由"):
        shown.add_column(name, overflow="fold")
    for failure in findings.failures:
        shown.add_row(Text(failure.file), _pages(failure), failure.category, failure.message)
    hidden = findings.failures_in_all - len(findings.failures)
    if hidden:
        shown.caption = f"ほか {hidden} 件は failures 表にあります。"
    return shown
