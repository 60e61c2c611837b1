"""Every architecture loads, runs in halves, learns and trains: small ones with random weights, and a real
Japanese tokenizer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig, inject_adapter_in_model
from transformers import PreTrainedTokenizerFast

from nlu.encoders.loading import load_encoder, max_positions, text_vectors
from nlu.encoders.lower_layers import run_lower, run_upper, top_linear_names, top_parameters
from nlu.encoders.precision import mixed_precision
from nlu.training.train import train
from tests.support.nlu.architectures import ARCHITECTURES, LAYERS, POSITIONS, saved
from tests.support.nlu.small_application import small_application, small_records

TEXTS = (
    "人手が足りない。",
    "本日、青葉製作所の購買課を訪問し、来期の部品単価について打ち合わせた。㈱みどり運輸とｶﾞｲｱ商会も同席。",
    "九月末の支払いを十月十日まで待ってほしいと相談を受けた。" * 3,
)


@pytest.fixture(scope="module", params=ARCHITECTURES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(name: str, tmp_path: Path, encoder) -> str:
    return str(saved(ARCHITECTURES[name], tmp_path / "encoder", encoder[1]))


def encoded(tokenizer: PreTrainedTokenizerFast) -> tuple[torch.Tensor, torch.Tensor]:
    batch = tokenizer(list(TEXTS), padding=True, return_tensors="pt")
    return batch.input_ids, batch.attention_mask


def test_its_own_limit_is_known_and_can_be_used(name: str, place: str) -> None:
    model, _ = load_encoder(place)
    longest = {"roberta": POSITIONS - 2, "modernbert": 8192}.get(name, POSITIONS)
    assert max_positions(model) == longest
    if longest <= POSITIONS:
        with torch.inference_mode():
            assert model(input_ids=torch.full((1, longest), 5))[0].shape == (1, longest, 32)


def test_two_halves_make_the_whole(place: str) -> None:
    model, tokenizer = load_encoder(place)
    ids, mask = encoded(tokenizer)
    with torch.inference_mode():
        whole = model(input_ids=ids, attention_mask=mask)[0]
        for split in range(LAYERS):
            lower = run_lower(model, split, ids, mask)
            assert torch.equal(run_upper(model, split, ids, mask, lower), whole), split
        changed = run_upper(model, 2, ids, mask, run_lower(model, 2, ids, mask).flip(0))
        assert not torch.allclose(changed, whole, atol=1e-3)
        assert torch.equal(model(input_ids=ids, attention_mask=mask)[0], whole)


def test_padding_changes_no_vector(place: str) -> None:
    model, tokenizer = load_encoder(place)
    together = text_vectors(model, tokenizer, TEXTS)
    alone = [text_vectors(model, tokenizer, [text])[0] for text in TEXTS]
    assert together == pytest.approx(np.stack(alone), abs=1e-5)


def test_mixed_precision_says_the_same(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    model, tokenizer = load_encoder(place)
    ids, mask = encoded(tokenizer)
    with torch.inference_mode():
        exact = model(input_ids=ids, attention_mask=mask)[0][mask.bool()]
        with mixed_precision("auto", torch.device("cpu")):
            half = run_upper(model, 2, ids, mask, run_lower(model, 2, ids, mask))[mask.bool()].float()
    assert torch.cosine_similarity(exact, half, dim=1).mean() > 0.99


@pytest.mark.parametrize("tuning", ["lora", "full"])
def test_the_top_layers_learn_and_the_lower_ones_stay(place: str, tuning: str) -> None:
    model, tokenizer = load_encoder(place)
    ids, mask = encoded(tokenizer)
    model.requires_grad_(False)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    if tuning == "lora":
        inject_adapter_in_model(LoraConfig(r=2, target_modules=top_linear_names(model, 2)), model)
    else:
        for weight in top_parameters(model, 2):
            weight.requires_grad_(True)
    learning = {key: weight for key, weight in model.named_parameters() if weight.requires_grad}
    optimizer = torch.optim.AdamW(learning.values(), lr=1e-2 if tuning == "lora" else 2e-3)
    target = torch.tensor([1.0, -1.0, 0.0])
    losses = []
    with torch.no_grad():
        lower = run_lower(model, 2, ids, mask)
    for _ in range(25):
        hidden = run_upper(model, 2, ids, mask, lower)
        loss = (hidden[:, :, 0].mean(1) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert all(weight.grad is not None for weight in learning.values())
    assert losses[-1] < losses[0] / 2, losses
    after = model.state_dict()
    changed = {key for key in before if key in after and not torch.equal(before[key], after[key])}
    assert changed == (set(learning) if tuning == "full" else set())


@pytest.mark.parametrize("name", ["deberta with convolution", "modernbert"], indirect=True)
def test_swapping_the_encoder_is_one_line_of_the_settings(place: str, tmp_path: Path) -> None:
    application = small_application(tmp_path / "app", place, epochs=1)
    metrics = train(
        application, small_records(8, "train"), small_records(6, "dev"), tmp_path / "model", lambda step: None
    )
    assert metrics["epochs"][0]["loss"] > 0


def test_a_long_window_reaches_further_than_its_local_attention(encoder, tmp_path: Path) -> None:
    model, tokenizer = load_encoder(str(saved(ARCHITECTURES["modernbert"], tmp_path, encoder[1])))
    long = torch.tensor([tokenizer(TEXTS[2] * 20).input_ids])
    assert long.shape[1] > 600
    mask = torch.ones_like(long)
    with torch.inference_mode():
        first = model(input_ids=long, attention_mask=mask)[0][0, 0]
        assert torch.equal(run_upper(model, 1, long, mask, run_lower(model, 1, long, mask))[0, 0], first)
        long[0, -2] = 100
        assert not torch.equal(model(input_ids=long, attention_mask=mask)[0][0, 0], first)
