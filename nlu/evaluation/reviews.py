"""What it brings that people look at what a model neither accepts nor rules out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nlu.evaluation.task_results import TaskResults


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """Of `documents` so many are `in_review`. Of the `support` labels other than "other" that hold, `found`
    are accepted or in review; of the `accepted` ones `correct` hold."""

    task: str
    documents: int
    in_review: int
    support: int
    found: int
    accepted: int
    correct: int

    @property
    def share(self) -> float:
        return self.in_review / max(1, self.documents)

    @property
    def recall(self) -> float | None:
        """With what is in review; None where no label holds."""
        return self.found / self.support if self.support else None

    @property
    def precision(self) -> float | None:
        """Of what is accepted; None where nothing is."""
        return self.correct / self.accepted if self.accepted else None


def review_figures(results: TaskResults) -> ReviewFigures:
    """The figures of one task; a label counts as found only where it is itself accepted or in review."""
    reported = [column for column, name in enumerate(results.names) if name != results.task.other]
    truth, accepted, review = (
        flags[:, reported] for flags in (results.truth, results.accepted, results.review)
    )
    return ReviewFigures(
        task=results.task.name,
        documents=len(results.judged),
        in_review=int(results.review.any(axis=1).sum()),
        support=int(truth.sum()),
        found=int(np.sum(truth & (accepted | review))),
        accepted=int(accepted.sum()),
        correct=int(np.sum(truth & accepted)),
    )
