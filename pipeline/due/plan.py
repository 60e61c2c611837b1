"""Which documents are due, and why: a pure function of what is listed, known and asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.due.inbox_contents import Contents, Surveyed, contents, names
from pipeline.due.known import KnownFile, Status, received_day
from pipeline.due.reasons import Reason, Skip
from pipeline.due.taking import held_back, take
from pipeline.inbox.failures import Failure
from pipeline.inbox.listing import ListedFile, SourceRef


@dataclass(frozen=True, slots=True)
class Due:
    """A document to work on: `source` is whole, with its copies."""

    source: SourceRef
    reason: Reason

    @property
    def is_read_again(self) -> bool:
        """False where all pages can be taken from what is kept."""
        return self.reason not in (Reason.RENAMED, Reason.UNDERSTANDING)


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What today's rows would be made with: the OCR fingerprint, and that of models and applications."""

    reading: str
    understanding: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an operator limits a run to.

    `first` and `last` bound the day (ISO, both included) of a document: its partition where it is known,
    else the day it was received. `pages` bounds the pages of the documents of one run, None is no bound; at
    least one document is taken. `only` are the reasons that are worked on, None is all. `retry` are the
    names of files whose failures are tried again whatever their attempts (`ledger.failed_names`). `leave` are
    documents (doc_id) that are left for another run.
    """

    first: str = ""
    last: str = ""
    pages: int | None = None
    only: frozenset[Reason] | None = None
    retry: frozenset[str] = frozenset()
    leave: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TryLimits:
    """`attempts` are the runs in a row that a document may fail in, `strikes` the workers it may kill."""

    attempts: int
    strikes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does with each listed file, and with those that are gone.

    Each listed file is in exactly one of: `due` (as its source or one of its copies), `failed` (its bytes
    could not be identified), `skipped`. `sources` tell what each file holds that could be identified.

    `quarantined` are documents that are set aside from this run on: each gets a row in `failures`, and its
    files are among `skipped`. `forgotten` are the known files that the tables show no longer after this run:
    gone from the inbox, or there are other bytes under their name now. A document that is kept from the run
    by its bounds is shown as before, so none of its files is forgotten, and no other document takes its name.
    """

    due: tuple[Due, ...]
    failed: tuple[Failure, ...]
    skipped: Mapping[str, Skip]
    quarantined: tuple[SourceRef, ...]
    forgotten: tuple[KnownFile, ...]
    listed: Mapping[str, ListedFile]
    sources: Mapping[str, SourceRef]


def may_succeed(known: KnownFile, now: Fingerprints, bounds: Bounds, limits: TryLimits) -> bool:
    """Whether a file that could not be identified is worth another look, though it has not changed.

    One whose bytes could not even be read always is: rights and networks change behind its back.
    """
    return (
        known.reading != now.reading
        or known.file.name in bounds.retry
        or (known.retryable and (known.attempts < limits.attempts or not known.doc_id))
    )


