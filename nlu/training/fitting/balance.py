"""How the losses of several tasks become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor, nn


class TaskBalance(nn.Module):
    """ "equal": the plain sum. "uncertainty": each loss is weighed by exp(-s) and s is added, a learned log
    variance of its task, so that a noisy task does not drown the others (Kendall, Gal and Cipolla 2018)."""

    def __init__(self, method: Literal["equal", "uncertainty"], names: Sequence[str]) -> None:
        super().__init__()
        learned = names if method == "uncertainty" else ()
        self._place = {name: place for place, name in enumerate(learned)}
        self.log_variance = nn.Parameter(torch.zeros(len(learned)))

    def forward(self, losses: Mapping[str, Tensor]) -> Tensor:
        total = torch.zeros((), device=self.log_variance.device)
        for name, loss in losses.items():
            if name in self._place:
                log_variance = self.log_variance[self._place[name]]
                total = total + torch.exp(-log_variance) * loss + log_variance
            else:
                total = total + loss
        return total
