"""A run's record beside the tables: OUT/runs/RUN_ID.json for programs, RUN_ID.txt for people."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from pipeline import files
from pipeline.reporting import summary
from pipeline.reporting.facts import RunFacts

FOLDER = "runs"


def write(facts: RunFacts, out: str) -> None:
    """Writes both files, each whole. Raises OSError."""
    path = files.join(out, FOLDER, facts.run_id)
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
