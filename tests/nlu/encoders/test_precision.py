from __future__ import annotations

import pytest
import torch
from peft import LoraConfig, inject_adapter_in_model

from nlu.encoders.loading import load_encoder, one_thread
from nlu.encoders.lower_layers import run_lower, run_upper, top_linear_names
from nlu.encoders.precision import mixed_precision
from tests.support.nlu.small_application import random_encoder

CPU = torch.device("cpu")
TEXTS = ["資金繰りが苦しい。", "運転資金が不足しており、支払いが厳しい。", "社員旅行の行き先を決めた。"]


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch):
    """Makes torch believe in another processor."""

    def become(**capabilities: bool) -> None:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)

    return become


def vectors(encoder, precision: str) -> torch.Tensor:
    model, tokenizer = encoder
    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.inference_mode(), mixed_precision(precision, CPU):  # type: ignore[arg-type]
        hidden = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask)[0]
    return hidden[batch.attention_mask.bool()].float()


def test_mixed_precision_changes_vectors_by_next_to_nothing(encoder, processor) -> None:
    processor(avx512_bf16=True)
    exact, mixed = vectors(encoder, "float32"), vectors(encoder, "auto")
    assert not torch.equal(exact, mixed)
    assert torch.cosine_similarity(exact, mixed, dim=1).min() > 0.999


def test_a_processor_without_bfloat16_computes_in_float32(encoder, processor) -> None:
    processor(avx512_bf16=False, avx512_f=True)
    assert torch.equal(vectors(encoder, "auto"), vectors(encoder, "float32"))


def test_what_an_adapter_learns_is_used_at_once(encoder, tmp_path, processor) -> None:
    processor(avx512_bf16=True)
    one_thread()
    model, _ = load_encoder(random_encoder(tmp_path, encoder[1]))
    model.requires_grad_(False)
    inject_adapter_in_model(LoraConfig(r=2, target_modules=top_linear_names(model, 1)), model)
    optimizer = torch.optim.SGD([weight for weight in model.parameters() if weight.requires_grad], lr=1.0)
    ids = torch.arange(10, 42).reshape(2, 16)
    mask = torch.ones_like(ids)
    with mixed_precision("auto", CPU):
        with torch.no_grad():
            lower = run_lower(model, 1, ids, mask)
        before = run_upper(model, 1, ids, mask, lower).float()
        before[..., 0].sum().backward()
        optimizer.step()
        assert not torch.equal(run_upper(model, 1, ids, mask, lower).float(), before)
