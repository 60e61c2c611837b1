"""An encoder adapts to texts that nobody annotated, and stays an encoder like any other."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sudachipy import Dictionary, SplitMode

from nlu.encoders.language_head import head_parameters, masked_logits
from nlu.encoders.loading import load_encoder, load_language_model, text_vectors
from nlu.encoders.tokens import tokenize
from nlu.errors import RecordError
from nlu.training.adaptation.domain_adaptation import adapt
from nlu.training.adaptation.masked_language import AdaptSettings
from nlu.training.adaptation.masking import chunks, mask_words, word_numbers, word_places
from nlu.training.adaptation.unlabelled import read_texts
from nlu.training.fitting.training_step import Phase, TrainingStep
from tests.support.nlu.architectures import ARCHITECTURES, saved
from tests.support.nlu.small_application import random_encoder

pytestmark = pytest.mark.slow


def sentences(count: int) -> list[str]:
    drawn = random.Random(0)
    places, matters = (
        ("札幌支店", "東京本社", "大阪工場", "福岡営業所"),
        ("見積書", "請求書", "契約書", "納品書"),
    )
    return [
        f"{drawn.choice(places)}の{drawn.choice(('田中', '佐藤', '鈴木'))}様より、"
        f"{drawn.randrange(1, 13)}月分の{drawn.choice(matters)}について入電{number}。"
        for number in range(count)
    ]


TEXTS = sentences(60)
SHORT = AdaptSettings(epochs=None, steps=12, batch_size=8, learning_rate=1e-3)


def quiet(_step: TrainingStep) -> None:
    return None


def test_a_word_is_hidden_whole_or_not_at_all(encoder) -> None:
    _, tokenizer = encoder
    text = "㈱ｶﾞｲｱと𠮷野家の株主総会で、東京都知事の発言を確認した。" * 3
    (chunk,) = chunks(tokenizer, [text], 500)
    numbers = np.random.default_rng(0)
    seen_hidden = False
    for _ in range(20):
        masked = mask_words(chunk, tokenizer.mask_token_id, len(tokenizer), numbers)
        for word in np.unique(chunk.words):
            assert len(set(masked.asked[chunk.words == word])) == 1
        seen_hidden |= tokenizer.mask_token_id in masked.token_ids
        untouched = masked.token_ids[~masked.asked] == chunk.token_ids[~masked.asked]
        assert untouched.all()
        assert 0.05 <= masked.asked.mean() <= 0.2
    assert seen_hidden


def test_words_are_those_of_sudachi_where_tokens_are_shorter(encoder) -> None:
    _, tokenizer = encoder
    text = "株主総会で髙島屋の田中さんが発言した。"
    (tokens,) = tokenize(tokenizer, [text])
    numbers = word_numbers(tokens, word_places(Dictionary().create(mode=SplitMode.C), text))
    word_of = {
        place: number
        for (start, end), number in zip(tokens.offsets, numbers, strict=True)
        for place in range(start, end)
    }
    assert len({word_of[place] for place in range(4)}) == 1  # 株主総会
    assert len({word_of[text.index(part)] for part in ("株", "髙", "田", "発")}) == 4
    assert list(numbers) == sorted(numbers)


def test_a_long_text_becomes_passages_that_miss_nothing(encoder) -> None:
    _, tokenizer = encoder
    text = "点検の日程を早めてほしいと言われた。" * 1_500
    found = list(chunks(tokenizer, [text, "", "　"], 126))
    assert max(len(chunk.token_ids) for chunk in found) <= 126
    joined = "".join(tokenizer.convert_ids_to_tokens(np.concatenate([p.token_ids for p in found])))
    assert joined.replace("▁", "") == text


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_gets_the_head_it_needs(name: str, encoder, tmp_path: Path) -> None:
    place = str(saved(ARCHITECTURES[name], tmp_path, encoder[1]))
    model, tokenizer, fresh = load_language_model(place)
    assert fresh
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
    assert head_parameters(model)
    ids = torch.tensor([tokenizer(TEXTS[0]).input_ids])
    hidden = torch.zeros_like(ids, dtype=torch.bool)
    hidden[0, [2, 5]] = True
    with torch.inference_mode():
        whole = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[hidden]
        assert torch.allclose(masked_logits(model, ids, torch.ones_like(ids), hidden), whole, atol=1e-5)


@pytest.mark.parametrize("name", ["electra", "modernbert"])
def test_an_adapted_encoder_is_one_like_any_other(name: str, encoder, tmp_path: Path) -> None:
    place = str(saved(ARCHITECTURES[name], tmp_path / "encoder", encoder[1]))
    steps: list[TrainingStep] = []
    report = adapt(place, TEXTS, tmp_path / "adapted", SHORT, steps.append)
    assert report["after"]["loss"] < report["before"]["loss"]
    assert json.loads((tmp_path / "adapted" / "adapt.json").read_text("utf-8")) == report
    assert [step.phase for step in steps if step.headline is not None] == [Phase.DEV] * 2
    before, after = load_encoder(place), load_encoder(str(tmp_path / "adapted"))
    assert type(after[0]) is type(before[0])
    assert after[1].get_vocab() == before[1].get_vocab()
    assert not np.allclose(text_vectors(*before, TEXTS[:2]), text_vectors(*after, TEXTS[:2]), atol=1e-3)
    assert {file.suffix for file in (tmp_path / "adapted").iterdir()} <= {".json", ".safetensors"}
    assert not (tmp_path / "adapted" / "checkpoint.safetensors").exists()


def test_only_the_top_layers_learn_where_that_is_asked_for(encoder, tmp_path: Path) -> None:
    place = random_encoder(tmp_path / "encoder", encoder[1])
    settings = AdaptSettings(epochs=None, steps=6, layers=1, batch_size=8, learning_rate=1e-3)
    adapt(place, TEXTS, tmp_path / "adapted", settings, quiet)
    before, after = (load_file(tmp_path / name / "model.safetensors") for name in ("encoder", "adapted"))
    changed = {name for name in after if not torch.equal(before[name], after[name])}
    assert changed
    assert all(".layer.2." in name for name in changed)


class KilledError(Exception):
    pass


def test_a_killed_run_goes_on_as_if_nothing_had_happened(encoder, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("nlu.training.adaptation.domain_adaptation._CHECKPOINT_SECONDS", 0.0)
    place = random_encoder(tmp_path / "encoder", encoder[1])

    def killed_at_8(step: TrainingStep) -> None:
        if step.step == 8:
            raise KilledError

    adapt(place, TEXTS, tmp_path / "whole", SHORT, quiet)
    with pytest.raises(KilledError):
        adapt(place, TEXTS, tmp_path / "killed", SHORT, killed_at_8)
    steps: list[TrainingStep] = []
    adapt(place, TEXTS, tmp_path / "killed", SHORT, steps.append)
    assert min(step.step for step in steps) == 8
    whole, killed = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "killed"))
    assert all(torch.equal(whole[name], killed[name]) for name in whole)


def test_another_run_is_not_taken_up(encoder, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("nlu.training.adaptation.domain_adaptation._CHECKPOINT_SECONDS", 0.0)
    place = random_encoder(tmp_path / "encoder", encoder[1])

    def killed_at_4(step: TrainingStep) -> None:
        if step.step == 4:
            raise KilledError

    with pytest.raises(KilledError):
        adapt(place, TEXTS, tmp_path / "adapted", SHORT, killed_at_4)
    steps: list[TrainingStep] = []
    adapt(place, TEXTS[:50], tmp_path / "adapted", SHORT, steps.append)
    assert min(step.step for step in steps) == 1


def test_records_and_plain_texts_are_read_once_each(tmp_path: Path) -> None:
    records = [{"id": str(n), "text": text, "labels": {"needs": "その他"}} for n, text in enumerate(TEXTS)]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(record) for record in records), "utf-8")
    (tmp_path / "b.jsonl").write_text(
        json.dumps({"text": TEXTS[0]}) + "\n\n" + '{"text": "新しい文。"}', "utf-8"
    )
    assert read_texts([tmp_path / "a.jsonl", tmp_path / "b.jsonl"]) == (*TEXTS, "新しい文。")


def test_a_line_without_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "文。"}\n{"本文": "文。"}\n[]\n{', "utf-8")
    with pytest.raises(RecordError) as caught:
        read_texts([tmp_path / "a.jsonl"])
    assert [problem[:4] for problem in caught.value.problems] == ["2 行目", "3 行目", "4 行目"]


def test_too_few_texts_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "文。"}\n' * 30, "utf-8")
    with pytest.raises(RecordError, match="1 件しか"):
        read_texts([tmp_path / "a.jsonl"])
