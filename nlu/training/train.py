"""Training: records in, a tailored model out.

The outputs of the encoder's lower layers are computed once per record and kept in half precision; every
epoch then runs only the top layers. After each epoch the dev records judge, and the best epochs are kept;
on the same records thresholds are chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import torch

from nlu.application import Application
from nlu.decisions.cautions import decision_warnings
from nlu.decisions.deciding import Decisions, decide
from nlu.decisions.thresholds import choose_decisions
from nlu.encoders.loading import load_encoder, threads
from nlu.encoders.precision import best_device, mixed_precision
from nlu.evaluation.comparing import Evaluation, Judged, compare
from nlu.experts.blend import choose_blend
from nlu.experts.linear import LinearExpert
from nlu.model.adapters import build_network, encoder_checksum, learned_tensors
from nlu.model.inference import signals_of
from nlu.model.network import MultitaskModel
from nlu.model.opinions import Opinions
from nlu.model.preparation import Preparer
from nlu.model.signals import Signals
from nlu.model.tailored import TailoredModel
from nlu.records import Record
from nlu.text.sentences import Sentence
from nlu.training.augmentation.copies import show_changed
from nlu.training.checkpoint import CheckpointFolder, fingerprint
from nlu.training.examples import Example
from nlu.training.fitting import Course, Epoch, Fitted, fit
from nlu.training.headline import headline
from nlu.training.lessons import Lesson, make_examples, make_lessons, split_records
from nlu.training.metrics_file import write_metrics
from nlu.training.model_card import CardFacts, model_card
from nlu.training.readiness import data_warnings
from nlu.training.relevance import relevance_head
from nlu.training.sampling import Coverage, coverage, draw, reports
from nlu.training.starts import sheet_starts

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
    the last epoch until training is done. Without records the model says what the label sheet says; records
    to learn from need others to choose by (ValueError, see `hold_out`).
    """
    if train_records and not dev_records:
        raise ValueError("there are records to learn from, but none to choose epoch and thresholds by")
    with threads(application.settings.training.threads):
        torch.manual_seed(application.settings.training.seed)
        encoder, tokenizer = load_encoder(application.settings.encoder)
        checksum = encoder_checksum(encoder, tokenizer)
        records = [*train_records, *dev_records]
        sentences = split_records(records, lambda n, of: progress(TrainingStep(Phase.PREPARE, n, of)))
        preparer = Preparer(
            application,
            encoder,
            tokenizer,
            relevance=relevance_head(train_records, sentences[: len(train_records)], application),
            ask_encoder=not train_records,
            with_offsets=bool(application.spans),
        )
        starts = sheet_starts(application, encoder, tokenizer)
        network = build_network(encoder, application, starts).to(best_device())

        material = _gather(application, train_records, dev_records, sentences, preparer)
        lessons = make_lessons(
            [*material.learning, *material.copies, *material.dev],
            network,
            preparer.padding_id,
            lambda n, of: progress(TrainingStep(Phase.LOWER_LAYERS, n, of)),
        )
        course = Course(
            [[lessons[place] for place in epoch] for epoch in material.draws],
            preparer.padding_id,
            _judge(network, lessons[len(lessons) - len(material.dev) :], preparer.padding_id),
            _Telling(progress, len(material.draws)),
        )
        same_run = fingerprint(application, checksum, train_records, dev_records)
        checkpoints = CheckpointFolder(output_folder / CHECKPOINT_FOLDER, same_run)
        fitted = fit(network, course, checkpoints)

        linear = _linear(application, [*material.learning, *material.copies])
        opinions = Opinions(network.cpu().eval(), linear)
        dev = material.dev
        by_expert = opinions.by_expert([example.prepared for example in dev], preparer.padding_id)
        if opinions.linear is not None:
            opinions = replace(opinions, blend=choose_blend(application, dev, by_expert))
        signals = opinions.together(by_expert)
        decisions, thresholds = choose_decisions(application, dev, signals)
        model = TailoredModel(opinions, preparer, decisions, checksum)
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
            warnings=(
                *data_warnings(application, train_records, dev_records),
                *decision_warnings(application, decisions, thresholds),
            ),
            calibration=decisions.calibration,
            dev=_assess(application, dev, signals, decisions),
            blend=opinions.blend,
        )
        (output_folder / CARD_FILE).write_text(model_card(facts), encoding="utf-8")
        metrics = _metrics(facts, fitted, material.coverage)
        write_metrics(output_folder, metrics)
        checkpoints.remove()
        return metrics


