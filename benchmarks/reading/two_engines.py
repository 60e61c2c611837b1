"""What a second engine is worth: pages worn at random, read by the first engine alone and with the second.

python -m benchmarks.reading.two_engines [--pages 30]

Prints each page with the confidence of the first engine, its errors and those of the reading that was kept,
then the sums.
"""

from __future__ import annotations

import argparse
import tomllib
from itertools import islice

from benchmarks.fitting.fit_confidence import plans
from fixtures.comparing.measures import Errors, character_errors, page_texts
from fixtures.drawing.degraded_pages import TEXTS, draw
from ocr.engines.registry import create
from ocr.engines.second_engine import WithSecond
from ocr.limits import Limits
from ocr.reading.reader import read

# Pages that the calibration was not fitted on.
SEED = "second engine"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=30)
    texts = tomllib.loads(TEXTS.read_text(encoding="utf-8"))["texts"]
    first, second = create("ppocr"), create("tesseract")
    alone, kept = Errors(), Errors()
    asked = heard = 0
    for plan in islice(plans(SEED), parser.parse_args().pages):
        try:
            data, truth = draw(plan, texts)
        except ValueError:  # set in a size that does not fit the page
            continue
        found = []
        for engine in (first, WithSecond(first, second)):
            document = read(data, engine=engine, limits=Limits())
            found.append((document.pages[0], character_errors(truth.text, page_texts(document)[1])))
        (page, before), (both, after) = found
        alone, kept = alone + before, kept + after
        asked += bool(both.passed_over)
        heard += both.engine == second.name
        note = f"{both.engine} kept" if both.passed_over else "read once"
        sure = page.confidence or 0.0
        print(f"{sure:.3f}  CER {before.rate:.4f} -> {after.rate:.4f}  {note:15}  {plan.name}", flush=True)
    print(f"first engine alone {alone.rate:.4f}, with a second {kept.rate:.4f}; asked {asked}, heard {heard}")


if __name__ == "__main__":
    main()
