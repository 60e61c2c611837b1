"""The networks that learn: one, or one for each part of the records.

One network learns from train and is judged by dev. Where records are few several do better: each learns from
all records but one part, which chooses its best epoch; what every network says of its own part is as new to
it as a test (cross-fitting), and from that thresholds and blend are chosen, on many times the positives of
dev. All start from the same weights, and while they stay near each other the mean of their weights is as good
as the mean of their opinions (model soups, Wortsman et al. 2022), and costs nothing at night. Where they went
their own ways, as full tuning at a high learning rate can make them, the best of them is taken alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor

from nlu.encoders.precision import best_device, mixed_precision
from nlu.experts.linear import LinearExpert
from nlu.model.opinions import NETWORK, Opinions
from nlu.network.adapters import averaged, learned_tensors, restore
from nlu.network.inference import signals_of
from nlu.network.network import MultitaskModel
from nlu.network.pieces import learned_length
from nlu.network.preparation import Preparer
from nlu.network.signals import Signals
from nlu.training.choosing.folds import fold_count, folds
from nlu.training.choosing.headline import headline
from nlu.training.choosing.linear_experts import fit_experts
from nlu.training.examples.examples import Example
from nlu.training.examples.lessons import Lesson, LessonMaker
from nlu.training.examples.material import Annotated, gather
from nlu.training.fitting.checkpoint import CheckpointFile
from nlu.training.fitting.fine_tuning import Epochs, FineTuned, fine_tune
from nlu.training.fitting.progress import Phase, Progress, TrainingStep
from nlu.training.sampling import Coverage


@dataclass(frozen=True, slots=True)
class Member:
    """`tensors`: what the network learned, from records of up to `learned` tokens; `said`: what each expert
    says of `judging`, from which none learned."""

    tensors: Mapping[str, Tensor]
    learned: int
    experts: Mapping[str, LinearExpert]
    fitted: FineTuned
    coverage: Sequence[Coverage]
    judging: Sequence[Example]
    said: Mapping[str, Sequence[Signals]]

    @property
    def best_headline(self) -> float:
        return max((float(epoch["headline"]) for epoch in self.fitted.history), default=0.0)


class Classroom:
    """Teaches `network`. Each member's last epoch is kept in `folder` for a run that goes on after a kill;
    `same_run` is what it must have in common with this one."""

    def __init__(
        self, network: MultitaskModel, preparer: Preparer, folder: Path, same_run: str, progress: Progress
    ) -> None:
        self._network = network
        self._preparer = preparer
        self._folder = folder
        self._same_run = same_run
        self._progress = progress
        self._lessons = LessonMaker(network, preparer.padding_id)

    def teach(self, learning: Sequence[Annotated], dev: Sequence[Annotated]) -> list[Member]:
        """The members; the network is left with the mean of their weights, or with those of the best where
        the mean is worse on records that it has learned from than they were on records that were new."""
        start = learned_tensors(self._network)
        lessons = self._curricula(learning, dev)
        members = []
        for number, (learned, judging) in enumerate(lessons, start=1):
            restore(self._network, start)
            members.append(self._member(number, len(lessons), learned, judging))
        restore(self._network, averaged([member.tensors for member in members]))
        if len(members) > 1 and self._worse_than(members):
            restore(self._network, max(members, key=lambda member: member.best_headline).tensors)
        return members

    def _worse_than(self, members: Sequence[Member]) -> bool:
        """Whether the network as it stands ranks the records worse than the members did that had not seen
        them."""
        examples = [example for member in members for example in member.judging]
        said = [signals for member in members for signals in member.said[NETWORK]]
        lessons = self._lessons.lessons(examples, lambda _n, _of: None)
        now = _judge(self._network.to(best_device()), lessons, self._preparer.padding_id)()
        return now < headline(self._network.application, examples, said)

    def _curricula(
        self, learning: Sequence[Annotated], dev: Sequence[Annotated]
    ) -> list[tuple[Sequence[Annotated], Sequence[Annotated]]]:
        """For each member what it learns from, and what judges it."""
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

    def experts(
        self, members: Sequence[Member], annotated: Sequence[Annotated]
    ) -> Mapping[str, LinearExpert]:
        """Those that stand beside the mean of the members: they learn from all that is annotated."""
        if len(members) == 1:
            return members[0].experts
        material = gather(self._network.application, annotated, [], self._preparer)
        lessons = self._lessons.lessons([*material.learning, *material.copies], lambda _n, _of: None)
        return fit_experts(self._network.application, lessons)

    def _member(
        self, number: int, of: int, learning: Sequence[Annotated], dev: Sequence[Annotated]
    ) -> Member:
        def progress(step: TrainingStep) -> None:
            self._progress(replace(step, member=number, members=of))

        network, application = self._network.to(best_device()), self._network.application
        padding_id = self._preparer.padding_id
        material = gather(application, learning, dev, self._preparer)
        lessons = self._lessons.lessons(
            [*material.learning, *material.copies, *material.dev],
            lambda n, m: progress(TrainingStep(Phase.LOWER_LAYERS, n, m)),
        )
        learned, judging = lessons[: len(lessons) - len(dev)], lessons[len(lessons) - len(dev) :]
        epochs = Epochs(
            [[lessons[place] for place in epoch] for epoch in material.draws],
            padding_id,
            _judge(network, judging, padding_id),
        )
        checkpoints = CheckpointFile(self._folder / str(number), self._same_run)
        fitted = fine_tune(network, epochs, checkpoints, progress)
        experts = fit_experts(application, learned)
        opinions = Opinions(network.cpu().eval(), experts)
        said = opinions.by_expert([example.prepared for example in material.dev], padding_id)
        return Member(
            learned_tensors(network),
            learned_length([example.prepared.length for example in material.learning]),
            experts,
            fitted,
            material.coverage,
            material.dev,
            said,
        )


def _judge(network: MultitaskModel, dev: Sequence[Lesson], padding_id: int) -> Callable[[], float]:
    examples = [lesson.example for lesson in dev]
    documents = [example.prepared for example in examples]
    lower = [lesson.lower for lesson in dev if lesson.lower is not None]
    precision = network.application.settings.training.precision
    device = next(network.parameters()).device

    def judge() -> float:
        with mixed_precision(precision, device):
            signals = signals_of(network, documents, padding_id, lower)
        return headline(network.application, examples, signals)

    return judge
