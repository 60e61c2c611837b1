"""`yomitori predict` and `evaluate`: a model and records in, predictions or a report out."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console

from nlu.encoders.loading import EncoderError, one_thread
from nlu.errors import InputError
from nlu.evaluation.report.files import write_report
from nlu.evaluation.report.markdown import to_markdown
from nlu.evaluation.report.report import make_report
from nlu.evaluation.stability import stability_warnings
from nlu.model.tailored import TailoredModel
from nlu.records.files import read_records
from nlu.training.metrics_file import read_thresholds
from pipeline.errors import BadInputError


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
    thresholds = read_thresholds(model)
    report = make_report(tailored.application, judged, records.name, most_mistakes, thresholds)
    page = write_report(report, output)
    console.print(to_markdown(report.evaluation), markup=False, highlight=False, soft_wrap=True)
    for warning in stability_warnings(report.drifts):
        console.print(f"注意: {warning}", style="yellow", highlight=False, soft_wrap=True)
    console.print(f"報告: {page}", soft_wrap=True)
