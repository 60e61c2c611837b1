"""What all that was learned says of documents together: the network, and the experts beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from nlu.application.application import Application
from nlu.experts.familiarity import Familiarity
from nlu.model.blend import Blend
from nlu.network.expert_input import ExpertInput
from nlu.network.inference import read
from nlu.network.long_documents import join_signals, split_long_document
from nlu.network.network import MultitaskModel
from nlu.network.preparation import Prepared
from nlu.network.signals import Signals

NETWORK = "encoder"


class Expert(Protocol):
    """What judges documents beside the network."""

    def signals(self, inputs: Sequence[ExpertInput]) -> list[Signals]: ...

    def to_files(self) -> dict[str, bytes]: ...


@dataclass(frozen=True, slots=True)
class Ensemble:
    """`experts` by name, and the `blend` of them with the network; without experts the network speaks
    alone. `learned` is the length in tokens of the records learned from: what is much longer is read in
    parts; 0 knows no limit. `familiarity` tells how new a document is, where that is known."""

    network: MultitaskModel
    experts: Mapping[str, Expert] = field(default_factory=dict)
    blend: Blend | None = None
    learned: int = 0
    familiarity: Familiarity | None = None

    @property
    def application(self) -> Application:
        return self.network.application

    def signals(self, documents: Sequence[Prepared], padding_id: int) -> list[Signals]:
        """What is known of each document, in the same order; neighbours change no bit of it."""
        parts = [split_long_document(document, self.learned) for document in documents]
        said = iter(self.blended(self.by_expert([one for some in parts for one in some], padding_id)))
        return [join_signals(self.application, some, [next(said) for _ in some]) for some in parts]

    def by_expert(self, documents: Sequence[Prepared], padding_id: int) -> dict[str, list[Signals]]:
        """What NETWORK and each of the experts says of the documents."""
        read_by_network = read(self.network, documents, padding_id)
        inputs = [given for _, given in read_by_network]
        said = {name: expert.signals(inputs) for name, expert in self.experts.items()}
        everything = {NETWORK: [signals for signals, _ in read_by_network], **said}
        if self.familiarity is None:
            return everything
        known = self.familiarity
        return with_novelty(everything, [known.novelty(known.prototypes.distance(one)) for one in inputs])

    def blended(self, by_expert: Mapping[str, Sequence[Signals]]) -> list[Signals]:
        """The signals blended from those of the experts. Spans are the network's alone."""
        if self.blend is None:
            return list(by_expert[NETWORK])
        own = by_expert.get(NETWORK) or next(iter(by_expert.values()))
        blended = self.blend.apply(self.application, by_expert)
        return [replace(one, spans=said.spans) for one, said in zip(blended, own, strict=True)]

    def files(self) -> dict[str, bytes]:
        """The files of the experts, and of what is familiar."""
        found = {name: data for expert in self.experts.values() for name, data in expert.to_files().items()}
        return found if self.familiarity is None else {**found, **self.familiarity.to_files()}


def with_novelty(
    by_expert: Mapping[str, Sequence[Signals]], novelties: Sequence[float]
) -> dict[str, list[Signals]]:
    """The same signals, each with how new its document is."""
    return {
        name: [replace(one, novelty=novelty) for one, novelty in zip(said, novelties, strict=True)]
        for name, said in by_expert.items()
    }
