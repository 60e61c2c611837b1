"""What is due and why, what is passed over, and what the bounds of an operator leave for another night."""

from __future__ import annotations

import time
from dataclasses import replace

from pipeline.due.known import Status
from pipeline.due.plan import Bounds, Plan
from pipeline.due.reasons import Reason, Skip
from tests.support.pipeline.due_world import FLAKY, KILLER, World, doc_id_of


def _reasons(planned: Plan) -> dict[str, Reason]:
    return {due.source.file.name: due.reason for due in planned.due}


def _settled(**contents: str) -> World:
    world = World()
    for name, content in contents.items():
        world.put(f"{name}.pdf", content)
    world.night()
    return world


def test_each_change_of_the_inbox_is_told_by_its_reason() -> None:
    world = _settled(契約="契約", 注文="注文", 請求="請求", 見積="見積")
    world.put("契約.pdf", "契約 改訂")
    world.inbox["営業/注文 写し.pdf"] = world.inbox.pop("注文.pdf")
    world.put("控え.pdf", "請求")
    world.put("見積.pdf", "見積", days=-400)
    world.put("新着.pdf", "新着", days=-800)
    planned, _ = world.night()
    assert _reasons(planned) == {
        "新着.pdf": Reason.NEW,
        "契約.pdf": Reason.CHANGED,
        "営業/注文 写し.pdf": Reason.RENAMED,
        "控え.pdf": Reason.RENAMED,
    }
    assert planned.skipped == {"見積.pdf": Skip.UNCHANGED}
    assert {known.file.name for known in planned.forgotten} == {"契約.pdf", "注文.pdf"}
    assert world.night()[0].due == ()


def test_a_document_that_comes_back_is_taken_from_what_is_kept() -> None:
    world = _settled(契約="契約")
    content = world.inbox.pop("契約.pdf")
    world.night()
    assert world.documents == {}
    assert world.known["契約.pdf"].status is Status.GONE
    world.inbox["再送.pdf"] = content
    (due,) = world.night()[0].due
    assert (due.reason, due.is_read_again) == (Reason.RENAMED, False)


def test_another_engine_reads_again_and_another_model_does_not() -> None:
    world = _settled(契約="契約")
    world.now = replace(world.now, understanding="解2")
    (due,) = world.night()[0].due
    assert (due.reason, due.is_read_again) == (Reason.UNDERSTANDING, False)
    world.now = replace(world.now, reading="読2", understanding="解3")
    (due,) = world.night()[0].due
    assert (due.reason, due.is_read_again) == (Reason.READING, True)


def test_a_bounded_backfill_goes_from_new_to_retried_and_from_old_to_new() -> None:
    world = _settled(古="あ", 変="い")
    world.now = replace(world.now, understanding="解2")
    world.put("変.pdf", "う")
    world.put("新 二.pdf", "え")
    world.put("新 一.pdf", "お", days=-30)
    order = []
    for _ in range(4):
        planned, _ = world.night(Bounds(pages=1))
        world.check(planned)
        order += list(_reasons(planned))
    assert order == ["新 一.pdf", "新 二.pdf", "変.pdf", "古.pdf"]
    assert world.shown() == world.expected()


def test_old_bytes_are_shown_until_the_new_ones_have_been_read() -> None:
    world = _settled(契約="契約")
    world.put("契約.pdf", "改訂")
    world.put("新着.pdf", "新着", days=-1)
    planned, _ = world.night(Bounds(pages=1))
    assert planned.skipped == {"契約.pdf": Skip.WAITING}
    assert doc_id_of("契約") in world.documents
    assert _reasons(world.night()[0]) == {"契約.pdf": Reason.CHANGED}
    assert set(world.documents) == {doc_id_of("改訂"), doc_id_of("新着")}


