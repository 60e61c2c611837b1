"""The gains of an ablation as a picture: a bar for the mean, a point for each seed."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nlu.ablation.table import HEADLINE, AblationRow
from nlu.ablation.variants import FULL, PLAIN

_GAIN, _LOSS, _POINT, _INK = "#1f6fb2", "#d1495b", "#333a45", "#333a45"
_DOTS_PER_INCH = 144
_INCHES_A_BAR = 0.34
_TITLES = {FULL: "いまの設定から 1 つ変える", PLAIN: "単純な fine-tuning に 1 つ加える"}


def draw(rows: Sequence[AblationRow]) -> bytes:
    """A PNG: what each switch changes of the headline against its base, and the levels of the bases. What was
    not run is not drawn."""
    compared = {
        base: [row for row in rows if row.variant.base == base and row.gains] for base in (FULL, PLAIN)
    }
    groups = {base: group for base, group in compared.items() if group}
    alone = [row for row in rows if not row.variant.base]
    heights = [len(alone), *(len(group) for group in groups.values())]
    with matplotlib.rc_context():
        # The import itself sets a font for everything that is drawn, so it stays inside.
        from matplotlib_fontja.matplotlib_fontja import FONT_NAME, japanize

        japanize()
        # The second font is for signs that the first one lacks.
        matplotlib.rc("font", family=[FONT_NAME, "DejaVu Sans"], size=9)
        figure = Figure(figsize=(9, _INCHES_A_BAR * sum(heights) + 2.4), layout="constrained")
        ratios = [height + 1 for height in heights]
        panels = figure.subplots(len(heights), 1, height_ratios=ratios, squeeze=False)[:, 0]
        _levels(panels[0], alone)
        for panel, (base, group) in zip(panels[1:], groups.items(), strict=True):
            _gains(panel, group, {row.variant.name: row for row in rows}[base], _TITLES[base])
        file = BytesIO()
        figure.savefig(file, format="png", dpi=_DOTS_PER_INCH)
    return file.getvalue()


def _levels(axes: Axes, rows: Sequence[AblationRow]) -> None:
    means = [row.figures[HEADLINE].mean if row.figures else 0.0 for row in rows]
    axes.barh(range(len(rows)), means, color=_GAIN, height=0.6)
    for place, (row, level) in enumerate(zip(rows, means, strict=True)):
        values = list(row.values.values())
        axes.plot(values, [place] * len(values), "o", color=_POINT, markersize=3)
        axes.annotate(
            f"{level:.3f}", (0.99, place), xycoords=("axes fraction", "data"), ha="right", va="center"
        )
    _finish(axes, [row.variant.title for row in rows], "headline")
    axes.set_xlim(0, 1)


def _gains(axes: Axes, rows: Sequence[AblationRow], base: AblationRow, title: str) -> None:
    for place, row in enumerate(rows):
        gain = row.gains[HEADLINE]
        axes.barh(place, gain.mean, color=_GAIN if gain.mean >= 0 else _LOSS, height=0.6)
        changes = [value - base.values[seed] for seed, value in row.values.items() if seed in base.values]
        axes.plot(changes, [place] * len(changes), "o", color=_POINT, markersize=3)
    axes.axvline(0, color=_INK, linewidth=0.8)
    _finish(axes, [row.variant.title for row in rows], f"headline の差（{title}）")


def _finish(axes: Axes, titles: Sequence[str], label: str) -> None:
    axes.set_yticks(range(len(titles)), titles)
    axes.invert_yaxis()
    axes.set_xlabel(label)
    axes.spines[["top", "right"]].set_visible(False)
