"""One row a document: what it is, its fields, what an application found in it, and where to look at it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.spreadsheets.exported_tables import PublishedTables

if TYPE_CHECKING:
    import pandas as pd

# Whom a time is for: the readers of a Japanese office.
_OFFICE = datetime.timezone(datetime.timedelta(hours=9), "JST")
_STATUS = {"done": "完了", "partial": "一部のページが読めません"}
_SORTABLE_KINDS = ("money", "number")
PICTURE = "画像"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A named table of a workbook; cells hold text, numbers, dates, times or nothing. `note` is a line that
    says what it holds."""

    name: str
    rows: pd.DataFrame
    note: str


def application_sheet(tables: PublishedTables, application: str, picture: Callable[[str, int], str]) -> Sheet:
    """A row for each document that `application` read; `picture` gives the link to a page of a file, empty
    where there is none."""
    import pandas as pd

    predictions = tables.predictions[tables.predictions["application"] == application]
    scores = tables.scores[tables.scores["application"] == application]
    evidence = tables.evidence[tables.evidence["application"] == application]
    read = tables.documents["doc_id"].isin({*predictions["doc_id"], *scores["doc_id"]})
    documents = tables.documents[read]
    parts = [
        _about(documents),
        *(_labels(rows, str(task)) for task, rows in predictions.groupby("task", sort=True)),
        *(_score(rows, str(task)) for task, rows in scores.groupby("task", sort=True)),
        *(_proof(rows, str(task)) for task, rows in evidence.groupby("task", sort=True)),
        _pictures(documents, evidence, picture),
    ]
    taken = {str(heading) for part in parts for heading in part.columns}
    fields = _fields(tables.fields[tables.fields["doc_id"].isin(documents["doc_id"])], taken)
    rows = pd.concat([*parts[:-1], fields, parts[-1]], axis=1).reindex(documents["doc_id"])
    return Sheet(
        application, rows.reset_index(drop=True), "1 行が 1 文書。採用したラベル、点数、根拠の文、項目"
    )


def other_sheet(tables: PublishedTables, picture: Callable[[str, int], str]) -> Sheet:
    """A row for each document that no application read."""
    read = {*tables.predictions["doc_id"], *tables.scores["doc_id"]}
    documents = tables.documents[~tables.documents["doc_id"].isin(read)]
    rows = _about(documents).join(_pictures(documents, tables.evidence.iloc[:0], picture))
    return Sheet("アプリケーションなし", rows.reset_index(drop=True), "どのアプリケーションも読まない文書")


def failure_sheet(tables: PublishedTables) -> Sheet:
    """A row for each file or page that could not be read."""
    import pandas as pd

    failures = tables.failures
    rows = pd.DataFrame(
        {
            "ファイル": failures["file_name"],
            "ページ": failures["page"],
            "理由と対処": failures["message"],
            "種別": failures["category"],
            "自動で再試行": failures["retryable"].map({True: "する", False: "しない"}),
            "試行回数": failures["attempts"],
            "最初の日時": failures["first_seen"].map(_local),
        }
    )
    return Sheet(
        "読めなかったもの", rows.reset_index(drop=True), "読めなかったファイルとページ（期間では絞らない）"
    )


def _about(documents: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "ファイル": documents["file_name"],
            "日付": documents["business_date"],
            "題名": documents["title"],
            "種類": documents["kind"],
            "ページ数": documents["pages"],
            "状態": documents["status"].map(_STATUS),
            "読み取りの確からしさ": documents["confidence"].astype(float).round(3),
            "更新日時": documents["received_at"].map(_local),
        }
    ).set_axis(documents["doc_id"], axis=0)


