"""The pictures of a report as PNG: precision-recall curves, calibration, scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from nlu.evaluation.report.report_data import ClassificationReport, Report, ScoreReport
from nlu.measures.intervals import wilson_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nlu.evaluation.curves import PrecisionRecallCurve

_INK, _FAINT, _LINE, _POINT = "#333a45", "#c9ced6", "#1f6fb2", "#d1495b"
_DOTS_PER_INCH = 144
_COLUMNS = 3
# More curves than this on one picture are too small to read; the labels with most documents are shown.
MOST_CURVES = 12
_SMALLEST_GRID = 0.25


def charts(report: Report) -> Mapping[str, bytes]:
    """File name -> PNG. Labels are drawn in a Japanese font that comes with a package."""
    pictures: dict[str, bytes] = {}
    with _style():
        for number, task in enumerate(report.classifications, start=1):
            if task.curves:
                pictures[curves_file(number)] = _png(_curves(task))
            pictures[calibration_file(number)] = _png(_calibration(task))
        for number, score in enumerate(report.scores, start=1):
            pictures[score_file(number)] = _png(_score(score))
    return pictures


def curves_file(number: int) -> str:
    """The picture of the report's classification task of this number, from 1. A task's name may hold what a
    file name cannot, so numbers stand for them."""
    return f"precision_recall_{number}.png"


def calibration_file(number: int) -> str:
    return f"calibration_{number}.png"


def score_file(number: int) -> str:
    return f"score_{number}.png"


@contextmanager
def _style() -> Iterator[None]:
    with matplotlib.rc_context():
        # The import itself sets a font for everything that is drawn, so it stays inside.
        from matplotlib_fontja.matplotlib_fontja import FONT_NAME, japanize

        japanize()
        # The second font is for signs that the first one lacks.
        matplotlib.rc("font", family=[FONT_NAME, "DejaVu Sans"], size=9)
        matplotlib.rc("text", color=_INK, parse_math=False)
        matplotlib.rc("axes", edgecolor=_FAINT, labelcolor=_INK, titlesize=10)
        matplotlib.rc("axes.spines", top=False, right=False)
        matplotlib.rc("xtick", color=_INK)
        matplotlib.rc("ytick", color=_INK)
        yield


def _png(figure: Figure) -> bytes:
    stream = BytesIO()
    # Without the library's name and version the same figures give the same bytes.
    figure.savefig(stream, format="png", dpi=_DOTS_PER_INCH, metadata={"Software": None})
    return stream.getvalue()


def _curves(task: ClassificationReport) -> Figure:
    by_support = sorted(task.curves, key=lambda curve: -curve.decided.support)[:MOST_CURVES]
    chosen = [curve for curve in task.curves if curve in by_support]
    rows = -(-len(chosen) // _COLUMNS)
    figure = Figure(figsize=(9, 2.75 * rows), layout="constrained")
    places = figure.subplots(rows, _COLUMNS, squeeze=False, sharex=True, sharey=True).flat
    for axes in places:
        axes.set_visible(False)
    for place, (axes, curve) in enumerate(zip(figure.axes, chosen, strict=False)):
        axes.set_visible(True)
        _curve(axes, curve)
        if place % _COLUMNS == 0:
            axes.set_ylabel("適合率（precision）")
        if place + _COLUMNS >= len(chosen):
            axes.set_xlabel("再現率（recall）")
            axes.tick_params(labelbottom=True)
    return figure


def _curve(axes: Axes, curve: PrecisionRecallCurve) -> None:
    axes.axhline(curve.prevalence, color=_FAINT, linewidth=1, linestyle="--")
    # From the highest threshold up to recall 0 precision is counted as at that threshold.
    recall, precision = (*curve.recall, 0.0), (*curve.precision, curve.precision[-1])
    axes.step(recall, precision, where="post", color=_LINE, linewidth=1.6)
    decided = curve.decided
    if decided.precision is not None and decided.recall is not None:
        axes.plot(decided.recall, decided.precision, "o", color=_POINT, markersize=6, clip_on=False, zorder=3)
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
    axes.set_title(f"{curve.label}（{decided.support} 件、AP {decided.average_precision:.2f}）", loc="left")


def _calibration(task: ClassificationReport) -> Figure:
    figure = Figure(figsize=(4.6, 4.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    bins = task.calibration.bins
    upper.plot((0, 1), (0, 1), color=_FAINT, linewidth=1, linestyle="--")
    shares = np.array([one.share for one in bins])
    ends = np.array([wilson_interval(round(one.share * one.count), one.count) for one in bins])
    upper.errorbar(
        [one.probability for one in bins],
        shares,
        yerr=np.abs(ends.T - shares),
        fmt="o-",
        color=_LINE,
        ecolor=_FAINT,
        linewidth=1.6,
        markersize=5,
        clip_on=False,
    )
    upper.set(ylim=(0, 1.02), ylabel="実際に正しかった割合")
    lower.bar(
        [one.low for one in bins],
        [one.count for one in bins],
        width=[one.high - one.low for one in bins],
        align="edge",
        color=_FAINT,
        edgecolor="white",
    )
    lower.set(xlim=(0, 1.02), xlabel="モデルの確率", ylabel="件数")
    return figure


def _score(score: ScoreReport) -> Figure:
    """Points are moved a little to the side, so that equal ones do not hide each other."""
    figure = Figure(figsize=(4.6, 4.6), layout="constrained")
    axes = figure.subplots()
    truth, guess = np.array(score.pairs).T
    steps = np.diff(np.unique(truth))
    room = 0.3 * (steps.min() if len(steps) else _SMALLEST_GRID)
    ends = (score.minimum, score.maximum)
    aside = np.random.default_rng(0).uniform(-room, room, len(truth))
    axes.plot(ends, ends, color=_FAINT, linewidth=1, linestyle="--")
    axes.scatter(truth + aside, guess, s=14, color=_LINE, alpha=0.35, linewidths=0)
    margin = 0.06 * (score.maximum - score.minimum)
    axes.set(
        xlim=(score.minimum - room - margin, score.maximum + room + margin),
        ylim=(score.minimum - margin, score.maximum + margin),
        xlabel="人が付けた値",
        ylabel="モデルの値",
    )
    axes.locator_params(integer=True)
    return figure
