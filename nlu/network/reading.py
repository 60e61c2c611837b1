"""What an expert beside the network is shown of a document."""

from __future__ import annotations

from dataclasses import dataclass

from nlu.network.preparation import Prepared
from nlu.network.sketch import Sketch


@dataclass(frozen=True, slots=True)
class Reading:
    """`sketch` is None where no layer of the encoder stays as it came."""

    document: Prepared
    sketch: Sketch | None = None
