"""A tailored model from its folder: what it says, that it says it again, and which folders it refuses."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from fixtures.truth_file import FIXTURES
from nlu.errors import ModelError
from nlu.model.tailored import TailoredModel
from nlu.records.record import Record
from nlu.text.boundaries.sentences import SentenceSplitter
from nlu.training.train import train
from nlu.understanding import Understanding
from tests.support.nlu.small_application import random_encoder, small_application, small_records

TEXT = (
    "札幌支店の田中様より入電。\n請求書が届いたとの連絡だった。"
    "別の拠点でも使いたいので新しく契約したいとのこと。よろしくお願いします。"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, encoder) -> Path:
    """A model that was trained a little on a small random encoder."""
    place = tmp_path_factory.mktemp("tailored")
    application = small_application(
        place / "app", random_encoder(place / "encoder", encoder[1]), epochs=2, max_tokens=64
    )
    train(
        application, small_records(24, "train"), small_records(12, "dev"), place / "model", lambda _step: None
    )
    return place / "model"


@pytest.fixture(scope="module")
def model(folder: Path) -> TailoredModel:
    return TailoredModel.load(folder)


def _understand(model: TailoredModel, splitter: SentenceSplitter, texts: list[str]) -> list[Understanding]:
    return model.understand(
        [model.prepare(str(number), splitter.split(text)) for number, text in enumerate(texts)]
    )


def _values(understanding: Understanding) -> list[float]:
    return [
        *(label.probability for label in understanding.labels),
        *(score.value for score in understanding.scores),
    ]


def test_a_saved_model_says_the_same_again(
    model: TailoredModel, splitter: SentenceSplitter, tmp_path: Path
) -> None:
    model.save(tmp_path / "copy")
    again = TailoredModel.load(tmp_path / "copy")

    assert again.model_id == model.model_id
    assert _understand(again, splitter, [TEXT]) == _understand(model, splitter, [TEXT])


def test_a_document_alone_and_in_a_batch_means_the_same_to_the_last_bit(
    model: TailoredModel, splitter: SentenceSplitter
) -> None:
    texts = [TEXT, "短い。", *(record.text for record in small_records(20, "dev"))]
    together = _understand(model, splitter, texts)

    assert [understanding.doc_id for understanding in together] == [str(n) for n in range(len(texts))]
    for text, understanding in zip(texts, together, strict=True):
        (alone,) = _understand(model, splitter, [text])
        assert _values(alone) == _values(understanding)
        assert alone.evidence == understanding.evidence


def test_decisions_agree_with_each_other(model: TailoredModel, splitter: SentenceSplitter) -> None:
    texts = [TEXT, *(record.text for record in small_records(20, "train"))]
    for text, found in zip(texts, _understand(model, splitter, texts), strict=True):
        for task in ("needs", "topics"):
            labels = [label for label in found.labels if label.task == task]
            accepted = {label.minor for label in labels if label.accepted}
            assert [label.minor for label in labels] == ["契約外", "追加機能", "その他"]
            assert len(accepted) == 1 or (task == "topics" and "その他" not in accepted)
            proven = {proof.label for proof in found.evidence if proof.task == task}
            assert proven == accepted - {"その他"}
            levels = {level.path: level for level in found.levels if level.task == task}
            for label in labels:
                for path in ((label.major,), (label.major, label.middle)):
                    assert levels[path].probability >= label.probability - 1e-9
                    assert levels[path].accepted or not label.accepted
        needs = [label.probability for label in found.labels if label.task == "needs"]
        assert sum(needs) == pytest.approx(1.0)
        assert all(text[proof.start : proof.end] == proof.text for proof in found.evidence)
        assert 0 <= found.scores[0].value <= 4


def test_a_long_document_is_cut_down_to_the_sentences_that_matter(
    model: TailoredModel, splitter: SentenceSplitter
) -> None:
    chatter = "".join(f"{number}日は雨が降り、道が混んで到着が少し遅れた。" for number in range(1, 31))
    text = chatter + "追加契約の見積を送ってほしいと言われた。" + chatter
    prepared = model.prepare("long", splitter.split(text))

    assert prepared.length <= 64
    assert len(prepared.sentences) < 61
    assert any("追加契約の見積" in sentence.text for sentence in prepared.sentences)
    numbers = [sentence.number for sentence in prepared.sentences]
    assert numbers == sorted(numbers)
    assert model.understand([prepared])[0].kept == tuple(numbers)


def test_one_endless_sentence_and_no_sentence_at_all_are_read(
    model: TailoredModel, splitter: SentenceSplitter
) -> None:
    endless = model.prepare("endless", splitter.split("雨が降ると" * 300))
    empty = model.prepare("empty", ())

    assert endless.length == 64
    found = model.understand([endless, empty])
    assert found[1].kept == ()
    assert found[1].evidence == ()
    assert len(found[1].labels) == 6
    alone = model.understand([empty])[0]
    assert _values(alone) == pytest.approx(_values(found[1]), abs=1e-4)


def test_a_prepared_document_travels_small(model: TailoredModel, splitter: SentenceSplitter) -> None:
    prepared = model.prepare("doc", splitter.split(TEXT))
    packed = pickle.dumps(prepared)
    assert pickle.loads(packed) == prepared
    assert len(packed) < 3_000


def test_predictions_are_records_with_probabilities(model: TailoredModel) -> None:
    record = Record("r-1", TEXT, meta={"source": "電話"})
    (line,) = model.predict_records([record])
    line = json.loads(json.dumps(line, ensure_ascii=False))

    assert (line["id"], line["text"], line["meta"]) == ("r-1", TEXT, {"source": "電話"})
    assert set(line["labels"]) == {"needs", "topics"}
    first = line["labels"]["needs"][0]
    assert (first["label"], first["path"]) == ("契約外", ["ニーズあり", "新規契約", "契約外"])
    assert 0 <= first["probability"] <= 1
    assert sum(label["accepted"] for label in line["labels"]["needs"]) == 1
    assert 0 <= line["scores"]["urgency"] <= 4
    for proof in line["evidence"]["needs"]:
        assert TEXT[proof["start"] : proof["end"]] == proof["text"]


@pytest.mark.parametrize("name", ["call-log", "daily-report"])
def test_the_card_of_a_shipped_model_names_the_id_that_its_predictions_carry(name: str) -> None:
    folder = FIXTURES / "apps" / name / "model"
    card = (folder / "MODEL_CARD.md").read_text("utf-8")
    assert f"model_id: `{TailoredModel.load(folder).model_id}`" in card


def test_another_encoder_is_refused(folder: Path, tmp_path: Path, encoder) -> None:
    """The folder still names its encoder, but other weights lie there now."""
    settings = (folder / "app.toml").read_text("utf-8")
    name = json.loads((folder / "encoder.json").read_text("utf-8"))["name"]
    moved = _copy(folder, tmp_path / "moved")
    other = random_encoder(tmp_path / "encoder", encoder[1], seed=1)
    (moved / "app.toml").write_text(settings.replace(name, other), encoding="utf-8")

    with pytest.raises(ModelError, match=r"学習に使ったエンコーダ.*違います"):
        TailoredModel.load(moved)


def test_a_broken_folder_is_refused_by_name(folder: Path, tmp_path: Path) -> None:
    without = _copy(folder, tmp_path / "without")
    (without / "thresholds.json").unlink()
    with pytest.raises(ModelError, match=r"thresholds\.json.*yomitori train"):
        TailoredModel.load(without)

    silent = _copy(folder, tmp_path / "silent")
    (silent / "vectors.safetensors").unlink()
    with pytest.raises(ModelError, match=r"vectors\.safetensors.*yomitori train"):
        TailoredModel.load(silent)

    torn = _copy(folder, tmp_path / "torn")
    data = (torn / "model.safetensors").read_bytes()
    (torn / "model.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelError, match="壊れています"):
        TailoredModel.load(torn)

    thin = _copy(folder, tmp_path / "thin")
    tensors = load_file(thin / "model.safetensors")
    tensors.popitem()
    save_file(tensors, thin / "model.safetensors")
    with pytest.raises(ModelError, match="重みの形"):
        TailoredModel.load(thin)


def _copy(folder: Path, target: Path) -> Path:
    target.mkdir()
    for file in folder.iterdir():
        (target / file.name).write_bytes(file.read_bytes())
    return target
