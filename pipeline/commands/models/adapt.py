"""`yomitori adapt`: texts that nobody has annotated in, an encoder that knows their words out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from nlu.application.application import Application
from nlu.training.adaptation.adapt import adapt
from nlu.training.adaptation.adapt_run import AdaptPhase, AdaptSettings, AdaptStep
from nlu.training.adaptation.unlabelled import read_texts
from pipeline.commands.models.refusals import refusals
from pipeline.commands.output_folder import check_output_folder
from pipeline.errors import BadInputError

_LINE_SECONDS = 15.0
_PHASES = {AdaptPhase.HEAD: "予測ヘッドの学習", AdaptPhase.ENCODER: "エンコーダの学習"}


@dataclass(frozen=True, slots=True)
class Limits:
    """When adaptation ends: at whichever of those given comes first, and how much of the encoder learns."""

    epochs: int | None
    steps: int | None
    minutes: float | None
    layers: int | None


def adapt_encoder(
    application: Path, texts: Sequence[Path], output: Path, limits: Limits, console: Console
) -> None:
    """Adapts the application's encoder and writes it as a folder. Raises CommandError."""
    with refusals():
        settings = Application.load(application).settings
        if output.resolve() == Path(settings.encoder).resolve():
            raise BadInputError(f"{output} は元のエンコーダです。-o に別のフォルダを指定してください。")
        check_output_folder(output)
        unlimited = limits.epochs is None and limits.steps is None and limits.minutes is None
        report = adapt(
            settings.encoder,
            read_texts(texts),
            output,
            AdaptSettings(
                epochs=AdaptSettings().epochs if unlimited else limits.epochs,
                steps=limits.steps,
                minutes=limits.minutes,
                layers=limits.layers,
                precision=settings.training.precision,
                seed=settings.training.seed,
            ),
            ProgressLines(console),
        )
    before, after = (report[when]["perplexity"] for when in ("before", "after"))
    console.print(
        f"{report['texts']} 件の文章で {report['steps']} ステップ。隠した語の当てにくさ（perplexity）"
        f" {before:.1f} → {after:.1f}",
        soft_wrap=True,
    )
    console.print(f"エンコーダ: {output}", soft_wrap=True)
    console.print(
        f"app.toml の encoder をこのフォルダ（{output.resolve()}）にすると、次の train から使われます。",
        soft_wrap=True,
    )


class ProgressLines:
    """Prints where adaptation stands: trials on the held-out texts, and a line now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._printed = 0.0

    def __call__(self, step: AdaptStep) -> None:
        seconds = time.monotonic() - self._started
        if step.filling is None and seconds - self._printed < _LINE_SECONDS:
            return
        self._printed = seconds
        place = f"{seconds:5.0f} 秒  {step.share:4.0%}  {step.step} ステップ  "
        if step.filling is not None:
            found = f"検証用の文章: 損失 {step.filling.loss:.3f}、正解 {step.filling.accuracy:.1%}"
        else:
            found = f"{_PHASES[step.phase]}: 損失 {step.loss:.3f}"
        self._console.print(place + found, highlight=False)
