"""Running a network on one thread: by OpenVINO where it can be imported, else by onnxruntime.

OpenVINO takes half the time for the same numbers; onnxruntime runs on machines that it is not built for.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Batch = NDArray[np.float32]

_OPENVINO_SETTINGS: dict[str, Any] = {
    "INFERENCE_NUM_THREADS": 1,
    "NUM_STREAMS": 1,
    "PERFORMANCE_HINT": "LATENCY",
    "ENABLE_CPU_PINNING": False,
    # Else some processors would calculate in 16 bits and read other text than the rest.
    "INFERENCE_PRECISION_HINT": "f32",
}


class Network(Protocol):
    """A network with one input and one output, loaded."""

    def run(self, batch: Batch) -> Batch:
        """The output for `batch`: n x channels x height x width to n x whatever the network gives."""

    def metadata(self, key: str) -> str:
        """What the model file says under `key`. Raises KeyError where it says nothing."""


def runtime() -> str:
    """The package that runs networks here: openvino or onnxruntime."""
    return "openvino" if find_spec("openvino") else "onnxruntime"


def runtime_version() -> str:
    return f"{runtime()}={version(runtime())}"


def load(model: Path) -> Network:
    """The ONNX file at `model`, ready to run. Raises ImportError where neither package is installed."""
    return OpenvinoNetwork(model) if runtime() == "openvino" else OnnxruntimeNetwork(model)


class OpenvinoNetwork:
    """See `Network`."""

    def __init__(self, model: Path) -> None:
        graph = _core().read_model(model)
        self._metadata = graph.get_rt_info()["framework"]
        self._request = _core().compile_model(graph, "CPU", _OPENVINO_SETTINGS).create_infer_request()

    def run(self, batch: Batch) -> Batch:
        self._request.infer([batch])
        return np.array(self._request.get_output_tensor().data, dtype=np.float32)

    def metadata(self, key: str) -> str:
        return str(self._metadata[key].value)


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

    def run(self, batch: Batch) -> Batch:
        return np.asarray(self._session.run(None, {self._input: batch})[0], dtype=np.float32)

    def metadata(self, key: str) -> str:
        return str(self._session.get_modelmeta().custom_metadata_map[key])
