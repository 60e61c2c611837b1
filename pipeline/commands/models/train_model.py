"""`yomitori train`: an application and records in, a model folder out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from nlu.application.application import SETTINGS_FILE, Application
from nlu.records.record import Record
from nlu.records.record_files import read_records
from nlu.training.examples.readiness import data_warnings, hold_out
from nlu.training.model_files import CHECKPOINT_FOLDER
from pipeline.commands.models.progress_lines import ProgressLines
from pipeline.commands.models.refusals import refusals
from pipeline.commands.output_folder import check_output_folder


def train_model(
    application: Path, train_records: Path | None, dev_records: Path | None, output: Path, console: Console
) -> None:
    """Trains and writes the model folder; from the label sheet alone where there are no records, and with a
    fifth of them as dev records where none are named. Raises CommandError."""
    check_output_folder(output, (SETTINGS_FILE, CHECKPOINT_FOLDER))
    with refusals():
        tailored = Application.load(application, to_learn=True)
        learned, held_out = _records(tailored, train_records, dev_records, console)
        for warning in data_warnings(tailored, learned, held_out):
            console.print(f"注意: {warning}", style="yellow", highlight=False, soft_wrap=True)
        # torch loads for seconds: first what is given is checked
        from nlu.training.train import train

        metrics = train(tailored, learned, held_out, output, ProgressLines(console))
    if held_out:
        console.print(f"検証データでの指標 {metrics['dev']['headline']:.3f}")
    console.print(f"モデル: {output}", soft_wrap=True)


def _records(
    application: Application, train_records: Path | None, dev_records: Path | None, console: Console
) -> tuple[Sequence[Record], Sequence[Record]]:
    learned = read_records(train_records, application) if train_records else ()
    if dev_records:
        return learned, read_records(dev_records, application)
    if not learned:
        console.print(
            "学習レコードがないため、ラベルシートの定義とキーワードだけで判断するモデルを作ります。"
        )
        return (), ()
    kept, held_out = hold_out(learned, application, application.settings.training.seed)
    console.print(f"検証レコードの指定がないため、学習レコードから {len(held_out)} 件を検証に使います。")
    return kept, held_out