@dataclass(frozen=True, slots=True)
class _Material:
    """`copies` are changed copies of records that are learned from; `draws` hold by epoch the places of
    `learning`, and from its length on those of `copies`."""

    learning: list[Example]
    copies: list[Example]
    dev: list[Example]
    draws: Sequence[Sequence[int]]
    coverage: Sequence[Coverage]


def _gather(
    application: Application,
    train_records: Sequence[Record],
    dev_records: Sequence[Record],
    sentences: Sequence[tuple[Sentence, ...]],
    preparer: Preparer,
) -> _Material:
    """All that the epochs will show; `sentences` are those of the records to learn from and of those of dev.
    Without records there are no epochs, and the heads stay as they start."""
    examples = make_examples([*train_records, *dev_records], sentences, preparer, application)
    training = application.settings.training
    said = reports(train_records, application)
    draws = [draw(said, training, epoch) for epoch in range(training.epochs if train_records else 0)]
    showing = show_changed(train_records, sentences[: len(train_records)], draws, application)
    copies = make_examples(
        [copy.record for copy in showing.copies],
        [copy.sentences for copy in showing.copies],
        preparer,
        application,
    )
    count = len(train_records)
    return _Material(examples[:count], copies, examples[count:], showing.draws, coverage(said, draws))


def _linear(application: Application, examples: Sequence[Example]) -> LinearExpert | None:
    """The linear expert where it is asked for and there is something to learn from."""
    if not application.settings.decisions.linear or not examples:
        return None
    return LinearExpert.fit(application, examples)


def _judge(network: MultitaskModel, dev: Sequence[Lesson], padding_id: int) -> Callable[[], float]:
    examples = [lesson.example for lesson in dev]
    documents = [example.prepared for example in examples]
    lower = [lesson.lower for lesson in dev if lesson.lower is not None]
    precision = network.application.settings.training.precision
    device = next(network.parameters()).device

    def judge() -> float:
        with mixed_precision(precision, device):
            signals = signals_of(network, documents, padding_id, lower or None)
        return headline(network.application, examples, signals)

    return judge


@dataclass(frozen=True, slots=True)
class _Telling:
    """What `fit` reports, as training steps."""

    progress: Progress
    epochs: int

    def batch(self, epoch: int, number: int, of: int, loss: float) -> None:
        self.progress(TrainingStep(Phase.LEARN, number, of, epoch, loss))

    def epoch(self, epoch: Epoch) -> None:
        self.progress(
            TrainingStep(
                Phase.DEV, epoch.number, self.epochs, epoch.number, epoch.loss, epoch.headline, epoch.kept
            )
        )


def _metrics(facts: CardFacts, fitted: Fitted, seen: Sequence[Coverage]) -> dict[str, Any]:
    return {
        "model_id": facts.model_id,
        "train_records": len(facts.train_records),
        "dev_records": len(facts.dev_records),
        "best_epochs": list(facts.best_epochs),
        "epochs": [
            {**epoch, "other_seen": known.other_seen, "other": known.other}
            for epoch, known in zip(fitted.history, seen, strict=False)
        ],
        "blend": None if facts.blend is None else facts.blend.to_json(),
        "thresholds": [asdict(threshold) for threshold in facts.thresholds],
        "warnings": list(facts.warnings),
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
