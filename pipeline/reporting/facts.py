"""What there is to tell of a run: small tables that SQL makes of the staged rows, whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.applications.routing import OTHER_KIND
from pipeline.exit_codes import ExitCode
from pipeline.publishing.drift import DriftReport

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SHOWN_FAILURES = 20
SHOWN_TITLES = 10


@dataclass(frozen=True, slots=True)
class KindFacts:
    """The documents of one kind; `confidence` is their mean, None where none has one."""

    kind: str
    documents: int
    pages: int
    pages_failed: int
    confidence: float | None


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """The documents that one label was accepted for, and those that somebody should look at because of it;
    `score` is the mean of the former over all scores, None without."""

    application: str
    major: str
    middle: str
    minor: str
    documents: int
    review: int
    score: float | None


@dataclass(frozen=True, slots=True)
class FailureFacts:
    """A row of `failures`; `page` is None where it is the whole document's."""

    doc_id: str
    file: str
    stage: str
    category: str
    page: int | None
    retryable: bool
    message: str


@dataclass(frozen=True, slots=True)
class TitleFacts:
    """The documents that bear one title and that no application reads."""

    title: str
    documents: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What the staged rows hold; `failures` are the first SHOWN_FAILURES of `failures_in_all`,
    `unread_titles` the SHOWN_TITLES commonest of the documents that no application reads, in words of theirs;
    `in_review` are the documents that somebody should look at.
    """

    kinds: tuple[KindFacts, ...] = ()
    labels: tuple[LabelFacts, ...] = ()
    failures: tuple[FailureFacts, ...] = ()
    failures_in_all: int = 0
    unread_titles: tuple[TitleFacts, ...] = ()
    in_review: int = 0


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run as it ended.

    `row` holds the values of its row in the table `runs` by column, as far as the run came; `message` says
    why it ended early, "" where it did not. `quarantined` are the names of the files that are not tried any
    more, `tables` and `pictures` where results lie ("" for none).
    """

    run_id: str
    exit_code: ExitCode
    row: Mapping[str, Any]
    findings: Findings = field(default_factory=Findings)
    verdict: DriftReport = field(default_factory=DriftReport)
    quarantined: Sequence[str] = ()
    message: str = ""
    tables: str = ""
    pictures: str = ""


def findings_of(night: DuckDBPyConnection) -> Findings:
    """`night` is what `night.opened` gives of the staged rows."""
    kinds = night.sql("""
        SELECT kind, count(*), sum(pages)::BIGINT, sum(pages_failed)::BIGINT, avg(confidence)
        FROM documents GROUP BY kind ORDER BY kind
    """)
    labels = night.sql("""
        WITH of_documents AS (SELECT doc_id, avg(value) AS score FROM scores GROUP BY doc_id)
        SELECT application, label_major, label_middle, label_minor, count(*) FILTER (accepted),
            count(*) FILTER (review), avg(score) FILTER (accepted)
        FROM predictions LEFT JOIN of_documents USING (doc_id)
        WHERE accepted OR review GROUP BY ALL ORDER BY ALL
    """)
    failures = night.sql(f"""
        SELECT doc_id, coalesce(file_name, uri), stage, category, page, retryable, message
        FROM failures ORDER BY 2, page NULLS FIRST, stage LIMIT {SHOWN_FAILURES}
    """)
    titles = night.execute(
        "SELECT title, count(*) FROM documents WHERE kind = ? AND title IS NOT NULL "
        "GROUP BY title ORDER BY 2 DESC, 1 LIMIT ?",
        [OTHER_KIND, SHOWN_TITLES],
    ).fetchall()
    ((in_review,),) = night.sql("SELECT count(DISTINCT doc_id) FROM predictions WHERE review").fetchall()
    ((in_all,),) = night.sql("SELECT count(*) FROM failures").fetchall()
    return Findings(
        tuple(KindFacts(*row) for row in kinds.fetchall()),
        tuple(LabelFacts(*row) for row in labels.fetchall()),
        tuple(FailureFacts(*row) for row in failures.fetchall()),
        in_all,
        tuple(TitleFacts(*row) for row in titles),
        in_review,
    )
