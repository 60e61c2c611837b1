"""The networks that learn: one, or one for each fold of the records.

One network learns from train and is judged by dev. Where records are few several do better: each learns from
all records but one fold, which chooses its best epoch; what every network predicts for its own fold is as new
to it as a test (cross-fitting), and from that thresholds and blend are chosen, on many times the positives of
dev. All start from the same weights, and while they stay near each other the mean of their weights is as good
as the mean of their predictions (model soups, Wortsman et al. 2022), and costs nothing at night. Where they
went their own ways, as full tuning at a high learning rate can make them, the best of them is taken alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor

from nlu.encoders.precision import best_device, mixed_precision
from nlu.experts.familiarity import Prototypes
from nlu.model.ensemble import NETWORK, Expert
from nlu.network.adapters import averaged, learned_tensors, restore
from nlu.network.inference import signals_of
from nlu.network.long_documents import learned_length
from nlu.network.network import MultitaskModel
from nlu.network.preparation import Preparer
from nlu.network.signals import Signals
from nlu.training.choosing.folds import fold_count, folds
from nlu.training.choosing.headline import headline
from nlu.training.choosing.linear_experts import fit_experts
from nlu.training.examples.cached_examples import CachedExample, LowerLayerCache
from nlu.training.examples.examples import Example
from nlu.training.examples.training_set import Annotated, make_training_set
from nlu.training.fitting.checkpoint import CheckpointFile
from nlu.training.fitting.fine_tuning import Epochs, FineTuned, fine_tune
from nlu.training.fitting.training_step import Phase, Progress, TrainingStep
from nlu.training.sampling import Coverage


@dataclass(frozen=True, slots=True)
class FoldModel:
    """`tensors`: what the network learned, from records of up to `learned_tokens`; `predictions`: what each
    expert says of the `held_out` examples, from which none learned; `distances`: how far these are from the
    records learned from, () where nobody can say."""

    tensors: Mapping[str, Tensor]
    learned_tokens: int
    experts: Mapping[str, Expert]
    fine_tuned: FineTuned
    coverage: Sequence[Coverage]
    held_out: Sequence[Example]
    predictions: Mapping[str, Sequence[Signals]]
    distances: Sequence[float]

    @property
    def best_headline(self) -> float:
        return max((float(epoch["headline"]) for epoch in self.fine_tuned.history), default=0.0)


class FoldTrainer:
    """Trains `network`. `standing` are the experts by name that learn from no record. The last epoch of each
    fold is kept in `folder` for a run that goes on after a kill; `fingerprint` is what it must have in common
    with this one."""

    def __init__(
        self,
        network: MultitaskModel,
        preparer: Preparer,
        standing: Mapping[str, Expert],
        folder: Path,
        fingerprint: str,
        progress: Progress,
    ) -> None:
        self._standing = standing
        self._network = network
        self._preparer = preparer
        self._folder = folder
        self._fingerprint = fingerprint
        self._progress = progress
        self._cache = LowerLayerCache(network, preparer.padding_id)

    def train(self, learning: Sequence[Annotated], dev: Sequence[Annotated]) -> list[FoldModel]:
        """A model for each fold; the network is left with the mean of their weights, or with those of the
        best where the mean is worse on records that it has learned from than they were on records that were
        new."""
        start = learned_tensors(self._network)
        split = self._folds(learning, dev)
        models: list[FoldModel] = []
        for number, (learned, held_out) in enumerate(split, start=1):
            restore(self._network, start)
            models.append(self._fold(number, len(split), learned, held_out))
        restore(self._network, averaged([model.tensors for model in models]))
        has_changed = any(model.fine_tuned.history for model in models)
        if has_changed and len(models) > 1 and self._is_worse_than(models):
            restore(self._network, max(models, key=lambda model: model.best_headline).tensors)
        return models

    def experts(self, models: Sequence[FoldModel], annotated: Sequence[Annotated]) -> Mapping[str, Expert]:
        """Those that stand beside the mean of the networks: they learn from all that is annotated."""
        if len(models) == 1:
            return models[0].experts
        return self._with_standing(fit_experts(self._network.application, self._everything(annotated)))

    def prototypes(self, annotated: Sequence[Annotated]) -> Prototypes | None:
        """What stands for all that is annotated."""
        return Prototypes.of([cached.expert_input for cached in self._everything(annotated)])

    def _everything(self, annotated: Sequence[Annotated]) -> Sequence[CachedExample]:
        everything = make_training_set(self._network.application, annotated, [], self._preparer)
        return self._cache.cached([*everything.learning, *everything.copies], lambda _n, _of: None)

    def _with_standing(self, learned: Mapping[str, Expert]) -> dict[str, Expert]:
        """Without anything learned the network itself says what the sheet says."""
        return {**learned, **self._standing} if learned else {}

    def _is_worse_than(self, models: Sequence[FoldModel]) -> bool:
        """Whether the network as it stands ranks the records worse than the models did that had not seen
        them."""
        examples = [example for model in models for example in model.held_out]
        predictions = [signals for model in models for signals in model.predictions[NETWORK]]
        cached = self._cache.cached(examples, lambda _n, _of: None)
        now = _evaluation(self._network.to(best_device()), cached, self._preparer.padding_id)()
        return now < headline(self._network.application, examples, predictions)

    def _folds(
        self, learning: Sequence[Annotated], dev: Sequence[Annotated]
    ) -> list[tuple[Sequence[Annotated], Sequence[Annotated]]]:
        """For each fold what is learned from, and what is held out."""
        application = self._network.application
        everything = [*learning, *dev]
        count = fold_count(application.settings.training.folds, len(everything))
        if count == 1 or not learning:
            return [(learning, dev)]
        parts = [set(part) for part in folds([record for record, _ in everything], application, count)]
        if len(parts) == 1:
            return [(learning, dev)]
        return [
            (
                [one for place, one in enumerate(everything) if place not in part],
                [one for place, one in enumerate(everything) if place in part],
            )
            for part in parts
        ]

    def _fold(
        self, number: int, of: int, learning: Sequence[Annotated], dev: Sequence[Annotated]
    ) -> FoldModel:
        def progress(step: TrainingStep) -> None:
            self._progress(replace(step, member=number, members=of))

        network, application = self._network.to(best_device()), self._network.application
        padding_id = self._preparer.padding_id
        training_set = make_training_set(application, learning, dev, self._preparer)
        shown = [*training_set.learning, *training_set.copies]
        cached = self._cache.cached(
            [*shown, *training_set.dev], lambda n, m: progress(TrainingStep(Phase.LOWER_LAYERS, n, m))
        )
        learned, held_out = cached[: len(shown)], cached[len(shown) :]
        epochs = Epochs(
            [[learned[place] for place in epoch] for epoch in training_set.draws],
            padding_id,
            _evaluation(network, held_out, padding_id),
        )
        checkpoints = CheckpointFile(self._folder / str(number), self._fingerprint)
        fine_tuned = fine_tune(network, epochs, checkpoints, progress)
        experts = self._with_standing(fit_experts(application, learned))
        return FoldModel(
            learned_tensors(network),
            learned_length([example.prepared.length for example in training_set.learning]),
            experts,
            fine_tuned,
            training_set.coverage,
            training_set.dev,
            self._predictions(experts, held_out),
            _distances(learned, held_out),
        )

    def _predictions(
        self, experts: Mapping[str, Expert], held_out: Sequence[CachedExample]
    ) -> dict[str, list[Signals]]:
        """What each expert says of records, and the network where it has learned or nothing else speaks."""
        application = self._network.application
        inputs = [cached.expert_input for cached in held_out]
        said = {name: expert.signals(inputs) for name, expert in experts.items()}
        if said and application.settings.training.preset == "fast":
            return said
        return {NETWORK: _network_signals(self._network, held_out, self._preparer.padding_id), **said}


def _distances(learned: Sequence[CachedExample], held_out: Sequence[CachedExample]) -> Sequence[float]:
    prototypes = Prototypes.of([cached.expert_input for cached in learned])
    return () if prototypes is None else [prototypes.distance(cached.expert_input) for cached in held_out]


def _evaluation(
    network: MultitaskModel, held_out: Sequence[CachedExample], padding_id: int
) -> Callable[[], float]:
    """What gives the headline of the network as it stands."""
    examples = [cached.example for cached in held_out]
    return lambda: headline(network.application, examples, _network_signals(network, held_out, padding_id))


def _network_signals(
    network: MultitaskModel, records: Sequence[CachedExample], padding_id: int
) -> list[Signals]:
    documents = [cached.example.prepared for cached in records]
    lower = [cached.lower for cached in records if cached.lower is not None]
    device = next(network.parameters()).device
    with mixed_precision(network.application.settings.training.precision, device):
        return signals_of(network, documents, padding_id, lower)