def test_a_waiting_file_is_hashed_once() -> None:
    world = World()
    for number in range(3):
        world.put(f"{number}.pdf", f"内容{number}")
    world.night(Bounds(pages=1))
    waiting = {name for name, known in world.known.items() if known.status is Status.WAITING}
    assert waiting == {"1.pdf", "2.pdf"}
    before = dict(world.known)
    world.night(Bounds(pages=1, only=frozenset({Reason.RETRY})))
    assert world.known == before


def test_dates_bound_a_backfill_by_partition_or_by_the_day_received() -> None:
    world = World()
    world.put("四月.pdf", "い")
    world.put("前年.pdf", "ろ", days=-365)
    planned, _ = world.night(Bounds(first="2024-04-01", last="2024-04-30"))
    assert _reasons(planned) == {"四月.pdf": Reason.NEW}
    assert planned.skipped == {"前年.pdf": Skip.OUT_OF_BOUNDS}


def test_what_fails_is_tried_three_times_and_then_on_demand() -> None:
    world = World()
    world.put("難.pdf", f"{FLAKY}う")
    world.tries[f"{FLAKY}う"] = -5
    assert [len(world.night()[0].due) for _ in range(4)] == [1, 1, 1, 0]
    assert world.known["難.pdf"].attempts == 3
    (due,) = world.night(Bounds(only=frozenset({Reason.RETRY}), retry=frozenset({"難.pdf"})))[0].due
    assert due.reason is Reason.RETRY


def test_a_killer_is_set_aside_once_and_left_in_peace() -> None:
    world = World()
    world.put("凶.pdf", f"{KILLER}め")
    planned, _ = world.night()
    assert [source.file.name for source in planned.quarantined] == ["凶.pdf"]
    assert planned.skipped == {"凶.pdf": Skip.QUARANTINED}
    planned, written = world.night()
    assert (planned.quarantined, written) == ((), [])
    world.put("凶.pdf", "無害")
    assert _reasons(world.night()[0]) == {"凶.pdf": Reason.CHANGED}


def test_documents_that_are_left_for_another_run_stay_due() -> None:
    world = World()
    world.put("契約.pdf", "契約")
    planned, _ = world.night(Bounds(leave=frozenset({doc_id_of("契約")})))
    assert planned.skipped == {"契約.pdf": Skip.OUT_OF_BOUNDS}
    assert _reasons(world.night()[0]) == {"契約.pdf": Reason.NEW}


def test_ten_thousand_unchanged_files_are_planned_in_well_under_a_second() -> None:
    world = World()
    for number in range(10_000):
        world.put(f"{number:05}.pdf", f"内容{number}")
    world.night()
    begun = time.process_time()
    planned, written = world.night()
    assert time.process_time() - begun < 1
    assert set(planned.skipped.values()) == {Skip.UNCHANGED}
    assert written == []


def test_what_lies_in_an_unreadable_folder_stays_as_it_was_and_the_rest_goes_on() -> None:
    world = World()
    for name in ("経理/請求.pdf", "営業/日報.pdf"):
        world.put(name, name[:2])
    world.put("経理/写し.pdf", "営業")
    world.night()
    shown = world.shown()
    world.closed = {"経理/"}
    world.now = replace(world.now, reading="読2")
    world.put("新着.pdf", "新着")
    planned, _ = world.night()
    world.check(planned)
    assert _reasons(planned) == {"新着.pdf": Reason.NEW}
    assert [(failure.file.name, failure.category) for failure in planned.failed] == [
        ("経理/", "unreadable_folder")
    ]
    assert planned.skipped == dict.fromkeys(
        ("経理/請求.pdf", "経理/写し.pdf", "営業/日報.pdf"), Skip.OUT_OF_BOUNDS
    )
    assert not planned.forgotten
    assert {doc_id: world.shown()[doc_id] for doc_id in shown} == shown

    world.closed.clear()
    planned, _ = world.night()
    assert {due.reason for due in planned.due} == {Reason.READING}
    assert [known.file.name for known in planned.forgotten] == ["経理/"]
    assert world.shown() == world.expected()
    assert not world.failures
