"""The runs of an ablation as figures by variant: mean and deviation over seeds, and what a switch changes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import mean, stdev
from typing import Any

from nlu.ablation.runs import AblationRun
from nlu.ablation.variants import Variant

HEADLINE = "headline"
# Figures that say enough of a task to stand in a table; all of them are in the JSON.
_SHOWN = ("macro_f1", "average_precision", "evidence_f1", "span_f1", "pearson")


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over seeds: `deviation` is the sample's standard deviation, None for a single seed."""

    mean: float
    deviation: float | None
    seeds: int


@dataclass(frozen=True, slots=True)
class AblationRow:
    """A variant; `figures` by name, `gains` against its base, each seed against the same seed."""

    variant: Variant
    figures: Mapping[str, Spread]
    gains: Mapping[str, Spread]
    values: Mapping[int, float]
    cpu_seconds: float | None


def rows_of(variants: Sequence[Variant], runs: Sequence[AblationRun]) -> list[AblationRow]:
    """A row for every variant, in order; one without runs has no figures."""
    by_variant = {
        variant.name: {r.seed: r for r in runs if r.variant == variant.name} for variant in variants
    }
    return [_row(variant, by_variant[variant.name], by_variant.get(variant.base, {})) for variant in variants]


def shown_figures(rows: Sequence[AblationRow]) -> list[str]:
    """The headline and each task's most telling figures."""
    names = dict.fromkeys(name for row in rows for name in row.figures)
    return [HEADLINE, *(name for name in names if name.rpartition("/")[2] in _SHOWN)]


def to_markdown(rows: Sequence[AblationRow]) -> str:
    """The table with its explanation, in Japanese."""
    return "\n".join(_markdown(rows)) + "\n"


def to_csv(rows: Sequence[AblationRow]) -> str:
    """One line a variant and figure."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(
        ["variant", "title", "base", "figure", "mean", "deviation", "seeds", "gain", "gain_deviation"]
    )
    for row in rows:
        for name, spread in row.figures.items():
            gain = row.gains.get(name)
            compared = ("", "") if gain is None else (gain.mean, _or_empty(gain.deviation))
            variant = row.variant
            told = (variant.name, variant.title, variant.base, name)
            writer.writerow([*told, spread.mean, _or_empty(spread.deviation), spread.seeds, *compared])
    return file.getvalue()


def to_json(rows: Sequence[AblationRow]) -> list[dict[str, Any]]:
    """Plain dictionaries with all figures, ready for `json.dumps`."""
    return [asdict(row) for row in rows]


def _row(variant: Variant, runs: Mapping[int, AblationRun], base: Mapping[int, AblationRun]) -> AblationRow:
    names = dict.fromkeys(name for run in runs.values() for name in run.figures)
    pairs = [(run.figures, base[seed].figures) for seed, run in runs.items() if seed in base]
    return AblationRow(
        variant,
        {name: _spread([r.figures[name] for r in runs.values() if name in r.figures]) for name in names},
        {
            name: _spread(changes)
            for name in names
            if (changes := [one[name] - other[name] for one, other in pairs if name in one and name in other])
        },
        {seed: run.figures[HEADLINE] for seed, run in sorted(runs.items())},
        mean(run.cpu_seconds for run in runs.values()) if runs else None,
    )


def _spread(values: Sequence[float]) -> Spread:
    return Spread(mean(values), stdev(values) if len(values) > 1 else None, len(values))


def _markdown(rows: Sequence[AblationRow]) -> Iterator[str]:
    names = shown_figures(rows)
    yield "# アブレーション"
    yield ""
    yield (
        "「−」はいまの設定から 1 つだけ切ったもの、「＋」は 1 つだけ入れたものです。"
        "差は、同じ seed どうしを基準と比べた headline の差の平均です。± は seed による標準偏差です。"
        "headline は macro-F1・根拠文の F1・スコアの相関の平均です。"
    )
    yield ""
    yield "| 変種 | 基準 | " + " | ".join(names) + " | headline の差 | seed | CPU 秒 |"
    yield "|---|---|" + "---:|" * (len(names) + 3)
    for row in rows:
        cells = [_cell(row.figures.get(name)) for name in names]
        gain = row.gains.get(HEADLINE)
        seconds = "—" if row.cpu_seconds is None else f"{row.cpu_seconds:.0f}"
        yield (
            f"| {row.variant.title} | {row.variant.base or '—'} | {' | '.join(cells)} "
            f"| {_cell(gain, sign='+')} | {len(row.values)} | {seconds} |"
        )


def _cell(spread: Spread | None, sign: str = "") -> str:
    if spread is None:
        return "—"
    deviation = "" if spread.deviation is None else f" ± {spread.deviation:.3f}"
    return f"{spread.mean:{sign}.3f}{deviation}"


def _or_empty(value: float | None) -> float | str:
    return "" if value is None else value
