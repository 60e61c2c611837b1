"""The published tables as data frames, of one version and of the documents that were asked for."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline import files
from pipeline.errors import CommandError
from pipeline.publishing.delta import column_names
from pipeline.publishing.versions import snapshot

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = {
    "documents": (
        "doc_id", "file_name", "kind", "title", "business_date", "received_at", "pages", "first_page",
        "status", "confidence", "dt",
    ),
    "fields": ("doc_id", "key", "name", "value", "kind", "normalized"),
    "predictions": (
        "doc_id", "application", "task", "label_major", "label_middle", "label_minor", "probability",
        "accepted", "review",
    ),
    "scores": ("doc_id", "application", "task", "value"),
    "evidence": ("doc_id", "application", "task", "label", "sentence_no", "text", "page"),
    "failures": ("file_name", "stage", "category", "page", "retryable", "message", "attempts", "first_seen"),
    "runs": ("run_id", "finished_at"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """Which documents are exported: of these applications (all where empty), and with a business date, or
    where none is known a day of arrival, from `first` to `last`, both included."""

    applications: tuple[str, ...] = ()
    first: datetime.date | None = None
    last: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class PublishedTables:
    """The chosen documents and what belongs to them; `failures` are all that are open."""

    documents: pd.DataFrame
    fields: pd.DataFrame
    predictions: pd.DataFrame
    scores: pd.DataFrame
    evidence: pd.DataFrame
    failures: pd.DataFrame
    run_id: str

    @property
    def applications(self) -> Sequence[str]:
        """The applications that read any of the documents, by name."""
        return sorted({*self.predictions["application"], *self.scores["application"]})


def read_tables(out: str, choice: ExportChoice) -> PublishedTables:
    """Reads the version of the tables that is shown now. Raises CommandError where none is, or where no
    document was read by an application of the choice."""
    folder = snapshot(out)
    frames = {name: _read(files.join(folder, name), columns, out) for name, columns in _COLUMNS.items()}
    runs = frames.pop("runs")
    documents = frames["documents"]
    chosen = documents[_in_time(documents, choice)].sort_values(["dt", "file_name", "first_page"])
    for name in ("fields", "predictions", "scores", "evidence"):
        frames[name] = frames[name][frames[name]["doc_id"].isin(chosen["doc_id"])]
    known = PublishedTables(
        **{**frames, "documents": chosen},
        run_id=str(runs.sort_values("finished_at")["run_id"].iloc[-1]) if len(runs) else "",
    )
    if unknown := [name for name in choice.applications if name not in known.applications]:
        raise CommandError(
            f"--app {'、'.join(unknown)} が読んだ文書は、選んだ範囲にありません。"
            f"あるのは {'、'.join(known.applications) or 'なし'} です。"
        )
    return known


def _read(path: str, columns: Sequence[str], out: str) -> pd.DataFrame:
    from deltalake import DeltaTable

    if not DeltaTable.is_deltatable(path):
        raise CommandError(
            f"{out} に公開された表がありません。yomitori run で作った出力フォルダを指定してください。"
        )
    table = DeltaTable(path)
    held = column_names(table)
    frame = table.to_pandas(columns=[column for column in columns if column in held])
    return frame.reindex(columns=list(columns))  # what an earlier contract had not is empty


def _in_time(documents: pd.DataFrame, choice: ExportChoice) -> pd.Series[bool]:
    """`dt` is the business date, or the day of arrival where there is none."""
    first, last = choice.first or datetime.date.min, choice.last or datetime.date.max
    return documents["dt"].between(first.isoformat(), last.isoformat())
