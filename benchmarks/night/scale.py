"""What a run costs as it grows: rate, CPU, memory, a long PDF, unchanged nights; a million pages from that.

python -m benchmarks.night.scale [--only ocr cpu memory long again plan] [--documents N…] [--workers 1 2]
    [--json FILE] [--scanned-share 0.8] [--hours 8] [--price 0.05]

Each measurement runs `yomitori run` into a fresh folder, with both sample applications. Figures are appended
to the JSON file as lines; `plan` works from the latest of them. `--documents` takes the place of a part's own
sizes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from benchmarks.night.process_tree import Cost, measure
from benchmarks.night.scale_inbox import Kind, make_inbox, make_long_pdf
from benchmarks.night.scale_plan import plan
from fixtures.truth_file import FIXTURES
from pipeline.exit_codes import ExitCode

APPLICATIONS = tuple(FIXTURES / "apps" / name for name in ("call-log", "daily-report"))
RESULTS = Path(__file__).parents[1] / "results" / "scale.jsonl"
_FEW = 4
"""Documents of the short run whose cost is taken off a longer one's: what starting up costs."""
_LONG_PAGES, _SCANNED_EVERY = 500, 25
_CHEAP_ABOVE = 1_000
_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """A run, and what it wrote of itself into `runs` (empty where nothing was due)."""

    cost: Cost
    row: _Row

    @property
    def figures(self) -> _Row:
        return {
            "wall_s": round(self.cost.wall_seconds, 2),
            "cpu_s": round(self.cost.cpu_seconds, 2),
            "peak_mib": round(self.cost.peak_mib),
            "submitter_cpu_s": round(self.cost.submitter.cpu_seconds, 2),
            "submitter_peak_mib": round(self.cost.submitter.peak_mib),
        }


class Bench:
    """Runs the command in a scratch folder of its own."""

    def __init__(self, scratch: Path, documents: Sequence[int], workers: Sequence[int]) -> None:
        self.scratch, self.documents, self.workers = scratch, documents, workers

    def inbox(self, kind: Kind, documents: int) -> Path:
        return make_inbox(Path(tempfile.mkdtemp(dir=self.scratch)) / "inbox", kind, documents)

    def run(
        self, inbox: Path, workers: int, out: Path | None = None, models: Sequence[Path] = ()
    ) -> Measured:
        """One run that must come to a good end; into a fresh folder where none is named."""
        out = out or Path(tempfile.mkdtemp(dir=self.scratch)) / "out"
        command: list[str | Path] = [Path(sys.executable).with_name("yomitori"), "run", inbox, out]
        command += [part for application in APPLICATIONS for part in ("--app", application)]
        command += [part for model in models for part in ("--model", model)]
        log = self.scratch / "log.txt"
        log.unlink(missing_ok=True)
        # Copies of few documents may be unlike the night before: what is published is not the matter here.
        cost = measure([*command, "--workers", str(workers), "--force-publish"], log)
        if cost.exit_code not in (ExitCode.DONE, ExitCode.NOTHING_TO_DO):
            sys.exit(f"the run ended with {cost.exit_code}:\n{log.read_text()[-2000:]}")
        row = _last_run(out) if cost.exit_code == ExitCode.DONE else {}
        files = sum(path.is_file() for path in inbox.rglob("*"))
        if row and row["documents"] != files:
            sys.exit(f"{row['documents']} of {files} documents were published")
        return Measured(cost, row)

    def alone(self, inbox: Path, processes: int) -> Cost:
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "benchmarks.night.scale_stages",
            inbox,
            *APPLICATIONS,
        ]
        command += ["--processes", str(processes)]
        cost = measure(command, self.scratch / "log.txt")
        if cost.exit_code:
            sys.exit((self.scratch / "log.txt").read_text()[-2000:])
        return cost


def _last_run(out: Path) -> _Row:
    source = f"read_parquet('{out}/tables/runs/dt=*/*.parquet', union_by_name=true)"
    columns = ("documents", "pages", "wall_seconds", "stage_seconds", "peak_mib")
    newest = f"SELECT {', '.join(columns)} FROM {source} ORDER BY started_at DESC LIMIT 1"
    (found,) = duckdb.sql(newest).fetchall()
    return dict(zip(columns, found, strict=True))


