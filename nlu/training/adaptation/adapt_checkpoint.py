"""Where an adaptation stands, on disk: the weights that learn, the optimizer's state, and a little JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

_FILE = "checkpoint.safetensors"
_IDENTITY, _FACTS = "identity", "facts"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One file in `folder`; `identity` names the run, so that another run's is never taken up."""

    folder: Path
    identity: str

    def save(self, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
        """Replaces the last checkpoint in one step; `facts` must fit into JSON."""
        self.folder.mkdir(parents=True, exist_ok=True)
        scratch = self._file.with_suffix(".new")
        plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        save_file(plain, scratch, metadata={_IDENTITY: self.identity, _FACTS: json.dumps(facts)})
        scratch.replace(self._file)

    def load(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """What was saved last, or None where this run left nothing that can be read."""
        try:
            with safe_open(self._file, framework="pt") as stream:
                metadata = stream.metadata()
            if metadata[_IDENTITY] != self.identity:
                return None
            return load_file(self._file), json.loads(metadata[_FACTS])
        except (OSError, SafetensorError, KeyError, TypeError):
            return None

    def remove(self) -> None:
        self._file.unlink(missing_ok=True)

    @property
    def _file(self) -> Path:
        return self.folder / _FILE