def _labels(predictions: pd.DataFrame, task: str) -> pd.DataFrame:
    """The accepted labels, the most probable first, how probable they are, and what somebody should look
    at."""
    accepted = predictions[predictions["accepted"]].sort_values("probability", ascending=False)
    told = accepted.groupby("doc_id").agg(
        {"label_major": _listed, "label_middle": _listed, "label_minor": _listed, "probability": "first"}
    )
    told["probability"] = told["probability"].astype(float).round(3)
    doubtful = predictions[predictions["review"].fillna(False).astype(bool)]
    told = told.join(doubtful.groupby("doc_id")["label_minor"].agg(_listed), rsuffix="_review", how="outer")
    names = ("大分類", "中分類", "小分類", "確率", "要確認")
    return told.set_axis([f"{task} {name}" for name in names], axis=1)


def _score(scores: pd.DataFrame, task: str) -> pd.DataFrame:
    return scores.set_index("doc_id")["value"].astype(float).round(2).to_frame(task)


def _proof(evidence: pd.DataFrame, task: str) -> pd.DataFrame:
    ordered = evidence.sort_values("sentence_no").drop_duplicates(["doc_id", "sentence_no"])
    return ordered.groupby("doc_id")["text"].agg("\n".join).to_frame(f"{task} 根拠")


def _fields(fields: pd.DataFrame, taken: Collection[str]) -> pd.DataFrame:
    """A column for each key of the application's dictionary, headed by the label that is printed most often,
    with the key where that heading is `taken`; several values of a document are listed."""
    import pandas as pd

    keyed = fields[fields["key"].notna()]
    columns: dict[str, dict[Hashable, Any]] = {}
    for key, rows in keyed.groupby("key", sort=False):
        heading = str(rows["name"].mode().iloc[0])
        heading = heading if heading not in {*taken, *columns} else f"{heading}（{key}）"
        columns[heading] = {doc_id: _value(own) for doc_id, own in rows.groupby("doc_id")}
    return pd.DataFrame({heading: pd.Series(values, dtype=object) for heading, values in columns.items()})


def _value(rows: pd.DataFrame) -> Any:
    """The value of a field in a document: what sorts where it is one alone, else all as printed."""
    if len(rows) > 1:
        return _listed(rows["value"])
    [row] = rows.to_dict("records")
    return typed_value(row["kind"], row["normalized"], row["value"])


def typed_value(kind: str, normalized: str | None, printed: str) -> Any:
    """A field's value as what a spreadsheet sorts by: a date, a time of a day, a number; what was ticked of a
    choice; else the text."""
    if not isinstance(normalized, str):
        return printed
    if kind == "choice":
        return normalized
    try:
        if kind in _SORTABLE_KINDS:
            return float(normalized)
        if kind == "date" and len(normalized) == len("2024-04-19"):
            return datetime.date.fromisoformat(normalized)
        if kind == "date":
            return datetime.datetime.fromisoformat(normalized).replace(tzinfo=None)
    except ValueError:  # a date without its year or day
        return printed
    return printed


def _pictures(
    documents: pd.DataFrame, evidence: pd.DataFrame, picture: Callable[[str, int], str]
) -> pd.DataFrame:
    """The link to the page of the first proof, or to the first page; no column where no night drew any."""
    import pandas as pd

    proven: dict[Hashable, int] = (
        evidence.sort_values("sentence_no").groupby("doc_id")["page"].first().to_dict()
    )
    links = [
        picture(
            row["file_name"],
            int(proven.get(row["doc_id"], 1 if pd.isna(row["first_page"]) else row["first_page"])),
        )
        for row in documents.to_dict("records")
    ]
    return pd.DataFrame({PICTURE: links} if any(links) else {}, index=list(documents["doc_id"]))


def _listed(values: pd.Series[str]) -> str:
    return "、".join(dict.fromkeys(values))


def _local(time: Any) -> datetime.datetime | None:
    """A time as the clock on the office's wall shows it."""
    import pandas as pd

    return (
        None
        if pd.isna(time)
        else time.to_pydatetime().astimezone(_OFFICE).replace(tzinfo=None, microsecond=0)
    )
