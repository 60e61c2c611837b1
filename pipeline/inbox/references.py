"""References on their way into a pipeline, in files: a job's graph is bounded in size, a night is not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from pipeline import files
from pipeline.inbox.listing import ListedFile, SourceRef

_A_FILE = 1_000


def write(folder: str, references: Sequence[ListedFile] | Sequence[SourceRef]) -> tuple[str, ...]:
    """Writes references into files below `folder`, a path or URI, and returns their paths in order."""
    paths = []
    for start in range(0, len(references), _A_FILE):
        path = files.join(folder, f"references-{start:08}.jsonl")
        some = references[start : start + _A_FILE]
        lines = [json.dumps(asdict(reference), ensure_ascii=False) + "\n" for reference in some]
        files.write_whole(path, "".join(lines).encode())
        paths.append(path)
    return tuple(paths)


def read_files(path: str) -> Iterator[ListedFile]:
    """The listed files that `write` left in one file."""
    for line in files.read(path).splitlines():
        yield ListedFile(**json.loads(line))


def read_sources(path: str) -> Iterator[SourceRef]:
    """The documents that `write` left in one file."""
    for line in files.read(path).splitlines():
        content = json.loads(line)
        file, copies = ListedFile(**content.pop("file")), tuple(content.pop("copies"))
        yield SourceRef(file=file, copies=copies, **content)
