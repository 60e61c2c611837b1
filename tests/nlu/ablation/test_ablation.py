"""An ablation's variants differ in one switch; it goes on where it stopped, and its table has them all."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from nlu.ablation.chart import draw
from nlu.ablation.learning import AblationData
from nlu.ablation.overrides import with_settings, with_tasks
from nlu.ablation.runs import RUNS_FILE, finished_runs, run_missing
from nlu.ablation.table import HEADLINE, rows_of, to_csv, to_json, to_markdown
from nlu.ablation.variants import FULL, LINEAR, PLAIN, SWITCHES, Variant, plan
from nlu.application.application import Application
from nlu.errors import ApplicationError
from nlu.records.record import Record
from nlu.training.fitting.training_step import Progress, TrainingStep
from tests.support.nlu.small_application import random_encoder, small_application, small_records

pytestmark = pytest.mark.slow


def _application(folder: Path, place: str = "bundled") -> Application:
    small = small_application(folder / "small", place, epochs=1)
    return with_tasks(small, ("needs", "urgency"), folder / "two")


def _records(count: int, part: str) -> list[Record]:
    """Records that say nothing of the task left out."""
    return [
        replace(
            record, labels={"needs": record.labels["needs"]}, evidence={"needs": record.evidence["needs"]}
        )
        for record in small_records(count, part)
    ]


def _quiet(*_run: object) -> Progress:
    return _no_progress


def _no_progress(_step: TrainingStep) -> None:
    return None


def _differences(one: Application, other: Application) -> set[str]:
    """Dotted keys of the settings in which two applications differ."""
    left, right = (application.settings.model_dump() for application in (one, other))
    found = {key for key in left if left[key] != right[key] and not isinstance(left[key], dict)}
    for table in (key for key in left if isinstance(left[key], dict)):
        found |= {f"{table}.{key}" for key in left[table] if left[table][key] != right[table].get(key)}
    return found


def test_a_variant_differs_from_its_base_in_exactly_one_switch(tmp_path: Path) -> None:
    application = _application(tmp_path)
    variants = {variant.name: variant for variant in plan(application.settings)}
    applied = {
        name: with_settings(application, variant.overrides, tmp_path / name)
        for name, variant in variants.items()
    }
    keys = {switch.name: set(switch.off) for switch in SWITCHES}

    compared = [variant for variant in variants.values() if variant.base]
    assert len(compared) == 2 * len(SWITCHES)
    for variant in compared:
        switch = variant.name[len(variant.base) + 1 :]
        changed = _differences(applied[variant.base], applied[variant.name])
        if switch == "multitask":
            assert not changed
            assert variant.multitask != variants[variant.base].multitask
        else:
            assert changed
            assert changed <= keys[switch]
            assert variant.multitask == variants[variant.base].multitask
    assert not applied[PLAIN].settings.training.redraw
    assert not applied[PLAIN].settings.decisions.linear
    assert not variants[PLAIN].multitask


def test_what_an_application_has_off_is_switched_on(tmp_path: Path) -> None:
    application = _application(tmp_path)
    off = with_settings(
        application, {"training.redraw": False, "augmentation.variants": 0.2}, tmp_path / "off"
    )
    names = [variant.name for variant in plan(off.settings, ("redraw", "variants"))]
    assert names == [FULL, PLAIN, LINEAR, "full+redraw", "full-variants", "plain+redraw", "plain+variants"]
    by_name = {variant.name: variant for variant in plan(off.settings, ("redraw", "variants"))}
    assert by_name["plain+variants"].overrides["augmentation.variants"] == 0.2
    adapted = plan(off.settings, (), "somewhere")
    assert [variant.name for variant in adapted] == [FULL, PLAIN, LINEAR]
    assert plan(off.settings, ("adapted",), "somewhere")[3].overrides == {"encoder": "somewhere"}


def test_settings_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ApplicationError, match="redrawn"):
        with_settings(_application(tmp_path), {"training.redrawn": True}, tmp_path / "wrong")


def test_an_interrupted_ablation_goes_on_and_its_table_has_every_variant(tmp_path: Path, encoder) -> None:
    place = random_encoder(tmp_path / "encoder", encoder[1])
    material = AblationData(
        _application(tmp_path, place),
        _records(16, "train"),
        _records(10, "dev"),
        _records(9, "test"),
    )
    variants = plan(material.application.settings, ("redraw",))
    folder = tmp_path / "out"

    def stop_at_the_second(_variant: Variant, _seed: int, number: int, _count: int) -> Progress:
        if number == 2:
            raise KeyboardInterrupt
        return _no_progress

    with pytest.raises(KeyboardInterrupt):
        list(run_missing(material, variants, (1,), folder, stop_at_the_second))
    runs_file = folder / RUNS_FILE
    first = runs_file.read_text("utf-8")
    assert first.count("\n") == 1
    runs_file.write_text(first + '{"variant": "plain", "se', "utf-8")

    assert not list(run_missing(material, variants, (1,), folder, _quiet, lambda: True))
    done = [run.variant for run in run_missing(material, variants, (1,), folder, _quiet)]

    assert done == [PLAIN, LINEAR, "full-redraw", "plain+redraw"]
    assert not list(run_missing(material, variants, (1,), folder, _quiet))
    runs = finished_runs(material, variants, (1,), folder)
    assert sorted(run.variant for run in runs) == sorted([FULL, *done])
    changed = AblationData(material.application, material.train[:-1], material.dev, material.test)
    assert not finished_runs(changed, variants, (1,), folder)

    rows = rows_of(variants, runs)
    plain = rows[1].figures
    assert {"needs/macro_f1", "needs/evidence_f1", "urgency/mae"} <= set(plain)
    gain = rows[3].gains[HEADLINE].mean
    assert gain == pytest.approx(rows[3].figures[HEADLINE].mean - rows[0].figures[HEADLINE].mean)
    markdown = to_markdown(rows)
    for variant in variants:
        assert f"| {variant.title} |" in markdown
    lines = list(csv.DictReader(io.StringIO(to_csv(rows))))
    assert {line["variant"] for line in lines} == {variant.name for variant in variants}
    assert json.dumps(to_json(rows), ensure_ascii=False)
    open_rows = [replace(row, figures={}, gains={}) if row.variant.base == PLAIN else row for row in rows]
    assert _height(draw(rows)) > _height(draw(open_rows)), "what was not run is not drawn"


def _height(png: bytes) -> int:
    return Image.open(io.BytesIO(png)).height


def test_a_table_of_a_few_runs_leaves_the_others_open(tmp_path: Path) -> None:
    variants = plan(_application(tmp_path).settings, ("redraw",))
    rows = rows_of(variants, [])
    assert to_markdown(rows).count("| 0 | — |") == len(variants)
    assert draw(rows).startswith(b"\x89PNG")
