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
from nlu.decisions.threshold import Threshold
from nlu.encoders.loading import load_encoder, threads
from nlu.encoders.precision import best_device
from nlu.evaluation.comparing import Evaluation, compare
from nlu.experts.familiarity import Familiarity, Prototypes
from nlu.experts.sheet_expert import SHEET, SheetExpert
from nlu.model.ensemble import Ensemble, with_novelty
from nlu.model.judged import Judged
from nlu.model.tailored import TailoredModel
from nlu.network.adapters import build_network, encoder_checksum, learned_tensors
from nlu.network.preparation import Preparer
from nlu.network.signals import Signals
from nlu.records.record import Record
from nlu.training.choosing.blend_weights import choose_blend
from nlu.training.choosing.choose_decisions import choose_decisions
from nlu.training.choosing.decision_warnings import decision_warnings
from nlu.training.examples.cached_examples import split_records
from nlu.training.examples.examples import Example
from nlu.training.examples.head_initialisation import sheet_initialisation
from nlu.training.examples.readiness import data_warnings
from nlu.training.examples.relevance_head import relevance_head
from nlu.training.fitting.checkpoint import fingerprint
from nlu.training.fitting.fold_training import FoldModel, FoldTrainer
from nlu.training.fitting.training_step import Phase, Progress, TrainingStep
from nlu.training.model_card import CardFacts, model_card
from nlu.training.model_files import CARD_FILE, CHECKPOINT_FOLDER, text_hashes, write_metrics


@dataclass(frozen=True, slots=True)
class Learned:
    """A tailored model with all that is known of how it came about: the held-out `examples` with the blended
    `signals` of models that had not learned from them, and the `decisions` that these made for."""

    model: TailoredModel
    ensemble: Ensemble
    encoder_sha256: str
    fold_models: Sequence[FoldModel]
    examples: Sequence[Example]
    signals: Sequence[Signals]
    decisions: Decisions
    thresholds: Sequence[Threshold]

    def judged(self) -> list[Judged]:
        """The held-out records, as the model's decisions see them."""
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

    Returns what is also written as `metrics.json`: figures on the held-out records, thresholds, epochs.
    The same records, settings and versions give the same model, also where a kill came between:
    `output_folder` keeps the last epoch until training is done. Errors as of `learn`.
    """
    checkpoints = output_folder / CHECKPOINT_FOLDER
    learned = learn(application, train_records, dev_records, checkpoints, progress)
    learned.model.save(output_folder)
    dev = compare(application, learned.judged())
    facts = _card_facts(learned, train_records, dev_records)
    (output_folder / CARD_FILE).write_text(model_card(facts, dev), encoding="utf-8")
    metrics = _metrics(facts, learned.fold_models, dev)
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
        initialisation = sheet_initialisation(application, encoder, tokenizer)
        network = build_network(encoder, application, initialisation).to(best_device())
        same_run = fingerprint(application, checksum, train_records, dev_records)
        standing = {SHEET: SheetExpert(application, initialisation)} if network.keeps_untuned else {}
        trainer = FoldTrainer(
            network, preparer, standing if initialisation else {}, checkpoints, same_run, progress
        )
        annotated = [*zip(records, sentences, strict=True)]
        models = trainer.train(annotated[: len(train_records)], annotated[len(train_records) :])
        learned_tokens = max(model.learned_tokens for model in models)
        experts = trainer.experts(models, annotated)
        familiarity = _familiarity(trainer.prototypes(annotated), models) if experts else None
        ensemble = Ensemble(network.cpu().eval(), experts, None, learned_tokens, familiarity)
        unknown = tuple(
            task.name
            for task in application.scores
            if not any(task.name in record.scores for record in records)
        )
        return _tailored(ensemble, preparer, checksum, models, unknown)


def _tailored(
    ensemble: Ensemble,
    preparer: Preparer,
    encoder_sha256: str,
    models: Sequence[FoldModel],
    unknown_scores: tuple[str, ...],
) -> Learned:
    """The ensemble with all that is chosen on what the fold models predicted for records that were new to
    them: blend, calibration, thresholds. `unknown_scores` are tasks that no record annotates."""
    application = ensemble.application
    examples = [example for model in models for example in model.held_out]
    predictions = {
        name: [signals for model in models for signals in model.predictions[name]]
        for name in models[0].predictions
    }
    if ensemble.familiarity is not None:
        known = ensemble.familiarity
        novelties = [known.novelty(distance) for model in models for distance in model.distances]
        predictions = with_novelty(predictions, novelties)
    if ensemble.experts:
        ensemble = replace(ensemble, blend=choose_blend(application, examples, predictions))
    signals = ensemble.blended(predictions)
    decisions, thresholds = choose_decisions(application, examples, signals)
    decisions = replace(decisions, unknown_scores=unknown_scores)
    model = TailoredModel(ensemble, preparer, decisions, encoder_sha256)
    return Learned(model, ensemble, encoder_sha256, models, examples, signals, decisions, thresholds)


def _familiarity(prototypes: Prototypes | None, models: Sequence[FoldModel]) -> Familiarity | None:
    distances = [distance for model in models for distance in model.distances]
    return None if prototypes is None or not distances else Familiarity.of(prototypes, distances)


def _card_facts(
    learned: Learned, train_records: Sequence[Record], dev_records: Sequence[Record]
) -> CardFacts:
    application = learned.model.application
    return CardFacts(
        application=application,
        model_id=learned.model.model_id,
        encoder_sha256=learned.encoder_sha256,
        learned_parameters=sum(t.numel() for t in learned_tensors(learned.ensemble.network).values()),
        learned_tokens=learned.ensemble.learned,
        train_records=train_records,
        dev_records=dev_records,
        best_epochs=[model.fine_tuned.epochs for model in learned.fold_models],
        epochs_run=[len(model.fine_tuned.history) for model in learned.fold_models],
        thresholds=learned.thresholds,
        warnings=(
            *data_warnings(application, train_records, dev_records),
            *decision_warnings(application, learned.decisions, learned.thresholds),
        ),
        decisions=learned.decisions,
        blend=learned.ensemble.blend,
    )


def _metrics(facts: CardFacts, models: Sequence[FoldModel], dev: Evaluation) -> dict[str, Any]:
    return {
        "model_id": facts.model_id,
        "train_records": len(facts.train_records),
        "dev_records": len(facts.dev_records),
        "text_hashes": text_hashes([*facts.train_records, *facts.dev_records]),
        "best_epochs": [epoch for epochs in facts.best_epochs for epoch in epochs],
        "epochs": [
            {"member": number, **epoch, "other_seen": known.other_seen, "other": known.other}
            for number, model in enumerate(models, start=1)
            for epoch, known in zip(model.fine_tuned.history, model.coverage, strict=False)
        ],
        "blend": None if facts.blend is None else facts.blend.to_json(),
        "thresholds": [asdict(threshold) for threshold in facts.thresholds],
        "warnings": list(facts.warnings),
        "dev": dev.to_json(),
    }
