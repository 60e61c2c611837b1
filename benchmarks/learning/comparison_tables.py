"""Tables of all finished runs: mean and deviation over seeds, and ours against the best of the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean, stdev
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.learning import results
from benchmarks.learning.contender_figures import TARGET_RECALL
from benchmarks.learning.datasets import DATASETS
from benchmarks.learning.results import Key
from benchmarks.learning.runner import EARLIER, FAST, OURS, PEERS
from benchmarks.learning.subsets import SIZES

FIGURES = {
    "macro_f1": "macro-F1",
    "accuracy": "accuracy",
    "average_precision": "average precision (mean over labels)",
    "evidence_f1": "evidence F1",
    "pearson": "score: Pearson",
    "spearman": "score: Spearman",
    "mae_of_range": "score: mean absolute error, share of the range",
    "any_recall": f'anything but "other" at dev recall {TARGET_RECALL:.2f}: recall on test',
    "any_precision": f'anything but "other" at dev recall {TARGET_RECALL:.2f}: precision on test',
    "rare_recall": f"rare labels at dev recall {TARGET_RECALL:.2f}: mean recall on test",
    "rare_gap": f"rare labels at dev recall {TARGET_RECALL:.2f}: mean distance of test recall from it",
    "rare_precision": f"rare labels at dev recall {TARGET_RECALL:.2f}: mean precision on test",
    "cpu_seconds": "CPU seconds to learn and to predict dev and test (ours: all tasks, under the first)",
}
_LOWER_IS_BETTER = ("mae_of_range", "rare_gap", "cpu_seconds")


def show(console: Console) -> None:
    """Prints a table for every figure that some run has."""
    runs = {key: flat(content) for key, content in results.read().items()}
    for figure, title in FIGURES.items():
        rows = list(_rows(runs, figure))
        if not rows:
            continue
        table = Table(title=title, title_justify="left")
        for column in ("data set", "size", *PEERS, EARLIER, FAST, OURS, "ours − best peer"):
            table.add_column(column, justify="left" if column in ("data set", "size") else "right")
        for row in rows:
            table.add_row(*row)
        console.print(table)


def flat(content: Mapping[str, Any]) -> dict[str, float]:
    """The figures of a run by name, those that it has."""
    found = {name: content[name] for name in FIGURES if content.get(name) is not None}
    caught = content.get("target_recall", {})
    for name, value in caught.get("any", {}).items():
        found[f"any_{name}"] = value
    rare: Sequence[Mapping[str, float]] = list(caught.get("rare", {}).values())
    if rare:
        found["rare_recall"] = mean(label["recall"] for label in rare)
        found["rare_precision"] = mean(label["precision"] for label in rare)
        found["rare_gap"] = mean(abs(label["recall"] - TARGET_RECALL) for label in rare)
    return found


def _rows(runs: Mapping[Key, Mapping[str, float]], figure: str) -> Iterable[list[str]]:
    values: dict[tuple[str, str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for key, figures in runs.items():
        if figure in figures:
            values[key.dataset, key.task, key.size][key.contender].append(figures[figure])
    order = {name: place for place, name in enumerate(DATASETS)}
    for dataset, task, size in sorted(values, key=lambda k: (order[k[0]], k[1], SIZES.index(k[2]))):
        by_contender = values[dataset, task, size]
        cells = [_cell(by_contender.get(name, ())) for name in (*PEERS, EARLIER, FAST, OURS)]
        peers = [mean(by_contender[name]) for name in PEERS if name in by_contender]
        difference = ""
        if peers and OURS in by_contender:
            best = min(peers) if figure in _LOWER_IS_BETTER else max(peers)
            difference = f"{mean(by_contender[OURS]) - best:+.3f}"
        yield [f"{dataset} {task}", size, *cells, difference]


def _cell(values: Sequence[float]) -> str:
    """Mean, deviation where there are several, and how many."""
    if not values:
        return ""
    middle = f"{mean(values):.3f}" if mean(values) < 10 else f"{mean(values):.0f}"
    return middle if len(values) == 1 else f"{middle} ± {stdev(values):.3f} ({len(values)})"
