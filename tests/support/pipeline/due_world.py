"""An inbox that changes, and nights that are planned and noted as a run does, without a page being read."""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace

from pipeline.due.candidates import candidates
from pipeline.due.inbox_contents import Surveyed
from pipeline.due.known import KnownFile, Status
from pipeline.due.ledger import PublishedFile, after, replaced
from pipeline.due.plan import Bounds, Fingerprints, Plan, TryLimits, plan
from pipeline.due.reach import Reach, reach
from pipeline.inbox.failures import Failure, Stage
from pipeline.inbox.listing import ListedFile, Listing, SourceRef, UnreadableFolder

START = datetime.datetime(2024, 4, 12, 15, 0, tzinfo=datetime.UTC)
DAY = 86_400.0
_UNBOUNDED = Bounds()
_LIMITS = TryLimits(attempts=3, strikes=3)

# What a content is, by its first letter.
CORRUPT = "壊"  # cannot be identified
UNREADABLE = "難"  # identified, but no page of it can be read, whatever the attempts
FLAKY = "迷"  # fails twice
KILLER = "殺"  # has killed its worker as often as it may


def doc_id_of(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


@dataclass
class World:
    """`inbox` holds (content, time) by name; `documents` and `failures` are what the tables show. What lies
    below a folder that is `closed` is not seen.
    """

    inbox: dict[str, tuple[str, float]] = field(default_factory=dict)
    locked: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    now: Fingerprints = field(default_factory=lambda: Fingerprints("読1", "解1"))
    known: dict[str, KnownFile] = field(default_factory=dict)
    documents: dict[str, dict[str, object]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)
    worked: Counter[tuple[object, ...]] = field(default_factory=Counter)
    nights: int = 0
    clock: float = START.timestamp()

    def put(self, name: str, content: str, days: float = 0) -> None:
        self.clock += 1
        self.inbox[name] = (content, self.clock + days * DAY)

    def listed(self) -> tuple[ListedFile, ...]:
        return tuple(
            ListedFile(f"/受信/{name}", name, 100 + len(content.encode()) * 1000 + ord(content[-1]), time)
            for name, (content, time) in sorted(self.inbox.items())
            if not any(name.startswith(folder) for folder in self.closed)
        )

    def reach(self) -> Reach:
        """What a run takes for the inbox."""
        closed = [ListedFile(f"/受信/{name}", name, 0, self.clock) for name in sorted(self.closed)]
        folders = tuple(UnreadableFolder(folder, "Permission denied") for folder in closed)
        return reach(Listing(self.listed(), folders), self.known)

    def survey(self, looked_at: tuple[ListedFile, ...]) -> Surveyed:
        sources, failures = {}, {}
        for file in looked_at:
            content = self.inbox[file.name][0]
            if file.name in self.locked:
                failures[file.name] = Failure("", file, Stage.LIST, "unreadable", None, True, "開けません。")
            elif content.startswith(CORRUPT):
                doc_id = doc_id_of(content)
                failures[file.name] = Failure(
                    doc_id, file, Stage.LIST, "corrupt", None, False, "壊れています。"
                )
            else:
                pages = 1 + ord(content[-1]) % 5
                sources[file.name] = SourceRef(file, doc_id_of(content), "pdf", pages, 1, pages)
        return Surveyed(sources, failures)

    def night(self, bounds: Bounds = _UNBOUNDED, limits: TryLimits = _LIMITS) -> tuple[Plan, list[KnownFile]]:
        """Plans and works on one night; what it found out is in the tables and in `known` after it."""
        reached = self.reach()
        bounds = replace(bounds, leave=bounds.leave | reached.documents)
        looked_at = candidates(self.listed(), self.known, self.now, bounds, limits)
        contents = {doc_id_of(content): content for content, _ in self.inbox.values()}
        strikes = {
            doc_id: limits.strikes for doc_id, content in contents.items() if content.startswith(KILLER)
        }
        surveyed = self.survey(looked_at).with_failures(reached.failures)
        planned = plan(reached.files, self.known, surveyed, self.now, bounds, strikes, limits)

        published: dict[str, PublishedFile] = {}
        failures: dict[str, Failure] = {}
        for due in planned.due:
            source, content = due.source, contents[due.source.doc_id]
            self.tries[content] += 1
            flaky = content.startswith(FLAKY) and self.tries[content] <= 2
            if flaky or content.startswith(UNREADABLE):
                failures[source.file.name] = Failure(
                    source.doc_id, source.file, Stage.DIGITIZE, "timeout", None, flaky, "読めません。"
                )
            else:
                dt = f"2024-{1 + ord(content[-1]) % 12:02}-{1 + len(self.now.reading):02}"
                published[source.doc_id] = PublishedFile(dt, Status.DONE, False)
        self._publish(planned, published, failures)
        time = START + datetime.timedelta(days=self.nights)
        written = after(planned, self.known, published, failures, self.now, time)
        self.nights += 1
        self.known |= {k.file.name: k for k in written}
        return planned, written

    def _publish(
        self, planned: Plan, published: dict[str, PublishedFile], failures: dict[str, Failure]
    ) -> None:
        gone = replaced(planned, self.known)
        for doc_id in gone.doc_ids & self.documents.keys():
            assert self.documents.pop(doc_id)["dt"] in gone.partitions
        for name, doc_id in list(self.failures.items()):
            if name in gone.file_names or doc_id in gone.doc_ids:
                assert self.known[name].dt in gone.partitions
                del self.failures[name]
        for due in planned.due:
            source = due.source
            self.worked[due.source, self.now] += 1
            if source.doc_id in published:
                assert source.doc_id not in self.documents
                self.documents[source.doc_id] = {
                    "dt": published[source.doc_id].dt,
                    "names": (source.file.name, *source.copies),
                    "made_with": self.now,
                }
        ended = [*failures.values(), *planned.failed]
        self.failures |= {failure.file.name: failure.doc_id for failure in ended}
        self.failures |= {source.file.name: source.doc_id for source in planned.quarantined}

    def check(self, planned: Plan) -> None:
        """What must hold after every night, however it was bounded."""
        due = [name for one in planned.due for name in (one.source.file.name, *one.source.copies)]
        failed = [failure.file.name for failure in planned.failed]
        assert Counter([*due, *failed, *planned.skipped]) == Counter(dict.fromkeys(planned.listed, 1))

        names = [name for row in self.documents.values() for name in row["names"]]  # type: ignore[attr-defined]
        assert len(names) == len(set(names)), "a name stands for two documents"
        entries = [k for k in self.known.values() if k.status in (Status.DONE, Status.PARTIAL)]
        told = {
            doc_id: (
                next(k.file.name for k in entries if k.doc_id == doc_id and not k.copy_of),
                *sorted(k.file.name for k in entries if k.doc_id == doc_id and k.copy_of),
            )
            for doc_id in {k.doc_id for k in entries}
        }
        assert told == {doc_id: row["names"] for doc_id, row in self.documents.items()}
        assert self.failures == {
            k.file.name: k.doc_id
            for k in self.known.values()
            if k.status in (Status.FAILED, Status.QUARANTINED) and not k.copy_of
        }

    def expected(self) -> dict[str, dict[str, object]]:
        """What the tables must come to show."""
        found: dict[str, list[str]] = {}
        for name, (content, _) in sorted(self.inbox.items()):
            if content[0] not in (CORRUPT, UNREADABLE, KILLER) and name not in self.locked:
                found.setdefault(doc_id_of(content), []).append(name)
        return {doc_id: {"names": tuple(names), "made_with": self.now} for doc_id, names in found.items()}

    def shown(self) -> dict[str, dict[str, object]]:
        return {d: {k: v for k, v in row.items() if k != "dt"} for d, row in self.documents.items()}
