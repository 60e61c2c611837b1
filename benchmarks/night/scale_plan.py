"""A million pages a night, worked out from what was measured."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

PAGES = 1_000_000


@dataclass(frozen=True, slots=True)
class CpuRates:
    """CPU seconds: of the workers for a scan and for a page with a text layer, of the one submitter for any
    page; `digitize_share` is the share of digitizing in the stages' seconds over scans."""

    scan: float
    text_layer: float
    submitter: float
    digitize_share: float


@dataclass(frozen=True, slots=True)
class NightStep:
    """`hours` of one CPU that the step takes over a night's pages; `spreads` over any number of workers."""

    name: str
    hours: float
    spreads: bool


def steps(rates: CpuRates, pages: int, scanned_share: float) -> list[NightStep]:
    """What a night of so many pages is made of, most CPU hours first."""
    scans = pages * scanned_share
    scanning = scans * rates.scan / 3600
    found = [
        NightStep("digitize scans", scanning * rates.digitize_share, True),
        NightStep("understand scans", scanning * (1 - rates.digitize_share), True),
        NightStep("text layers, both", (pages - scans) * rates.text_layer / 3600, True),
        NightStep("submitter (one process)", pages * rates.submitter / 3600, False),
    ]
    return sorted(found, key=lambda step: -step.hours)


def workers_needed(planned: list[NightStep], hours: float) -> int:
    """Workers that get what spreads done in `hours`."""
    return math.ceil(sum(step.hours for step in planned if step.spreads) / hours)


def read_rates(results: Path) -> CpuRates | None:
    """From the latest measurements; None where those of OCR or of memory are not there."""
    if not results.exists():
        return None
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    latest = {(row["part"], row.get("documents"), row["workers"]): row for row in rows}
    scans = [row for key, row in latest.items() if key[0] == "ocr"]
    layers = sorted((r for k, r in latest.items() if k[0] == "memory"), key=lambda r: r["documents"])
    if not scans or len(layers) < 2:
        return None
    few, many = layers[0], layers[-1]
    pages = many["documents"] - few["documents"]
    submitter = max(0.0, (many["submitter_cpu_s"] - few["submitter_cpu_s"]) / pages)
    row = max(scans, key=lambda row: (row["workers"], row["documents"]))
    seconds = row["digitize_s"] + row["understand_s"]
    return CpuRates(
        scan=row["cpu_s_a_page_without_start"] - submitter,
        text_layer=(many["cpu_s"] - few["cpu_s"]) / pages - submitter,
        submitter=submitter,
        digitize_share=row["digitize_s"] / seconds if seconds else 1.0,
    )


def plan(results: Path, scanned_share: float, hours: float, price: float, console: Console) -> None:
    """Prints workers, hours, cost, and the step that binds."""
    rates = read_rates(results)
    if rates is None:
        console.print("no plan: measure ocr, and memory at two sizes, first")
        return
    planned = steps(rates, PAGES, scanned_share)
    workers = workers_needed(planned, hours)
    alone = sum(step.hours for step in planned if not step.spreads)
    table = Table(title=f"{PAGES:,} pages a night, {scanned_share:.0%} of them scans", title_justify="left")
    for column in ("step", "CPU h", "share", f"wall h at {workers} workers", "cost"):
        table.add_column(column, justify="right")
    total = sum(step.hours for step in planned)
    for step in planned:
        wall = step.hours / workers if step.spreads else step.hours
        table.add_row(
            step.name,
            f"{step.hours:.1f}",
            f"{step.hours / total:.0%}",
            f"{wall:.2f}",
            f"{step.hours * price:.2f}",
        )
    table.add_row(
        "all", f"{total:.1f}", "100%", f"{max((total - alone) / workers, alone):.2f}", f"{total * price:.2f}"
    )
    console.print(table)
    binds = planned[0].name if alone <= hours else "the submitter: share the inbox among several runs"
    console.print(f"{workers} workers, a core each, for {hours:g} h; what binds: {binds}")
