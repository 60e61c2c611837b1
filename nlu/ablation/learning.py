"""One variant from records to judged test records: the one place that knows how training is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from nlu.ablation.overrides import with_settings, with_tasks
from nlu.ablation.variants import LINEAR, Variant
from nlu.application.application import Application
from nlu.decisions.deciding import decide
from nlu.encoders.loading import load_encoder
from nlu.model.judged import Judged
from nlu.model.tailored import TailoredModel
from nlu.network.expert_input import ExpertInput
from nlu.network.preparation import Preparer
from nlu.records.record import Record
from nlu.text.boundaries.sentences import SentenceSplitter
from nlu.training.choosing.choose_decisions import choose_decisions
from nlu.training.choosing.linear_experts import fit_on_terms
from nlu.training.examples.examples import Example, make_example
from nlu.training.fitting.training_step import Progress
from nlu.training.train import train
from nlu.understanding import Understanding

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class AblationData:
    """What an ablation is made from; records were checked against the application."""

    application: Application
    train: Sequence[Record]
    dev: Sequence[Record]
    test: Sequence[Record]


def judged_by(
    variant: Variant, material: AblationData, seed: int, folder: Path, progress: Progress
) -> list[Judged]:
    """Train a variant on train and dev, and let it judge test.

    `folder` is for what it writes. Models of single tasks speak as one.
    """
    overrides = {**variant.overrides, "training.seed": seed}
    altered = replace(material, application=with_settings(material.application, overrides, folder / "app"))
    if variant.name == LINEAR:
        return _linear_alone(altered)
    if variant.multitask:
        return _trained(altered, folder / "model", progress)
    names = [task.name for task in material.application.settings.tasks]
    each = [
        _trained(of_task(altered, name, folder / f"app-{number}"), folder / f"model-{number}", progress)
        for number, name in enumerate(names)
    ]
    return [_as_one(judgements) for judgements in zip(*each, strict=True)]


def of_task(material: AblationData, task: str, folder: Path) -> AblationData:
    """An application of one task, written into `folder`, and what the records to learn from say of it."""
    application = with_tasks(material.application, (task,), folder)
    return AblationData(
        application, _annotated(material.train, task), _annotated(material.dev, task), material.test
    )


def _trained(material: AblationData, folder: Path, progress: Progress) -> list[Judged]:
    train(material.application, material.train, material.dev, folder, progress)
    return list(TailoredModel.load(folder).judge(material.test))


def _linear_alone(material: AblationData) -> list[Judged]:
    application = material.application
    preparer = Preparer(application, *load_encoder(application.settings.encoder))
    splitter = SentenceSplitter()

    def examples(records: Sequence[Record]) -> list[Example]:
        split = [splitter.split(record.text, ()) for record in records]
        return [
            make_example(record, sentences, preparer.prepare(record.id, sentences), application)
            for record, sentences in zip(records, split, strict=True)
        ]

    def inputs(of: Sequence[Example]) -> list[ExpertInput]:
        return [ExpertInput(example.prepared) for example in of]

    learned, dev, test = (examples(records) for records in (material.train, material.dev, material.test))
    expert = fit_on_terms(application, learned, inputs(learned))
    decisions, _ = choose_decisions(application, dev, expert.signals(inputs(dev)))
    signals = expert.signals(inputs(test))
    return [
        Judged(one.record, one.sentences, decide(application, LINEAR, decisions, one.prepared, signal))
        for one, signal in zip(test, signals, strict=True)
    ]


def _annotated(records: Sequence[Record], task: str) -> list[Record]:
    """The records that say something of a task, and of them only that."""
    thin = [
        replace(
            record,
            labels=_only(record.labels, task),
            scores=_only(record.scores, task),
            evidence=_only(record.evidence, task),
            sentences=_only(record.sentences, task),
            spans=_only(record.spans, task),
        )
        for record in records
    ]
    return [record for record in thin if record.labels or record.scores or record.spans or record.sentences]


def _only(by_task: Mapping[str, Value], task: str) -> dict[str, Value]:
    return {name: value for name, value in by_task.items() if name == task}


def _as_one(judgements: Sequence[Judged]) -> Judged:
    """What several models found in one document."""
    found = [judged.understanding for judged in judgements]
    parts: dict[str, Any] = {
        part.name: tuple(item for one in found for item in getattr(one, part.name))
        for part in fields(Understanding)
        if isinstance(getattr(found[0], part.name), tuple) and part.name != "kept"
    }
    return replace(judgements[0], understanding=replace(found[0], **parts))
