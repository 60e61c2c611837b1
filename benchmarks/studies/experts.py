"""What the experts beside the network are worth: linear model, label sheet alone, blends of them.

python -m benchmarks.studies.experts [--vectors FOLDER]

The encoder stands in frozen: mean vectors of its tokens under a logistic regression, so that 8 records a
class and all of them can be compared in minutes. Its vectors are kept in FOLDER.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.stats import pearsonr
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.preprocessing import StandardScaler

from benchmarks.studies.experts_data import Corpus, corpora, encode
from benchmarks.studies.sheet_expert import SheetExpert
from nlu.application.label_sets import learned_labels, reported_labels
from nlu.application.settings import ClassificationTask
from nlu.encoders.loading import load_encoder, one_thread
from nlu.experts.sheet_vectors import SHARPNESS, THRESHOLD, SheetVectors, affinities, keyword_hits
from nlu.model.blend import Blend
from nlu.network.expert_input import ExpertInput
from nlu.network.probabilities import label_probabilities
from nlu.network.signals import Signals
from nlu.training.choosing.blend_weights import choose_blend
from nlu.training.choosing.linear_experts import fit_on_terms
from nlu.training.examples.examples import Example

_REGIMES = ((8, 5), (64, 3), (0, 1))  # records a class (0: all), seeds
_PROBE_PENALTY = {8: 0.01, 64: 0.01, 0: 0.003}

Predictions = Mapping[str, Sequence[Signals]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--vectors", type=Path, default=Path(tempfile.gettempdir(), "yomitori-vectors"))
    folder = parser.parse_args().vectors
    one_thread()
    folder.mkdir(parents=True, exist_ok=True)
    console = Console(width=150)
    found = list(corpora())
    linear_figures(found, console)
    vectors = {corpus.name: encode(corpus, folder) for corpus in found}
    day_zero(found, vectors, console)
    for corpus in found:
        blends(corpus, vectors[corpus.name], console)


def linear_figures(found: Sequence[Corpus], console: Console) -> None:
    table = _table(
        "linear expert, all train records", "set", "task", "figure", "size", "fit s", "ms a document"
    )
    for corpus in found:
        train, test = corpus.part("train"), corpus.part("test")
        started = time.process_time()
        expert = fit_on_terms(corpus.application, train, _inputs(train))
        fitted = time.process_time()
        signals = expert.signals(_inputs(test))
        each = (time.process_time() - fitted) / len(test) * 1000
        size = sum(map(len, expert.to_files().values())) / 1e6
        for task in corpus.application.settings.tasks:
            if isinstance(task, ClassificationTask):
                figure = f"macro-F1 {_macro_f1(task, corpus, test, signals):.3f}"
            else:
                truth = [example.scores[task.name] for example in test]
                said = [signal.scores[task.name] for signal in signals]
                figure = f"Pearson {pearsonr(truth, said)[0]:.3f}"
            cells = (f"{size:.1f} MB", f"{fitted - started:.1f}", f"{each:.2f}")
            table.add_row(corpus.name, task.name, figure, *cells)
    console.print(table)


def day_zero(
    found: Sequence[Corpus], vectors: Mapping[str, Sequence[NDArray[np.float32]]], console: Console
) -> None:
    """The label sheet alone on test records. "top 1" is among the records with something to report."""
    model, tokenizer = load_encoder("bundled")
    table = _table("day zero, test records", "set", "task", "by", "average precision", "top 1", "macro-F1")
    for corpus in found:
        rows = corpus.rows("test")
        test = [corpus.examples[row] for row in rows]
        for task in corpus.application.classifications:
            sheet = corpus.application.sheets[task.name]
            words = SheetVectors.of(model, tokenizer, sheet, task.other)
            reported = list(reported_labels(task, sheet))
            gold = _gold(task, corpus, test)
            for name, near in _affinities(test, [vectors[corpus.name][row] for row in rows], words).items():
                best = np.array([part.max(axis=0) for part in near])
                signals = [_as_signals(task, corpus, row) for row in best]
                ranked, told = best[:, reported], gold[:, reported]
                present = told.any(axis=0)
                needs = told.any(axis=1)
                precision = average_precision_score(told[:, present], ranked[:, present])
                top = told[needs, ranked[needs].argmax(axis=1)].mean()
                figures = (precision, top, _macro_f1(task, corpus, test, signals))
                table.add_row(corpus.name, task.name, name, *(f"{figure:.3f}" for figure in figures))
            chance = told[:, present].mean()
            table.add_row(corpus.name, task.name, "chance", f"{chance:.3f}", f"{1 / len(reported):.3f}", "")
    console.print(table)


def _affinities(
    test: Sequence[Example], vectors: Sequence[NDArray[np.float32]], words: SheetVectors
) -> dict[str, list[NDArray[np.float64]]]:
    texts = [[sentence.text for sentence in example.prepared.sentences] for example in test]
    none = SheetVectors(
        words.definitions, words.keywords, words.ordinary, ((),) * len(words.words), words.other
    )
    return {
        "keywords": [keyword_hits(parts, words) for parts in texts],
        "encoder": [affinities(v, parts, none) for v, parts in zip(vectors, texts, strict=True)],
        "both": [affinities(v, parts, words) for v, parts in zip(vectors, texts, strict=True)],
    }


def _as_signals(task: ClassificationTask, corpus: Corpus, best: NDArray[np.float64]) -> Signals:
    sheet = corpus.application.sheets[task.name]
    threshold = THRESHOLD if task.multi_label else 0.0
    logits = SHARPNESS * (best[list(learned_labels(task, sheet))] - threshold)
    return Signals({task.name: label_probabilities(logits, task, sheet)}, {}, {})


@dataclass(frozen=True, slots=True)
class _Round:
    """Predictions on dev and test records of experts that learned from one draw of train records."""

    dev: Sequence[Example]
    test: Sequence[Example]
    on_dev: Predictions
    on_test: Predictions


def blends(corpus: Corpus, vectors: Sequence[NDArray[np.float32]], console: Console) -> None:
    names = ("encoder", "linear", "sheet")
    table = _table(
        f"{corpus.name}: macro-F1 on test, weights of encoder / linear / sheet chosen on dev",
        *("task", "a class", *names, "half and half", "encoder + linear", "all three", "weights"),
    )
    sheets = _sheet_predictions(corpus, vectors)
    for task in corpus.application.classifications:
        for size, seeds in _REGIMES:
            figures: list[list[float]] = []
            for seed in range(seeds):
                one = _round(corpus, task, vectors, sheets, size, seed)
                figures.append(_blend_figures(corpus, task, one, names))
            mean = np.mean(figures, axis=0)
            weights = " / ".join(f"{weight:.2f}" for weight in mean[-3:])
            cells = (f"{figure:.3f}" for figure in mean[:-3])
            table.add_row(task.name, str(size or "all"), *cells, weights)
    console.print(table)


def _blend_figures(
    corpus: Corpus, task: ClassificationTask, one: _Round, names: Sequence[str]
) -> list[float]:
    def figure(signals: Sequence[Signals]) -> float:
        return _macro_f1(task, corpus, one.test, signals)

    def only(predictions: Predictions, chosen: Sequence[str]) -> Predictions:
        return {name: predictions[name] for name in chosen}

    application = corpus.single(task)
    half = Blend({task.name: {"encoder": 0.5, "linear": 0.5}}, {}, {})
    two = choose_blend(application, one.dev, only(one.on_dev, names[:2]))
    three = choose_blend(application, one.dev, one.on_dev)
    return [
        *(figure(one.on_test[name]) for name in names),
        *(figure(blend.apply(application, one.on_test)) for blend in (half, two, three)),
        *(three.labels[task.name][name] for name in names),
    ]


def _round(
    corpus: Corpus,
    task: ClassificationTask,
    vectors: Sequence[NDArray[np.float32]],
    sheets: Sequence[Signals],
    size: int,
    seed: int,
) -> _Round:
    random = np.random.default_rng(seed)
    train, dev = (_draw(corpus, task, part, size, random) for part in ("train", "dev"))
    test = corpus.rows("test")
    means = np.array([part.mean(axis=0) for part in vectors])
    application = corpus.single(task)
    learned = [corpus.examples[row] for row in train]
    linear = fit_on_terms(application, learned, _inputs(learned))
    probe = _probe(corpus, task, train, means, _PROBE_PENALTY[size])

    def predictions(rows: Sequence[int]) -> Predictions:
        return {
            "encoder": probe(rows),
            "linear": linear.signals(_inputs([corpus.examples[row] for row in rows])),
            "sheet": [sheets[row] for row in rows],
        }

    examples = corpus.examples
    return _Round(
        [examples[r] for r in dev], [examples[r] for r in test], predictions(dev), predictions(test)
    )


def _inputs(examples: Sequence[Example]) -> list[ExpertInput]:
    return [ExpertInput(example.prepared) for example in examples]


def _draw(
    corpus: Corpus, task: ClassificationTask, part: str, size: int, random: np.random.Generator
) -> list[int]:
    rows = corpus.rows(part)
    if not size:
        return rows
    first: dict[int, list[int]] = {}
    for row in random.permutation(rows).tolist():
        first.setdefault(corpus.examples[row].labels[task.name][0], []).append(row)
    return sorted(row for several in first.values() for row in several[:size])


def _probe(
    corpus: Corpus, task: ClassificationTask, train: Sequence[int], means: NDArray[np.float32], penalty: float
) -> Callable[[Sequence[int]], list[Signals]]:
    sheet = corpus.application.sheets[task.name]
    scaler = StandardScaler().fit(means[train])
    known = scaler.transform(means[train])
    gold = _gold(task, corpus, [corpus.examples[row] for row in train])[:, list(learned_labels(task, sheet))]

    def machine(truth: NDArray[Any]) -> Any:
        settings = LogisticRegression(C=penalty, class_weight="balanced", max_iter=200, tol=1e-3)
        return settings.fit(known, truth)

    if task.multi_label:
        several = [machine(column) for column in gold.T]
    else:
        one = machine(gold.argmax(axis=1))

    def said(rows: Sequence[int]) -> list[Signals]:
        unseen = scaler.transform(means[rows])
        if task.multi_label:
            logits = np.column_stack([single.decision_function(unseen) for single in several])
        else:
            logits = np.full((len(rows), gold.shape[1]), -np.inf)
            logits[:, one.classes_] = one.predict_log_proba(unseen)
        return [Signals({task.name: label_probabilities(row, task, sheet)}, {}, {}) for row in logits]

    return said


def _sheet_predictions(corpus: Corpus, vectors: Sequence[NDArray[np.float32]]) -> list[Signals]:
    expert = SheetExpert.of(corpus.application, *load_encoder("bundled"))
    return expert.signals([example.prepared for example in corpus.examples], vectors)


def _gold(task: ClassificationTask, corpus: Corpus, examples: Sequence[Example]) -> NDArray[np.bool_]:
    count = len(corpus.application.sheets[task.name].names)
    return np.array([[label in example.labels[task.name] for label in range(count)] for example in examples])


def _macro_f1(
    task: ClassificationTask, corpus: Corpus, examples: Sequence[Example], signals: Sequence[Signals]
) -> float:
    """Of the most probable label; where labels can be combined, of all from 0.5 up, and "other" without."""
    gold = _gold(task, corpus, examples)
    said = np.array([signal.labels[task.name] for signal in signals])
    if task.multi_label:
        guess = said >= 0.5
        if task.other is not None:
            other = corpus.application.sheets[task.name].index(task.other)
            guess[:, other] = ~np.delete(guess, other, axis=1).any(axis=1)
    else:
        guess = np.eye(said.shape[1], dtype=bool)[said.argmax(axis=1)]
    present = gold.any(axis=0)
    return float(f1_score(gold[:, present], guess[:, present], average="macro", zero_division=0))


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column)
    return table


if __name__ == "__main__":
    main()
