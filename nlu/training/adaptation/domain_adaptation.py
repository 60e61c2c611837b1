"""Domain adaptation: an encoder goes on learning to fill hidden words, on texts that nobody has annotated
(Gururangan et al. 2020), and is written as an encoder like any other.

A head that the encoder came without learns first, alone. A run that was killed goes on from its last
checkpoint as if nothing had happened.

The bundled encoder, top 6 layers, 200 steps of 64 short texts (reviews, dialogues), 215 CPU seconds: hidden
tokens right 8 % → 28 % of the held-out texts. Logistic regression on its frozen vectors, 1,500 texts of the
same domain, macro-F1 on dev texts, the better of two strengths: polarity of 600 reviews .772 → .774, acts of
501 utterances .422 → .449. One seed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from nlu.encoders.loading import load_language_model, max_positions, one_thread, quiet
from nlu.training.adaptation.masked_language import AdaptSettings, Filling, MaskedLanguageTrainer
from nlu.training.adaptation.masking import chunks
from nlu.training.fitting.checkpoint import CheckpointFile
from nlu.training.fitting.loop import training_loop
from nlu.training.fitting.training_step import Progress

REPORT_FILE = "adapt.json"

_HELD_OUT_SHARE = 0.05
_MOST_HELD_OUT = 1_000
_CHECKPOINT_SECONDS = 60.0


def adapt(
    encoder: str, texts: Sequence[str], output: Path, settings: AdaptSettings, progress: Progress
) -> dict[str, Any]:
    """Adapt the encoder of that name to `texts`, two at least, and write it into the folder `output`.

    Returns what is also written as `adapt.json`: from what, how, and how well words hidden from held-out
    texts were filled before and after. Raises EncoderError where the encoder cannot be had.
    """
    one_thread()
    torch.manual_seed(settings.seed)
    model, tokenizer, fresh = load_language_model(encoder)
    room = min(settings.max_tokens, max_positions(model.base_model)) - len(tokenizer("").input_ids)
    learned_texts, held_out_texts = _split(texts)
    trainer = MaskedLanguageTrainer(
        model,
        tokenizer,
        list(chunks(tokenizer, learned_texts, room)),
        list(chunks(tokenizer, held_out_texts, room)),
        settings,
        fresh_head=fresh,
    )
    checkpoints = CheckpointFile(output, _fingerprint(encoder, texts, settings))
    for step in training_loop(trainer, checkpoints, _CHECKPOINT_SECONDS):
        progress(step)
    with quiet(progress=False):
        model.cpu().base_model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    report = {
        "encoder": encoder,
        "texts": len(learned_texts),
        "held_out_texts": len(held_out_texts),
        "settings": asdict(settings),
        "fresh_head": fresh,
        "steps": trainer.optimization.updates,
        "seconds": round(trainer.seconds, 1),
        "before": _figures(trainer.before),
        "after": _figures(trainer.after),
    }
    content = json.dumps(report, ensure_ascii=False, indent=2)
    (output / REPORT_FILE).write_text(content + "\n", encoding="utf-8")
    checkpoints.remove()
    return report


def _split(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """The texts without duplicates, to learn from and held out; which is which depends on the text alone."""
    ordered = sorted(set(texts), key=_digest)
    count = min(_MOST_HELD_OUT, max(1, round(_HELD_OUT_SHARE * len(ordered))))
    return ordered[count:], ordered[:count]


def _fingerprint(encoder: str, texts: Sequence[str], settings: AdaptSettings) -> str:
    facts = [encoder, sorted(set(texts)), asdict(settings)]
    return _digest(json.dumps(facts, ensure_ascii=False))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _figures(filling: Filling | None) -> dict[str, float] | None:
    if filling is None:
        return None
    return {
        "loss": round(filling.loss, 4),
        "perplexity": round(filling.perplexity, 2),
        "masked_accuracy": round(filling.accuracy, 4),
    }
