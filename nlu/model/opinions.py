"""What all that was learned says of documents together: the network, and the linear model beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nlu.application import Application
from nlu.experts.blend import Blend
from nlu.experts.linear import LinearExpert
from nlu.model.inference import signals_of
from nlu.model.network import MultitaskModel
from nlu.model.preparation import Prepared
from nlu.model.signals import Signals

NETWORK = "encoder"
LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class Opinions:
    """`linear` and `blend` are there together, or neither is: then the network speaks alone."""

    network: MultitaskModel
    linear: LinearExpert | None = None
    blend: Blend | None = None

    @property
    def application(self) -> Application:
        return self.network.application

    def signals(self, documents: Sequence[Prepared], padding_id: int) -> list[Signals]:
        """What is known of each document, in the same order; neighbours change no bit of it."""
        return self.together(self.by_expert(documents, padding_id))

    def by_expert(self, documents: Sequence[Prepared], padding_id: int) -> dict[str, list[Signals]]:
        """What each of NETWORK and LINEAR says of the documents."""
        said = {NETWORK: signals_of(self.network, documents, padding_id)}
        return said if self.linear is None else {**said, LINEAR: self.linear.signals(documents)}

    def together(self, by_expert: Mapping[str, Sequence[Signals]]) -> list[Signals]:
        """One opinion from those of the experts. Spans are the network's alone."""
        own = by_expert[NETWORK]
        if self.blend is None or not own:
            return list(own)
        blended = self.blend.apply(self.application, by_expert)
        return [replace(one, spans=said.spans) for one, said in zip(blended, own, strict=True)]

    def linear_files(self) -> dict[str, bytes]:
        """The files of the linear model, none where there is none."""
        return {} if self.linear is None else self.linear.to_files()
