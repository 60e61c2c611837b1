"""How much a linear model knows from the mean vectors at each depth of the encoder, alone and beside terms.

python -m benchmarks.studies.depths [--size 64] [--seeds 1,2,3] [--dataset NAME]...

Macro-F1 and mean average precision on the test part, means over seeds. Rows named by several depths hold
their vectors side by side, as the expert on vectors does.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.special import log_softmax, softmax

from benchmarks.learning.contender_figures import figures
from benchmarks.learning.datasets import Dataset, load
from benchmarks.learning.problem import Prediction, Problem, problem_of
from benchmarks.learning.subsets import subset
from nlu.encoders.loading import load_encoder, one_thread
from nlu.experts.terms import TermFeatures
from nlu.experts.vectors import VectorFeatures
from nlu.network.batches import by_length
from nlu.network.expert_input import ExpertInput
from nlu.network.layer_means import LayerMeans
from nlu.network.preparation import Preparer
from nlu.records.record import Record
from nlu.text.boundaries.sentences import SentenceSplitter
from nlu.training.choosing.linear_heads import fit_labels
from nlu.training.examples.examples import Example, make_example

DATASETS = ("asdc_acts", "call_log", "jrte", "mhlw_accident")
DEPTHS = ((0,), (2,), (4,), (5,), (6,), (7,), (8,), (10,), (12,), (4, 6, 8))
_BATCH = 32

Read = tuple[Example, NDArray[np.float32]]
"""An example and its mean token vectors at every depth, (layers + 1, hidden)."""

Logits = tuple[NDArray[np.float64], ...]
"""Log-probabilities of dev and test, (records, labels) each."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="64")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--dataset", action="append", choices=DATASETS)
    asked = parser.parse_args()
    one_thread()
    console = Console(width=110)
    for name in asked.dataset or DATASETS:
        found: dict[str, list[tuple[float, ...]]] = defaultdict(list)
        dataset = load(name)
        read = _read(dataset)
        for seed in map(int, asked.seeds.split(",")):
            for row, values in _round(dataset, read, asked.size, seed).items():
                found[row].append(values)
        table = Table("depth", "macro-F1", "AP", "macro-F1 with terms", "AP with terms")
        for row, several in found.items():
            table.add_row(row, *(f"{value:.3f}" for value in np.mean(several, axis=0)))
        console.print(f"{name}, {asked.size} records a label, seeds {asked.seeds}", table)


def _round(dataset: Dataset, read: Mapping[str, Read], size: str, seed: int) -> dict[str, tuple[float, ...]]:
    some = subset(dataset, size, seed)
    problem = problem_of(some, dataset.application.classifications[0].name, seed)
    train, dev, test = ([read[r.id] for r in part] for part in (problem.train, problem.dev, problem.test))
    terms = _logits(dataset, problem, None, train, (dev, test))
    rows = {"terms": (*_figures(problem, terms), *_figures(problem, terms))}
    for depths in DEPTHS:
        said = _logits(dataset, problem, depths, train, (dev, test))
        both = tuple((one + other) / 2 for one, other in zip(said, terms, strict=True))
        rows["+".join(map(str, depths))] = (*_figures(problem, said), *_figures(problem, both))
    return rows  # type: ignore[return-value]


def _logits(
    dataset: Dataset,
    problem: Problem,
    depths: tuple[int, ...] | None,
    train: Sequence[Read],
    others: Sequence[Sequence[Read]],
) -> Logits:
    """What a linear model says of the parts in `others` from vectors at `depths`, from terms where None."""
    parts = [[_input(one, depths) for one in part] for part in (train, *others)]
    if depths is None:
        features = TermFeatures.fit([one.record.text for one, _ in train])
    else:
        features = VectorFeatures.fit(parts[0])  # type: ignore[assignment]
    task, application = problem.task, dataset.application
    rows = features.stack([features.document(given) for given in parts[0]])
    examples = [example for example, _ in train]
    head = fit_labels(task, application, examples, rows, features.inverse_penalty)  # type: ignore[arg-type]
    return tuple(
        log_softmax([np.maximum(head.logits(features.document(one)), -30.0) for one in part], axis=1)
        for part in parts[1:]
    )


def _input(one: Read, depths: tuple[int, ...] | None) -> ExpertInput:
    example, vectors = one
    if depths is None:
        return ExpertInput(example.prepared)
    means = LayerMeans(vectors[list(depths)].ravel(), np.zeros((0, 0), np.float32), vectors.shape[1])
    return ExpertInput(example.prepared, means)


def _figures(problem: Problem, logits: Logits) -> tuple[float, float]:
    found = figures(problem, Prediction(*(softmax(part, axis=1) for part in logits)))
    return found["macro_f1"], found["average_precision"]


def _read(dataset: Dataset) -> dict[str, Read]:
    """By the record's id."""
    encoder, tokenizer = load_encoder("bundled")
    splitter, preparer = SentenceSplitter(), Preparer(dataset.application, encoder, tokenizer)

    def example(record: Record) -> Example:
        sentences = splitter.split(record.text, ())
        return make_example(record, sentences, preparer.prepare(record.id, sentences), dataset.application)

    examples = [example(record) for record in (*dataset.train, *dataset.dev, *dataset.test)]
    found: dict[str, Read] = {}
    for rows in by_length([one.prepared.length for one in examples], _BATCH):
        some = [examples[row] for row in rows]
        ids = torch.full((len(some), some[0].prepared.length), preparer.padding_id)
        for place, one in enumerate(some):
            ids[place, : one.prepared.length] = torch.tensor(one.prepared.token_ids)
        mask = (ids != preparer.padding_id).long()
        with torch.inference_mode():
            states = encoder(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        weights = mask.unsqueeze(-1)
        means = torch.stack([(state * weights).sum(dim=1) / weights.sum(dim=1) for state in states], dim=1)
        found |= {one.record.id: (one, mean.numpy()) for one, mean in zip(some, means, strict=True)}
    return found


if __name__ == "__main__":
    main()
