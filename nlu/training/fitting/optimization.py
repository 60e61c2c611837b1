"""The optimizer of all training: AdamW with clipped gradients, its learning rates on a schedule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

WARMUP_SHARE = 0.1
"""Of a run, while the learning rate rises; then it falls to 0 in a line."""
_LARGEST_GRADIENT = 1.0
_WEIGHT_DECAY = 0.01

Schedule = Callable[[int], float]
"""The share of a learning rate that holds after so many updates."""


@dataclass(frozen=True, slots=True)
class ParameterGroup:
    """Parameters that learn at one `rate`, times what `schedule` says."""

    parameters: Sequence[nn.Parameter]
    rate: float
    schedule: Schedule


class Optimization:
    """Updates the parameters of `groups`; the gradients of `clipped` are bounded together."""

    def __init__(self, groups: Sequence[ParameterGroup], clipped: Sequence[nn.Parameter]) -> None:
        self._clipped = clipped
        self._schedules = [group.schedule for group in groups]
        self._optimizer = torch.optim.AdamW(
            [{"params": list(group.parameters), "lr": group.rate} for group in groups],
            weight_decay=_WEIGHT_DECAY,
        )
        self._scheduler = LambdaLR(self._optimizer, self._schedules)

    @property
    def updates(self) -> int:
        """How many there were so far."""
        return self._scheduler.last_epoch

    def update(self, loss: Tensor) -> None:
        """One step downhill; none where `loss` depends on nothing that learns."""
        self._optimizer.zero_grad()
        if loss.requires_grad:
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self._clipped, _LARGEST_GRADIENT)
        self._optimizer.step()
        self._scheduler.step()

    def tensors(self) -> dict[str, Tensor]:
        """The moments of every parameter, by "place.name"."""
        return {
            f"{place}.{name}": tensor.detach().cpu()
            for place, state in self._optimizer.state_dict()["state"].items()
            for name, tensor in state.items()
        }

    def restore(self, tensors: Mapping[str, Tensor], updates: int) -> None:
        """Go on from what `tensors` gave after so many updates."""
        moments: dict[int, dict[str, Tensor]] = {}
        for key, tensor in tensors.items():
            place, _, name = key.partition(".")
            moments.setdefault(int(place), {})[name] = tensor
        self._optimizer.load_state_dict({**self._optimizer.state_dict(), "state": moments})
        self._scheduler = LambdaLR(self._optimizer, self._schedules, last_epoch=updates - 1)
