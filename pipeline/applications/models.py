"""Which models a run works with, told by their content: the same before the first page and after the last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.applications.file_parts import DEFAULT_SPLIT
from pipeline.errors import CommandError

if TYPE_CHECKING:
    from pipeline.applications.entity_rules import EntityRules
    from pipeline.applications.field_dictionary import FieldDictionary
    from pipeline.applications.routing import Route
    from pipeline.applications.text_analysis import TextAnalysis

# They tell a person about the model; no prediction depends on them.
_TOLD = frozenset({"MODEL_CARD.md", "metrics.json"})
_LENGTH = 16


def folder_digest(folder: str) -> str:
    """A short hash over names and bytes of all files of a model folder, whatever their times.

    Hidden files, the model card and the metrics are left out. Raises OSError where a file cannot be read.
    """
    root = Path(folder)
    inside = {path.relative_to(root): path for path in root.rglob("*") if path.is_file()}
    digest = hashlib.sha256()
    for name in sorted(inside):
        if name.name in _TOLD or any(part.startswith(".") for part in name.parts):
            continue
        with inside[name].open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        digest.update(f"{name.as_posix()}\0{content}\n".encode())
    return digest.hexdigest()[:_LENGTH]


def understanding_fingerprint(
    models: Mapping[str, str],
    routes: Sequence[Route],
    dictionaries: Mapping[str, FieldDictionary],
    contract_version: int,
    split: str = DEFAULT_SPLIT,
    dates: Mapping[str, Sequence[str]] | None = None,
    analyses: Mapping[str, TextAnalysis] | None = None,
    entities: EntityRules | None = None,
) -> str:
    """What the rows of a document are made with after it was read, as a short hash.

    `models` maps application names to model folders, which hold label sheets and settings, too; `split` is
    how files are parted. Raises CommandError where a folder cannot be read.
    """
    content = {
        "models": {name: _digest_of(name, folder) for name, folder in models.items()},
        "routes": [
            [route.application, route.kind, list(route.titles), list(route.files)] for route in routes
        ],
        "dictionaries": {
            name: {column: list(labels) for column, labels in dictionary.items()}
            for name, dictionary in dictionaries.items()
        },
        "dates": {name: list(labels) for name, labels in (dates or {}).items()},
        "analyses": {name: [asked.parser, asked.phrases] for name, asked in (analyses or {}).items()},
        "contract": contract_version,
        "split": str(split),
        "entities": entities.content() if entities and entities.wanted else None,
    }
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:_LENGTH]


def _digest_of(name: str, folder: str) -> str:
    try:
        return folder_digest(folder)
    except OSError as error:
        raise CommandError(
            f"アプリケーション「{name}」のモデルのフォルダを読めません: {folder}({error.strerror or error})。"
            "場所と権限を確かめてください。"
        ) from error
