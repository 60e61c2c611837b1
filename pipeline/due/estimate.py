"""What a plan will take: pages, minutes and money, at the rates that earlier runs were measured at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from pipeline import files
from pipeline.due.plan import Due
from pipeline.due.reasons import Reason
from pipeline.inbox.failures import Stage
from pipeline.tables.contract import TableName

_RUNS = 28  # four weeks of nights: enough to even out, few enough to follow a new machine
_COLUMNS = (
    "started_at",
    "documents",
    "pages_read",
    "workers",
    "wall_seconds",
    "cpu_seconds",
    "stage_seconds",
)
_LEAST_BUSY = 0.05  # a night of three documents is all start-up, and says nothing about a thousand


@dataclass(frozen=True, slots=True)
class Rates:
    """CPU seconds to read a page and to understand a document, and the share of the workers' time that is
    CPU time, 0-1. `page_runs` and `document_runs` are the runs they were measured in; where these are 0 the
    rate is a rule of thumb.
    """

    page: float = 1.1
    document: float = 0.2
    busy: float = 0.9
    page_runs: int = 0
    document_runs: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """`pages_read` at most: pages of a document that failed in part may be kept all the same."""

    documents: int = 0
    pages_read: int = 0
    pages_kept: int = 0

    def __add__(self, other: Work) -> Work:
        return Work(
            self.documents + other.documents,
            self.pages_read + other.pages_read,
            self.pages_kept + other.pages_kept,
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """`by_reason` holds the reasons that occur; `price` is that of a CPU-hour in any currency, or None;
    `left_out` counts what lies in the inbox and is no part of it."""

    by_reason: Mapping[Reason, Work]
    workers: int
    price: float | None = None
    rates: Rates = field(default_factory=Rates)
    left_out: int = 0

    @property
    def total(self) -> Work:
        return sum(self.by_reason.values(), Work())

    def minutes(self, work: Work) -> float:
        """From beginning to end, with all workers."""
        return self._paid_seconds(work) / self.workers / 60

    def cost(self, work: Work) -> float | None:
        """Of the workers' whole time, idle or not, in the currency of the price."""
        return None if self.price is None else self._paid_seconds(work) / 3600 * self.price

    def _paid_seconds(self, work: Work) -> float:
        rates = self.rates
        return (work.pages_read * rates.page + work.documents * rates.document) / rates.busy


def estimate(due: Iterable[Due], rates: Rates, workers: int, price: float | None = None) -> Estimate:
    """What the documents take; `workers` are processes on a core each."""
    by_reason: dict[Reason, Work] = {}
    for one in due:
        pages = one.source.pages
        work = Work(1, pages, 0) if one.is_read_again else Work(1, 0, pages)
        by_reason[one.reason] = by_reason.get(one.reason, Work()) + work
    in_order = {reason: by_reason[reason] for reason in Reason if reason in by_reason}
    return Estimate(in_order, workers, price, rates)


def measured_rates(runs: Sequence[Mapping[str, Any]]) -> Rates:
    """The medians over rows of the table `runs` that did work, the latest last.

    A run's CPU seconds are shared out by the seconds that its stages took.
    """
    pages: list[float] = []
    documents: list[float] = []
    busy: list[float] = []
    worked = [run for run in runs if run["documents"] and run["cpu_seconds"] and run["stage_seconds"]]
    for run in worked[-_RUNS:]:
        seconds = dict(run["stage_seconds"])
        whole = sum(seconds.values())
        if not whole:
            continue
        reading = seconds.get(Stage.DIGITIZE, 0.0) / whole
        if run["pages_read"]:
            pages.append(run["cpu_seconds"] * reading / run["pages_read"])
        if reading < 1:
            documents.append(run["cpu_seconds"] * (1 - reading) / run["documents"])
        if run["wall_seconds"]:
            share = run["cpu_seconds"] / (run["wall_seconds"] * run["workers"])
            busy.append(min(1.0, max(_LEAST_BUSY, share)))
    usual = Rates()
    return Rates(
        page=median(pages) if pages else usual.page,
        document=median(documents) if documents else usual.document,
        busy=median(busy) if busy else usual.busy,
        page_runs=len(pages),
        document_runs=len(documents),
    )


def read_rates(tables: str) -> Rates:
    """The rates of the runs that are on record below the folder or URI `tables`."""
    from deltalake import DeltaTable

    path = files.join(tables, TableName.RUNS.value)
    if not DeltaTable.is_deltatable(path):
        return Rates()
    table = DeltaTable(path)
    if not set(_COLUMNS) <= {column.name for column in table.schema().fields}:
        return Rates()  # written under an earlier contract, which did not measure
    rows = table.to_pyarrow_table(columns=list(_COLUMNS)).sort_by("started_at").to_pylist()
    return measured_rates(rows)
