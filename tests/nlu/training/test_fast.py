"""The preset that trains no network: a minute for thousands of records, and a model like any other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlu.application.application import Application
from nlu.errors import ApplicationError
from nlu.evaluation.comparing import compare
from nlu.model.tailored import TailoredModel
from nlu.training.train import train
from tests.support.nlu.small_application import small_application, small_records


def _fast(folder: Path) -> Application:
    small_application(folder)
    settings = (folder / "app.toml").read_text("utf-8")
    (folder / "app.toml").write_text(settings.replace("[training]", '[training]\npreset = "fast"'), "utf-8")
    return Application.load(folder)


def test_without_a_network_labels_evidence_and_scores_are_learned_and_kept(tmp_path: Path) -> None:
    application = _fast(tmp_path)
    train(
        application, small_records(120, "train"), small_records(60, "dev"), tmp_path / "model", lambda _: None
    )
    blend = json.loads((tmp_path / "model" / "blend.json").read_text("utf-8"))
    assert set(blend["labels"]["needs"]) == {"linear", "vectors", "sheet"}
    figures = compare(
        application, list(TailoredModel.load(tmp_path / "model").judge(small_records(60, "test")))
    )
    assert all(task.macro_f1 > 0.6 for task in figures.classifications)
    assert all((task.f1 or 0) > 0.5 for task in figures.evidence)
    assert (figures.scores[0].pearson or 0) > 0.3


def test_what_it_cannot_learn_is_refused(tmp_path: Path) -> None:
    _fast(tmp_path)
    settings = (tmp_path / "app.toml").read_text("utf-8")
    span = '\n[[tasks]]\nname = "products"\ntype = "span"\nlabels = "labels.csv"\n'
    (tmp_path / "app.toml").write_text(settings + span, "utf-8")
    with pytest.raises(ApplicationError, match="span"):
        Application.load(tmp_path)
