"""Predicting needs nothing of what training needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.places import ROOT

pytestmark = pytest.mark.slow

PREDICT = """
import sys, nlu
model = nlu.load("fixtures/apps/call-log/model")
assert nlu.understand(model, "見積りを希望された。").labels
trainers = ("nlu.training", "nlu.ablation", "sklearn", "scipy.stats", "pandas")
loaded = [name for name in sys.modules if name.startswith(trainers)]
sys.exit(", ".join(loaded) or 0)
"""


def test_a_model_predicts_without_what_trains_it() -> None:
    done = subprocess.run([sys.executable, "-c", PREDICT], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
