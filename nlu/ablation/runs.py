"""The runs of an ablation: what is done is on disk, one JSON line a run, and is never done again."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nlu.ablation.learning import AblationData, judged_by
from nlu.ablation.variants import Variant
from nlu.evaluation.comparing import compare, summary
from nlu.training.fitting.training_step import Progress

RUNS_FILE = "ablation.jsonl"


@dataclass(frozen=True, slots=True)
class AblationRun:
    """A variant under one seed. `material` is a hash over all that it was made from; `figures` holds
    "headline" and those of `nlu.evaluation.comparing.summary`, on the test records."""

    variant: str
    seed: int
    material: str
    figures: Mapping[str, float]
    cpu_seconds: float


def run_missing(
    material: AblationData,
    variants: Sequence[Variant],
    seeds: Sequence[int],
    folder: Path,
    progress: Callable[[Variant, int, int, int], Progress],
    enough: Callable[[], bool] = lambda: False,
) -> Iterator[AblationRun]:
    """Train what has no line yet, all variants under one seed before the next seed, and yield each run.

    `progress` is told variant, seed, number and count of the runs. `enough` is asked before each run, and
    ends the work where it says so. A line that a kill left half written is done again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / RUNS_FILE
    done = {(run.variant, run.seed, run.material) for run in read_runs(path)}
    wanted = [(variant, seed, fingerprint(material, variant)) for seed in seeds for variant in variants]
    missing = [one for one in wanted if (one[0].name, one[1], one[2]) not in done]
    for number, (variant, seed, made_from) in enumerate(missing, start=1):
        if enough():
            return
        started = time.process_time()
        with tempfile.TemporaryDirectory() as place:
            told = progress(variant, seed, number, len(missing))
            judged = judged_by(variant, material, seed, Path(place), told)
        evaluation = compare(material.application, judged)
        figures = {"headline": evaluation.headline, **summary(evaluation)}
        run = AblationRun(variant.name, seed, made_from, figures, round(time.process_time() - started, 1))
        _append(path, run)
        yield run


def fingerprint(material: AblationData, variant: Variant) -> str:
    """A short hash: a run counts as done only for the very same records and settings."""
    digest = hashlib.sha256()
    for name, data in sorted(material.application.files.items()):
        digest.update(f"{name} {hashlib.sha256(data).hexdigest()}\n".encode())
    for records in (material.train, material.dev, material.test):
        content = [asdict(record) for record in records]
        digest.update(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())
    digest.update(json.dumps([dict(variant.overrides), variant.multitask], sort_keys=True).encode())
    return digest.hexdigest()[:12]


def finished_runs(
    material: AblationData, variants: Sequence[Variant], seeds: Sequence[int], folder: Path
) -> list[AblationRun]:
    """The runs on disk that belong to these variants, seeds and records."""
    wanted = {(variant.name, seed, fingerprint(material, variant)) for variant in variants for seed in seeds}
    runs = {(run.variant, run.seed, run.material): run for run in read_runs(folder / RUNS_FILE)}
    return [run for key, run in runs.items() if key in wanted]


def read_runs(path: Path) -> Iterator[AblationRun]:
    """The runs of a file, none where there is no file; half a line is no run."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield AblationRun(**json.loads(line))
        except (json.JSONDecodeError, TypeError):
            continue


def _append(path: Path, run: AblationRun) -> None:
    """One line in one write, on its own line also after half a one."""
    whole = not path.exists() or path.read_bytes()[-1:] in (b"", b"\n")
    line = ("" if whole else "\n") + json.dumps(asdict(run), ensure_ascii=False) + "\n"
    with path.open("a", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
