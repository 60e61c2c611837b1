"""Training: records in, a tailored model out.

The outputs of the encoder's lower layers are computed once per record and kept in half precision; every
epoch then runs only the top layers. After each epoch thresholds are chosen and figures taken on the dev
records, and the best epoch is the one that is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nlu.application import Application
from nlu.decisions.deciding import Decisions, decide
from nlu.decisions.thresholds import choose_decisions
from nlu.encoders.loading import load_encoder, one_thread
from nlu.encoders.lower_layers import run_lower
from nlu.evaluation.comparing import Evaluation, Judged, compare
from nlu.model.adapters import build_network, encoder_checksum, learned_tensors, restore
from nlu.model.batches import by_length, collate
from nlu.model.inference import pad_hidden, signals_of
from nlu.model.network import MultitaskModel, Signals
from nlu.model.preparation import Preparer
from nlu.model.tailored import TailoredModel
from nlu.records import Record
from nlu.text.sentences import SentenceSplitter
from nlu.training.examples import Example, make_example
from nlu.training.losses import class_weights, multitask_loss
from nlu.training.model_card import CardFacts, model_card
from nlu.training.sampling import draw, reported

METRICS_FILE = "metrics.json"
CARD_FILE = "MODEL_CARD.md"

_LOWER_BATCH = 32
_WARMUP_SHARE = 0.1
_LARGEST_GRADIENT = 1.0
_WEIGHT_DECAY = 0.01


class Phase(StrEnum):
    PREPARE = "prepare"
    LOWER_LAYERS = "lower layers"
    LEARN = "learn"
    DEV = "dev"


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """How far training is: `step` of `steps` in a phase, counted from 1; in the dev phase they are epochs.

    `loss` is the mean of the epoch so far; `evaluation` comes with the dev phase, and `best` says whether it
    is the best up to now.
    """

    phase: Phase
    step: int
    steps: int
    epoch: int = 0
    loss: float | None = None
    evaluation: Evaluation | None = None
    best: bool = False


Progress = Callable[[TrainingStep], None]


@dataclass(frozen=True, slots=True)
class _Lesson:
    """An example and the output of the lower layers for it: (tokens, hidden), bfloat16."""

    example: Example
    lower: Tensor


def train(
    application: Application,
    train_records: Sequence[Record],
    dev_records: Sequence[Record],
    output_folder: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Train on records that were checked against `application`, and write the model folder.

    Returns what is also written as `metrics.json`: figures on the dev records, thresholds, epochs. The same
    records, settings and versions give the same model.
    """
    one_thread()
    torch.manual_seed(application.settings.training.seed)
    encoder, tokenizer = load_encoder(application.settings.encoder)
    checksum = encoder_checksum(encoder, tokenizer)
    preparer = Preparer(application, encoder, tokenizer)
    examples = _examples([*train_records, *dev_records], preparer, application, progress)
    network = build_network(encoder, application)
    lessons = _lessons(examples, network, preparer, progress)
    learning, dev = lessons[: len(train_records)], lessons[len(train_records) :]
    history, best_epoch = _fit(network, learning, dev, preparer.padding_id, progress)

    dev_examples = examples[len(train_records) :]
    signals = signals_of(network, [example.prepared for example in dev_examples], preparer.padding_id)
    decisions, thresholds = choose_decisions(application, dev_examples, signals)
    model = TailoredModel(network, preparer, decisions, checksum)
    model.save(output_folder)
    facts = CardFacts(
        application=application,
        model_id=model.model_id,
        encoder_sha256=checksum,
        learned_parameters=sum(tensor.numel() for tensor in learned_tensors(network).values()),
        train_records=train_records,
        dev_records=dev_records,
        best_epoch=best_epoch,
        epochs_run=len(history),
        thresholds=thresholds,
        dev=_assess(application, dev_examples, signals, decisions),
    )
    (output_folder / CARD_FILE).write_text(model_card(facts), encoding="utf-8")
    metrics = _metrics(facts, history)
    text = json.dumps(metrics, ensure_ascii=False, indent=2)
    (output_folder / METRICS_FILE).write_text(text + "\n", encoding="utf-8")
    return metrics


