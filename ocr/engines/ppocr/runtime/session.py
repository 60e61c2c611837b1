"""Running a network on one thread: by OpenVINO where it can be imported, else by onnxruntime.

OpenVINO takes half the time on processors that calculate in bfloat16, and reads the same text there;
onnxruntime runs on machines that OpenVINO is not built for. Where the processor is fast at 8 bits, OpenVINO
calculates in those what was measured to bear it.
"""

from __future__ import annotations

from functools import cache, cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ocr.engines.ppocr.runtime.quantize import is_fast, known_ranges, quantize

Batch = NDArray[np.float32]

_OPENVINO_SETTINGS: dict[str, Any] = {
    "INFERENCE_NUM_THREADS": 1,
    "NUM_STREAMS": 1,
    "PERFORMANCE_HINT": "LATENCY",
    "ENABLE_CPU_PINNING": False,
    # What is prepared for one shape of a batch takes megabytes and is made in milliseconds: few are kept.
    "CPU_RUNTIME_CACHE_CAPACITY": 4,
}


class Network(Protocol):
    """A network with one input and one output, loaded."""

    def run(self, batch: Batch) -> Batch:
        """The output for `batch`: n x channels x height x width to n x whatever the network gives."""

    def metadata(self, key: str) -> str:
        """What the model file says under `key`. Raises KeyError where it says nothing."""

    def narrow(self, classes: NDArray[np.int64]) -> None:
        """Before the first run: let a classifier choose among these of its `classes` only.

        The last axis of what it gives then has one probability for each of them, which add up to 1.
        """


def runtime() -> str:
    """The package that runs networks here: openvino or onnxruntime."""
    return "openvino" if find_spec("openvino") else "onnxruntime"


def runtime_version() -> str:
    """That package, its version, and the numbers that it calculates with on this processor."""
    eight_bits = "+int8" if runtime() == "openvino" and is_fast() else ""
    return f"{runtime()}={version(runtime())},{_precision()}{eight_bits}"


def _precision() -> str:
    if runtime() == "openvino" and "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        return "bf16"
    return "f32"


def load(model: Path) -> Network:
    """The ONNX file at `model`, ready to run. Raises ImportError where neither package is installed."""
    return OpenvinoNetwork(model) if runtime() == "openvino" else OnnxruntimeNetwork(model)


class OpenvinoNetwork:
    """See `Network`. It is prepared anew for each shape of a batch, and remembers the last few."""

    def __init__(self, model: Path) -> None:
        self._graph = _core().read_model(model)
        self._metadata = self._graph.get_rt_info()["framework"]
        if is_fast():
            quantize(self._graph, known_ranges(model))

    @cached_property
    def _request(self) -> Any:
        settings = {**_OPENVINO_SETTINGS, "INFERENCE_PRECISION_HINT": _precision()}
        return _core().compile_model(self._graph, "CPU", settings).create_infer_request()

    def run(self, batch: Batch) -> Batch:
        self._request.infer([batch], share_inputs=True)
        return np.array(self._request.get_output_tensor().data, dtype=np.float32)

    def metadata(self, key: str) -> str:
        return str(self._metadata[key].value)

    def narrow(self, classes: NDArray[np.int64]) -> None:
        from openvino import opset13

        # The columns of the last product and sum that the others need are never calculated.
        of_all = self._graph.outputs[0].get_partial_shape()[2].get_length()
        for node in self._graph.get_ordered_ops():
            if node.get_type_name() not in ("MatMul", "Add"):
                continue
            weights = node.input_value(1).get_node()
            if weights.get_type_name() == "Constant" and weights.data.shape[-1:] == (of_all,):
                kept = opset13.constant(np.ascontiguousarray(weights.data[..., classes]))
                node.input(1).replace_source_output(kept.output(0))
        self._graph.validate_nodes_and_infer_types()


@cache
def _core() -> Any:
    import openvino

    return openvino.Core()


class OnnxruntimeNetwork:
    """See `Network`."""

    def __init__(self, model: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # The arena keeps what the largest page took for as long as the process lives.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(model), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name
        self._classes: NDArray[np.int64] | None = None

    def run(self, batch: Batch) -> Batch:
        output = np.asarray(self._session.run(None, {self._input: batch})[0], dtype=np.float32)
        if self._classes is None:
            return output
        kept = output[..., self._classes]
        return np.asarray(kept / kept.sum(axis=-1, keepdims=True), dtype=np.float32)

    def metadata(self, key: str) -> str:
        return str(self._session.get_modelmeta().custom_metadata_map[key])

    def narrow(self, classes: NDArray[np.int64]) -> None:
        self._classes = classes
