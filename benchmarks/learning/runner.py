"""Runs that are not yet finished: a subset, a contender, figures, a line on disk."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import product

from rich.console import Console

from benchmarks.learning import results
from benchmarks.learning.contender_figures import figures
from benchmarks.learning.datasets import load
from benchmarks.learning.problem import Contender, problem_of, single_task
from benchmarks.learning.results import Key
from benchmarks.learning.subsets import fingerprint, subset
from nlu.application.settings import SpanTask

PEERS = ("linear", "textcat", "setfit", "plain")
OURS = "ours"
FAST = "fast"
"""Ours with `preset = "fast"`."""
EARLIER = "earlier"
"""Ours before the encoder knew label sheets: kept for comparison, not run any more."""


_PRESETS = {OURS: "default", FAST: "fast"}


def contender(name: str) -> Contender:
    """A contender by name; its libraries are imported now."""
    if name in (OURS, FAST):
        return partial(importlib.import_module("benchmarks.learning.ours").solve, preset=_PRESETS[name])
    return single_task(importlib.import_module(f"benchmarks.learning.peers.{name}").solve)


def run(
    names: Iterable[str],
    datasets: Sequence[str],
    sizes: Sequence[str],
    seeds: Sequence[int],
    tasks: Sequence[str],
    console: Console,
) -> None:
    """Every combination that has no line yet, the same records for every contender.

    `tasks` limits a data set to some of its tasks; () means all that peers can learn.
    """
    finished = results.read()
    loaded = {name: load(name) for name in datasets}
    for name, seed, size, dataset_name in product(names, seeds, sizes, datasets):
        whole = loaded[dataset_name]
        asked = [
            task.name
            for task in whole.application.settings.tasks
            if not isinstance(task, SpanTask) and (not tasks or task.name in tasks)
        ]
        missing = [task for task in asked if Key(dataset_name, task, size, seed, name) not in finished]
        if not missing:
            continue
        some = subset(whole, size, seed)
        started = time.process_time()
        for task, prediction in contender(name)(some, missing, seed):
            seconds = time.process_time() - started
            key = Key(dataset_name, task, size, seed, name)
            found = figures(problem_of(some, task, seed), prediction)
            content = {
                **found,
                "cpu_seconds": round(seconds, 1),
                "records": {"train": len(some.train), "dev": len(some.dev), "test": len(some.test)},
                "train_sha256": fingerprint(some.train),
                "dev_sha256": fingerprint(some.dev),
            }
            results.append(key, content)
            figure = found.get("macro_f1", found.get("pearson"))
            console.print(
                f"{name} {dataset_name}.{task} {size} #{seed}: {figure:.3f}, {seconds:.0f} CPU s",
                highlight=False,
                soft_wrap=True,
            )
            started = time.process_time()
