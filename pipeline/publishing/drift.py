"""Is the night like those before it? Pure: figures in, alarms out.

A figure is an alarm where it is further from the median of earlier nights than an absolute tolerance and
than four deviations: the sampling error of this night's documents, that of the median, and what the nights
differ by beyond chance (median absolute deviation), together. `benchmarks/night/alarm_rates.py` measures how
often an ordinary night alarms.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

from pipeline.errors import AuditFailedError
from pipeline.publishing.night_figures import NightFigures

LEAST_NIGHTS = 5
LEAST_DOCUMENTS = 20

_DEVIATIONS = 4.0
_OF_A_NORMAL = 1.4826  # median absolute deviation -> standard deviation
_FEW_NIGHTS = 8.0  # the spread between n nights is uncertain by itself: it is widened by 1 + 8/n
_DOCUMENT_CONFIDENCE = 0.1  # deviation between the documents of a night, measured on real office scans
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Alarm:
    """A figure that is unlike earlier nights; `usual` is None for a bound that the operator set.

    `figure` and `advice` are Japanese; `allowed` is the distance from `usual`, or the bound itself.
    """

    figure: str
    tonight: float
    usual: float | None
    allowed: float
    advice: str

    def __str__(self) -> str:
        if self.usual is None:
            return f"{self.figure}: 今回 {self.tonight:.1%}(上限 {self.allowed:.1%})。{self.advice}"
        return (
            f"{self.figure}: 今回 {self.tonight:.3f}、ふだん {self.usual:.3f}(許容 ±{self.allowed:.3f})。"
            f"{self.advice}"
        )


@dataclass(frozen=True, slots=True)
class DriftReport:
    """`not_judged` says why the night was not compared with others, "" where it was."""

    alarms: tuple[Alarm, ...] = ()
    not_judged: str = ""


def judge(
    tonight: NightFigures, history: Sequence[NightFigures], fail_above: float | None = None
) -> DriftReport:
    """Compares the night with earlier ones that were large enough; `fail_above` bounds its `failed_share`."""
    bound = _bound(tonight, fail_above)
    nights = [night for night in history if night.documents >= LEAST_DOCUMENTS]
    if tonight.documents < LEAST_DOCUMENTS:
        return DriftReport(bound, f"今回の文書が {tonight.documents} 件({LEAST_DOCUMENTS} 件未満)のため")
    if len(nights) < LEAST_NIGHTS:
        return DriftReport(bound, f"比べられる過去の実行が {len(nights)} 回({LEAST_NIGHTS} 回未満)のため")
    return DriftReport((*bound, *_unusual(tonight, nights)))


def refuse(verdict: DriftReport) -> None:
    """Raises AuditFailedError where there are alarms."""
    if not verdict.alarms:
        return
    lines = [f"・{alarm}" for alarm in verdict.alarms[:_SHOWN]]
    if len(verdict.alarms) > _SHOWN:
        lines.append(f"・ほか {len(verdict.alarms) - _SHOWN} 件")
    raise AuditFailedError(
        "今回の結果がふだんと大きく違うため、公開していません。公開済みの表は変えていません。\n"
        + "\n".join(lines)
        + "\n確かめて正しければ、同じコマンドに --force-publish を付けて実行してください"
        "（読み取り済みのページは再利用します）。"
    )


def _bound(tonight: NightFigures, fail_above: float | None) -> tuple[Alarm, ...]:
    if fail_above is None or tonight.failed_share <= fail_above:
        return ()
    advice = "失敗の理由を実行記録(runs/)で確かめてください。"
    return (Alarm("失敗したファイルの割合(--fail-above)", tonight.failed_share, None, fail_above, advice),)


@dataclass(frozen=True, slots=True)
class _Figure:
    """How to find a figure of a night (None where it has none), and how far it may stray at the least."""

    name: str
    of: Callable[[NightFigures], float | None]
    advice: str
    tolerance: float = 0.15
    is_share: bool = True


def _unusual(tonight: NightFigures, nights: Sequence[NightFigures]) -> Iterator[Alarm]:
    for figure in _figures(tonight):
        value = figure.of(tonight)
        before = [(known, night.documents) for night in nights if (known := figure.of(night)) is not None]
        if value is None or len(before) < LEAST_NIGHTS:
            continue
        usual = statistics.median(known for known, _ in before)
        allowed = max(figure.tolerance, _chance(before, usual, tonight.documents, figure.is_share))
        if abs(value - usual) > allowed:
            yield Alarm(figure.name, value, usual, allowed, figure.advice)


_NIGHTLY = (
    _Figure(
        "OCR の平均確信度",
        attrgetter("confidence"),
        "スキャナーや FAX の状態と、原稿の画像を見てください。",
        tolerance=0.02,
        is_share=False,
    ),
    _Figure(
        "文字のない文書の割合",
        attrgetter("empty_share"),
        "白紙の読み込みや、向き・濃度の設定を見てください。",
        tolerance=0.05,
    ),
    _Figure(
        "失敗したファイルの割合",
        attrgetter("failed_share"),
        "失敗の理由を実行記録(runs/)で確かめてください。",
        tolerance=0.05,
    ),
)


def _figures(tonight: NightFigures) -> Iterator[_Figure]:
    yield from _NIGHTLY
    for label in tonight.label_shares:
        yield _Figure(
            f"分類「{label}」の割合",
            partial(_label_share, label),
            "モデルとラベル表を替えていないか、原稿の種類が変わっていないかを見てください。",
        )
    for column in tonight.null_shares:
        yield _Figure(
            f"列 {column} の空の割合",
            partial(_null_share, column),
            "帳票の様式や設定が変わっていないかを見てください。",
        )


def _label_share(label: str, night: NightFigures) -> float | None:
    return night.label_shares.get(label)


def _null_share(column: str, night: NightFigures) -> float | None:
    return night.null_shares.get(column)


def _chance(before: Sequence[tuple[float, int]], usual: float, documents: int, is_share: bool) -> float:
    """How far from `usual` a night of `documents` strays by chance; `before` are figures with documents."""
    if is_share:
        share = min(max(usual, 1 / documents), 1 - 1 / documents)
        variance = share * (1 - share)
        skew = _DEVIATIONS**2 / 6 * abs(1 - 2 * share) + 0.5  # Cornish-Fisher, and half a document
    else:
        variance, skew = _DOCUMENT_CONFIDENCE**2, 0.0
    sampled = variance * statistics.median(1 / size for _, size in before)
    spread = (_OF_A_NORMAL * statistics.median(abs(known - usual) for known, _ in before)) ** 2
    between = max(0.0, spread * (1 + _FEW_NIGHTS / len(before)) ** 2 - sampled)
    of_the_median = math.pi / 2 * max(spread, sampled) / len(before)
    return _DEVIATIONS * math.sqrt(variance / documents + between + of_the_median) + skew / documents
