"""Fits the constants of `ocr.proofreading.calibrated_confidence` on pages drawn for it.

`python -m benchmarks.fitting.fit_confidence`.

The texts of the degraded fixture pages that are not held out are drawn in other sizes and typefaces and
worn at random, from nearly clean to unreadable. Tesseract reads the lines that PP-OCR found, as a second
engine does. Prints offset and slope for each engine and what they are worth on pages left out of the fit.
"""

from __future__ import annotations

import argparse
import tomllib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from benchmarks.reading.reliability import LineScore, calibration, line_errors
from fixtures.comparing.measures import Errors, plain
from fixtures.drawing.degraded_pages import TEXTS, DegradedPage, draw
from ocr.cleaning.cleanup import clean
from ocr.engines.ppocr.orientation import PpocrOrientation
from ocr.engines.registry import create
from ocr.engines.second_engine import OnLines
from ocr.limits import Limits
from ocr.proofreading.calibrated_confidence import ADDED_CERTAINTY, ADDED_CHARACTERS
from ocr.proofreading.lookalikes import repaired
from ocr.sources.pages import open_pages

PAGES = 36
FOLDS = 5
# What wears a page, each drawn evenly between two bounds.
WEAR: dict[str, tuple[tuple[str, float, float], ...]] = {
    "gray": (("blur", 0.4, 2.6), ("grain", 2.0, 14.0)),
    "fax": (("blur", 0.4, 1.4), ("grain", 3.0, 12.0)),
    "dither": (("blur", 0.4, 1.2), ("paper_tint", 0.2, 1.0)),
    "thin": (("thinned", 0.8, 2.6), ("grain", 4.0, 4.0), ("copied", 0.5, 2.0)),
    "thick": (("thickened", 0.8, 2.6), ("grain", 4.0, 4.0), ("copied", 0.5, 2.0)),
    "thermal": (("thermal", 1.0, 1.0), ("blur", 0.4, 1.6), ("grain", 3.0, 9.0)),
    "small": (("blur", 0.3, 0.9), ("grain", 3.0, 3.0)),
}


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line: which page it stood on, how sure its engine says it is, and how wrong it is."""

    page: int
    confidence: float
    errors: Errors


def plans(seed: str) -> Iterator[DegradedPage]:
    """Pages to draw without end, always the same ones for a seed."""
    rng = np.random.default_rng(zlib.crc32(seed.encode()))
    for number in count():
        wear = str(rng.choice(list(WEAR)))
        faxed = wear in ("fax", "dither")
        effects = [f"{name}:{rng.uniform(low, high):.2f}" for name, low, high in WEAR[wear]]
        if rng.random() < 0.5:
            effects.insert(0, f"skew:{rng.uniform(-2, 2):.2f}")
        sizes = {"small": (5.5, 6.0, 6.5, 7.0, 8.0), "fax": (7.5, 9.0, 10.5)}.get(wear, (10.5,))
        yield DegradedPage(
            name=f"{wear}-{number}",
            text=str(rng.choice(["report", "memo", "letter", "contract"])),
            dpi=204 if faxed else int(rng.choice([80, 100, 120, 150, 150, 200, 200])),
            down=int(rng.choice([98, 196])) if faxed else 0,
            medium="g4" if faxed else "jpeg",
            screen=str(rng.choice(["ordered", "diffusion"])) if wear == "dither" else "",
            font=str(rng.choice(["mincho", "gothic", "vl-gothic", "mincho-fixed"])),
            size=float(rng.choice(sizes)),
            quality=int(rng.choice([12, 20, 35, 60])),
            effects=tuple(effects),
        )


def read_lines(pages: int) -> dict[str, list[ReadLine]]:
    """Engine -> the lines that it read on drawn pages."""
    told = tomllib.loads(TEXTS.read_text(encoding="utf-8"))["texts"]
    first, second = create("ppocr"), create("tesseract")
    samples: dict[str, list[ReadLine]] = {first.name: [], second.name: []}
    for number, plan in enumerate(islice(plans("confidence"), pages)):
        try:
            data, truth = draw(plan, told)
        except ValueError:  # a large type face that needs a second page
            continue
        with open_pages(data, Limits()) as opened:
            pixels = clean(opened.raster(1, None), PpocrOrientation()).raster.pixels
        found = first.recognize(pixels)
        for engine in (first, OnLines(second, found)):
            for line in map(repaired, engine.recognize(pixels)):
                if plain(line.text):
                    errors = line_errors(line.text, truth.text)
                    samples[engine.name].append(ReadLine(number, line.confidence, errors))
        print(f"{plan.name:12} {len(found)} lines", flush=True)
    return samples


def figures(samples: list[ReadLine]) -> NDArray[np.float64]:
    """The logit of what `ocr.proofreading.calibrated_confidence` makes of an engine's own figure, a row a
    line."""
    length = np.array([sample.errors.characters for sample in samples])
    sure = np.array([sample.confidence for sample in samples])
    figure = (sure * length + ADDED_CERTAINTY * ADDED_CHARACTERS) / (length + ADDED_CHARACTERS)
    return np.log(figure / (1 - figure))[:, None]


def fitted(
    x: NDArray[np.float64], right: NDArray[np.float64], weight: NDArray[np.float64]
) -> LogisticRegression:
    """Every line counts once as right and once as wrong, by its shares of characters."""
    both = np.vstack([x, x])
    outcome = np.repeat([1, 0], len(x))
    return LogisticRegression(C=1e6).fit(both, outcome, np.r_[right * weight, (1 - right) * weight])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    for engine, samples in read_lines(parser.parse_args().pages).items():
        x = figures(samples)
        right = np.array([1 - sample.errors.rate for sample in samples])
        weight = np.array([float(sample.errors.characters) for sample in samples])
        groups = [sample.page for sample in samples]
        unseen = np.zeros(len(samples))
        for train, test in GroupKFold(FOLDS).split(x, right, groups):
            unseen[test] = fitted(x[train], right[train], weight[train]).predict_proba(x[test])[:, 1]
        for name, sure in (("as told", np.array([s.confidence for s in samples])), ("calibrated", unseen)):
            worth = calibration(
                [LineScore(float(p), sample.errors) for p, sample in zip(sure, samples, strict=True)]
            )
            print(f"{engine} {name}: Brier {worth.brier:.4f}, calibration error {worth.error:.4f}")
        model = fitted(x, right, weight)
        print(
            f'    "{engine}": ({model.intercept_[0]:.2f}, {model.coef_[0][0]:.2f}),  # {len(samples)} lines'
        )


if __name__ == "__main__":
    main()
