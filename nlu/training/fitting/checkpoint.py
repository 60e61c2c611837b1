"""Checkpoints: training that a kill interrupts goes on where the last one was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from nlu.application.application import Application
from nlu.records.record import Record

_FILE = "checkpoint.safetensors"
_FINGERPRINT, _FACTS = "fingerprint", "facts"
_FORMAT = 2


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that training goes on from: tensors by name, and facts that fit into JSON."""

    tensors: Mapping[str, Tensor]
    facts: Mapping[str, Any]

    def part(self, first: str) -> dict[str, Tensor]:
        """The tensors whose names begin with `first` and a point, by what follows."""
        start = f"{first}."
        return {name[len(start) :]: value for name, value in self.tensors.items() if name.startswith(start)}


def with_prefix(first: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors as `Checkpoint.part` finds them."""
    return {f"{first}.{name}": tensor for name, tensor in tensors.items()}


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """The last checkpoint in `folder`, one file; `fingerprint` names the run, so that another run's is never
    gone on with."""

    folder: Path
    fingerprint: str

    def load(self) -> Checkpoint | None:
        """The checkpoint of this very run; None where there is none, or another's, or a broken one."""
        try:
            with safe_open(self._file, framework="pt") as stream:
                metadata = stream.metadata()
            if metadata[_FINGERPRINT] != self.fingerprint:
                return None
            return Checkpoint(load_file(self._file), json.loads(metadata[_FACTS]))
        except (OSError, SafetensorError, ValueError, KeyError, TypeError):
            return None

    def save(self, checkpoint: Checkpoint) -> None:
        """Replace the checkpoint in one step: a kill leaves the last one or this one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        scratch = self._file.with_suffix(".part")
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in checkpoint.tensors.items()}
        facts = {_FINGERPRINT: self.fingerprint, _FACTS: json.dumps(dict(checkpoint.facts))}
        save_file(tensors, scratch, metadata=facts)
        scratch.replace(self._file)

    def remove(self) -> None:
        """Training is done."""
        self._file.unlink(missing_ok=True)

    @property
    def _file(self) -> Path:
        return self.folder / _FILE


def fingerprint(application: Application, encoder_sha256: str, *parts: Sequence[Record]) -> str:
    """What a checkpoint must have in common with a run to be gone on with: settings, sheets, encoder,
    records, and the version of torch."""
    digest = hashlib.sha256(f"{_FORMAT} {torch.__version__} {encoder_sha256}".encode())
    for name, data in sorted(application.files.items()):
        digest.update(f"{name} {hashlib.sha256(data).hexdigest()}\n".encode())
    for records in parts:
        digest.update(b"part\n")
        for record in records:
            digest.update(json.dumps(asdict(record), ensure_ascii=False, sort_keys=True).encode())
    return digest.hexdigest()
