"""`yomitori adapt`: texts that nobody has annotated in, an encoder that knows their words out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from nlu.application.application import Application
from nlu.training.adaptation.unlabelled import read_texts
from pipeline.commands.models.progress_lines import ProgressLines
from pipeline.commands.models.refusals import refusals
from pipeline.commands.output_folder import check_output_folder
from pipeline.errors import BadInputError


@dataclass(frozen=True, slots=True)
class AdaptationLimits:
    """When adaptation ends: at whichever of those given comes first, and how much of the encoder learns."""

    epochs: int | None
    steps: int | None
    minutes: float | None
    layers: int | None


def adapt_encoder(
    application: Path, texts: Sequence[Path], output: Path, limits: AdaptationLimits, console: Console
) -> None:
    """Adapts the application's encoder and writes it as a folder. Raises CommandError."""
    with refusals():
        settings = Application.load(application).settings
        if output.resolve() == Path(settings.encoder).resolve():
            raise BadInputError(f"{output} は元のエンコーダです。-o に別のフォルダを指定してください。")
        check_output_folder(output)
        read = read_texts(texts)
        # torch loads for seconds: first what is given is checked
        from nlu.training.adaptation.domain_adaptation import adapt
        from nlu.training.adaptation.masked_language import AdaptSettings

        unlimited = limits.epochs is None and limits.steps is None and limits.minutes is None
        report = adapt(
            settings.encoder,
            read,
            output,
            AdaptSettings(
                epochs=AdaptSettings().epochs if unlimited else limits.epochs,
                steps=limits.steps,
                minutes=limits.minutes,
                layers=limits.layers,
                precision=settings.training.precision,
                seed=settings.training.seed,
            ),
            ProgressLines(console, "正解率"),
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
