"""What the model is trained to lower: one loss a task, over the documents in which the task is annotated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from nlu.application.application import Application
from nlu.application.label_sets import learned_labels, reported_labels
from nlu.application.label_sheet import LabelSheet
from nlu.application.settings import ClassificationTask, ScoreTask, SpanTask
from nlu.network.span_tags import OUTSIDE, tags_of
from nlu.network.task_heads import thresholds_of
from nlu.network.task_outputs import Outputs
from nlu.training.examples.examples import Example

# A sentence that proves a label is rare among its neighbours.
_PROOF_WEIGHT = 3.0
_LARGEST_CLASS_WEIGHT = 4.0
_LEAST = 1e-7

ClassWeights = Mapping[str, Tensor]


def class_weights(examples: Sequence[Example], application: Application) -> ClassWeights:
    """By task, one weight for each learned label of the sheet: (most frequent / frequency) ^ ½, at most 4;
    all 1 where the settings do not ask for it.

    Where labels can be combined it weighs a label's presence against its absence.
    """
    weights: dict[str, Tensor] = {}
    for task in application.classifications:
        learned = learned_labels(task, application.sheets[task.name])
        annotated = [example.labels[task.name] for example in examples if task.name in example.labels]
        counts = Counter(label for labels in annotated for label in labels)
        most = len(annotated) if task.multi_label else max(counts.values(), default=1)
        wanted = [min(_LARGEST_CLASS_WEIGHT, (most / max(1, counts[label])) ** 0.5) for label in learned]
        asked = application.settings.training.class_weights
        weights[task.name] = torch.tensor(wanted) if asked else torch.ones(len(learned))
    return weights


def task_losses(
    outputs: Outputs, examples: Sequence[Example], application: Application, weights: ClassWeights
) -> dict[str, Tensor]:
    """The losses on a batch by "kind:task", of those that some document of it is annotated for; `examples`
    are its documents in order."""
    losses: dict[str, Tensor] = {}
    hierarchy = application.settings.training.hierarchy
    for task in application.classifications:
        rows = [row for row, example in enumerate(examples) if task.name in example.labels]
        if rows:
            targets = label_targets([examples[row] for row in rows], task, application)
            logits = outputs.labels[task.name][rows]
            targets = targets.to(logits.device)
            losses[f"labels:{task.name}"] = _label_loss(logits, targets, task, weights[task.name])
            if hierarchy:
                sheet = application.sheets[task.name]
                losses[f"levels:{task.name}"] = hierarchy * _level_loss(logits, targets, task, sheet)
        rows = [row for row, example in enumerate(examples) if task.name in example.targets]
        if rows:
            annotated = [examples[row] for row in rows]
            logits = outputs.sentences[task.name][rows]
            losses[f"sentences:{task.name}"] = _sentence_loss(logits, annotated, task, application)
    for score in application.scores:
        rows = [row for row, example in enumerate(examples) if score.name in example.scores]
        if rows:
            values = [examples[row].scores[score.name] for row in rows]
            losses[f"scores:{score.name}"] = _score_loss(outputs.scores[score.name][rows], values, score)
    for span in application.spans:
        rows = [row for row, example in enumerate(examples) if span.name in example.spans]
        if rows:
            annotated = [examples[row] for row in rows]
            losses[f"spans:{span.name}"] = _span_loss(outputs.spans[span.name][rows], annotated, span)
    return losses


def loss_names(application: Application) -> tuple[str, ...]:
    """Every name that `task_losses` may give."""
    kinds = ("labels", "sentences")
    names = [f"{kind}:{task.name}" for task in application.classifications for kind in kinds]
    if application.settings.training.hierarchy:
        names += [f"levels:{task.name}" for task in application.classifications]
    names += [f"scores:{task.name}" for task in application.scores]
    return (*names, *(f"spans:{task.name}" for task in application.spans))


def label_targets(examples: Sequence[Example], task: ClassificationTask, application: Application) -> Tensor:
    """(documents, learned labels), 1 where the label was given."""
    learned = learned_labels(task, application.sheets[task.name])
    return torch.tensor(
        [[float(label in example.labels[task.name]) for label in learned] for example in examples]
    )


def _label_loss(logits: Tensor, targets: Tensor, task: ClassificationTask, weights: Tensor) -> Tensor:
    weights = weights.to(logits.device)
    if task.multi_label:
        return functional.binary_cross_entropy_with_logits(logits, targets, pos_weight=weights)
    return functional.cross_entropy(logits, targets.argmax(dim=1), weight=weights)


def _level_loss(logits: Tensor, targets: Tensor, task: ClassificationTask, sheet: LabelSheet) -> Tensor:
    """Cross-entropy of 大分類 and 中分類, whose probabilities follow from those of their 小分類: a mistake
    within one parent costs less than one between two."""
    paths = [sheet.labels[index].path for index in learned_labels(task, sheet)]
    total = logits.new_zeros(())
    for depth in (1, 2):
        parents = list(dict.fromkeys(path[:depth] for path in paths))
        if not 1 < len(parents) < len(paths):
            continue
        belongs = torch.tensor([[float(path[:depth] == parent) for parent in parents] for path in paths])
        belongs = belongs.to(logits.device)
        held = (targets @ belongs).clamp(max=1)
        if task.multi_label:
            nothing = (-functional.softplus(logits)) @ belongs  # log of "none of the children holds"
            something = torch.log((1 - nothing.exp()).clamp(min=_LEAST))
            total = total - (held * something + (1 - held) * nothing).mean()
        else:
            probabilities = (logits.softmax(dim=1) @ belongs).clamp(min=_LEAST)
            total = total - (held * probabilities.log()).sum(dim=1).mean()
    return total


def _sentence_loss(
    logits: Tensor, examples: Sequence[Example], task: ClassificationTask, application: Application
) -> Tensor:
    """Cross-entropy of sentences against what they prove.

    A sentence must prove each label that it was marked for, or one of the record's where nobody said which
    (their log Σ exp), and no other; a sentence that nobody judged counts for nothing.
    """
    reported = reported_labels(task, application.sheets[task.name])
    columns = {label: column for column, label in enumerate(reported)}
    shape = logits.shape
    known, one_of = torch.zeros(shape[:2], dtype=torch.bool), torch.zeros(shape[:2], dtype=torch.bool)
    allowed = torch.zeros(shape, dtype=torch.bool)
    for row, example in enumerate(examples):
        for place, target in enumerate(example.targets[task.name]):
            if target is None:
                continue
            known[row, place] = True
            one_of[row, place] = not target.each and bool(target.labels)
            allowed[row, place, [columns[label] for label in target.labels]] = True
    known, one_of, allowed = (part.to(logits.device) for part in (known, one_of, allowed))
    wrong = (functional.softplus(logits) * (known.unsqueeze(-1) & ~allowed)).sum()
    together = torch.logsumexp(logits.masked_fill(~allowed, -1e4), dim=-1)
    missed = (functional.softplus(-together) * one_of).sum()
    missed = missed + (functional.softplus(-logits) * (allowed & ~one_of.unsqueeze(-1))).sum()
    return (wrong + _PROOF_WEIGHT * missed) / max(1, int(known.sum()))


def _score_loss(logits: Tensor, values: Sequence[float], task: ScoreTask) -> Tensor:
    """Cross-entropy of "more than this?" at each step of an ordinal score; against the share of the range for
    a continuous one, whose optimum is the mean score."""
    given = torch.tensor(values, device=logits.device).unsqueeze(1)
    if task.ordinal:
        steps = task.minimum + torch.arange(thresholds_of(task), device=logits.device)
        return functional.binary_cross_entropy_with_logits(logits, (given > steps).float())
    return functional.binary_cross_entropy_with_logits(
        logits, (given - task.minimum) / (task.maximum - task.minimum)
    )


def _span_loss(logits: Tensor, examples: Sequence[Example], task: SpanTask) -> Tensor:
    """Cross-entropy of tags over the tokens of sentences, (documents, tokens, labels, 3).

    Shared out over the documents and the tokens in spans: over all tokens the few that matter would vanish.
    """
    labels = logits.shape[2]
    tags = torch.full(logits.shape[:3], -100)
    for row, example in enumerate(examples):
        own = torch.from_numpy(tags_of(example.prepared, example.spans[task.name], labels))
        for first, last in example.prepared.spans:
            tags[row, first:last] = own[first:last]
    total = functional.cross_entropy(logits.flatten(0, 2), tags.flatten().to(logits.device), reduction="sum")
    return total / (len(examples) + int((tags > OUTSIDE).sum()))
