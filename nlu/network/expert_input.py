"""What an expert beside the network is shown of a document."""

from __future__ import annotations

from dataclasses import dataclass

from nlu.network.layer_means import LayerMeans
from nlu.network.preparation import Prepared


@dataclass(frozen=True, slots=True)
class ExpertInput:
    """`layer_means` is None where no layer of the encoder stays as it came."""

    document: Prepared
    layer_means: LayerMeans | None = None
