"""A run's record beside the tables: OUT/runs/RUN_ID.json for programs, RUN_ID.txt for people.

It is drafted before the tables are published, under names that begin with a dot: a run that is killed in the
moment after its publish is told of by the next one.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline import files
from pipeline.reporting import summary
from pipeline.reporting.facts import RunFacts

FOLDER = "runs"


def draft(facts: RunFacts, out: str) -> None:
    """Keeps the record of a run that is about to publish in a local folder. Raises OSError."""
    if "://" not in out:
        _write(facts, files.join(out, FOLDER, f".{facts.run_id}"))


def write(facts: RunFacts, out: str) -> None:
    """Writes both files, each whole, in the place of their drafts. Raises OSError."""
    _write(facts, files.join(out, FOLDER, facts.run_id))
    for drafted in _drafts(out):
        if drafted.stem == f".{facts.run_id}":
            drafted.unlink(missing_ok=True)


def finish_drafts(out: str, published: Collection[str]) -> tuple[str, ...]:
    """Shows the drafts of the runs that have `published`, removes the others, and returns the runs that are
    told of now. No run may be writing to `out`. Raises OSError.
    """
    told = set()
    for drafted in _drafts(out):
        run_id = drafted.stem.removeprefix(".")
        if run_id in published and drafted.suffix in (".json", ".txt"):
            drafted.replace(drafted.with_name(drafted.name.removeprefix(".")))
            told.add(run_id)
        else:
            drafted.unlink()
    return tuple(sorted(told))


def _drafts(out: str) -> list[Path]:
    return [] if "://" in out else sorted(Path(out, FOLDER).glob(".*"))


def _write(facts: RunFacts, path: str) -> None:
    data = json.dumps(as_record(facts), ensure_ascii=False, indent=1, default=str)
    files.write_whole(f"{path}.json", data.encode() + b"\n")
    files.write_whole(f"{path}.txt", summary.as_text(facts).encode())


def as_record(facts: RunFacts) -> dict[str, Any]:
    """The facts by name; times are ISO 8601."""
    findings = asdict(facts.findings)
    return {
        "run_id": facts.run_id,
        "exit_code": int(facts.exit_code),
        "ended": facts.exit_code.name.lower(),
        "message": facts.message,
        "run": {name: _plain(value) for name, value in facts.row.items()},
        "quarantined": list(facts.quarantined),
        "alarms": [asdict(alarm) for alarm in facts.verdict.alarms],
        "not_judged": facts.verdict.not_judged,
        "failures": findings.pop("failures"),
        "failures_in_all": findings.pop("failures_in_all"),
        **findings,
        "tables": facts.tables,
        "pictures": facts.pictures,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
