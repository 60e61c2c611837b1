"""Where the heads begin: day zero, when there is a label sheet and not one record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch

from nlu.application.application import Application
from nlu.application.label_sets import reported_labels
from nlu.experts.sheet_vectors import SheetVectors, matching_of
from nlu.network.task_heads import HeadInitialisation

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


def sheet_initialisation(
    application: Application, encoder: PreTrainedModel, tokenizer: PreTrainedTokenizerFast
) -> Mapping[str, HeadInitialisation]:
    """By classification task, heads that say what the label sheet says; nothing where the settings do not ask
    for it. `encoder` is without adapters."""
    if not application.settings.decisions.sheet:
        return {}
    matching = matching_of(application.settings.encoder, encoder, tokenizer)
    starts: dict[str, HeadInitialisation] = {}
    for task in application.classifications:
        sheet = application.sheets[task.name]
        labels = [sheet.labels[index] for index in reported_labels(task, sheet)]
        if not labels:
            continue
        known = SheetVectors.of(encoder, tokenizer, labels, matching.center)
        weighted = matching.definition * known.definitions + matching.keywords * known.keywords
        directions = (weighted + matching.report) / np.float32(matching.definition)
        starts[task.name] = HeadInitialisation(
            center=torch.from_numpy(matching.center.copy()),
            directions=torch.from_numpy(directions),
            gain=torch.full((len(labels),), matching.definition),
            keyword_gain=torch.full((len(labels),), matching.hits),
            bias=torch.full((len(labels),), matching.bias),
        )
    return starts
