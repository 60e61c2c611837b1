"""Stores what the default engine finds on pages, so that structure is tested without any OCR.

python -m benchmarks.fitting.detected FOLDER FILE... writes FOLDER/<name>-<page>.json for each page

Each file holds the size of the upright page and the boxes of its lines, rulings and seals, all in points.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ocr.cleaning.cleanup import clean
from ocr.detection import DetectedLine, Ruling
from ocr.document import Box
from ocr.engines.engine import Engine
from ocr.engines.ppocr.orientation import PpocrOrientation
from ocr.engines.registry import create
from ocr.grids.grid import find_grids
from ocr.ink.figures import find_figures
from ocr.ink.rulings import find_rulings
from ocr.ink.seals import find_seals
from ocr.limits import Limits
from ocr.sources.pages import Pages, open_pages


def found_on(pages: Pages, number: int, engine: Engine) -> dict[str, Any]:
    """What stands on page `number`, read from its pixels, ready for JSON."""
    raster = clean(pages.raster(number, pages.layer(number)), PpocrOrientation()).raster
    scale = raster.points_per_pixel
    written = [
        DetectedLine(line.text, line.box.scaled(scale), line.confidence, line.vertical)
        for line in engine.recognize(raster.pixels)
    ]
    rulings = list(find_rulings(raster.gray, scale))
    seals = find_seals(raster)
    tables = [grid.box for grid in find_grids(rulings)]
    figures = find_figures(raster.gray, scale, [line.box for line in written], rulings, [*tables, *seals])
    return _told(raster.width, raster.height, written, rulings, seals, figures)


def _told(
    width: float,
    height: float,
    written: Sequence[DetectedLine],
    rulings: Sequence[Ruling],
    seals: Sequence[Box],
    figures: Sequence[Box],
) -> dict[str, Any]:
    return {
        "width": round(width, 1),
        "height": round(height, 1),
        "lines": [[w.text, _corners(w.box), round(w.confidence, 3), w.vertical] for w in written],
        "rulings": [_corners(ruling) for ruling in rulings],
        "seals": [_corners(box) for box in seals],
        "figures": [_corners(box) for box in figures],
    }


def _corners(box: Box | Ruling) -> list[float]:
    return [round(value, 1) for value in (box.x0, box.y0, box.x1, box.y1)]


def main(folder: Path, files: Sequence[Path]) -> None:
    engine = create("ppocr")
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        with open_pages(file.read_bytes(), Limits()) as pages:
            for number in range(1, pages.info.pages + 1):
                told = json.dumps(found_on(pages, number, engine), ensure_ascii=False)
                (folder / f"{file.stem}-{number}.json").write_text(told + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
