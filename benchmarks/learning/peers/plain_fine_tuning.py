"""Plain fine-tuning of the same encoder for one task: mean pooling, a linear layer, every weight learns.

The recipe of the field (Devlin et al. 2019): AdamW, warm-up and linear decay, cross-entropy, early stopping
by the dev figure, the better of two learning rates on dev. Batches of like length, bfloat16 where the
processor computes in it.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.learning.contender_figures import macro_f1
from benchmarks.learning.problem import Prediction, Problem, Values
from nlu.application.settings import ClassificationTask
from nlu.encoders.loading import load_encoder
from nlu.network.batches import by_length
from nlu.records.record import Record

MAX_TOKENS = 128

_LEARNING_RATES = (5e-5, 1.5e-4)
# From this many records on one rate is tried: the larger won at every smaller size of a small encoder.
_ENOUGH_FOR_ONE_RATE = 1000
_BATCH = 16
_FEWEST_STEPS, _FEWEST_EPOCHS = 240, 4
_ROUNDS, _PATIENCE = 8, 3
_WARMUP_SHARE = 0.1
_DROPOUT = 0.1


class Classifier(nn.Module):
    def __init__(self, encoder: nn.Module, hidden: int, columns: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Sequential(nn.Dropout(_DROPOUT), nn.Linear(hidden, columns))

    def forward(self, token_ids: Tensor, mask: Tensor) -> Tensor:
        """(texts, columns) logits."""
        hidden = self.encoder(input_ids=token_ids, attention_mask=mask)[0]
        seen = mask.unsqueeze(-1).to(hidden.dtype)
        return self.head((hidden * seen).sum(dim=1) / seen.sum(dim=1))


def solve(problem: Problem) -> Prediction:
    """The better of the learning rates on dev."""
    rates = _LEARNING_RATES if len(problem.train) < _ENOUGH_FOR_ONE_RATE else _LEARNING_RATES[-1:]
    tried = [_fit(problem, rate) for rate in rates]
    _, dev, test = max(tried, key=lambda one: one[0])
    return Prediction(dev, test)


def _fit(problem: Problem, rate: float) -> tuple[float, Values, Values]:
    """The best dev figure, and the probabilities for dev and test at that point."""
    torch.manual_seed(problem.seed)
    encoder, tokenizer = load_encoder("bundled")
    model = Classifier(encoder, encoder.config.hidden_size, max(1, len(problem.columns)))
    learned, dev, test = (tokens(tokenizer, part) for part in (problem.train, problem.dev, problem.test))
    targets = torch.tensor(problem.targets(problem.train), dtype=torch.float32)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    an_epoch = -(-len(learned) // _BATCH)
    steps = max(_FEWEST_STEPS, _FEWEST_EPOCHS * an_epoch)
    warm = max(1, round(_WARMUP_SHARE * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / (steps - warm)))
    )
    best, best_state, stale, step = -np.inf, None, 0, 0
    drawn = random.Random(problem.seed)
    while step < steps and stale < _PATIENCE:
        order = list(range(len(learned)))
        drawn.shuffle(order)
        batches = sorted(by_length([len(learned[row]) for row in order], _BATCH))
        for places in batches:
            rows = [order[place] for place in places]
            model.train()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = model(*padded([learned[row] for row in rows], tokenizer.pad_token_id))
            loss = _loss(problem, logits.float(), targets[rows])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            if step % -(-steps // _ROUNDS) == 0 or step == steps:
                figure = macro_f1(problem, predict(model, problem, dev, tokenizer.pad_token_id))
                stale = 0 if figure > best else stale + 1
                if figure > best:
                    best, best_state = figure, copy.deepcopy(model.state_dict())
            if step == steps or stale == _PATIENCE:
                break
    assert best_state is not None
    model.load_state_dict(best_state)
    on_dev, on_test = (predict(model, problem, part, tokenizer.pad_token_id) for part in (dev, test))
    return best, on_dev, on_test


def _loss(problem: Problem, logits: Tensor, targets: Tensor) -> Tensor:
    if not isinstance(problem.task, ClassificationTask):
        return functional.mse_loss(logits.squeeze(1), targets)
    if problem.exclusive:
        return functional.cross_entropy(logits, targets.argmax(dim=1))
    return functional.binary_cross_entropy_with_logits(logits, targets)


def predict(model: Classifier, problem: Problem, texts: Sequence[Sequence[int]], padding: int) -> Values:
    """Probabilities, or the shares of a score's range."""
    model.eval()
    found: dict[int, Values] = {}
    for rows in by_length([len(text) for text in texts], 32):
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(*padded([texts[row] for row in rows], padding)).float()
        if not isinstance(problem.task, ClassificationTask):
            values = logits.squeeze(1).clamp(0, 1)
        else:
            values = logits.softmax(dim=1) if problem.exclusive else logits.sigmoid()
        found |= dict(zip(rows, values.double().numpy(), strict=True))
    return np.array([found[row] for row in range(len(texts))])


def tokens(tokenizer, records: Sequence[Record]) -> list[list[int]]:
    """The pieces of each text with the encoder's end marks, cut at the limit."""
    texts = [record.text for record in records]
    return list(tokenizer(texts, truncation=True, max_length=MAX_TOKENS).input_ids)


def padded(texts: Sequence[Sequence[int]], padding: int) -> tuple[Tensor, Tensor]:
    """Token ids and mask, (texts, tokens)."""
    longest = max(len(text) for text in texts)
    ids = torch.full((len(texts), longest), padding, dtype=torch.long)
    mask = torch.zeros((len(texts), longest), dtype=torch.long)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text)
        mask[row, : len(text)] = 1
    return ids, mask
