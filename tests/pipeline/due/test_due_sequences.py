"""Whatever happens to an inbox, and however its nights are bounded: enough nights show what lies in it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as some

from pipeline.due.plan import Bounds
from pipeline.due.reasons import Reason
from tests.support.pipeline.due_world import CORRUPT, FLAKY, KILLER, UNREADABLE, World, doc_id_of

_NAMES = some.sampled_from(["日報 4月.pdf", "営業/日報.pdf", "控え.pdf", "写し.tif"])
_CONTENTS = some.sampled_from(
    ["契約", "注文", "請求", "見積", f"{CORRUPT}れ", f"{UNREADABLE}読", f"{FLAKY}い", f"{KILLER}し"]
)
_DAYS = some.sampled_from([0, 0, 3, -400])
_BOUNDS = some.one_of(
    some.just(Bounds()),
    some.builds(Bounds, pages=some.sampled_from([1, 3, 5])),
    some.builds(
        Bounds,
        first=some.sampled_from(["", "2024-03-01"]),
        last=some.sampled_from(["", "2024-06-30"]),
        only=some.sampled_from(
            [None, frozenset({Reason.UNDERSTANDING}), frozenset({Reason.NEW, Reason.CHANGED})]
        ),
    ),
)
_CHANGES = some.one_of(
    some.tuples(some.just("put"), _NAMES, _CONTENTS, _DAYS),
    some.tuples(some.just("copy"), _NAMES, _NAMES),
    some.tuples(some.just("move"), _NAMES, _NAMES),
    some.tuples(some.just("swap"), _NAMES, _NAMES),
    some.tuples(some.just("delete"), _NAMES),
    some.tuples(some.just("touch"), _NAMES, _DAYS),
    some.tuples(some.just("lock"), _NAMES),
    some.tuples(some.just("unlock"), _NAMES),
    some.tuples(some.sampled_from(["close", "open"]), some.just("営業/")),
    some.tuples(some.sampled_from(["engine", "model"])),
)
_Day = tuple[list[tuple[object, ...]], Bounds]
_DAYS_AND_NIGHTS = some.lists(
    some.tuples(some.lists(_CHANGES, min_size=1, max_size=4), _BOUNDS), min_size=3, max_size=9
)


def _live(days: list[_Day]) -> World:
    world = World()
    for name, content in zip(
        ["日報 4月.pdf", "営業/日報.pdf", "控え.pdf"], ["契約", "注文", "請求"], strict=True
    ):
        world.put(name, content)
    for changes, bounds in days:
        for change in changes:
            _step(world, change)
        _night(world, bounds)
    world.locked.clear()
    world.closed.clear()
    return world


def _step(world: World, step: tuple[object, ...]) -> None:
    match step:
        case "put", str(name), str(content), int(days):
            world.put(name, content, days)
        case "copy", str(name), str(to) if name in world.inbox and name != to:
            world.put(to, world.inbox[name][0])
        case "move", str(name), str(to) if name in world.inbox and name != to:
            world.inbox[to] = world.inbox.pop(name)
        case "swap", str(name), str(other) if {name, other} <= world.inbox.keys():
            world.inbox[name], world.inbox[other] = world.inbox[other], world.inbox[name]
        case "delete", str(name):
            world.inbox.pop(name, None)
        case "touch", str(name), int(days) if name in world.inbox:
            world.put(name, world.inbox[name][0], days)
        case "lock", str(name):
            world.locked.add(name)
        case "unlock", str(name):
            world.locked.discard(name)
        case "close", str(folder):
            world.closed.add(folder)
        case "open", str(folder):
            world.closed.discard(folder)
        case ("engine",):
            world.now = replace(world.now, reading=world.now.reading + "'")
        case ("model",):
            world.now = replace(world.now, understanding=world.now.understanding + "'")
        case _:
            pass  # there is no such file just now


def _night(world: World, bounds: Bounds) -> None:
    before = set(world.documents)
    hidden = {doc_id for doc_id in before if _is_hidden(world, doc_id)}
    unseen = {doc_id: world.documents[doc_id] for doc_id in hidden}
    planned, _ = world.night(bounds)
    world.check(planned)
    assert {doc_id: world.documents.get(doc_id) for doc_id in hidden} == unseen
    tried = {due.source.doc_id for due in planned.due} | {source.doc_id for source in planned.quarantined}
    seen = {file.name for file in world.listed()} - world.locked
    readable = {doc_id_of(world.inbox[name][0]) for name in seen}
    assert (before & readable) - tried <= set(world.documents), "a document lost its rows in passing"


def _is_hidden(world: World, doc_id: str) -> bool:
    names = world.documents[doc_id]["names"]
    return any(name.startswith(folder) for name in names for folder in world.closed)  # type: ignore[attr-defined]


@settings(max_examples=400, deadline=None)
@given(_DAYS_AND_NIGHTS)
def test_enough_nights_show_each_readable_content_once_under_all_its_names(days: list[_Day]) -> None:
    world = _live(days)
    for _ in range(4):  # what fails twice is done by then
        _night(world, Bounds())
    assert world.shown() == world.expected()

    planned, written = world.night()
    assert not planned.due
    assert not planned.failed
    assert not planned.forgotten
    assert not written


@settings(max_examples=200, deadline=None)
@given(_DAYS_AND_NIGHTS)
def test_small_nights_come_to_the_same_as_one_large_one(days: list[_Day]) -> None:
    world = _live(days)
    for _ in range(30):
        _night(world, Bounds(pages=1))
    assert world.shown() == world.expected()