def _metrics(facts: CardFacts, history: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    return {
        "model_id": facts.model_id,
        "train_records": len(facts.train_records),
        "dev_records": len(facts.dev_records),
        "best_epoch": facts.best_epoch,
        "epochs": [dict(epoch) for epoch in history],
        "thresholds": [asdict(threshold) for threshold in facts.thresholds],
        "dev": facts.dev.to_json(),
    }


def _examples(
    records: Sequence[Record], preparer: Preparer, application: Application, progress: Progress
) -> list[Example]:
    splitter = SentenceSplitter()
    examples: list[Example] = []
    for step, record in enumerate(records, start=1):
        sentences = splitter.split(record.text, ())
        prepared = preparer.prepare(record.id, sentences)
        examples.append(make_example(record, sentences, prepared, application))
        progress(TrainingStep(Phase.PREPARE, step, len(records)))
    return examples


def _lessons(
    examples: Sequence[Example], network: MultitaskModel, preparer: Preparer, progress: Progress
) -> list[_Lesson]:
    network.eval()
    lower: dict[int, Tensor] = {}
    batches = by_length([example.prepared.length for example in examples], _LOWER_BATCH)
    for step, rows in enumerate(batches, start=1):
        batch = collate([examples[row].prepared for row in rows], preparer.padding_id)
        with torch.inference_mode():
            hidden = run_lower(network.encoder, network.split, batch.token_ids, batch.mask)
        for place, row in enumerate(rows):
            lower[row] = hidden[place, : examples[row].prepared.length].to(torch.bfloat16)
        progress(TrainingStep(Phase.LOWER_LAYERS, step, len(batches)))
    return [_Lesson(example, lower[row]) for row, example in enumerate(examples)]


def _fit(
    network: MultitaskModel,
    learning: Sequence[_Lesson],
    dev: Sequence[_Lesson],
    padding_id: int,
    progress: Progress,
) -> tuple[list[dict[str, float]], int]:
    """Train `network` and leave it as it was after its best epoch.

    Returns loss and dev headline by epoch, and the number of the best.
    """
    application = network.application
    settings = application.settings.training
    reports = [reported(lesson.example.record, application) for lesson in learning]
    draws = [draw(reports, settings, epoch) for epoch in range(settings.epochs)]
    weights = class_weights([learning[row].example for row in draws[0]], application)
    optimizer = torch.optim.AdamW(
        [parameter for parameter in network.parameters() if parameter.requires_grad],
        lr=settings.learning_rate,
        weight_decay=_WEIGHT_DECAY,
    )
    steps = -(-len(draws[0]) // settings.batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _warm_up_and_decay(steps * settings.epochs))
    history: list[dict[str, float]] = []
    best = learned_tensors(network)
    best_epoch = 0
    for epoch, drawn in enumerate(draws, start=1):
        network.train()
        losses: list[float] = []
        for lessons in _batches([learning[row] for row in drawn], settings.batch_size):
            batch = collate([lesson.example.prepared for lesson in lessons], padding_id)
            outputs = network(batch, pad_hidden([lesson.lower for lesson in lessons], batch))
            loss = multitask_loss(outputs, [lesson.example for lesson in lessons], application, weights)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), _LARGEST_GRADIENT)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
            progress(TrainingStep(Phase.LEARN, len(losses), steps, epoch, sum(losses) / len(losses)))
        evaluation = _dev_figures(network, dev, padding_id)
        is_best = all(evaluation.headline > before["headline"] for before in history)
        if is_best:
            best, best_epoch = learned_tensors(network), epoch
        mean_loss = sum(losses) / len(losses)
        history.append({"epoch": epoch, "loss": mean_loss, "headline": evaluation.headline})
        progress(TrainingStep(Phase.DEV, epoch, settings.epochs, epoch, mean_loss, evaluation, is_best))
        if epoch - best_epoch >= settings.patience:
            break
    restore(network, best)
    return history, best_epoch


def _warm_up_and_decay(steps: int) -> Callable[[int], float]:
    """The share of the learning rate by step: up over the first tenth, then down to 0 in a line."""
    warm = max(1, round(_WARMUP_SHARE * steps))
    return lambda step: min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))


def _batches(lessons: Sequence[_Lesson], size: int) -> list[list[_Lesson]]:
    """Batches of like length, in random order as `lessons` are: each stands where its longest stood."""
    batches = by_length([lesson.example.prepared.length for lesson in lessons], size)
    return [[lessons[place] for place in places] for places in sorted(batches)]


def _dev_figures(network: MultitaskModel, dev: Sequence[_Lesson], padding_id: int) -> Evaluation:
    examples = [lesson.example for lesson in dev]
    documents = [example.prepared for example in examples]
    signals = signals_of(network, documents, padding_id, [lesson.lower for lesson in dev])
    decisions, _ = choose_decisions(network.application, examples, signals)
    return _assess(network.application, examples, signals, decisions)


def _assess(
    application: Application, examples: Sequence[Example], signals: Sequence[Signals], decisions: Decisions
) -> Evaluation:
    judged = [
        Judged(
            example.record, example.sentences, decide(application, "", decisions, example.prepared, signal)
        )
        for example, signal in zip(examples, signals, strict=True)
    ]
    return compare(application, judged)