def ocr(bench: Bench) -> Iterator[_Row]:
    """Scans only. Rates without start-up are those between a short run and a long one."""
    for documents in bench.documents or (100,):
        short, long = bench.inbox(Kind.SCANS, _FEW), bench.inbox(Kind.SCANS, documents)
        walls: dict[int, tuple[float, float]] = {}
        for workers in bench.workers:
            few, many = bench.run(short, workers), bench.run(long, workers)
            wall = many.cost.wall_seconds - few.cost.wall_seconds
            cpu = many.cost.cpu_seconds - few.cost.cpu_seconds
            walls[workers] = (many.cost.wall_seconds, wall)
            pages = documents - _FEW
            yield (
                {"documents": documents, "workers": workers, **many.figures}
                | {
                    "pages_a_s": round(documents / many.cost.wall_seconds, 3),
                    "pages_a_s_without_start": round(pages / wall, 3),
                    "cpu_s_a_page_without_start": round(cpu / pages, 3),
                    "digitize_s": round(many.row["stage_seconds"].get("digitize", 0), 1),
                    "understand_s": round(many.row["stage_seconds"].get("understand", 0), 1),
                }
                | _speedup(walls, workers)
            )


def _speedup(walls: dict[int, tuple[float, float]], workers: int) -> _Row:
    if workers == 1 or 1 not in walls:
        return {}
    (whole, growing), (one_whole, one_growing) = walls[workers], walls[1]
    return {
        "speedup": round(one_whole / whole, 3),
        "speedup_without_start": round(one_growing / growing, 3),
    }


def cpu(bench: Bench) -> Iterator[_Row]:
    """A run beside its stages alone over the same scans, in one process and in as many as it has workers."""
    for documents in bench.documents or (60,):
        short, long = bench.inbox(Kind.SCANS, _FEW), bench.inbox(Kind.SCANS, documents)
        inboxes = (short, long)
        alone = {
            processes: [bench.alone(inbox, processes).cpu_seconds for inbox in inboxes]
            for processes in sorted({1, *bench.workers})
        }
        for workers in bench.workers:
            run = [bench.run(inbox, workers).cost.cpu_seconds for inbox in inboxes]
            yield (
                {
                    "documents": documents,
                    "workers": workers,
                    "run_cpu_s": round(run[1], 1),
                    "alone_cpu_s": round(alone[1][1], 1),
                    "alone_side_by_side_cpu_s": round(alone[workers][1], 1),
                }
                | _more(run, alone[1], "more")
                | _more(run, alone[workers], "more_than_side_by_side")
            )


def _more(run: Sequence[float], alone: Sequence[float], name: str) -> _Row:
    """How much more a run takes than its stages alone; seconds of few documents and of many."""
    return {
        f"{name}_%": round(100 * (run[1] / alone[1] - 1), 1),
        f"{name}_without_start_%": round(100 * ((run[1] - run[0]) / (alone[1] - alone[0]) - 1), 1),
    }


def memory(bench: Bench) -> Iterator[_Row]:
    """Text layers, so that many documents take minutes."""
    for documents in bench.documents or (100, 1_000):
        inbox = bench.inbox(Kind.TEXT_LAYERS, documents)
        for workers in bench.workers[-1:]:
            measured = bench.run(inbox, workers)
            largest = max((p.peak_mib for p in measured.cost.processes.values() if p.is_worker), default=0.0)
            yield {"documents": documents, "workers": workers, **measured.figures} | {
                "largest_worker_mib": round(largest),
                "cpu_s_a_page": round(measured.cost.cpu_seconds / documents, 3),
            }


