"""The sample applications that come with the package, found by name from any folder."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


def application_folder(named: str | PathLike[str]) -> Path:
    """The folder at a path, or the sample application of that name where no such folder stands."""
    folder = Path(named)
    sample = SAMPLES / folder
    return sample if len(folder.parts) == 1 and sample.is_dir() and not folder.is_dir() else folder


def model_folder(named: str | PathLike[str]) -> Path:
    """The folder of a model: the one at a path, or that inside an application, named likewise."""
    folder = application_folder(named)
    model = folder / "model"
    return model if model.is_dir() else folder
