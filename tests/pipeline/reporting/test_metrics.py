"""The text file that Prometheus reads after each run."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from pipeline.exit_codes import ExitCode
from pipeline.reporting import prometheus_file as metrics
from pipeline.reporting.facts import RunFacts

_ROW = {
    "listed": 10,
    "documents": 6,
    "copies": 1,
    "failed": 1,
    "skipped": 2,
    "waiting": 0,
    "gone": 3,
    "pages_read": None,
    "stage_seconds": {"digitize": 12.5},
    "due": {"new": 7},
    "peak_mib": 2.0,
    "cpu_seconds": 20.0,
}


def _samples(path: Path) -> dict[str, float]:
    return {
        sample.name + "".join(f"/{value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(path.read_text(encoding="utf-8"))
        for sample in family.samples
    }


def test_a_run_is_told_in_numbers(tmp_path: Path) -> None:
    path = tmp_path / "metrics" / "yomitori.prom"
    facts = RunFacts("r1", ExitCode.PARTIAL_SUCCESS, _ROW, quarantined=("固まる.pdf",))
    metrics.write(facts, str(path), now=lambda: 1000.0)
    samples = _samples(path)
    assert samples["yomitori_run_exit_code"] == 10
    assert samples["yomitori_run_listed_files"] == 10
    assert samples["yomitori_run_files/failed"] == 1
    assert samples["yomitori_run_stage_seconds/digitize"] == 12.5
    assert samples["yomitori_run_due_documents/new"] == 7
    assert samples["yomitori_run_peak_memory_bytes"] == 2 * 2**20
    assert samples["yomitori_quarantined_files"] == 1
    assert samples[metrics.LAST_SUCCESS] == 1000
    assert "yomitori_run_pages_read" not in samples
    assert [file.name for file in path.parent.iterdir()] == ["yomitori.prom"]


def test_a_failed_run_keeps_the_time_of_the_last_success(tmp_path: Path) -> None:
    path = tmp_path / "yomitori.prom"
    metrics.write(RunFacts("r1", ExitCode.DONE, _ROW), str(path), now=lambda: 1000.0)
    metrics.write(RunFacts("r2", ExitCode.AUDIT_FAILED, {}), str(path), now=lambda: 2000.0)
    samples = _samples(path)
    assert samples["yomitori_run_exit_code"] == 17
    assert samples["yomitori_run_timestamp_seconds"] == 2000
    assert samples[metrics.LAST_SUCCESS] == 1000


def test_a_broken_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "yomitori.prom"
    path.write_text('yomitori_last{ "壊れ', encoding="utf-8")
    metrics.write(RunFacts("r1", ExitCode.BROKEN_OFF, {}), str(path))
    assert metrics.LAST_SUCCESS not in _samples(path)
