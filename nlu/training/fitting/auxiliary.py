"""Tasks that cost no annotation and that only training knows: they keep the encoder on the subject."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from nlu.application.application import Application
from nlu.network.keywords import SheetKeywords
from nlu.training.examples.examples import Example

KIND = "kind"
"""The key of a record's `meta` that says what kind of document it is."""


class AuxiliaryTasks(nn.Module):
    """Heads on the document vector (`hidden` wide), as `auxiliary` in the settings asks for them.

    "keywords": which labels of the sheets have a keyword in the record as it was written, though the shown
    copy may have lost it. "kind": the document kind that a record's `meta` names.
    """

    def __init__(self, application: Application, examples: Sequence[Example], hidden: int) -> None:
        super().__init__()
        asked = application.settings.training.auxiliary
        counts: dict[str, int] = {}
        self._keywords = SheetKeywords(application)
        kinds = {example.record.meta.get(KIND) for example in examples}
        self._kinds = sorted(str(kind) for kind in kinds if kind is not None)
        if "keywords" in asked and self._keywords.tasks:
            counts["keywords"] = sum(self._keywords.count(task) for task in self._keywords.tasks)
        if "kind" in asked and len(self._kinds) > 1:
            counts["kind"] = len(self._kinds)
        self.heads = nn.ModuleDict({name: nn.Linear(hidden, count) for name, count in counts.items()})

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"auxiliary:{name}" for name in self.heads)

    def losses(self, document: Tensor, examples: Sequence[Example]) -> dict[str, Tensor]:
        """Losses on a batch by "auxiliary:name", from its document vectors (documents, hidden)."""
        losses: dict[str, Tensor] = {}
        if "keywords" in self.heads:
            targets = torch.tensor([self._present(example.record.text) for example in examples])
            logits = self.heads["keywords"](document)
            losses["auxiliary:keywords"] = functional.binary_cross_entropy_with_logits(
                logits, targets.to(logits.device)
            )
        rows = [row for row, example in enumerate(examples) if KIND in example.record.meta]
        if "kind" in self.heads and rows:
            places = [self._kinds.index(str(examples[row].record.meta[KIND])) for row in rows]
            logits = self.heads["kind"](document[rows])
            losses["auxiliary:kind"] = functional.cross_entropy(
                logits, torch.tensor(places, device=logits.device)
            )
        return losses

    def _present(self, text: str) -> list[float]:
        return [float(hit > 0) for task in self._keywords.tasks for hit in self._keywords.hits(task, text)]
