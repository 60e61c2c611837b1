"""The table `sources`: what is known of each file, read before a run and written after it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipeline import files
from pipeline.due.inbox_contents import names
from pipeline.due.known import KnownFile, Status, received_day
from pipeline.due.plan import Fingerprints, Plan
from pipeline.due.reasons import Skip
from pipeline.inbox.failures import Failure
from pipeline.inbox.listing import ListedFile, SourceRef
from pipeline.tables.contract import TableName


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """How a file of a run ended that has rows: `dt` is the partition of its first document, `status` DONE or
    PARTIAL, `documents` how many it holds.

    `retryable` says whether a page or step that failed may succeed another time.
    """

    dt: str
    status: Status
    retryable: bool
    documents: int = 1


@dataclass(frozen=True, slots=True)
class Replaced:
    """Whose rows of earlier runs go when those of a run come: those of all documents of the files with the
    `doc_ids`, and in `failures` those of `file_names` too.

    What is staged anew is replaced in any case. `partitions` are those (`dt`) where such rows may lie;
    others are looked up.
    """

    doc_ids: frozenset[str]
    file_names: frozenset[str]
    partitions: frozenset[str]


def read_known(tables: str) -> dict[str, KnownFile]:
    """The files of the table `sources` below the folder or URI `tables`, by name; none where it is not."""
    rows = _rows(files.join(tables, TableName.SOURCES.value))
    return {row["file_name"]: _from_row(row) for row in rows}


def failed_names(tables: str, categories: frozenset[str] = frozenset()) -> frozenset[str]:
    """The names of the files that failed, in whole or in part, by one of `categories`; by any where empty."""
    rows = _rows(files.join(tables, TableName.FAILURES.value), ["file_name", "category"])
    return frozenset(
        row["file_name"]
        for row in rows
        if row["file_name"] and (not categories or row["category"] in categories)
    )


def _rows(table: str, columns: list[str] | None = None) -> list[dict[str, Any]]:
    from deltalake import DeltaTable

    if not DeltaTable.is_deltatable(table):
        return []
    rows: list[dict[str, Any]] = DeltaTable(table).to_pyarrow_table(columns=columns).to_pylist()
    return rows


def to_rows(known: Iterable[KnownFile]) -> list[dict[str, Any]]:
    """Values for the table `sources`, without lineage."""
    return [
        {
            "dt": k.dt,
            "file_name": k.file.name,
            "uri": k.file.uri,
            "size": k.file.size,
            "modified": k.file.modified,
            "status": k.status.value,
            "documents": k.documents,
            **{name: getattr(k, name) for name in _AS_THEY_ARE},
        }
        for k in known
    ]


_AS_THEY_ARE = (
    "doc_id",
    "media",
    "pages",
    "copy_of",
    "reading",
    "understanding",
    "retryable",
    "attempts",
    "first_seen",
    "last_tried",
    "gone_at",
)


def _from_row(row: Mapping[str, Any]) -> KnownFile:
    return KnownFile(
        file=ListedFile(row["uri"], row["file_name"], row["size"], row["modified"]),
        dt=row["dt"],
        status=Status(row["status"]),
        documents=row.get("documents") or 0,  # unknown to earlier contracts
        **{name: row[name] for name in _AS_THEY_ARE},
    )


def replaced(plan: Plan, known: Mapping[str, KnownFile]) -> Replaced:
    """Whose rows the run replaces or takes back, `known` being what was known before it."""
    worked = [*(due.source for due in plan.due), *plan.quarantined]
    doc_ids = {source.doc_id for source in worked}
    doc_ids |= {k.doc_id for k in plan.forgotten if k.is_identified and k.has_rows}
    file_names = {name for source in worked for name in names(source)}
    file_names |= {failure.file.name for failure in plan.failed}
    file_names |= {k.file.name for k in plan.forgotten}
    before = [known[name] for name in file_names if name in known]
    partitions = {dt for k in before for dt in (k.dt, received_day(k.file))}  # failed pages lie in the latter
    return Replaced(frozenset(doc_ids), frozenset(file_names), frozenset(partitions))


def after(
    plan: Plan,
    known: Mapping[str, KnownFile],
    published: Mapping[str, PublishedFile],
    failures: Mapping[str, Failure],
    now: Fingerprints,
    time: datetime.datetime,
) -> list[KnownFile]:
    """What is known after a run that began at `time`: the files of which something has changed.

    `published` are the files with rows by doc_id, `failures` those without by the name of the file that
    stands for them; each file that was due is in one of them, else KeyError. They have been worked on
    with `now`. Files that could not be identified or are quarantined are taken from the plan.
    """
    ledger = _Ledger(known, now, time)
    new: dict[str, KnownFile] = {}
    for name, skip in plan.skipped.items():
        new[name] = ledger.passed_over(plan.listed[name], plan.sources.get(name), skip)
    for gone in plan.forgotten:
        name = gone.file.name
        if name not in plan.listed:
            new[name] = replace(gone, status=Status.GONE, gone_at=time)
        elif name in plan.skipped:
            new[name] = ledger.waiting(plan.sources[name])
    for due in plan.due:
        new |= ledger.tried(plan, due.source, _end(due.source, published, failures))
    for source in plan.quarantined:
        new |= ledger.tried(plan, source, _End(received_day(source.file), Status.QUARANTINED))
    for failure in plan.failed:
        source = SourceRef(failure.file, failure.doc_id, "", 0, 0, 0)
        new |= ledger.tried(plan, source, _failed(failure))
    return [one for name, one in new.items() if one != known.get(name)]


@dataclass(frozen=True, slots=True)
class _End:
    """How a document ended, with rows or without."""

    dt: str
    status: Status
    retryable: bool = False
    documents: int = 0

    @property
    def is_good(self) -> bool:
        """Nothing is left that another try may help."""
        return self.status is Status.DONE or (self.status is Status.PARTIAL and not self.retryable)


def _end(source: SourceRef, published: Mapping[str, PublishedFile], failures: Mapping[str, Failure]) -> _End:
    shown = published.get(source.doc_id)
    if shown is None:
        return _failed(failures[source.file.name])
    return _End(shown.dt, shown.status, shown.retryable, shown.documents)


def _failed(failure: Failure) -> _End:
    return _End(received_day(failure.file), Status.FAILED, failure.retryable)


class _Ledger:
    """Makes the new entries from what was `known` before the run."""

    def __init__(self, known: Mapping[str, KnownFile], now: Fingerprints, time: datetime.datetime) -> None:
        self._known = known
        self._now = now
        self._time = time
        self._shown = {k.doc_id: k for k in known.values() if k.has_rows and k.is_identified}

    def tried(self, plan: Plan, source: SourceRef, end: _End) -> dict[str, KnownFile]:
        """The files of a document that was worked on."""
        before = self._shown.get(source.doc_id) or self._known.get(source.file.name)
        alike = before and (before.doc_id, before.reading) == (source.doc_id, self._now.reading)
        earlier = before.attempts if before and alike else 0
        entry = KnownFile(
            file=source.file,
            doc_id=source.doc_id,
            media=source.media,
            pages=source.pages,
            copy_of="",
            status=end.status,
            dt=end.dt,
            reading=self._now.reading,
            understanding=self._now.understanding,
            retryable=end.retryable,
            attempts=0 if end.is_good else earlier + 1,
            first_seen=self._time,
            last_tried=self._time,
            documents=end.documents,
        )
        return {
            name: replace(
                entry,
                file=plan.listed[name],
                copy_of="" if name == source.file.name else source.file.name,
                first_seen=self._first_seen(name),
            )
            for name in names(source)
        }

    def passed_over(self, file: ListedFile, source: SourceRef | None, skip: Skip) -> KnownFile:
        """A listed file that was not worked on: it may have another date, or be seen for the first time."""
        before = self._known.get(file.name)
        if before is None or not before.has_rows:
            assert source is not None, "only files that are known to have failed are passed over unidentified"
            return self.waiting(replace(source, file=file))
        same = skip is Skip.FAILED_FOR_GOOD if source is None else before.doc_id == source.doc_id
        return replace(before, file=file) if same else before

    def waiting(self, source: SourceRef) -> KnownFile:
        """A file whose bytes are known and that the tables do not show."""
        file = source.file
        before = self._known.get(file.name)
        if before and before.status is Status.WAITING and before.doc_id == source.doc_id:
            return replace(before, file=file)
        return KnownFile(
            file=file,
            doc_id=source.doc_id,
            media=source.media,
            pages=source.pages,
            copy_of="",
            status=Status.WAITING,
            dt=received_day(file),
            reading="",
            understanding="",
            retryable=False,
            attempts=0,
            first_seen=self._first_seen(file.name),
            last_tried=self._time,
        )

    def _first_seen(self, name: str) -> datetime.datetime:
        return self._known[name].first_seen if name in self._known else self._time
