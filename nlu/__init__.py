"""Understands Japanese business texts by a model tailored to a label sheet: labels, evidence, scores.

    import nlu

    nlu.split("A社を訪問。至急の見積りを希望された。")
    model = nlu.load("call-log")
    found = nlu.understand(model, "来月開く支店にも複合機を入れたい。見積書を送ってほしいとのこと。")
    nlu.to_frame(found)

What is found is in `nlu.understanding`; how a model is made in `nlu.training.train`.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING, overload

from nlu.understanding import Understanding

if TYPE_CHECKING:
    import pandas as pd

    from nlu.model.tailored import TailoredModel
    from nlu.text.boundaries.sentences import Sentence

__all__ = ["Understanding", "load", "split", "to_frame", "understand"]


def split(text: str) -> tuple[Sentence, ...]:
    """The sentences of `text`, each with its offsets and, where it is none, why it is noise."""
    from nlu.text.boundaries.sentences import SentenceSplitter

    return SentenceSplitter().split(text)


def load(folder: str | PathLike[str]) -> TailoredModel:
    """The model of a folder that `yomitori train` wrote, of an application that holds it as `model`, or of
    the sample application of a name: "call-log", "daily-report". Raises ModelError (`nlu.errors`)."""
    from nlu.application.samples import model_folder
    from nlu.model.tailored import TailoredModel

    return TailoredModel.load(model_folder(folder))


@overload
def understand(model: TailoredModel, texts: str) -> Understanding: ...
@overload
def understand(model: TailoredModel, texts: list[str] | tuple[str, ...]) -> list[Understanding]: ...
def understand(
    model: TailoredModel, texts: str | list[str] | tuple[str, ...]
) -> Understanding | list[Understanding]:
    """What one text means, or each of several, in their order."""
    from nlu.text.boundaries.sentences import SentenceSplitter

    splitter = SentenceSplitter()
    several = [texts] if isinstance(texts, str) else texts
    prepared = [model.prepare(str(number), splitter.split(text)) for number, text in enumerate(several)]
    found = model.understand(prepared)
    return found[0] if isinstance(texts, str) else found


def to_frame(found: Understanding | Sequence[Understanding]) -> pd.DataFrame:
    """The labels of one text or several as a data frame, a row for each text, task and 小分類.

    `text` counts from 0; `evidence` is the sentences that prove an accepted label, parted by " / ".
    """
    import pandas as pd

    columns = [
        "text",
        "task",
        "major",
        "middle",
        "minor",
        "probability",
        "threshold",
        "accepted",
        "review",
        "evidence",
    ]
    rows = [
        {
            "text": number,
            "task": label.task,
            "major": label.major,
            "middle": label.middle,
            "minor": label.minor,
            "probability": label.probability,
            "threshold": label.threshold,
            "accepted": label.accepted,
            "review": label.review,
            "evidence": " / ".join(
                proof.text
                for proof in one.evidence
                if label.accepted and (proof.task, proof.label) == (label.task, label.minor)
            ),
        }
        for number, one in enumerate([found] if isinstance(found, Understanding) else found)
        for label in one.labels
    ]
    return pd.DataFrame(rows, columns=columns)
