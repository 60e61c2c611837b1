"""Input that a person has to mend: a label sheet, an application, records, a model folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

SHOWN_PROBLEMS = 20


class InputError(ValueError):
    """A file that cannot be used as it is.

    `source` is the file or folder, `problems` are Japanese sentences: where, what is wrong, what to do next.
    """

    def __init__(self, source: Path, problems: Sequence[str]) -> None:
        super().__init__(source, tuple(problems))
        self.source = source
        self.problems = tuple(problems)

    def __str__(self) -> str:
        shown = [f"  ・{problem}" for problem in self.problems[:SHOWN_PROBLEMS]]
        hidden = len(self.problems) - len(shown)
        rest = [f"  ほか {hidden} 件あります。"] if hidden > 0 else []
        return "\n".join([f"{self.source} を使えません（問題 {len(self.problems)} 件）。", *shown, *rest])


class LabelSheetError(InputError):
    """A label sheet that is not a table of 大分類, 中分類, 小分類, 定義 and キーワード."""


class ApplicationError(InputError):
    """An `app.toml` that does not describe an application."""


class RecordError(InputError):
    """A record file with lines that are no records of the application."""


class ModelError(InputError):
    """A model folder that is incomplete, or was trained on another encoder."""


class DivergenceError(ArithmeticError):
    """Training whose loss is no number any more; its message says so in Japanese, and what to do next."""

    def __init__(self, epoch: int) -> None:
        super().__init__(
            f"学習が発散しました（{epoch} epoch 目で損失が数でなくなりました）。"
            "app.toml の training.learning_rate を小さくして、もう一度実行してください。"
        )
