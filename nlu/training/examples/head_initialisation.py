"""Where the heads begin: day zero, when there is a label sheet and not one record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch

from nlu.application.application import Application
from nlu.application.label_sets import reported_labels
from nlu.experts.sheet_vectors import KEYWORD_WEIGHT, SHARPNESS, THRESHOLD, SheetVectors
from nlu.network.task_heads import HeadInitialisation

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


def sheet_initialisation(
    application: Application, encoder: PreTrainedModel, tokenizer: PreTrainedTokenizerFast
) -> Mapping[str, HeadInitialisation]:
    """By classification task, heads that say what the label sheet says; nothing where the settings do not ask
    for it. `encoder` is as it came, without adapters."""
    if not application.settings.decisions.sheet:
        return {}
    starts: dict[str, HeadInitialisation] = {}
    for task in application.classifications:
        sheet = application.sheets[task.name]
        known = SheetVectors.of(encoder, tokenizer, sheet, task.other)
        reported = list(reported_labels(task, sheet))
        directions = (known.definitions + known.keywords)[reported]
        starts[task.name] = HeadInitialisation(
            center=torch.from_numpy(known.ordinary),
            directions=torch.from_numpy(directions),
            gain=torch.full((len(reported),), SHARPNESS),
            keyword_gain=torch.full((len(reported),), SHARPNESS * KEYWORD_WEIGHT),
            bias=torch.full((len(reported),), -SHARPNESS * THRESHOLD),
        )
    return starts
