"""What the bundled encoder learned over label sheets changes its top layers, and nothing else of it."""

from __future__ import annotations

import numpy as np
import torch

from nlu.application.label_sheet import Label
from nlu.encoders.loading import load_encoder
from nlu.encoders.matching import bundled_matching
from nlu.experts.sheet_vectors import SheetVectors, mean_vectors

LABELS = (
    Label("園", "保育", "送り迎え", "登園や降園の時刻、送迎の人の変更。", ("お迎え", "延長")),
    Label("園", "保育", "けが", "園でのけがや友だちとのもめごと。", ("けが", "あざ")),
    Label("園", "食事", "給食", "給食やおやつ、食物アレルギー。", ("給食", "アレルギー")),
)
OPEN = (
    "今日は六時過ぎまで預かってもらえないだろうか。",
    "帰ったら腕に歯形が付いていて驚いた。",
    "卵を抜いてほしい。",
)
SETTLED = (
    "先日はすぐに対応いただき、もう困っていません。",
    "見学のお礼のお電話。",
    "資料は届いたので送らなくてよいとのこと。",
)


def test_only_the_top_layers_change_and_nothing_where_it_is_not_asked_for() -> None:
    plain, changed = (dict(load_encoder("bundled", matched=m)[0].named_parameters()) for m in (False, True))
    different = {name for name, value in plain.items() if not torch.equal(value, changed[name])}
    assert different
    assert all(int(name.split(".")[2]) >= 6 and name.endswith(".weight") for name in different)


def test_a_sheet_that_nobody_learned_is_told_apart_and_the_settled_from_the_open() -> None:
    """A trade that is not among the sheets learned from; no keyword stands in the texts."""
    encoder, tokenizer = load_encoder("bundled")
    matching = bundled_matching()
    known = SheetVectors.of(encoder, tokenizer, LABELS, matching.center)
    vectors = mean_vectors(encoder, tokenizer, [*OPEN, *SETTLED]) - matching.center
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    near = (
        matching.definition * vectors @ known.definitions.T + matching.keywords * vectors @ known.keywords.T
    )
    assert near[: len(OPEN)].argmax(axis=1).tolist() == [0, 1, 2]
    best = near.max(axis=1) + vectors @ matching.report
    assert best[: len(OPEN)].mean() > best[len(OPEN) :].mean() + 0.3
