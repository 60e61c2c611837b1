"""How often the audit alarms on an ordinary night, and what it finds on a bad one.

Usage: .venv/bin/python -m benchmarks.night.alarm_rates
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pipeline.publishing.drift import judge
from pipeline.publishing.night_figures import NightFigures

_LABELS = (0.45, 0.2, 0.12, 0.08, 0.05, 0.04, 0.03, 0.02, 0.01) * 2 + (0.3, 0.3, 0.2, 0.1, 0.05, 0.002)
_NULLS = (0, 0, 0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1, 1)
_OTHER = "日報/needs/0"
_TRIALS = 1_000
_NIGHTS = (5, 10, 28)


def _night(random: np.random.Generator, documents: int, alike: float) -> NightFigures:
    """`alike` is the precision of the shares from night to night (Beta), infinite: chance alone."""

    def share(of: float) -> float:
        drawn = random.beta(of * alike, (1 - of) * alike) if alike < np.inf and 0 < of < 1 else of
        return float(random.binomial(documents, drawn) / documents)

    return NightFigures(
        documents=documents,
        pages=documents,
        confidence=float(0.95 + random.normal(0, 0.1) / np.sqrt(documents)),
        empty_share=share(0.01),
        failed_share=share(0.02),
        label_shares={f"日報/needs/{number}": share(of) for number, of in enumerate(_LABELS)},
        null_shares={f"fields.{number}": share(of) for number, of in enumerate(_NULLS)},
    )


def _sizes(random: np.random.Generator, documents: int | None, number: int) -> list[int]:
    if documents is not None:
        return [documents] * number
    return [max(20, int(size)) for size in np.exp(random.normal(np.log(200), 1.0, number))]


def _dimmed(night: NightFigures) -> NightFigures:
    """A third of the documents come from a scanner that costs them .3 of their confidence."""
    return replace(night, confidence=(night.confidence or 0) - 0.1)


def _collapsed(night: NightFigures) -> NightFigures:
    return replace(night, label_shares={name: float(name == _OTHER) for name in night.label_shares})


def _emptied(night: NightFigures) -> NightFigures:
    return replace(night, empty_share=night.empty_share + 0.1)


_CASES: dict[str, Callable[[NightFigures], NightFigures]] = {
    "ordinary": lambda night: night,
    "confidence -.10": _dimmed,
    "all その他": _collapsed,
    "empty texts +10 %": _emptied,
}


def main() -> None:
    """Prints the share of nights with an alarm, one line a size of nights."""
    random = np.random.default_rng(7)
    print("| documents | earlier nights | alike | " + " | ".join(_CASES) + " |")
    print("|---:|---:|---:|" + "---:|" * len(_CASES))
    for documents in (20, 50, 100, 300, 1_000, None):
        for earlier in _NIGHTS:
            for alike in (np.inf, 200.0):
                alarms = dict.fromkeys(_CASES, 0)
                for _ in range(_TRIALS):
                    nights = [_night(random, size, alike) for size in _sizes(random, documents, earlier + 1)]
                    for case, spoil in _CASES.items():
                        alarms[case] += bool(judge(spoil(nights[0]), nights[1:]).alarms)
                shares = " | ".join(f"{count / _TRIALS:.4f}" for count in alarms.values())
                print(f"| {documents or 'mixed'} | {earlier} | {alike:g} | {shares} |")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
