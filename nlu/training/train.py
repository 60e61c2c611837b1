"""Training: records in, a tailored model out.

The outputs of the encoder's lower layers are computed once per record and kept in half precision; every
epoch then runs only the top layers. After each epoch the dev records judge, and the best epochs are kept;
on the same records thresholds are chosen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import torch

from nlu.application import Application
from nlu.decisions.deciding import Decisions, decide
from nlu.decisions.thresholds import choose_decisions
from nlu.encoders.loading import load_encoder, one_thread
from nlu.encoders.precision import best_device
from nlu.evaluation.comparing import Evaluation, Judged, compare
from nlu.model.adapters import build_network, encoder_checksum, learned_tensors
from nlu.model.inference import signals_of
from nlu.model.network import MultitaskModel
from nlu.model.preparation import Preparer
from nlu.model.signals import Signals
from nlu.model.tailored import TailoredModel
from nlu.records import Record
from nlu.training.checkpoint import CheckpointFolder, fingerprint
from nlu.training.examples import Example
from nlu.training.fitting import Course, Epoch, Fitted, fit
from nlu.training.headline import headline
from nlu.training.lessons import Lesson, make_examples, make_lessons, split_records
from nlu.training.model_card import CardFacts, model_card
from nlu.training.sampling import draw, reports

METRICS_FILE = "metrics.json"
CARD_FILE = "MODEL_CARD.md"
CHECKPOINT_FOLDER = ".training"


class Phase(StrEnum):
    PREPARE = "prepare"
    LOWER_LAYERS = "lower layers"
    LEARN = "learn"
    DEV = "dev"


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """How far training is: `step` of `steps` in a phase, counted from 1; in the dev phase they are epochs.

    `loss` is the mean of the epoch so far; `headline` comes with the dev phase, and `best` says whether the
    epoch is among the best up to now.
    """

    phase: Phase
    step: int
    steps: int
    epoch: int = 0
    loss: float | None = None
    headline: float | None = None
    best: bool = False


Progress = Callable[[TrainingStep], None]


def train(
    application: Application,
    train_records: Sequence[Record],
    dev_records: Sequence[Record],
    output_folder: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Train on records that were checked against `application`, and write the model folder.

    Returns what is also written as `metrics.json`: figures on the dev records, thresholds, epochs. The same
    records, settings and versions give the same model, also where a kill came between: `output_folder` keeps
    the last epoch until training is done.
    """
    one_thread()
    torch.manual_seed(application.settings.training.seed)
    encoder, tokenizer = load_encoder(application.settings.encoder)
    checksum = encoder_checksum(encoder, tokenizer)
    preparer = Preparer(application, encoder, tokenizer, with_offsets=bool(application.spans))
    records = [*train_records, *dev_records]
    sentences = split_records(records, lambda n, of: progress(TrainingStep(Phase.PREPARE, n, of)))
    examples = make_examples(records, sentences, preparer, application)
    network = build_network(encoder, application).to(best_device())
    lessons = make_lessons(
        examples,
        network,
        preparer.padding_id,
        lambda n, of: progress(TrainingStep(Phase.LOWER_LAYERS, n, of)),
    )
    learning, dev = lessons[: len(train_records)], lessons[len(train_records) :]
    same_run = fingerprint(application, checksum, train_records, dev_records)
    checkpoints = CheckpointFolder(output_folder / CHECKPOINT_FOLDER, same_run)
    fitted = fit(network, _course(network, learning, dev, preparer.padding_id, progress), checkpoints)
    network.cpu()

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
        best_epochs=fitted.epochs,
        epochs_run=len(fitted.history),
        thresholds=thresholds,
        dev=_assess(application, dev_examples, signals, decisions),
    )
    (output_folder / CARD_FILE).write_text(model_card(facts), encoding="utf-8")
    metrics = _metrics(facts, fitted)
    text = json.dumps(metrics, ensure_ascii=False, indent=2)
    (output_folder / METRICS_FILE).write_text(text + "\n", encoding="utf-8")
    checkpoints.remove()
    return metrics


def _course(
    network: MultitaskModel,
    learning: Sequence[Lesson],
    dev: Sequence[Lesson],
    padding_id: int,
    progress: Progress,
) -> Course:
    application = network.application
    settings = application.settings.training
    said = reports([lesson.example.record for lesson in learning], application)
    draws = [draw(said, settings, epoch) for epoch in range(settings.epochs)]

    def judge() -> float:
        examples = [lesson.example for lesson in dev]
        lower = [lesson.lower for lesson in dev if lesson.lower is not None]
        documents = [example.prepared for example in examples]
        return headline(application, examples, signals_of(network, documents, padding_id, lower or None))

    def step(epoch: int, number: int, of: int, loss: float) -> None:
        progress(TrainingStep(Phase.LEARN, number, of, epoch, loss))

    def ended(epoch: Epoch) -> None:
        progress(
            TrainingStep(
                Phase.DEV, epoch.number, settings.epochs, epoch.number, epoch.loss, epoch.headline, epoch.kept
            )
        )

    return Course([[learning[row] for row in rows] for rows in draws], padding_id, judge, step, ended)


def _metrics(facts: CardFacts, fitted: Fitted) -> dict[str, Any]:
    return {
        "model_id": facts.model_id,
        "train_records": len(facts.train_records),
        "dev_records": len(facts.dev_records),
        "best_epochs": list(facts.best_epochs),
        "epochs": [dict(epoch) for epoch in fitted.history],
        "thresholds": [asdict(threshold) for threshold in facts.thresholds],
        "dev": facts.dev.to_json(),
    }


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
