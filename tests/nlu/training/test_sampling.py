"""What an epoch draws: its own "other" until all of it was seen, rare labels more than once, nothing lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from nlu.application.application import Application
from nlu.application.settings import TrainingSettings
from nlu.records.record import Record
from nlu.training.sampling import Report, coverage, draw, reports
from tests.support.nlu.small_application import small_application

_SHEET = "大分類,中分類,小分類,定義,キーワード\n" + "".join(
    f"種別,種別,{name},{name}のこと,\n" for name in ("墜落", "転倒", "感電", "溺れ")
)
_REPORTS = some.lists(
    some.one_of(
        some.none(),
        some.just(()),
        some.lists(some.sampled_from("甲乙丙"), min_size=1, max_size=2, unique=True).map(
            lambda labels: tuple(("needs", label) for label in labels)
        ),
    ),
    min_size=1,
    max_size=60,
)
_SETTINGS = some.builds(
    TrainingSettings,
    epochs=some.integers(1, 8),
    other_ratio=some.floats(0, 4),
    max_repeats=some.integers(1, 5),
    balance=some.sampled_from(["constant", "natural"]),
    redraw=some.booleans(),
    seed=some.integers(0, 99),
)


@pytest.fixture
def without_other(tmp_path: Path) -> Application:
    (tmp_path / "labels.csv").write_text(_SHEET, encoding="utf-8")
    (tmp_path / "app.toml").write_text(
        'name = "accidents"\ntitle = "事故の型"\n'
        '[[tasks]]\nname = "type"\ntype = "classification"\nlabels = "labels.csv"\n'
        '[[tasks]]\nname = "tags"\ntype = "classification"\nlabels = "labels.csv"\nmulti_label = true\n'
        '[[tasks]]\nname = "weight"\ntype = "score"\nminimum = 0\nmaximum = 4\n',
        encoding="utf-8",
    )
    return Application.load(tmp_path)


@given(_REPORTS, _SETTINGS)
def test_all_of_other_is_seen_before_any_is_seen_twice(
    found: list[Report], settings: TrainingSettings
) -> None:
    others = {index for index, report in enumerate(found) if report is None}
    seen: Counter[int] = Counter()
    for epoch in range(settings.epochs):
        drawn = [index for index in draw(found, settings, epoch) if index in others]
        assert len(drawn) == len(set(drawn))
        seen.update(drawn)
        times = [seen[index] for index in others]
        assert not times or max(times) - min(times) <= 1


@given(_REPORTS, _SETTINGS)
def test_epochs_repeat_themselves_and_leave_no_report_out(
    found: list[Report], settings: TrainingSettings
) -> None:
    kept = {index for index, report in enumerate(found) if report is not None}
    for epoch in range(settings.epochs):
        drawn = draw(found, settings, epoch)
        assert drawn == draw(found, settings, epoch)
        assert kept <= set(drawn)
        times = Counter(index for index in drawn if index in kept)
        assert max(times.values(), default=0) <= settings.max_repeats


@given(_REPORTS, _SETTINGS)
def test_the_share_of_other_is_as_asked(found: list[Report], settings: TrainingSettings) -> None:
    balanced = settings.model_copy(update={"balance": "constant", "redraw": True})
    drawn = draw(found, balanced, 0)
    others = sum(found[index] is None for index in drawn)
    there = sum(report is None for report in found)
    if others < len(drawn):
        assert others == min(there, round(balanced.other_ratio * (len(drawn) - others)))
    else:
        assert others == there


@given(_REPORTS, some.integers(2, 8))
@example([None, None, ()], 6)
def test_a_natural_run_ends_with_every_record_once(found: list[Report], epochs: int) -> None:
    settings = TrainingSettings(epochs=epochs, balance="natural", other_ratio=1.0)
    first = TrainingSettings(epochs=epochs, balance="constant", other_ratio=1.0)
    assert Counter(draw(found, settings, 0)) == Counter(draw(found, first, 0))
    assert sorted(draw(found, settings, epochs - 1)) == list(range(len(found)))


def test_without_redrawing_every_epoch_holds_all_records_in_its_own_order() -> None:
    found: list[Report] = [None] * 30 + [(("needs", "甲"),)] * 3
    settings = TrainingSettings(redraw=False)
    first, second = draw(found, settings, 0), draw(found, settings, 1)
    assert sorted(first) == sorted(second) == list(range(33))
    assert first != second


def test_coverage_grows_until_all_of_other_was_seen(tmp_path: Path) -> None:
    application = small_application(tmp_path)
    records = [
        *(Record(f"o{n}", "雑談のみ。", {"needs": ("その他",)}) for n in range(50)),
        *(Record(f"c{n}", "見積を依頼。", {"needs": ("契約外",)}) for n in range(20)),
    ]
    found = reports(records, application)
    draws = [draw(found, TrainingSettings(other_ratio=1.0), epoch) for epoch in range(4)]

    seen = coverage(found, draws)

    assert [entry.other_seen for entry in seen] == [20, 40, 50, 50]
    assert {(entry.drawn, entry.other_drawn, entry.other) for entry in seen} == {(40, 20, 50)}


def test_frequent_labels_stand_in_for_other_where_a_task_has_none(without_other: Application) -> None:
    records = [
        *(Record(f"f{n}", "足場から墜落。", {"type": ("墜落",)}) for n in range(60)),
        *(Record(f"s{n}", "床で転倒。", {"type": ("転倒",)}) for n in range(12)),
        *(Record(f"e{n}", "分電盤で感電。", {"type": ("感電",)}) for n in range(3)),
        Record("both", "墜落して溺れた。", {"type": ("墜落",), "tags": ("溺れ",)}),
    ]
    found = reports(records, without_other)
    drawn = Counter(draw(found, TrainingSettings(other_ratio=1.0, max_repeats=3), 0))

    assert [report is None for report in found] == [True] * 60 + [False] * 16
    assert all(drawn[index] == 1 for index in range(60, 72))
    assert all(drawn[index] == 2 for index in range(72, 75))
    assert sum(drawn[index] for index in range(60)) == 12 + 3 * 2 + 1


def test_balanced_labels_are_all_kept(without_other: Application) -> None:
    names = ("墜落", "転倒", "感電", "溺れ")
    records = [Record(f"{name}{n}", "事故。", {"type": (name,)}) for name in names for n in range(5)]
    assert sorted(draw(reports(records, without_other), TrainingSettings(), 0)) == list(range(20))


def test_records_of_other_tasks_are_drawn_once_and_records_without_a_tag_count_as_other(
    without_other: Application,
) -> None:
    records = [
        Record("score", "軽傷。", scores={"weight": 1.0}),
        *(Record(f"none{n}", "異状なし。", {"tags": ()}) for n in range(20)),
        *(Record(f"tag{n}", "感電。", {"tags": (name,)}) for n, name in enumerate(("感電", "溺れ"))),
    ]
    found = reports(records, without_other)
    assert [report is None for report in found] == [False, *[True] * 20, False, False]
    drawn = Counter(draw(found, TrainingSettings(other_ratio=1.0), 0))
    assert (drawn[0], drawn[21], drawn[22]) == (1, 1, 1)
    assert drawn.total() == 6
