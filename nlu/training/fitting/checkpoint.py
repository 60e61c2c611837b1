"""Training that a kill interrupts goes on where its last epoch ended."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from nlu.application.application import Application
from nlu.records.record import Record

_STATE = "state.safetensors"
_FACTS = "state.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that the next epoch starts from. `tensors`: what learns, the optimizer's moments and the best
    epochs' weights, by name; `history`: one entry an epoch; `best_epochs`: those kept, the best first."""

    tensors: Mapping[str, Tensor]
    history: Sequence[Mapping[str, Any]]
    best_epochs: Sequence[int]


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


class CheckpointFolder:
    """One checkpoint on disk, for a run of one fingerprint; whatever else lies there is not believed."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._folder = folder
        self._fingerprint = fingerprint

    def load(self) -> Checkpoint | None:
        """The checkpoint of this very run; None where there is none, or another's, or a broken one."""
        try:
            facts = json.loads((self._folder / _FACTS).read_text("utf-8"))
            data = (self._folder / _STATE).read_bytes()
            whole = facts["fingerprint"] == self._fingerprint
            if not whole or facts["sha256"] != hashlib.sha256(data).hexdigest():
                return None
            return Checkpoint(load_tensors(data), facts["history"], facts["best_epochs"])
        except (OSError, ValueError, KeyError, TypeError, SafetensorError):
            return None

    def save(self, checkpoint: Checkpoint) -> None:
        """Replace the checkpoint. A kill in between leaves none that `load` would believe."""
        self._folder.mkdir(parents=True, exist_ok=True)
        data = save_tensors({name: tensor.contiguous() for name, tensor in checkpoint.tensors.items()})
        facts = {
            "fingerprint": self._fingerprint,
            "sha256": hashlib.sha256(data).hexdigest(),
            "history": [dict(epoch) for epoch in checkpoint.history],
            "best_epochs": list(checkpoint.best_epochs),
        }
        for name, content in ((_STATE, data), (_FACTS, json.dumps(facts).encode())):
            part = self._folder / f"{name}.part"
            part.write_bytes(content)
            part.replace(self._folder / name)


def forget(folder: Path) -> None:
    """Training is done: remove all that it kept below `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
