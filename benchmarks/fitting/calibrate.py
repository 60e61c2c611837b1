"""Measures what PP-OCR's recognition network may calculate in 8 bits.

`python -m benchmarks.fitting.calibrate` prints `ocr/engines/ppocr/runtime/ranges.py`. Lines come from the
fixture pages of GROUPS, never from the sample inbox or the degraded pages: those show what 8 bits cost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray
from openvino import opset13

from fixtures.page_truth import read_pages
from ocr.engines.ppocr.networks import RECOGNITION_MODEL, Models, cut, is_column, rapidocr_folder
from ocr.engines.ppocr.runtime.quantize import Range
from ocr.engines.ppocr.runtime.session import Batch, Network, load
from ocr.limits import Limits
from ocr.sources.pages import open_pages

GROUPS = ("layouts", "fields", "tables")
EVERY = 4  # lines are alike on a page
# In full precision: the ranges are those of the network itself.
SETTINGS = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32", "CPU_RUNTIME_CACHE_CAPACITY": 4}
MODULE = '''"""What goes into convolutions that may calculate in 8 bits, by the digest of the network's file.

Printed by `python -m benchmarks.fitting.calibrate`, which says how it was measured.
"""

from __future__ import annotations

from collections.abc import Mapping

RANGES: Mapping[str, Mapping[str, tuple[float, float]]] = {{
    # {name}
    "{digest}": {{
{rows}
    }},
}}'''


class Recording:
    """See `Network`. Keeps every `EVERY`th batch that `network` runs."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._runs = 0
        self.batches: list[Batch] = []

    def run(self, batch: Batch) -> Batch:
        if self._runs % EVERY == 0:
            self.batches.append(batch)
        self._runs += 1
        return self._network.run(batch)

    def metadata(self, key: str) -> str:
        return self._network.metadata(key)

    def narrow(self, classes: NDArray[np.int64]) -> None:
        self._network.narrow(classes)


def lines() -> list[Batch]:
    """Lines of the upright pages of `GROUPS` as the network is given them, sorted by width."""
    networks: dict[str, Recording] = {}

    def recording(model: Path) -> Network:
        # Of detection nothing is needed.
        if model.name != Path(RECOGNITION_MODEL).name:
            return load(model)
        return networks.setdefault(model.name, Recording(load(model)))

    models = Models(recording)
    for group in GROUPS:
        for truth in read_pages(group):
            if truth.dpi is None or truth.rotation:
                continue
            with open_pages(truth.path.read_bytes(), Limits()) as pages:
                pixels = pages.raster(1, None).pixels
            for crop in (cut(pixels, quad) for quad in models.detect(pixels)):
                if not is_column(crop):
                    models.read(crop, squeeze=True)
    (network,) = networks.values()
    return sorted(network.batches, key=lambda batch: batch.shape)


def candidates(graph: Any) -> Iterator[Any]:
    """The convolutions of every pixel's channels, which are most of the work.

    The first layers, of 2 x 2 and 3 x 3 pixels, are not among them: 8 bits in those too change twice as many
    characters. Nor are those over the mean of the picture, which take no time.
    """
    for node in graph.get_ordered_ops():
        if node.get_type_name() == "Convolution":
            of_one_pixel = tuple(node.input_value(1).get_shape()[2:]) == (1, 1)
            if of_one_pixel and node.get_input_partial_shape(0)[3] != 1:
                yield node


def observed(model: Path, batches: Sequence[Batch]) -> dict[str, Range]:
    """The least and the greatest value that goes into each candidate, by its name.

    Of all lines: ranges that leave the uppermost hundredth of lines out read no better.
    """
    graph = openvino.Core().read_model(model)
    nodes = list(candidates(graph))
    inputs = openvino.Model([opset13.result(node.input_value(0)) for node in nodes], graph.get_parameters())
    request = openvino.Core().compile_model(inputs, "CPU", SETTINGS).create_infer_request()
    lows, highs = np.full(len(nodes), np.inf), np.full(len(nodes), -np.inf)
    for batch in batches:
        request.infer([batch])
        given = [tensor.data for tensor in request.output_tensors]
        lows = np.minimum(lows, [values.min() for values in given])
        highs = np.maximum(highs, [values.max() for values in given])
    return {
        node.get_friendly_name(): (round(float(low), 3), round(float(high), 3))
        for node, low, high in zip(nodes, lows, highs, strict=True)
    }


def main() -> None:
    model = rapidocr_folder() / RECOGNITION_MODEL
    ranges = observed(model, lines())
    rows = "\n".join(f'        "{name}": ({low}, {high}),' for name, (low, high) in ranges.items())
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    print(MODULE.format(name=model.name, digest=digest, rows=rows))


if __name__ == "__main__":
    main()
