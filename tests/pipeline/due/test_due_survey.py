"""Files are identified by a real pipeline, known files kept in a real table, rates taken from runs."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
from pathlib import Path

import pytest
from deltalake import write_deltalake
from rich.console import Console

from fixtures.truth_file import INBOX
from ocr.limits import Limits
from pipeline.commands.night.show_plan import plan_json, plan_night, show_plan
from pipeline.due.candidates import candidates
from pipeline.due.estimate import Rates, estimate, measured_rates, read_rates
from pipeline.due.ledger import failed_names, read_known, to_rows
from pipeline.due.plan import Bounds, Due, Fingerprints, TryLimits, plan
from pipeline.due.reasons import Reason
from pipeline.inbox.listing import ListedFile, SourceRef, list_files
from pipeline.machines.runners import RunnerChoice
from pipeline.night.file_survey import survey
from pipeline.night.prepare import prepare
from pipeline.night.resolve import RunRequest
from pipeline.run_settings import RunSettings
from pipeline.steps.staging import to_arrow
from pipeline.supervision.strikes import add_strikes
from pipeline.tables.contract import TableName
from tests.support.pipeline.due_world import World

pytestmark = pytest.mark.slow

_NOW = Fingerprints("読1", "解1")


@pytest.mark.parametrize("workers", [1, 2])
def test_new_files_are_identified_and_broken_ones_named(
    settings: RunSettings, tmp_path: Path, workers: int
) -> None:
    inbox = tmp_path / "受信"
    (inbox / "営業 部").mkdir(parents=True)
    pdf = next(INBOX.glob("*.pdf")).read_bytes()
    for name in ("営業 部/報告[1].pdf", "写し.pdf"):
        (inbox / name).write_bytes(pdf)
    (inbox / "空.pdf").write_bytes(b"")
    listed = list_files(str(inbox)).files
    found = survey(listed, settings, RunnerChoice(workers=workers), str(tmp_path / "控え"))
    assert set(found.sources) == {"営業 部/報告[1].pdf", "写し.pdf"}
    assert {source.doc_id for source in found.sources.values()} == {found.sources["写し.pdf"].doc_id}
    assert all(source.pages >= 1 and source.media.endswith("pdf") for source in found.sources.values())
    assert {name: failure.category for name, failure in found.failures.items()} == {"空.pdf": "empty_file"}
    assert found.sources["写し.pdf"].file in listed

    planned = plan(listed, {}, found, _NOW, Bounds(), {}, TryLimits(attempts=3, strikes=3))
    (due,) = planned.due
    assert (due.source.file.name, due.source.copies) == ("写し.pdf", ("営業 部/報告[1].pdf",))


def test_no_file_needs_no_pipeline(settings: RunSettings, tmp_path: Path) -> None:
    assert survey((), settings, RunnerChoice("存在しない"), str(tmp_path / "控え")).sources == {}
    assert not (tmp_path / "控え").exists()


def test_only_files_that_may_have_changed_are_looked_at() -> None:
    world = World()
    for name in ("同じ.pdf", "後.pdf", "前.pdf", "去る.pdf"):
        world.put(name, name)
    world.night()
    gone = world.inbox.pop("去る.pdf")
    world.night()
    world.inbox["去る.pdf"] = gone
    for name, days in (("後.pdf", 1), ("前.pdf", -400), ("新.pdf", 0)):
        world.put(name, name, days)
    looked_at = candidates(world.listed(), world.known, world.now, Bounds(), TryLimits(attempts=3, strikes=3))
    assert {file.name for file in looked_at} == {"後.pdf", "前.pdf", "去る.pdf", "新.pdf"}


def test_a_plan_and_a_run_put_the_same_documents_aside(
    settings: RunSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, out = tmp_path / "受信", Path(settings.out)
    inbox.mkdir()
    out.mkdir()
    (inbox / "報告.pdf").write_bytes(next(INBOX.glob("*.pdf")).read_bytes())
    doc_id = hashlib.sha256((inbox / "報告.pdf").read_bytes()).hexdigest()
    add_strikes(settings.out, [doc_id])
    monkeypatch.setattr("pipeline.night.prepare.LIMITS", TryLimits(attempts=3, strikes=1))
    request = RunRequest(str(inbox), str(out), (), (), "ppocr", Limits(), RunnerChoice(workers=1), False)
    planned, _ = plan_night(request, None)
    night = prepare(request, settings, last_try=False)
    assert [source.doc_id for source in planned.quarantined] == [doc_id]
    assert [source.doc_id for source in night.plan.quarantined] == [doc_id]


def test_what_is_known_comes_back_from_the_table_behind_a_link(settings: RunSettings, tmp_path: Path) -> None:
    world = World()
    for name, content in (
        ("契約 書.pdf", "契約"),
        ("写し.pdf", "契約"),
        ("壊.pdf", "壊れ"),
        ("去.pdf", "去る"),
    ):
        world.put(name, content)
    world.night()
    del world.inbox["去.pdf"]
    world.night()
    version = tmp_path / "versions" / "夜"
    rows = to_arrow(TableName.SOURCES, to_rows(world.known.values()), settings)
    write_deltalake(str(version / "sources"), rows, partition_by=["dt"])
    (tmp_path / "tables").symlink_to(version)
    assert read_known(str(tmp_path / "tables")) == world.known
    assert read_known(str(tmp_path / "ない")) == {}
    assert failed_names(str(tmp_path / "ない")) == frozenset()


def _run(day: int, **values: object) -> dict[str, object]:
    run: dict[str, object] = {
        "started_at": datetime.datetime(2024, 4, day, tzinfo=datetime.UTC),
        "documents": 10,
        "pages_read": 100,
        "workers": 2,
        "wall_seconds": 100.0,
        "cpu_seconds": 160.0,
        "stage_seconds": {"digitize": 75.0, "understand": 25.0},
    }
    return run | values


def test_rates_are_the_medians_of_runs_that_worked() -> None:
    idle = [_run(day, documents=0, cpu_seconds=900.0) for day in (4, 5, 6)]
    runs = [_run(1), _run(2, cpu_seconds=1600.0), _run(3, pages_read=0, stage_seconds={"understand": 5.0})]
    rates = measured_rates([*runs, *idle])
    assert (rates.page_runs, rates.document_runs) == (2, 3)
    assert rates.page == pytest.approx((1.2 + 12) / 2)
    assert rates.document == pytest.approx(16)
    assert rates.busy == pytest.approx(0.8)


def test_rates_are_rules_of_thumb_where_nothing_was_measured(tmp_path: Path) -> None:
    assert read_rates(str(tmp_path)) == Rates(page_runs=0, document_runs=0)


def _due(name: str, pages: int, reason: Reason) -> Due:
    return Due(SourceRef(ListedFile(name, name, 1, 0.0), name, "pdf", pages, 1, pages), reason)


def test_an_estimate_counts_pages_time_and_cost_by_reason() -> None:
    due = [_due("新", 90, Reason.NEW), _due("型", 400, Reason.UNDERSTANDING)]
    told = estimate(due, Rates(page=1.0, document=5.0, busy=0.5), workers=2, price=36.0)
    new, model = told.by_reason[Reason.NEW], told.by_reason[Reason.UNDERSTANDING]
    assert (new.pages_read, new.pages_kept, model.pages_read, model.pages_kept) == (90, 0, 0, 400)
    assert told.minutes(told.total) == pytest.approx(100 / 0.5 / 2 / 60)
    assert told.cost(told.total) == pytest.approx(100 / 0.5 / 3600 * 36)


def test_a_plan_is_shown_in_japanese_and_as_json() -> None:
    world = World()
    world.put("契約.pdf", "契約")
    world.put("去る.pdf", "去る")
    world.night()
    del world.inbox["去る.pdf"]
    world.put("新着.pdf", "新着")
    world.put("破損[1].pdf", "壊れ")
    planned, _ = world.night()
    told = estimate(planned.due, Rates(), workers=2)
    console = Console(file=io.StringIO(), width=120)
    show_plan(planned, told, console)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    for words in (
        "新着",
        "合計",
        "既定値",
        "変更なし: 1 ファイル",
        "去る.pdf",
        "破損[1].pdf: 壊れています。",
    ):
        assert words in printed, printed
    content = json.loads(plan_json(planned, told))
    assert content["by_reason"]["new"]["documents"] == 1
    assert content["gone"] == ["去る.pdf"]
    assert content["listed"] == 3
    assert content["total"]["cost"] is None
