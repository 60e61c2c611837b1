"""What is unlike all that was learned from is new, and what the experts say of it is believed less."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlu.experts.familiarity import MOST_PROTOTYPES, Familiarity, Prototypes, familiarity_from_files
from nlu.model.blend import Blend
from nlu.network.expert_input import ExpertInput
from nlu.network.layer_means import LayerMeans
from nlu.network.preparation import Prepared
from nlu.network.signals import Signals
from tests.support.nlu.small_application import small_application

HIDDEN = 16


def _input(vector: np.ndarray) -> ExpertInput:
    whole = np.concatenate([np.zeros(HIDDEN), vector]).astype(np.float32)
    return ExpertInput(
        Prepared("x", (0, 2), (), ()), LayerMeans(whole, np.zeros((0, 32), np.float32), HIDDEN)
    )


def _world(seed: int, count: int, axis: int) -> list[ExpertInput]:
    random = np.random.default_rng(seed)
    return [_input(4 * np.eye(HIDDEN)[axis] + random.normal(size=HIDDEN)) for _ in range(count)]


@pytest.fixture(scope="module")
def familiarity() -> Familiarity:
    known = [given for axis in (0, 1) for given in _world(axis, 300, axis)]
    prototypes = Prototypes.of(known)
    assert prototypes is not None
    held_out = [given for axis in (0, 1) for given in _world(axis + 10, 100, axis)]
    return Familiarity.of(prototypes, [prototypes.distance(given) for given in held_out])


def test_another_world_is_newer_than_more_of_the_same(familiarity: Familiarity) -> None:
    def novelty(worlds: list[ExpertInput]) -> float:
        return float(np.mean([familiarity.novelty(familiarity.prototypes.distance(one)) for one in worlds]))

    assert novelty(_world(20, 100, 0)) < 0.4
    assert novelty(_world(21, 100, 5)) > 0.6


def test_it_is_small_and_says_the_same_once_written(familiarity: Familiarity) -> None:
    files = familiarity.to_files()
    assert len(familiarity.prototypes.vectors) <= MOST_PROTOTYPES
    assert sum(map(len, files.values())) < 1_000_000
    again = familiarity_from_files(files)
    (one,) = _world(22, 1, 3)
    assert again.novelty(again.prototypes.distance(one)) == familiarity.novelty(
        familiarity.prototypes.distance(one)
    )


def test_a_text_without_a_token_is_no_error(familiarity: Familiarity) -> None:
    assert familiarity.prototypes.distance(_input(familiarity.prototypes.center)) == 0.0


def test_what_is_said_of_the_new_is_believed_less_and_in_the_same_order(tmp_path: Path) -> None:
    application = small_application(tmp_path)
    said = Signals(
        {"needs": np.array([0.04, 0.01, 0.95]), "topics": np.array([0.9, 0.2, 0.1])},
        {name: np.zeros((0, 2)) for name in ("needs", "topics")},
        {"urgency": 1.0},
    )
    alone = {"linear": 1.0}
    blend = Blend(
        dict.fromkeys(("needs", "topics"), alone),
        dict.fromkeys(("needs", "topics"), alone),
        {"urgency": alone},
    )
    known, new = (
        blend.apply(application, {"linear": [replace(said, novelty=novelty)]})[0] for novelty in (0.0, 1.0)
    )
    np.testing.assert_allclose(known.labels["needs"], said.labels["needs"], atol=0.002)
    assert new.labels["needs"].argsort().tolist() == said.labels["needs"].argsort().tolist()
    assert new.labels["needs"][:2].sum() > 2 * known.labels["needs"][:2].sum()
    assert 0.5 < new.labels["topics"][0] < known.labels["topics"][0]
    assert known.labels["topics"][1] < new.labels["topics"][1] < 0.5
