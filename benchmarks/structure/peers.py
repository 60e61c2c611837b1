"""Other table finders on the same pages: pdfplumber's own, and img2table in an environment of its own.

img2table needs another build of OpenCV than Yomitori, so that it runs in `.venv-peers`, made on demand from
`peers.txt`. It is given the levelled page and the lines that Yomitori read, and so no OCR of its own.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pdfplumber
from PIL.Image import Image

from fixtures.page_truth import TrueCell
from ocr.document import Page

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[1] / ".venv-peers"
PYTHON = ENVIRONMENT / "bin" / "python"
TOO_CLOSE = 2.0  # points (pixels) between two edges of cells that are one

Cells = tuple[TrueCell, ...]
Sides = tuple[float, float, float, float]


class PeerMissingError(RuntimeError):
    """The environment of the peers cannot be made; the message says why."""


def make_environment() -> None:
    """Makes `.venv-peers` where it is not there yet. Raises PeerMissingError, as without a network."""
    if PYTHON.exists():
        return
    for command in (
        [sys.executable, "-m", "venv", str(ENVIRONMENT)],
        [str(PYTHON), "-m", "pip", "install", "--quiet", "--requirement", str(HERE / "peers.txt")],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PeerMissingError(done.stderr.strip().rpartition("\n")[2])


def img2table(pages: Sequence[tuple[Image, Page]]) -> list[list[Cells]]:
    """The tables that img2table finds on each levelled page. Raises PeerMissingError where it is not there
    or does not run."""
    make_environment()
    with TemporaryDirectory() as folder:
        for number, (image, page) in enumerate(pages):
            image.save(Path(folder, f"{number}.png"))
            scale = image.width / page.width
            lines = [
                [line.text, [round(side * scale) for side in _sides(line.box)], line.confidence]
                for line in page.lines
            ]
            Path(folder, f"{number}.json").write_text(json.dumps(lines, ensure_ascii=False), encoding="utf-8")
        command = [str(PYTHON), str(HERE / "img2table_peer.py"), folder, str(len(pages))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerMissingError(done.stderr.strip().rpartition("\n")[2])
    found = json.loads(done.stdout)
    return [[_cells((tuple(sides), text) for sides, text in table) for table in tables] for tables in found]


def pdfplumber_tables(data: bytes) -> list[Cells]:
    """The tables of the first page of a PDF by pdfplumber: by its rulings, else by its text."""
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        page = pdf.pages[0]
        by_text = {"vertical_strategy": "text", "horizontal_strategy": "text"}
        tables = page.find_tables() or page.find_tables(by_text)
        return [
            _cells((sides, page.crop(sides, strict=False).extract_text()) for sides in table.cells)
            for table in tables
        ]


def _sides(box: object) -> Sides:
    return tuple(getattr(box, side) for side in ("x0", "y0", "x1", "y1"))


def _cells(found: Iterable[tuple[Sides, str]]) -> Cells:
    """Boxes with text as cells with spans, by the distinct edges of the boxes."""
    boxes = list(found)
    xs = _edges(x for (x0, _, x1, _), _ in boxes for x in (x0, x1))
    ys = _edges(y for (_, y0, _, y1), _ in boxes for y in (y0, y1))

    def place(edges: Sequence[float], at: float) -> int:
        return min(range(len(edges)), key=lambda number: abs(edges[number] - at))

    cells = []
    for (x0, y0, x1, y1), text in boxes:
        row, column = place(ys, y0), place(xs, x0)
        cells.append(TrueCell(row, column, place(ys, y1) - row, place(xs, x1) - column, text))
    return tuple(sorted(cells, key=lambda cell: (cell.row, cell.column)))


def _edges(positions: Iterable[float]) -> list[float]:
    edges: list[float] = []
    for position in sorted(positions):
        if not edges or position - edges[-1] > TOO_CLOSE:
            edges.append(position)
    return edges
