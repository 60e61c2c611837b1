"""Training: records in, a tailored model out.

The outputs of the encoder's lower layers are computed once per record and kept in half precision; every
epoch then runs only the top layers. After each epoch records that were not learned from judge, and the best
epochs are kept; on the same records thresholds are chosen. With `folds` above one several networks learn,
each judged by another part of the records, and the mean of their weights is the model.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from nlu.application.application import Application
from nlu.decisions.deciding import Decisions, decide
from nlu.encoders.loading import load_encoder, threads
from nlu.encoders.precision import best_device
from nlu.evaluation.comparing import Evaluation, compare
from nlu.model.judged import Judged
from nlu.model.opinions import Opinions
from nlu.model.tailored import TailoredModel
from nlu.network.adapters import build_network, encoder_checksum, learned_tensors
from nlu.network.preparation import Preparer
from nlu.network.signals import Signals
from nlu.records.record import Record
from nlu.training.choosing.blend_weights import choose_blend
from nlu.training.choosing.cautions import decision_warnings
from nlu.training.choosing.thresholds import choose_decisions
from nlu.training.examples.examples import Example
from nlu.training.examples.lessons import split_records
from nlu.training.examples.readiness import data_warnings
from nlu.training.examples.relevance import relevance_head
from nlu.training.examples.starts import sheet_starts
from nlu.training.fitting.checkpoint import fingerprint
from nlu.training.fitting.members import Classroom, Member
from nlu.training.fitting.progress import Phase, Progress, TrainingStep
from nlu.training.metrics_file import write_metrics
from nlu.training.model_card import CardFacts, model_card

CARD_FILE = "MODEL_CARD.md"
CHECKPOINT_FOLDER = ".training"


@dataclass(frozen=True, slots=True)
class Learned:
    """A tailored model, and what was said of the records that judged it before it was one: `examples` and
    the blended `signals` of each, from which it had not learned."""

    model: TailoredModel
    examples: Sequence[Example]
    signals: Sequence[Signals]
    decisions: Decisions
    facts: CardFacts
    members: Sequence[Member]

    def judged(self) -> list[Judged]:
        """The records that judged, as the model's decisions see them."""
        return [
            Judged(
                example.record,
                example.sentences,
                decide(self.model.application, "", self.decisions, example.prepared, signals),
            )
            for example, signals in zip(self.examples, self.signals, strict=True)
        ]


def train(
    application: Application,
    train_records: Sequence[Record],
    dev_records: Sequence[Record],
    output_folder: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Train on records that were checked against `application`, and write the model folder.

    Returns what is also written as `metrics.json`: figures on the records that judged, thresholds, epochs.
    The same records, settings and versions give the same model, also where a kill came between:
    `output_folder` keeps the last epoch until training is done. Errors as of `learn`.
    """
    checkpoints = output_folder / CHECKPOINT_FOLDER
    learned = learn(application, train_records, dev_records, checkpoints, progress)
    learned.model.save(output_folder)
    dev = compare(application, learned.judged())
    (output_folder / CARD_FILE).write_text(model_card(learned.facts, dev), encoding="utf-8")
    metrics = _metrics(learned, dev)
    write_metrics(output_folder, metrics)
    shutil.rmtree(checkpoints, ignore_errors=True)
    return metrics


def learn(
    application: Application,
    train_records: Sequence[Record],
    dev_records: Sequence[Record],
    checkpoints: Path,
    progress: Progress,
) -> Learned:
    """The model of records that were checked against `application`; the folder `checkpoints` keeps what a
    killed run goes on from.

    Without records the model says what the label sheet says; records to learn from need others to choose by
    (ValueError, see `hold_out`). Raises DivergenceError where the loss is no number any more.
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

        same_run = fingerprint(application, checksum, train_records, dev_records)
        classroom = Classroom(network, preparer, checkpoints, same_run, progress)
        annotated = [*zip(records, sentences, strict=True)]
        members = classroom.teach(annotated[: len(train_records)], annotated[len(train_records) :])

        opinions = Opinions(
            network.cpu().eval(),
            classroom.experts(members, annotated),
            learned=max(member.learned for member in members),
        )
        examples = [example for member in members for example in member.judging]
        by_expert = {
            name: [said for member in members for said in member.said[name]] for name in members[0].said
        }
        if opinions.experts:
            opinions = replace(opinions, blend=choose_blend(application, examples, by_expert))
        signals = opinions.blended(by_expert)
        decisions, thresholds = choose_decisions(application, examples, signals)
        model = TailoredModel(opinions, preparer, decisions, checksum)
        facts = CardFacts(
            application=application,
            model_id=model.model_id,
            encoder_sha256=checksum,
            learned_parameters=sum(tensor.numel() for tensor in learned_tensors(network).values()),
            learned_tokens=opinions.learned,
            train_records=train_records,
            dev_records=dev_records,
            best_epochs=[member.fitted.epochs for member in members],
            epochs_run=[len(member.fitted.history) for member in members],
            thresholds=thresholds,
            warnings=(
                *data_warnings(application, train_records, dev_records),
                *decision_warnings(application, decisions, thresholds),
            ),
            decisions=decisions,
            blend=opinions.blend,
        )
        return Learned(model, examples, signals, decisions, facts, members)


def _metrics(learned: Learned, dev: Evaluation) -> dict[str, Any]:
    facts = learned.facts
    return {
        "model_id": facts.model_id,
        "train_records": len(facts.train_records),
        "dev_records": len(facts.dev_records),
        "best_epochs": [epoch for epochs in facts.best_epochs for epoch in epochs],
        "epochs": [
            {"member": number, **epoch, "other_seen": known.other_seen, "other": known.other}
            for number, member in enumerate(learned.members, start=1)
            for epoch, known in zip(member.fitted.history, member.coverage, strict=False)
        ],
        "blend": None if facts.blend is None else facts.blend.to_json(),
        "thresholds": [asdict(threshold) for threshold in facts.thresholds],
        "warnings": list(facts.warnings),
        "dev": dev.to_json(),
    }
