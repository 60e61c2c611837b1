"""`yomitori plan`: what a run would do, how long it would take and what it would cost; writes nothing."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from dataclasses import asdict, replace
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable

from pipeline.due.estimate import Estimate, Work, estimate, read_rates
from pipeline.due.plan import Plan
from pipeline.due.reasons import LEFT_OUT, REASONS, SKIPS, Skip
from pipeline.inbox.listing import refuse_overlap
from pipeline.machines.runners import RunnerChoice
from pipeline.night.prepare import look
from pipeline.night.resolve import RunRequest, resolve

_SHOWN_NAMES = 20


def plan_night(request: RunRequest, price: float | None) -> tuple[Plan, Estimate]:
    """Looks at the inbox with processes of this machine and plans a run; `price` is that of a CPU-hour.

    What has to be written aside lies in a temporary folder. Raises CommandError.
    """
    refuse_overlap(request.inbox, request.out)
    settings = resolve(request)
    here = RunnerChoice(workers=min(request.runner.workers, os.cpu_count() or 1))
    with tempfile.TemporaryDirectory(prefix="yomitori-plan-") as scratch:
        night = look(request, settings, here, scratch)
    estimated = estimate(night.plan.due, read_rates(settings.tables), request.runner.workers, price)
    return night.plan, replace(estimated, left_out=night.left_out)


def show_plan(planned: Plan, estimated: Estimate, console: Console) -> None:
    """Prints what is due by reason, what is passed over, what is gone, and what the figures rest on."""
    console.print(_due_table(estimated))
    rates = estimated.rates
    console.print(
        f"見積もりの根拠: 1ページ {rates.page:.2f} CPU秒（{_basis(rates.page_runs)}）、"
        f"1文書 {rates.document:.2f} CPU秒（{_basis(rates.document_runs)}）、ワーカー {estimated.workers}",
        highlight=False,
        soft_wrap=True,
    )
    for skip, count in _skips(planned).items():
        console.print(f"{SKIPS[skip]}: {count} ファイル", highlight=False)
    if estimated.left_out:
        console.print(f"{LEFT_OUT}: {estimated.left_out} 件", highlight=False)
    _names(console, "受信フォルダからなくなったファイル", gone_names(planned))
    _names(console, "今回から隔離する文書", [source.file.name for source in planned.quarantined])
    _names(
        console,
        "確認できないファイル",
        [f"{failure.file.name}: {failure.message}" for failure in planned.failed],
    )
    if not (planned.due or planned.failed or planned.forgotten or planned.quarantined):
        console.print("処理するものはありません。")


def plan_json(planned: Plan, estimated: Estimate) -> str:
    """The same as JSON; minutes are elapsed time, costs in the currency of the price, null without one."""
    content = {
        "listed": len(planned.listed),
        "total": _figures(estimated.total, estimated),
        "by_reason": {
            reason.value: _figures(work, estimated) for reason, work in estimated.by_reason.items()
        },
        "left_out": estimated.left_out,
        "skipped": {skip.value: count for skip, count in _skips(planned).items()},
        "gone": gone_names(planned),
        "quarantined": [source.file.name for source in planned.quarantined],
        "failed": [
            {"file": failure.file.name, "category": failure.category, "message": failure.message}
            for failure in planned.failed
        ],
        "workers": estimated.workers,
        "price": estimated.price,
        "rates": asdict(estimated.rates),
    }
    return json.dumps(content, ensure_ascii=False, indent=1)


def gone_names(planned: Plan) -> list[str]:
    """Files that a run would note as gone from the inbox."""
    return sorted(known.file.name for known in planned.forgotten if known.file.name not in planned.listed)


def _skips(planned: Plan) -> dict[Skip, int]:
    counted = Counter(planned.skipped.values())
    return {skip: counted[skip] for skip in Skip if counted[skip]}


def _figures(work: Work, estimated: Estimate) -> dict[str, Any]:
    cost = estimated.cost(work)
    return {
        **asdict(work),
        "minutes": round(estimated.minutes(work), 2),
        "cost": None if cost is None else round(cost, 4),
    }


def _due_table(estimated: Estimate) -> RichTable:
    shown = RichTable(title="処理する文書", title_justify="left", show_footer=True)
    total = _cells(estimated.total, estimated)
    shown.add_column("理由", footer="合計")
    for name, footer in zip(("文書", "読むページ", "保存済みのページ", "分", "費用"), total, strict=True):
        shown.add_column(name, justify="right", footer=footer)
    for reason, work in estimated.by_reason.items():
        shown.add_row(REASONS[reason], *_cells(work, estimated))
    return shown


def _cells(work: Work, estimated: Estimate) -> list[str]:
    cost = estimated.cost(work)
    return [
        f"{work.documents:,}",
        f"{work.pages_read:,}",
        f"{work.pages_kept:,}",
        f"{estimated.minutes(work):,.1f}",
        "-" if cost is None else f"{cost:,.2f}",
    ]


def _basis(runs: int) -> str:
    return f"直近 {runs} 回の中央値" if runs else "既定値: 実測した実行がまだありません"


def _names(console: Console, title: str, names: list[str]) -> None:
    if not names:
        return
    console.print(f"{title}: {len(names)} 件", highlight=False)
    for name in names[:_SHOWN_NAMES]:
        console.print(f"  {name}", markup=False, highlight=False, soft_wrap=True)
    if len(names) > _SHOWN_NAMES:
        console.print(f"  ほか {len(names) - _SHOWN_NAMES} 件", highlight=False)
