"""Documents a second on one thread: one model for all tasks against one `transformers.pipeline` a task.

The peers are the same encoder with a classification layer a task, as plain fine-tuning leaves it; weights do
not change what a pass costs, so they are fresh ones. Both get the same texts in the order they came.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, pipeline

from benchmarks.learning.datasets import load
from benchmarks.learning.subsets import subset
from nlu.ablation.learning import AblationData, of_task
from nlu.ablation.overrides import with_settings
from nlu.application.application import Application
from nlu.application.settings import ClassificationTask
from nlu.encoders.bundled import bundled_folder
from nlu.model.tailored import TailoredModel
from nlu.records.record import Record
from nlu.training.train import train

_BATCH = 16
_ROUNDS = 3


def show(dataset_name: str, count: int, console: Console) -> None:
    """Prints the best of three rounds for each."""
    whole = load(dataset_name)
    texts = whole.test[:count]
    tasks = [task.name for task in whole.application.settings.tasks]
    few = subset(whole, "8", 1)
    material = AblationData(whole.application, few.train, few.dev, texts)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        joint = _model(material, folder / "joint")
        alone = _model(of_task(material, tasks[0], folder / "app"), folder / "alone")
    pipes = [_pipe(whole.application, task) for task in tasks]
    ways: dict[str, Callable[[], object]] = {
        f"ours, {len(tasks)} tasks": lambda: list(joint.judge(texts)),
        "ours, 1 task": lambda: list(alone.judge(texts)),
        f"{len(pipes)} pipelines": lambda: [_through(pipe, texts) for pipe in pipes],
        "1 pipeline": lambda: _through(pipes[0], texts),
    }
    seconds = {name: min(_timed(way) for _ in range(_ROUNDS)) for name, way in ways.items()}
    table = Table(title=f"{dataset_name}, {len(texts)} texts, one thread", title_justify="left")
    for column in ("way", "CPU ms a text", "texts a second"):
        table.add_column(column, justify="left" if column == "way" else "right")
    for name, spent in seconds.items():
        table.add_row(name, f"{1000 * spent / len(texts):.1f}", f"{len(texts) / spent:.1f}")
    console.print(table)
    joint_seconds, alone_seconds, pipes_seconds, _ = seconds.values()
    console.print(f"all tasks / one task {joint_seconds / alone_seconds:.2f}")
    console.print(f"pipelines / ours, all tasks {pipes_seconds / joint_seconds:.2f}")


def _model(material: AblationData, folder: Path) -> TailoredModel:
    """A model that has hardly learned: what it costs is what a good one costs."""
    quick = with_settings(material.application, {"training.epochs": 1}, folder / "app")
    train(quick, material.train, material.dev, folder / "model", lambda _step: None)
    return TailoredModel.load(folder / "model")


def _pipe(application: Application, task_name: str) -> Callable[..., object]:
    folder = str(bundled_folder())
    (task,) = (task for task in application.settings.tasks if task.name == task_name)
    labels = len(application.sheets[task_name].names) if isinstance(task, ClassificationTask) else 1
    config = AutoConfig.from_pretrained(folder, num_labels=labels)
    model = AutoModelForSequenceClassification.from_pretrained(folder, config=config)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return pipeline("text-classification", model=model, tokenizer=tokenizer, top_k=None, device="cpu")


def _through(pipe: Callable[..., object], records: Sequence[Record]) -> object:
    return pipe([record.text for record in records], batch_size=_BATCH, truncation=True, max_length=256)


def _timed(way: Callable[[], object]) -> float:
    started = time.process_time()
    way()
    return time.process_time() - started
