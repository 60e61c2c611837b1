"""Scores that are said too high or too timidly are put right by dev records, and only then."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nlu.application.application import Application
from nlu.decisions.deciding import Decisions, decide
from nlu.network.preparation import Prepared
from nlu.network.signals import Signals
from nlu.records.record import Record
from nlu.training.choosing.blend_weights import choose_blend
from nlu.training.choosing.choose_decisions import choose_decisions
from nlu.training.examples.examples import Example

_SCORE = 'name = "voices"\ntitle = "お客様の声"\n[[tasks]]\nname = "strength"\ntype = "score"\n'
_SCORE += "minimum = 0\nmaximum = 4\nordinal = true\n"


def _application(folder: Path, settings: str = "") -> Application:
    (folder / "app.toml").write_text(_SCORE + settings, encoding="utf-8")
    return Application.load(folder)


def _said(slope: float, offset: float, count: int, seed: int) -> tuple[list[Example], list[Signals]]:
    """Records of strength 0 to 4, and what a model says that hears them through a line and some noise."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 5, count)
    heard = np.clip(slope * truth + offset + random.normal(scale=0.3, size=count), 0, 4)
    examples = [
        Example(
            Record(str(n), "音がする。"), (), Prepared(str(n), (), (), ()), {}, {}, {"strength": float(s)}
        )
        for n, s in enumerate(truth)
    ]
    return examples, [Signals({}, {}, {"strength": float(value)}) for value in heard]


def _values(
    application: Application, decisions: Decisions, examples: list[Example], signals: list[Signals]
) -> np.ndarray:
    return np.array(
        [
            decide(application, "id", decisions, example.prepared, said).scores[0].value
            for example, said in zip(examples, signals, strict=True)
        ]
    )


def _truth(examples: list[Example]) -> np.ndarray:
    return np.array([example.scores["strength"] for example in examples])


@pytest.mark.parametrize(("slope", "offset"), [(1.0, -0.8), (0.4, 1.6), (0.6, 0.0)])
def test_what_is_heard_too_low_or_too_timidly_is_put_right(
    tmp_path: Path, slope: float, offset: float
) -> None:
    application = _application(tmp_path)
    decisions, _ = choose_decisions(application, *_said(slope, offset, 80, seed=1))
    examples, signals = _said(slope, offset, 500, seed=2)
    raw = np.abs([said.scores["strength"] for said in signals] - _truth(examples)).mean()
    found = _values(application, decisions, examples, signals)
    error = np.abs(found - _truth(examples)).mean()
    assert error < 0.7 * raw
    assert (found >= 0).all()
    assert (found <= 4).all()
    line = decisions.scores["strength"]
    assert line.error_after == pytest.approx(error, abs=0.12)
    assert line.error_after < line.error_before
    again = Decisions.from_json(json.loads(json.dumps(decisions.to_json())))
    assert (_values(application, again, examples, signals) == found).all()


def test_a_line_that_would_fall_is_flat(tmp_path: Path) -> None:
    application = _application(tmp_path)
    examples, signals = _said(-1.0, 4.0, 200, seed=3)
    decisions, _ = choose_decisions(application, examples, signals)
    assert decisions.scores["strength"].slope == 0.0
    found = _values(application, decisions, examples, signals)
    assert found == pytest.approx(np.full(200, _truth(examples).mean()))


def test_scores_that_are_right_or_too_few_stay_as_they_are(tmp_path: Path) -> None:
    application = _application(tmp_path)
    examples, signals = _said(0.5, 0.0, 9, seed=4)
    decisions, _ = choose_decisions(application, examples, signals)
    assert decisions.scores == {}
    right = [Signals({}, {}, {"strength": value}) for value in _truth(examples)]
    decisions, _ = choose_decisions(application, examples * 10, right * 10)
    assert decisions.scores == {}
    assert (_values(application, decisions, examples, right) == _truth(examples)).all()


def test_without_calibration_scores_are_what_is_said(tmp_path: Path) -> None:
    application = _application(tmp_path, '[decisions]\ncalibration = "none"\n')
    decisions, _ = choose_decisions(application, *_said(0.4, 1.6, 80, seed=5))
    assert decisions.scores == {}


def test_an_expert_is_not_left_out_for_being_too_low(tmp_path: Path) -> None:
    """One hears every record well but too timidly, the other loosely around the truth."""
    application = _application(tmp_path)
    examples, low = _said(0.6, 0.0, 100, seed=6)
    noise = np.random.default_rng(7).normal(scale=0.8, size=100)
    loose = [
        Signals({}, {}, {"strength": float(np.clip(value + shift, 0, 4))})
        for value, shift in zip(_truth(examples), noise, strict=True)
    ]
    weights = choose_blend(application, examples, {"encoder": low, "linear": loose}).scores["strength"]
    assert weights["encoder"] > weights["linear"]
