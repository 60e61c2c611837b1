"""Documents longer than what a model learned from: how they are cut, and what is made of the parts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from fixtures.truth_file import FIXTURES
from nlu.application.application import Application
from nlu.model.tailored import TailoredModel
from nlu.network.long_documents import join_signals, learned_length, split_long_document
from nlu.network.preparation import Prepared, Preparer
from nlu.network.signals import Signals
from nlu.network.span_tags import FoundSpan
from nlu.records.record import Record
from nlu.records.record_files import read_records
from nlu.text.boundaries.sentences import SentenceSplitter
from tests.support.nlu.small_application import small_application

pytestmark = pytest.mark.slow

CALLS = FIXTURES / "apps" / "call-log"
LINES = tuple(
    f"{n}日は{'札仙新金高'[n % 5]}の倉庫へ出かけ、棚を{'数え直した' * (n % 3 + 1)}。" for n in range(1, 20)
)


@pytest.fixture
def preparer(encoder, tmp_path: Path) -> Preparer:
    return Preparer(small_application(tmp_path, max_tokens=0), *encoder, with_offsets=True)


def test_a_piece_is_what_its_sentences_alone_would_be(preparer: Preparer, splitter: SentenceSplitter) -> None:
    document = preparer.prepare("d", splitter.split("\n".join(LINES)))
    parts = split_long_document(document, 80)
    assert len(parts) > 4
    assert [sentence for piece in parts for sentence in piece.sentences] == list(document.sentences)
    for piece in parts:
        assert piece == preparer.prepare("d", piece.sentences)
        assert piece.length <= 40
    joined = [a.length + b.length for a, b in pairwise(parts)]
    assert all(length > 40 for length in joined), "two parts would have been one"


def test_a_sentence_longer_than_a_piece_stays_whole(preparer: Preparer, splitter: SentenceSplitter) -> None:
    endless = "担当者の席を五つ増やし、" * 12 + "以上。"
    document = preparer.prepare("d", splitter.split(f"{LINES[0]}\n{endless}\n{LINES[1]}"))
    assert [len(piece.sentences) for piece in split_long_document(document, 40)] == [1, 1, 1]


def test_a_document_like_those_learned_from_is_read_whole(
    preparer: Preparer, splitter: SentenceSplitter
) -> None:
    document = preparer.prepare("d", splitter.split("\n".join(LINES)))
    for learned in (document.length, document.length // 2, 0):
        assert split_long_document(document, learned) == (document,)
    assert split_long_document(preparer.prepare("empty", ()), 1) == (preparer.prepare("empty", ()),)


def test_one_long_record_among_many_teaches_nothing_about_long_ones() -> None:
    assert learned_length([*range(20, 120), 4_000, *range(20, 120)]) == 119
    assert learned_length([30, 250, 40]) == 250
    assert learned_length([]) == 0


def _said(other: float, urgency: float, sentences: int) -> Signals:
    """Of a piece that reports 契約外 where it reports anything."""
    labels = np.array([0.9 - other, 0.1, other])
    return Signals(
        labels={"needs": labels, "topics": labels},
        sentences={"needs": np.full((sentences, 2), other), "topics": np.full((sentences, 2), urgency)},
        scores={"urgency": urgency},
        spans={"places": (FoundSpan(0, int(10 * urgency), int(10 * urgency) + 2, other),)},
    )


def _parts(preparer: Preparer, splitter: SentenceSplitter) -> tuple[Prepared, ...]:
    found = split_long_document(preparer.prepare("d", splitter.split("\n".join(LINES[:3]))), 20)
    assert len(found) == 3
    return found


def test_the_piece_that_tells_most_decides(
    preparer: Preparer, splitter: SentenceSplitter, tmp_path: Path
) -> None:
    application = small_application(tmp_path / "app")
    parts = _parts(preparer, splitter)
    said = [_said(other, urgency, 2) for other, urgency in ((0.8, 1.0), (0.3, 3.5), (0.7, 4.0))]
    found = join_signals(application, parts, said)
    assert found.labels["needs"] == pytest.approx([0.6, 0.1, 0.3])
    odds = 0.2 / 0.8, 0.7 / 0.3, 0.3 / 0.7
    assert found.scores["urgency"] == pytest.approx((odds[0] + 3.5 * odds[1] + 4 * odds[2]) / sum(odds))
    assert found.sentences["needs"][:, 0].tolist() == [0.8, 0.8, 0.3, 0.3, 0.7, 0.7]
    assert [span.start for span in found.spans["places"]] == [10, 35, 40]
    surely_nothing = join_signals(application, parts, [_said(1.0, urgency, 2) for urgency in (1.0, 2.0, 3.0)])
    assert surely_nothing.scores["urgency"] == pytest.approx(2.0)


def test_labels_that_can_be_combined_may_come_from_several_pieces(
    preparer: Preparer, splitter: SentenceSplitter, tmp_path: Path
) -> None:
    application = small_application(tmp_path / "app")
    one, other, third = (_said(0.5, 1.0, 1) for _ in range(3))
    one.labels["topics"][:] = (0.99, 0.1, 0.01)
    other.labels["topics"][:] = (0.01, 0.98, 0.02)
    third.labels["topics"][:] = (0.01, 0.1, 0.9)
    found = join_signals(application, _parts(preparer, splitter), [one, other, third])
    topics = found.labels["topics"]
    assert topics[:2] == pytest.approx([33 / 34, 16.4 / 17.4], abs=0.01)
    assert topics[2] == pytest.approx(1 - topics[0])


def test_where_nothing_can_be_nothing_all_pieces_have_their_say(
    preparer: Preparer, splitter: SentenceSplitter, tmp_path: Path
) -> None:
    place = tmp_path / "app"
    small_application(place)
    settings = (place / "app.toml").read_text("utf-8")
    (place / "app.toml").write_text(settings.replace('other = "その他"\n', ""), encoding="utf-8")
    application = Application.load(place)
    parts = _parts(preparer, splitter)
    said = [_said(other, urgency, 2) for other, urgency in ((0.8, 1.0), (0.2, 4.0), (0.2, 4.0))]
    found = join_signals(application, parts, said)
    first = parts[0].length / sum(piece.length for piece in parts)
    assert found.labels["needs"][2] == pytest.approx(0.2 + 0.6 * first)
    assert found.labels["needs"].sum() == pytest.approx(1.0)
    assert found.scores["urgency"] == pytest.approx(4.0 - 3.0 * first)


def _right(model: TailoredModel, splitter: SentenceSplitter, texts: Sequence[str], labels: list[str]) -> int:
    understood = model.understand(
        [model.prepare(str(n), splitter.split(text)) for n, text in enumerate(texts)]
    )
    given = [
        {one.minor for one in found.labels if one.task == "needs" and one.accepted} for found in understood
    ]
    return sum(found == {label} for found, label in zip(given, labels, strict=True))


def test_a_need_among_the_notes_of_a_long_day_is_found(splitter: SentenceSplitter, tmp_path: Path) -> None:
    """Half of the days hold one call with a need, half none; a model that knows no limit reads them whole."""
    model = TailoredModel.load(CALLS / "model")
    records = read_records(CALLS / "test.jsonl", model.application)
    needs = [record for record in records if record.evidence.get("needs")][:12]
    idle = [record for record in records if record.labels["needs"] == ("その他",)]
    days: list[list[Record]] = [idle[5 * n : 5 * n + 5] for n in range(24)]
    for day, need in zip(days, needs, strict=False):
        day[2] = need
    labels = [*(record.labels["needs"][0] for record in needs), *["その他"] * 12]
    texts = ["\n".join(record.text for record in day) for day in days]

    in_one_go = tmp_path / "in one go"
    shutil.copytree(CALLS / "model", in_one_go)
    about = json.loads((in_one_go / "encoder.json").read_text("utf-8"))
    assert about.pop("learned_tokens") < 200
    (in_one_go / "encoder.json").write_text(json.dumps(about), encoding="utf-8")

    found = _right(model, splitter, texts, labels)
    assert found >= 16
    assert found > _right(TailoredModel.load(in_one_go), splitter, texts, labels)
