"""`yomitori train`, `predict` and `evaluate`: records in, a model folder, predictions or a report out."""

from __future__ import annotations

import json
import time
from pathlib import Path

from rich.console import Console

from nlu.application import Application
from nlu.encoders.loading import EncoderError, one_thread
from nlu.errors import InputError
from nlu.evaluation.files import write_report
from nlu.evaluation.report import make_report
from nlu.model.tailored import TailoredModel
from nlu.records import read_records
from nlu.training.train import Phase, TrainingStep, train
from pipeline.errors import BadInputError

_LINE_SECONDS = 15.0
_PHASES = {
    Phase.PREPARE: "文に分割",
    Phase.LOWER_LAYERS: "下層の計算",
    Phase.LEARN: "学習",
    Phase.DEV: "検証",
}


def train_model(
    application: Path, train_records: Path, dev_records: Path, output: Path, console: Console
) -> None:
    """Trains and writes the model folder. Raises BadInputError."""
    try:
        tailored = Application.load(application)
        learned = read_records(train_records, tailored)
        held_out = read_records(dev_records, tailored)
        metrics = train(tailored, learned, held_out, output, ProgressLines(console))
    except (InputError, EncoderError) as error:
        raise BadInputError(str(error)) from error
    console.print(f"検証データでの指標 {metrics['dev']['headline']:.3f}")
    console.print(f"モデル: {output}", soft_wrap=True)


def predict_records(model: Path, records: Path, output: Path, console: Console) -> None:
    """Writes one JSON line a record. Raises BadInputError."""
    one_thread()
    try:
        tailored = TailoredModel.load(model)
        read = read_records(records)
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("w", encoding="utf-8") as stream:
            for prediction in tailored.predict_records(read):
                stream.write(json.dumps(prediction, ensure_ascii=False) + "\n")
    except (InputError, EncoderError) as error:
        raise BadInputError(str(error)) from error
    console.print(f"{len(read)} 件の予測: {output}", soft_wrap=True)


def evaluate_model(model: Path, records: Path, output: Path, most_mistakes: int, console: Console) -> None:
    """Writes the report into the folder `output` and prints its figures. Raises BadInputError."""
    one_thread()
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"{output} に書けません（{error.strerror}）。場所と書き込み権限を確かめてください。"
        raise BadInputError(problem) from error
    try:
        tailored = TailoredModel.load(model)
        judged = list(tailored.judge(read_records(records, tailored.application)))
    except (InputError, EncoderError) as error:
        raise BadInputError(str(error)) from error
    report = make_report(tailored.application, judged, records.name, most_mistakes)
    page = write_report(report, output)
    console.print(report.evaluation.to_markdown(), markup=False, highlight=False, soft_wrap=True)
    console.print(f"報告: {page}", soft_wrap=True)


class ProgressLines:
    """Prints where training stands: every dev result, and in between a line now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._printed = 0.0

    def __call__(self, step: TrainingStep) -> None:
        seconds = time.monotonic() - self._started
        if step.evaluation is None and seconds - self._printed < _LINE_SECONDS:
            return
        self._printed = seconds
        parts = [f"{seconds:5.0f} 秒", _PHASES[step.phase], f"{step.step}/{step.steps}"]
        if step.phase is Phase.LEARN:
            parts.append(f"{step.epoch} 周目")
        if step.loss is not None:
            parts.append(f"損失 {step.loss:.3f}")
        if step.evaluation is not None:
            parts.append(f"指標 {step.evaluation.headline:.3f}" + ("（最良）" if step.best else ""))
        self._console.print("  ".join(parts), highlight=False)
