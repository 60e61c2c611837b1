"""Lines that say where a training stands, for whoever waits."""

from __future__ import annotations

import time

from rich.console import Console

from nlu.training.fitting.training_step import Phase, TrainingStep

_LINE_SECONDS = 15.0
_PHASES = {
    Phase.PREPARE: "文に分割",
    Phase.LOWER_LAYERS: "下層の計算",
    Phase.HEAD: "予測ヘッドの学習",
    Phase.LEARN: "学習",
    Phase.DEV: "検証",
}


class ProgressLines:
    """Prints every result on held-out documents, called `headline`, and in between a line now and then."""

    def __init__(self, console: Console, headline: str = "指標") -> None:
        self._console = console
        self._headline = headline
        self._started = time.monotonic()
        self._printed = 0.0

    def __call__(self, step: TrainingStep) -> None:
        seconds = time.monotonic() - self._started
        if step.headline is None and seconds - self._printed < _LINE_SECONDS:
            return
        self._printed = seconds
        parts = [f"{seconds:5.0f} 秒", _PHASES[step.phase], f"{step.step}/{step.steps}"]
        if step.members > 1:
            parts.append(f"分割 {step.member}/{step.members}")
        if step.phase is Phase.LEARN:
            parts.append(f"{step.epoch} 周目")
        if step.loss is not None:
            parts.append(f"損失 {step.loss:.3f}")
        if step.headline is not None:
            parts.append(f"{self._headline} {step.headline:.3f}" + ("（最良）" if step.best else ""))
        self._console.print("  ".join(parts), highlight=False)
