"""A report as one HTML page in Japanese that needs nothing but itself."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from nlu.evaluation.confusion import NONE, Confusion
from nlu.evaluation.macro_intervals import Ends
from nlu.evaluation.report.charts import MOST_CURVES, calibration_file, curves_file, score_file
from nlu.evaluation.report.highlight import pieces
from nlu.evaluation.report.report_data import ClassificationReport, Report
from nlu.evaluation.stability import stability_warnings
from nlu.measures.metrics import ClassFigures

_TEMPLATE = "page.html.j2"
# Fewer documents than this say little: the interval of a recall of .8 then is wider than .35.
_FEW_DOCUMENTS = 20
# A wider table does not fit a screen.
_MOST_COLUMNS = 30
_MOST_PAIRS = 8
_MOST_NAMES = 10


@dataclass(frozen=True, slots=True)
class ConfusionCell:
    """A cell of the confusion table: documents, their share of the row, and whether they are right."""

    count: int
    share: float
    is_right: bool


def page(report: Report, pictures: Mapping[str, bytes]) -> str:
    """The page; `pictures` are those of `charts`. Everything that records and label sheets say is escaped."""
    return _template().render(
        report=report,
        pictures={name: _data_uri(data) for name, data in pictures.items()},
        curves_file=curves_file,
        calibration_file=calibration_file,
        score_file=score_file,
        findings=findings,
        warnings=stability_warnings(report.drifts),
        heat=heat,
        pieces=pieces,
        most_pairs=_MOST_PAIRS,
        most_curves=MOST_CURVES,
        nothing=NONE,
    )


def findings(task: ClassificationReport) -> Iterator[str]:
    """What a reader should know of a task first, a sentence each."""
    found = task.detection
    if found is not None and found.support:
        yield (
            f"「{found.label}」の {found.support} 件のうち {found.correct} 件に気づきました"
            f"（再現率 {_percent(found.recall)}）。"
        )
    if found is not None and found.predicted:
        yield (
            f"モデルが「{found.label}」と答えた {found.predicted} 件のうち、本当にそうだったのは "
            f"{found.correct} 件です（適合率 {_percent(found.precision)}）。"
        )
    seen = [row for row in task.figures.classes if row.support]
    yield from _weakest(seen)
    mixed = [pair for pair in task.confusion.mixed_up() if NONE not in pair]
    if mixed:
        true, predicted, count = mixed[0]
        yield f"最も多い取り違えは、「{true}」を「{predicted}」と答えたものです（{count} 件）。"
    few = [row.label for row in seen if row.support < _FEW_DOCUMENTS]
    if few:
        yield (
            f"{_list(few)}は {_FEW_DOCUMENTS} 件に満たないため、別の文書では数字が大きく動き得ます。"
            "95 % 区間を見てください。"
        )
    absent = [row.label for row in task.figures.classes if not row.support]
    if absent:
        yield f"{_list(absent)}はこの評価データに 1 件もないため、再現率を測れません。"


def heat(confusion: Confusion) -> tuple[tuple[str, ...], list[tuple[str, list[ConfusionCell]]]]:
    """Column names and rows for a table: the labels with most documents where there are too many."""
    totals = [sum(row) + sum(column) for row, column in zip(*_both_ways(confusion), strict=True)]
    ranked = sorted(range(len(totals)), key=lambda place: -totals[place])
    shown = sorted(ranked[:_MOST_COLUMNS])
    rows = []
    for place in shown:
        counts = confusion.counts[place]
        cells = [
            ConfusionCell(counts[column], counts[column] / max(1, sum(counts)), column == place)
            for column in shown
        ]
        rows.append((confusion.labels[place], cells))
    return tuple(confusion.labels[place] for place in shown), rows


def _both_ways(confusion: Confusion) -> tuple[Sequence[Sequence[int]], Sequence[Sequence[int]]]:
    return confusion.counts, tuple(zip(*confusion.counts, strict=True))


def _weakest(seen: Sequence[ClassFigures]) -> Iterator[str]:
    missed = min(seen, key=lambda row: row.recall or 0.0, default=None)
    if missed is not None and missed.correct < missed.support:
        yield (
            f"見落としの割合が最も高いのは「{missed.label}」です"
            f"（{missed.support} 件のうち {missed.support - missed.correct} 件）。"
        )
    given = [row for row in seen if row.predicted]
    wrong = min(given, key=lambda row: row.precision or 0.0, default=None)
    if wrong is not None and wrong.correct < wrong.predicted:
        yield (
            f"答えの誤りの割合が最も高いのは「{wrong.label}」です"
            f"（そう答えた {wrong.predicted} 件のうち {wrong.predicted - wrong.correct} 件）。"
        )


def _list(names: Sequence[str]) -> str:
    shown = "".join(f"「{name}」" for name in names[:_MOST_NAMES])
    return shown if len(names) <= _MOST_NAMES else f"{shown}など {len(names)} ラベル"


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["figure"] = _figure
    environment.filters["percent"] = _percent
    environment.filters["interval"] = _interval
    source = files(__package__).joinpath(_TEMPLATE).read_text(encoding="utf-8")
    return environment.from_string(source)


def _figure(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.0%}"


def _interval(ends: Ends | None) -> str:
    return "" if ends is None else f"{ends[0]:.2f}–{ends[1]:.2f}"


def _data_uri(data: bytes) -> str:
    return f"data:image/png;base64,{b64encode(data).decode()}"
