"""`yomitori predict` and `evaluate`: a model and records in, predictions or a report out."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console

from nlu.encoders.loading import one_thread
from nlu.evaluation.report.markdown import to_markdown
from nlu.evaluation.report.report_data import make_report
from nlu.evaluation.report.report_files import write_report
from nlu.evaluation.stability import stability_warnings
from nlu.model.tailored import TailoredModel
from nlu.records.record_files import read_records
from nlu.training.metrics_file import read_thresholds
from pipeline.commands.models.refusals import refusals
from pipeline.commands.output_folder import make_output_folder


def predict_records(model: Path, records: Path, output: Path, console: Console) -> None:
    """Writes one JSON line a record. Raises CommandError."""
    one_thread()
    make_output_folder(output.parent)
    with refusals():
        tailored = TailoredModel.load(model)
        read = read_records(records)
        with output.open("w", encoding="utf-8") as stream:
            for prediction in tailored.predict_records(read):
                stream.write(json.dumps(prediction, ensure_ascii=False) + "\n")
    console.print(f"{len(read)} 件の予測: {output}", soft_wrap=True)


def evaluate_model(model: Path, records: Path, output: Path, most_mistakes: int, console: Console) -> None:
    """Writes the report into the folder `output` and prints its figures. Raises CommandError."""
    one_thread()
    make_output_folder(output)
    with refusals():
        tailored = TailoredModel.load(model)
        judged = list(tailored.judge(read_records(records, tailored.application)))
    thresholds = read_thresholds(model)
    report = make_report(tailored.application, judged, records.name, most_mistakes, thresholds)
    page = write_report(report, output)
    console.print(to_markdown(report.evaluation), markup=False, highlight=False, soft_wrap=True)
    for warning in stability_warnings(report.drifts):
        console.print(f"注意: {warning}", style="yellow", highlight=False, soft_wrap=True)
    console.print(f"報告: {page}", soft_wrap=True)