def long(bench: Bench) -> Iterator[_Row]:
    """One PDF of 500 pages, every 25th of them a scan; `--documents` are its pages."""
    for pages in bench.documents or (_LONG_PAGES,):
        folder = Path(tempfile.mkdtemp(dir=bench.scratch)) / "inbox"
        make_long_pdf(folder / "合冊.pdf", pages, _SCANNED_EVERY)
        for workers in bench.workers:
            measured = bench.run(folder, workers)
            # The survey's workers come before and have done less; one document is one wave.
            seconds = measured.cost.worker_seconds[:workers]
            yield {"pages": pages, "workers": workers, **measured.figures} | {
                "worker_cpu_s": [round(second, 1) for second in seconds],
                "least_of_most": round(seconds[-1] / seconds[0], 3) if seconds else None,
            }


def again(bench: Bench) -> Iterator[_Row]:
    """A night without changes, then one with a changed model, after a first one.

    Above 1,000 documents all are copies of one page that no application reads, so that the first night is
    cheap; it costs what it costs to list, compare, stage and publish them.
    """
    for documents in bench.documents or (100, 1_000, 10_000):
        kind = Kind.UNROUTED if documents > _CHEAP_ABOVE else Kind.TEXT_LAYERS
        inbox, workers = bench.inbox(kind, documents), bench.workers[-1]
        out = Path(tempfile.mkdtemp(dir=bench.scratch)) / "out"
        for night, models in (
            ("first", ()),
            ("unchanged", ()),
            ("changed model", (_changed(bench.scratch),)),
        ):
            measured = bench.run(inbox, workers, out, models)
            if bool(measured.row) is (night == "unchanged"):
                sys.exit(f"{documents} documents, {night}: ended with {measured.cost.exit_code}")
            yield {"documents": documents, "of": kind.value, "night": night, "workers": workers} | (
                measured.figures
            )


def _changed(scratch: Path) -> Path:
    """The model of the first application, beside it a file that it does not read.

    Its card would not do: that tells of a model and does not make it another one.
    """
    model = Path(tempfile.mkdtemp(dir=scratch)) / "model"
    shutil.copytree(APPLICATIONS[0] / "model", model)
    (model / "changed.txt").write_text("changed\n")
    return model


PARTS: dict[str, Callable[[Bench], Iterator[_Row]]] = {
    "ocr": ocr,
    "cpu": cpu,
    "memory": memory,
    "long": long,
    "again": again,
}


def show(console: Console, part: str, rows: Sequence[_Row]) -> None:
    table = Table(title=f"{part}: {PARTS[part].__doc__.splitlines()[0]}", title_justify="left")
    for column in dict.fromkeys(name for row in rows for name in row):
        table.add_column(column.replace("_", " "), justify="right")
    for row in rows:
        table.add_row(*(str(row.get(column.header.replace(" ", "_"), "")) for column in table.columns))  # type: ignore[union-attr]
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=[*PARTS, "plan"], default=[*PARTS, "plan"])
    parser.add_argument("--documents", nargs="+", type=int, default=())
    parser.add_argument("--workers", nargs="+", type=int, default=(1, 2))
    parser.add_argument("--json", type=Path, default=RESULTS)
    parser.add_argument("--scanned-share", type=float, default=0.8, help="of a million pages")
    parser.add_argument("--hours", type=float, default=8.0, help="of a night")
    parser.add_argument("--price", type=float, default=0.05, help="of a CPU-hour, in any currency")
    arguments = parser.parse_args()
    if min(arguments.documents, default=_FEW + 1) <= _FEW:
        parser.error(f"--documents: more than the {_FEW} of a short run")
    console = Console(width=180)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    for part in (name for name in arguments.only if name in PARTS):
        rows, started = [], time.monotonic()
        with tempfile.TemporaryDirectory() as scratch:
            for row in PARTS[part](Bench(Path(scratch), arguments.documents, arguments.workers)):
                rows.append(row)
                with arguments.json.open("a") as lines:
                    lines.write(json.dumps({"part": part, "cores": os.cpu_count(), **row}) + "\n")
        show(console, part, rows)
        console.print(f"{time.monotonic() - started:.0f} s for this part")
    if "plan" in arguments.only:
        plan(arguments.json, arguments.scanned_share, arguments.hours, arguments.price, console)


if __name__ == "__main__":
    main()
