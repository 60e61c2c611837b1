"""Which variants of an application an ablation trains: everything that is decided before anything runs.

From the application as it is, the strategies are switched one by one; from plain single-task fine-tuning of
the encoder, where all are off, they are switched on one by one. So each variant differs from its base in
exactly one switch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nlu.application.settings import Settings

FULL, PLAIN, LINEAR = "full", "plain", "linear"

# As many as there are: an encoder has fewer layers.
_ALL_LAYERS = 1000


@dataclass(frozen=True, slots=True)
class Switch:
    """A strategy. `off` are the settings without it, by dotted key; `on` those with it, for an application
    that has it off. `multitask` is the one strategy that is no setting."""

    name: str
    title: str
    off: Mapping[str, Any] = field(default_factory=dict)
    on: Mapping[str, Any] = field(default_factory=dict)
    multitask: bool = False


def _augmentation(key: str, title: str) -> Switch:
    name = f"augmentation.{key}"
    return Switch(key, title, {name: 0.0}, {name: 0.3})


SWITCHES = (
    Switch(
        "redraw",
        "疑似アンサンブル（epoch ごとの引き直し）",
        {"training.redraw": False},
        {"training.redraw": True},
    ),
    Switch(
        "class_weights",
        "小分類ごとの損失の重み",
        {"training.class_weights": False},
        {"training.class_weights": True},
    ),
    Switch("multitask", "マルチタスク", multitask=True),
    Switch(
        "task_balance",
        "タスク間の損失の重み（不確かさ）",
        {"training.task_balance": "equal"},
        {"training.task_balance": "uncertainty"},
    ),
    Switch("hierarchy", "大分類・中分類の損失", {"training.hierarchy": 0.0}, {"training.hierarchy": 0.5}),
    Switch("auxiliary", "補助タスク", {"training.auxiliary": []}, {"training.auxiliary": ["keywords"]}),
    Switch(
        "averaged_epochs",
        "epoch の重みの平均",
        {"training.averaged_epochs": 1},
        {"training.averaged_epochs": 3},
    ),
    Switch(
        "folds",
        "train と dev を分け直して数回学習",
        {"training.folds": 1},
        {"training.folds": 3},
    ),
    Switch(
        "tuning",
        "上位層の LoRA（なし＝全層の fine-tuning）",
        {
            "training.tuning": "full",
            "training.trainable_layers": _ALL_LAYERS,
        },
        {"training.tuning": "lora", "training.trainable_layers": 4},
    ),
    _augmentation("ocr_noise", "拡張: OCR の誤読"),
    _augmentation("variants", "拡張: 表記ゆれ・同義語"),
    _augmentation("sentences", "拡張: 文の欠落・入れ替え"),
    _augmentation("keywords", "拡張: キーワードを隠す"),
    _augmentation("mixed", "拡張: 少ない小分類の文を混ぜる"),
    Switch(
        "linear", "文字 n-gram の線形モデルとの混合", {"decisions.linear": False}, {"decisions.linear": True}
    ),
    Switch(
        "vectors",
        "下位層のベクトルの線形モデルとの混合",
        {"decisions.vectors": False},
        {"decisions.vectors": True},
    ),
    Switch("sheet", "定義とキーワードからの出発", {"decisions.sheet": False}, {"decisions.sheet": True}),
    Switch(
        "calibration",
        "確率の校正",
        {"decisions.calibration": "none"},
        {"decisions.calibration": "temperature"},
    ),
)
ADAPTED = "adapted"


@dataclass(frozen=True, slots=True)
class Variant:
    """What is trained: the application with `overrides`, one model for all tasks or one a task.

    The variant LINEAR has no encoder at all. `base` is the variant it is compared with, "" for the three
    that stand for themselves.
    """

    name: str
    title: str
    overrides: Mapping[str, Any]
    multitask: bool
    base: str = ""


def plan(
    settings: Settings, strategies: Collection[str] | None = None, adapted_encoder: str | None = None
) -> tuple[Variant, ...]:
    """All variants of an application, those that stand for themselves first.

    `strategies` are names of switches, None for all. An `adapted_encoder`, a folder, is one more.
    """
    return tuple(_variants(settings, _switches(settings, adapted_encoder), strategies))


def strategy_names(adapted: bool) -> tuple[str, ...]:
    return (*(switch.name for switch in SWITCHES), *((ADAPTED,) if adapted else ()))


def _switches(settings: Settings, adapted_encoder: str | None) -> Sequence[Switch]:
    several = len(settings.tasks) > 1
    switches = [switch for switch in SWITCHES if several or not switch.multitask]
    if adapted_encoder is not None:
        off, on = {"encoder": settings.encoder}, {"encoder": adapted_encoder}
        switches.append(Switch(ADAPTED, "追加事前学習した encoder", off, on))
    return switches


def _variants(
    settings: Settings, switches: Sequence[Switch], strategies: Collection[str] | None
) -> Iterator[Variant]:
    several = len(settings.tasks) > 1
    plain = {key: value for switch in switches for key, value in switch.off.items()}
    yield Variant(FULL, "いまの設定（すべて）", {}, several)
    yield Variant(PLAIN, "encoder の単純な fine-tuning（タスクごと）", plain, False)
    yield Variant(LINEAR, "線形モデルだけ", {}, several)
    chosen = [switch for switch in switches if strategies is None or switch.name in strategies]
    for switch in chosen:
        used = switch.multitask or _now(settings, switch) != switch.off
        sign, change = ("-", switch.off) if used else ("+", switch.on)
        yield Variant(
            f"{FULL}{sign}{switch.name}",
            f"{'−' if used else '＋'} {switch.title}",
            change,
            several and not switch.multitask,
            FULL,
        )
    for switch in chosen:
        now = _now(settings, switch)
        change = now if now != switch.off else switch.on
        yield Variant(
            f"{PLAIN}+{switch.name}", f"＋ {switch.title}", plain | dict(change), switch.multitask, PLAIN
        )


def _now(settings: Settings, switch: Switch) -> Mapping[str, Any]:
    """What the application says for the keys of a switch."""
    return {key: _value(settings, key) for key in switch.off}


def _value(settings: Settings, key: str) -> Any:
    value: Any = settings
    for step in key.split("."):
        value = getattr(value, step)
    return list(value) if isinstance(value, tuple) else value