def plan(
    listed: Sequence[ListedFile],
    known: Mapping[str, KnownFile],
    surveyed: Surveyed,
    now: Fingerprints,
    bounds: Bounds,
    strikes: Mapping[str, int],
    limits: TryLimits,
) -> Plan:
    """What a run does. `surveyed` holds every one of `survey.candidates`, `strikes` count killed workers by
    doc_id. Raises KeyError for a file that is neither known nor surveyed.
    """
    inbox = contents(listed, known, surveyed)
    rules = _Rules(now, bounds, strikes, limits)
    shown = _by_document(k for k in known.values() if k.has_rows and k.is_identified)
    documents = _judge(inbox, known, shown, rules)
    # A document takes a name over only together with the document that the tables show under it, so that
    # none is ever shown under another's name, and none loses its rows while it is still in the inbox.
    owner = {k.file.name: d for d, held in shown.items() if d in inbox.documents for k in held}
    taken, left = _take(documents, inbox, shown, owner, bounds)

    skipped = {file.name: Skip.FAILED_FOR_GOOD for file in listed if file.name not in inbox.sources}
    skipped |= documents.skipped
    for doc_id in left.keys() & documents.due.keys():
        skipped |= dict.fromkeys(names(documents.due[doc_id].source), left[doc_id])
    failed = []
    for name, failure in inbox.failures.items():
        if owner.get(name) in left:
            skipped[name] = left[owner[name]]
        elif not _failed_so_before(failure, known.get(name), rules):
            failed.append(failure)
            del skipped[name]

    worked = {name for doc_id in taken for name in names(inbox.documents[doc_id])}
    worked |= {failure.file.name for failure in failed}
    files = {file.name: file for file in listed}
    return Plan(
        due=tuple(documents.due[doc_id] for doc_id in taken if doc_id in documents.due),
        failed=tuple(failed),
        skipped=skipped,
        quarantined=tuple(documents.set_aside[doc_id] for doc_id in taken if doc_id in documents.set_aside),
        forgotten=(
            *_superseded(shown, inbox, set(taken), worked, files),
            *(k for k in known.values() if _is_free_to_go(k, inbox, files)),
        ),
        listed=files,
        sources=inbox.sources,
    )


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a document is judged by."""

    now: Fingerprints
    bounds: Bounds
    strikes: Mapping[str, int]
    limits: TryLimits


@dataclass(frozen=True, slots=True)
class _Judged:
    """The documents of the inbox, days, reasons and pages that were asked for left aside: `due` and
    `set_aside` (quarantined from now on) by doc_id, `skipped` by file name, which holds those set aside too.
    """

    due: dict[str, Due]
    set_aside: dict[str, SourceRef]
    skipped: dict[str, Skip]


def _judge(
    inbox: Contents, known: Mapping[str, KnownFile], shown: Mapping[str, Sequence[KnownFile]], rules: _Rules
) -> _Judged:
    gone = _by_document(k for k in known.values() if k.status is Status.GONE and k.is_identified)
    judged = _Judged({}, {}, {})
    for doc_id, source in inbox.documents.items():
        before = shown.get(doc_id, ())
        verdict = (
            _verdict(source, before, rules)
            if before
            else _reason_of_unseen(source, known, gone.get(doc_id, ()), rules.now)
        )
        if isinstance(verdict, Reason) and rules.strikes.get(doc_id, 0) < rules.limits.strikes:
            judged.due[doc_id] = Due(source, verdict)
            continue
        skip = Skip.QUARANTINED if isinstance(verdict, Reason) else verdict
        judged.skipped.update(dict.fromkeys(names(source), skip))
        is_known = verdict is Skip.QUARANTINED and {k.file.name for k in before} == {*names(source)}
        if skip is Skip.QUARANTINED and not is_known:
            judged.set_aside[doc_id] = source
    return judged


def _take(
    documents: _Judged,
    inbox: Contents,
    shown: Mapping[str, Sequence[KnownFile]],
    owner: Mapping[str, str],
    bounds: Bounds,
) -> tuple[tuple[str, ...], dict[str, Skip]]:
    """The documents (doc_id) that the run works on or sets aside, in turn, and why others stay due.

    `owner` names the document that the tables show under a file's name.
    """
    due, set_aside = documents.due, documents.set_aside
    needs = {
        doc_id: {owner.get(name, doc_id) for name in names(inbox.documents[doc_id])} - {doc_id}
        for doc_id in (*set_aside, *due)
    }
    out = held_back({d for d, one in due.items() if not _is_within(one, shown.get(d, ()), bounds)}, needs)
    in_turn = [*set_aside, *sorted(due, key=lambda doc_id: _turn(due[doc_id]))]
    pages = {d: due[d].source.pages if d in due else 0 for d in in_turn if d not in out}
    taken = take(pages, needs, bounds.pages)
    left = {d: Skip.OUT_OF_BOUNDS if d in out else Skip.WAITING for d in needs.keys() - set(taken)}
    return taken, left


def _by_document(files: Iterable[KnownFile]) -> dict[str, list[KnownFile]]:
    grouped: dict[str, list[KnownFile]] = defaultdict(list)
    for known in files:
        grouped[known.doc_id].append(known)
    return dict(grouped)


def _verdict(source: SourceRef, before: Sequence[KnownFile], rules: _Rules) -> Reason | Skip:
    """What is to be done about a document that the tables show under the names of `before`."""
    stands = next((k for k in before if not k.copy_of), before[0])
    failed = stands.status is Status.FAILED
    if stands.status is not Status.DONE and not rules.bounds.retry.isdisjoint(names(source)):
        return Reason.RETRY
    if stands.status is Status.QUARANTINED:
        return Skip.QUARANTINED
    if stands.reading != rules.now.reading:
        return Reason.READING
    if stands.understanding != rules.now.understanding and not failed:
        return Reason.UNDERSTANDING
    if {k.file.name for k in before} != {*names(source)}:
        return Reason.RETRY if failed else Reason.RENAMED
    if stands.retryable and stands.attempts < rules.limits.attempts:
        return Reason.RETRY
    return Skip.FAILED_FOR_GOOD if failed else Skip.UNCHANGED


def _reason_of_unseen(
    source: SourceRef, known: Mapping[str, KnownFile], gone: Sequence[KnownFile], now: Fingerprints
) -> Reason:
    """Why a document is due that the tables do not show; `gone` are files that had the same bytes."""
    if any(k.reading == now.reading and not k.attempts for k in gone):
        return Reason.RENAMED
    if any(known[name].doc_id not in ("", source.doc_id) for name in names(source) if name in known):
        return Reason.CHANGED
    return Reason.READING if any(k.reading for k in gone) else Reason.NEW


def _is_within(due: Due, before: Sequence[KnownFile], bounds: Bounds) -> bool:
    day = before[0].dt if before else received_day(due.source.file)
    return (
        (not bounds.first or bounds.first <= day)
        and (not bounds.last or day <= bounds.last)
        and (bounds.only is None or due.reason in bounds.only)
        and due.source.doc_id not in bounds.leave
    )


_TURNS = {reason: turn for turn, reason in enumerate(Reason)}


def _turn(due: Due) -> tuple[int, float, str]:
    """By reason, the oldest first inside each."""
    return _TURNS[due.reason], due.source.file.modified, due.source.file.name


def _failed_so_before(failure: Failure, known: KnownFile | None, rules: _Rules) -> bool:
    """Whether the same bytes, with another date at most, have failed for good."""
    return (
        known is not None
        and known.status is Status.FAILED
        and failure.doc_id == known.doc_id != ""
        and not may_succeed(known, rules.now, rules.bounds, rules.limits)
    )


def _superseded(
    shown: Mapping[str, Sequence[KnownFile]],
    inbox: Contents,
    taken: Collection[str],
    worked: Collection[str],
    listed: Mapping[str, ListedFile],
) -> Iterator[KnownFile]:
    """Files of documents that are shown no longer, or under other names."""
    for doc_id, files in shown.items():
        if doc_id in taken:
            now = {*names(inbox.documents[doc_id])}
            yield from (known for known in files if known.file.name not in now)
        elif doc_id not in inbox.documents:
            # Its names may hold other bytes that wait for another run: it is shown until one of them comes.
            left = [known.file.name for known in files if known.file.name in listed]
            if not left or any(name in worked for name in left):
                yield from files


def _is_free_to_go(known: KnownFile, inbox: Contents, listed: Mapping[str, ListedFile]) -> bool:
    """Whether a file without a document is gone, or one that could not be identified now is."""
    if known.status is Status.WAITING:
        return known.file.name not in listed
    failed = known.has_rows and not known.is_identified
    return failed and (known.file.name not in listed or known.file.name in inbox.sources)
