"""Thresholds, weights, calibration and levels, on the probabilities of a linear model (seconds, no encoder).

python -m benchmarks.studies.thresholds

Character 1–3-gram logistic regression learns each task. How to choose is compared on random splits of train
and dev records; the last three tables decide the test records with what was chosen on dev.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.learning.datasets import DATA, load
from nlu.application.settings import Aim
from nlu.measures.calibration_error import calibration_error
from nlu.measures.intervals import Flags, Floats, bootstrap
from nlu.training.choosing.fit_calibration import fit_calibration
from nlu.training.choosing.label_weights import choose_weights, macro_f1
from nlu.training.choosing.threshold_rule import choose_threshold

SETS = {
    "mhlw_tasks": ("accident", "cause", "industry"),
    "jrte": ("polarity", "reputation"),
    "asdc_acts": ("act",),
    "chabsa": ("opinion",),
}
TARGET = 0.8
POSITIVES = (20, 50, 120)
SPLITS = 8
_FEWEST = 20

Rule = Callable[[Floats, Flags], float]


@dataclass(frozen=True, slots=True)
class TaskPart:
    """(documents, labels) of one task: what a model says, and what is true."""

    probabilities: Floats
    truth: Flags


@dataclass(frozen=True, slots=True)
class ThresholdProblem:
    """`pool`: records of train and dev that a model of the others judged; `dev` and `test` of all train."""

    name: str
    exclusive: bool
    pool: TaskPart
    dev: TaskPart
    test: TaskPart


def answers() -> Iterator[ThresholdProblem]:
    for name, tasks in SETS.items():
        data = load(name)
        for task in tasks:
            settings = next(one for one in data.application.classifications if one.name == task)
            names = data.application.sheets[task].names

            def texts_and_flags(records, task=task, names=names):
                flags = np.array([[label in one.labels[task] for label in names] for one in records])
                return [one.text for one in records], flags

            learned = texts_and_flags(data.train)
            dev, test = texts_and_flags(data.dev), texts_and_flags(data.test)
            half = np.random.default_rng(1).permutation(len(data.train) + len(data.dev))
            both = texts_and_flags([*data.train, *data.dev])
            first, second = np.array_split(half, 2)
            exclusive = not settings.multi_label
            yield ThresholdProblem(
                f"{name} {task}",
                exclusive,
                *_judged(_some(both, first), [_some(both, second)], exclusive),
                *_judged(learned, [dev, test], exclusive),
            )


def _some(data: tuple[list[str], Flags], rows: NDArray[np.int64]) -> tuple[list[str], Flags]:
    return [data[0][row] for row in rows], data[1][rows]


def _judged(
    learned: tuple[list[str], Flags], others: list[tuple[list[str], Flags]], exclusive: bool
) -> Iterator[TaskPart]:
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=3)
    vectors = vectorizer.fit_transform(learned[0])
    truth = learned[1]
    targets = [truth.argmax(axis=1)] if exclusive else [column.astype(int) for column in truth.T]
    models = [
        LogisticRegression(C=10, class_weight="balanced", max_iter=100, tol=1e-3).fit(vectors, target)
        if target.any()
        else None
        for target in targets
    ]
    for texts, truth in others:
        unseen = vectorizer.transform(texts)
        found = np.full(truth.shape, 1e-6)
        if exclusive:
            found[:, models[0].classes_] = models[0].predict_proba(unseen)
            found /= found.sum(axis=1, keepdims=True)
        else:
            for column, model in enumerate(models):
                if model is not None:
                    found[:, column] = model.predict_proba(unseen)[:, 1]
        yield TaskPart(found, truth)


def by_count(aim: Aim) -> Rule:
    """The cut that is best on dev by plain counting: the highest that keeps a recall, or of best F1."""

    def rule(probabilities: Floats, truth: Flags) -> float:
        cuts, figures, _ = _counted(probabilities, truth, aim)
        return float(cuts[figures.argmax()])

    return rule


def by_one_standard_error(aim: Aim) -> Rule:
    """Of the cuts within a standard error of the best: that of most recall, or the one nearest 0.5."""

    def rule(probabilities: Floats, truth: Flags) -> float:
        cuts, figures, recalls = _counted(probabilities, truth, aim)
        best = figures.max()
        good = np.flatnonzero(figures >= best - sqrt(best * (1 - best) / truth.sum()))
        wanted = recalls[good] if aim.recall else -np.abs(cuts[good] - 0.5)
        return float(cuts[good[wanted.argmax()]])

    return rule


def _counted(probabilities: Floats, truth: Flags, aim: Aim) -> tuple[Floats, Floats, Floats]:
    """Every cut, what it is judged by, and its recall."""
    order = np.argsort(-probabilities, kind="stable")
    ranked, accepted = probabilities[order], np.arange(1, len(order) + 1)
    correct = np.cumsum(truth[order])
    cuts = (ranked + np.append(ranked[1:], 0.0)) / 2
    recalls = correct / truth.sum()
    if aim.recall:
        return cuts, np.where(recalls >= aim.recall, correct / accepted, 0.0), recalls
    return cuts, 2 * correct / (accepted + truth.sum()), recalls


def ours(aim: Aim) -> Rule:
    return lambda probabilities, truth: choose_threshold("", "", probabilities, truth, aim).value


RULES = {"counted": by_count, "one standard error": by_one_standard_error, "smooth": ours}


def compare_rules(tasks: list[ThresholdProblem], console: Console) -> None:
    table = Table(title=f"A label's threshold on other records, {SPLITS} random splits", title_justify="left")
    for column in ("dev positives", "rule", f"|recall − {TARGET}|", "recall", "precision", "best F1"):
        table.add_column(column, justify="left" if column == "rule" else "right")
    for positives in POSITIVES:
        for name, rule in RULES.items():
            rows = np.array(list(_on_other_records(tasks, positives, rule)))
            recall, precision, f1 = rows.mean(axis=0)
            off = np.abs(rows[:, 0] - TARGET).mean()
            figures = [f"{value:.3f}" for value in (off, recall, precision, f1)]
            table.add_row(str(positives), name, *figures)
    console.print(table)


def _on_other_records(
    tasks: list[ThresholdProblem], positives: int, rule: Callable[[Aim], Rule]
) -> Iterator[tuple[float, float, float]]:
    for task in tasks:
        for probabilities, truth in zip(task.pool.probabilities.T, task.pool.truth.T, strict=True):
            if positives > 0.6 * truth.sum():
                continue
            for seed in range(SPLITS):
                order = np.random.default_rng(seed).permutation(len(truth))
                dev, other = np.split(order, [int(len(truth) * positives / truth.sum())])
                recalled = probabilities[other] >= rule(Aim(recall=TARGET))(probabilities[dev], truth[dev])
                best = probabilities[other] >= rule(Aim())(probabilities[dev], truth[dev])
                hit = (recalled & truth[other]).sum()
                yield (
                    hit / truth[other].sum(),
                    hit / max(1, recalled.sum()),
                    2 * (best & truth[other]).sum() / (best.sum() + truth[other].sum()),
                )


def weights_on_test(tasks: list[ThresholdProblem], console: Console) -> None:
    table = Table(title="Weights of exclusive labels: macro-F1", title_justify="left")
    for column in ("task", "largest", "dev gain", "weighted", "gain on test, 95 %"):
        table.add_column(column, justify="left" if column == "task" else "right")
    for task in tasks:
        if task.exclusive:
            weights = choose_weights(task.dev.probabilities, task.dev.truth.argmax(axis=1))
            plain = task.test.probabilities.argmax(axis=1)
            weighted = (np.log(task.test.probabilities) + weights.values).argmax(axis=1)
            truth, labels = task.test.truth.argmax(axis=1), task.test.truth.shape[1]
            before, after = macro_f1(truth, plain, labels), macro_f1(truth, weighted, labels)
            low, high = _gain(task.test.truth, np.eye(labels)[plain], np.eye(labels)[weighted])
            gained = f"{after - before:+.3f} ({low:+.3f} to {high:+.3f})"
            kept = f"{weights.gain:+.3f} ± {weights.error:.3f}"
            table.add_row(task.name, f"{before:.3f}", kept, f"{after:.3f}", gained)
    console.print(table)


def _gain(truth: Flags, plain: Floats, weighted: Floats) -> tuple[float, float]:
    counts = np.stack([truth * plain, plain, truth * weighted, weighted, truth.astype(float)], axis=1)

    def gains(sums: Floats) -> Floats:
        present = sums[:, 4] > 0
        before = 2 * sums[:, 0] / np.maximum(sums[:, 1] + sums[:, 4], 1)
        after = 2 * sums[:, 2] / np.maximum(sums[:, 3] + sums[:, 4], 1)
        return np.where(present, after - before, 0.0).sum(axis=1) / present.sum(axis=1)

    low, high = np.quantile(bootstrap(gains, counts), [0.025, 0.975])
    return float(low), float(high)


def calibration_on_test(tasks: list[ThresholdProblem], console: Console) -> None:
    table = Table(title="Expected calibration error, and |recall − target| of labels", title_justify="left")
    for column in ("task", "raw", "temperature", "(dev)", "isotonic", "(dev)", "labels", "|recall − 0.8|"):
        table.add_column(column, justify="left" if column == "task" else "right")
    for task in tasks:
        raw = calibration_error(task.test.probabilities, task.test.truth, exclusive=task.exclusive)
        cells = [f"{raw:.3f}"]
        for method in ("temperature", "isotonic"):
            fitted = fit_calibration(task.dev.probabilities, task.dev.truth, method, exclusive=task.exclusive)
            found = fitted.apply(task.test.probabilities)
            error = calibration_error(found, task.test.truth, exclusive=task.exclusive)
            cells += [f"{error:.3f}", f"{fitted.error_after:.3f}"]
        off = list(_off_target(task))
        table.add_row(task.name, *cells, str(len(off)), f"{np.mean(off):.3f}")
    console.print(table)


def _off_target(task: ThresholdProblem) -> Iterator[float]:
    """How far the recall of each label that is not too rare lies from the target on the test records."""
    for label in range(task.dev.truth.shape[1]):
        truth = task.test.truth[:, label]
        if min(truth.sum(), task.dev.truth[:, label].sum()) >= _FEWEST:
            threshold = choose_threshold(
                "", "", task.dev.probabilities[:, label], task.dev.truth[:, label], Aim(recall=TARGET)
            )
            recall = (task.test.probabilities[truth, label] >= threshold.value).mean()
            yield abs(float(recall) - TARGET)


def levels_on_test(console: Console) -> None:
    """The causes of accidents at three levels: from the finest label, or going down from the coarsest."""
    reports = [
        json.loads(line)
        for year in range(2019, 2024)
        for line in (DATA / "mhlw_deaths" / f"records-{year}.jsonl").read_text("utf-8").splitlines()
    ]
    paths = [tuple(one["cause"][f"{level}Name"] for level in ("major", "medium", "minor")) for one in reports]
    known = sorted({path for one, path in zip(reports, paths, strict=True) if one["year"] <= 2021})
    columns: dict[int, NDArray[np.int64]] = {}
    for depth in (1, 2, 3):
        parents = sorted({path[:depth] for path in known})
        columns[depth] = np.array([parents.index(path[:depth]) for path in known])

    def part(years: range) -> tuple[list[str], Flags]:
        rows = [row for row, one in enumerate(reports) if one["year"] in years and paths[row] in known]
        place = [known.index(paths[row]) for row in rows]
        return [reports[row]["description"] for row in rows], np.eye(len(known), dtype=bool)[place]

    dev, test = _judged(part(range(2019, 2022)), [part(range(2022, 2023)), part(range(2023, 2024))], True)
    table = Table(title="Cause at three levels, macro-F1 on test", title_justify="left")
    for column in ("decided", "大分類", "中分類", "小分類"):
        table.add_column(column, justify="left" if column == "decided" else "right")
    for name, guess in _level_guesses(dev, test, columns).items():
        truth = test.truth.argmax(axis=1)
        figures = [
            macro_f1(column[truth], column[guess], int(column.max()) + 1) for column in columns.values()
        ]
        table.add_row(name, *(f"{figure:.3f}" for figure in figures))
    console.print(table)


def _level_guesses(
    dev: TaskPart, test: TaskPart, columns: Mapping[int, NDArray[np.int64]]
) -> Mapping[str, NDArray[np.int64]]:
    def summed(part: TaskPart, column: NDArray[np.int64]) -> TaskPart:
        member = np.eye(int(column.max()) + 1)[column]
        return TaskPart(np.maximum(part.probabilities @ member, 1e-9), part.truth @ member > 0)

    ranks = {}
    for depth, column in columns.items():
        at_dev, at_test = summed(dev, column), summed(test, column)
        weights = choose_weights(at_dev.probabilities, at_dev.truth.argmax(axis=1)).values
        ranks[depth] = (np.log(at_test.probabilities) + weights)[:, column]

    def within(values: Floats, column: NDArray[np.int64], chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.where(column == column[chosen][:, np.newaxis], values, -np.inf).argmax(axis=1)

    middle = within(ranks[3], columns[2], ranks[2].argmax(axis=1))
    down = within(ranks[2], columns[1], ranks[1].argmax(axis=1))
    return {
        "小分類 of all": ranks[3].argmax(axis=1),
        "中分類, then its 小分類": middle,
        "大分類, 中分類, 小分類": within(ranks[3], columns[2], down),
    }


if __name__ == "__main__":
    shown = Console(width=120)
    every = list(answers())
    compare_rules(every, shown)
    weights_on_test(every, shown)
    calibration_on_test(every, shown)
    levels_on_test(shown)
