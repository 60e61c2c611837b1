"""`yomitori ablate`: an application and its records in, what each strategy brings out."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from nlu.ablation.variants import Variant, plan, strategy_names
from nlu.application.application import Application
from nlu.encoders.loading import one_thread
from nlu.records.record_files import read_records
from nlu.training.fitting.training_step import Progress
from pipeline.commands.models.progress_lines import ProgressLines
from pipeline.commands.models.refusals import refusals
from pipeline.errors import BadInputError

if TYPE_CHECKING:
    from nlu.ablation.runs import AblationRun


@dataclass(frozen=True, slots=True)
class AblationRequest:
    """Files and limits of an ablation; `strategies` are names of switches, () for all, and `adapted` is an
    encoder that `yomitori adapt` wrote."""

    application: Path
    train: Path
    dev: Path
    test: Path
    output: Path
    seeds: int
    strategies: Sequence[str] = ()
    adapted: Path | None = None
    minutes: float | None = None


def ablate(request: AblationRequest, console: Console) -> None:
    """Trains what is not yet done, and writes `ablation.md`, `.csv`, `.json` and `.png`.

    Raises CommandError.
    """
    _check_names(request)
    started = time.monotonic()

    def is_late() -> bool:
        return request.minutes is not None and time.monotonic() - started > 60 * request.minutes

    def announce(variant: Variant, seed: int, number: int, count: int) -> Progress:
        console.print(f"[{number}/{count}] {variant.name}（seed {seed}）", markup=False, highlight=False)
        return ProgressLines(console)

    with refusals():
        application = Application.load(request.application, to_learn=True)
        train, dev, test = (
            read_records(path, application) for path in (request.train, request.dev, request.test)
        )
        # torch loads for seconds: first what is given is checked
        from nlu.ablation.learning import AblationData
        from nlu.ablation.runs import finished_runs, run_missing
        from nlu.ablation.table import HEADLINE

        one_thread()
        data = AblationData(application, train, dev, test)
        adapted = None if request.adapted is None else str(request.adapted)
        variants = plan(application.settings, request.strategies or None, adapted)
        seeds = range(1, request.seeds + 1)
        for run in run_missing(data, variants, seeds, request.output, announce, is_late):
            console.print(
                f"headline {run.figures[HEADLINE]:.3f}、CPU {run.cpu_seconds:.0f} 秒", highlight=False
            )
    runs = finished_runs(data, variants, seeds, request.output)
    _write(variants, runs, request.output)
    console.print(f"{len(runs)}/{len(variants) * len(seeds)} 回の学習が終わっています", highlight=False)
    if len(runs) < len(variants) * len(seeds):
        console.print("同じコマンドをもう一度実行すると、残りから続けます。")
    console.print(f"報告: {request.output / 'ablation.md'}", soft_wrap=True)


def _write(variants: Sequence[Variant], runs: Sequence[AblationRun], folder: Path) -> None:
    from nlu.ablation.chart import draw
    from nlu.ablation.table import rows_of, to_csv, to_json, to_markdown

    rows = rows_of(variants, runs)
    (folder / "ablation.md").write_text(to_markdown(rows), encoding="utf-8")
    (folder / "ablation.csv").write_text(to_csv(rows), encoding="utf-8-sig", newline="")
    content = json.dumps(to_json(rows), ensure_ascii=False, indent=2)
    (folder / "ablation.json").write_text(content + "\n", encoding="utf-8")
    (folder / "ablation.png").write_bytes(draw(rows))


def _check_names(request: AblationRequest) -> None:
    known = strategy_names(request.adapted is not None)
    unknown = [name for name in request.strategies if name not in known]
    if unknown:
        raise BadInputError(
            f"--strategies の「{'、'.join(unknown)}」はありません。"
            f"次の中から、コンマで区切って指定してください: {', '.join(known)}"
        )
