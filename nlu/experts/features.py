"""What a linear model may learn from: texts as rows of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from nlu.network.expert_input import ExpertInput


class FeatureRow(Protocol):
    """One text."""

    def times(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """(outputs,) from `weights` of shape (width, outputs)."""
        ...


AnyRow = TypeVar("AnyRow", bound=FeatureRow)


class Features(Protocol[AnyRow]):
    """Rows of `width` numbers, about 1 long. `inverse_penalty` is how far a logistic regression on them may
    go (scikit-learn's C); `tensors` are what makes a row of a text."""

    @property
    def inverse_penalty(self) -> float: ...

    @property
    def width(self) -> int: ...

    def tensors(self) -> Mapping[str, NDArray[Any]]: ...

    def document(self, given: ExpertInput) -> AnyRow: ...

    def sentences(self, given: ExpertInput) -> list[AnyRow]:
        """One for each sentence that the encoder sees."""
        ...

    def stack(self, rows: Sequence[AnyRow]) -> Any:
        """(rows, width), an array or a sparse matrix, as scikit-learn takes it."""
        ...
