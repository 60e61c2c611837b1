"""`yomitori predict` and `evaluate`: a model and records in, predictions or a report out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from nlu.application.application import Application
from nlu.records.record_files import read_records
from pipeline.commands.models.refusals import refusals
from pipeline.commands.output_folder import make_output_folder


def predict_records(model: Path, records: Path, output: Path, console: Console) -> None:
    """Writes one JSON line a record. Raises CommandError."""
    make_output_folder(output.parent)
    with refusals():
        Application.load(model)
        read = read_records(records)
        # torch loads for seconds: first what is given is checked
        from nlu.encoders.loading import one_thread
        from nlu.model.tailored import TailoredModel

        one_thread()
        tailored = TailoredModel.load(model)
        with output.open("w", encoding="utf-8") as stream:
            for prediction in tailored.predict_records(read):
                stream.write(json.dumps(prediction, ensure_ascii=False) + "\n")
    console.print(f"{len(read)} 件の予測: {output}", soft_wrap=True)


def evaluate_model(model: Path, records: Path, output: Path, most_mistakes: int, console: Console) -> None:
    """Writes the report into the folder `output` and prints its figures. Raises CommandError."""
    make_output_folder(output)
    with refusals():
        annotated = read_records(records, Application.load(model))
        # torch loads for seconds: first what is given is checked
        from nlu.encoders.loading import one_thread
        from nlu.evaluation.report.markdown import to_markdown
        from nlu.evaluation.report.report_data import make_report
        from nlu.evaluation.report.report_files import write_report
        from nlu.evaluation.stability import stability_warnings
        from nlu.model.tailored import TailoredModel
        from nlu.training.model_files import count_known, read_thresholds

        one_thread()
        tailored = TailoredModel.load(model)
        judged = list(tailored.judge(annotated))
    report = make_report(tailored.application, judged, records.name, most_mistakes, read_thresholds(model))
    page = write_report(report, output)
    console.print(to_markdown(report.evaluation), markup=False, highlight=False, soft_wrap=True)
    warnings = [
        *_known_warnings(count_known(model, annotated), len(annotated)),
        *stability_warnings(report.drifts),
    ]
    for warning in warnings:
        console.print(f"注意: {warning}", style="yellow", highlight=False, soft_wrap=True)
    console.print(f"報告: {page}", soft_wrap=True)


def _known_warnings(known: int, of: int) -> Iterator[str]:
    if known:
        yield (
            f"{of} 件のうち {known} 件は、このモデルの学習か調整に使った文章です。"
            "この数字は、新しい文書での成績より良く出ています。どちらにも使っていないレコードで評価してください。"
        )
