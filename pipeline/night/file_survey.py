"""A look at the files that may have changed: their hash, their kind, the number of their pages."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace

import apache_beam as beam
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.shared import Shared
from apache_beam.utils.windowed_value import WindowedValue

from pipeline import files
from pipeline.due.inbox_contents import Surveyed
from pipeline.inbox import references
from pipeline.inbox.failures import FAILURES, Failure, Stage
from pipeline.inbox.listing import ListedFile, SourceRef
from pipeline.machines.runners import RunnerChoice, create_runner, pipeline_options
from pipeline.run_settings import RunSettings
from pipeline.steps.identify import Identify

_MANIFEST = "manifest.json"
_FEW = 200  # are identified in less time than worker processes take to start


def survey(
    looked_at: Sequence[ListedFile], settings: RunSettings, runner: RunnerChoice, scratch: str
) -> Surveyed:
    """Identifies files in a pipeline of its own; what goes in and comes back lies below `scratch`, a path or
    URI that all workers reach. Raises what the runner raises, which may be anything.
    """
    if not looked_at:
        return Surveyed({}, {})
    if runner.is_local and len(looked_at) < _FEW:
        runner = replace(runner, workers=1)
    pipeline = beam.Pipeline(runner=create_runner(runner), options=pipeline_options(runner))
    found = (
        pipeline
        | "List" >> beam.Create(list(references.write(scratch, looked_at)))
        | "Spread lists" >> beam.Reshuffle()
        | "Files" >> beam.FlatMap(references.read_files)
        | "Spread files" >> beam.Reshuffle()
        | "Identify" >> beam.ParDo(Identify(settings, Shared())).with_outputs(FAILURES, main="sources")
    )
    _ = (
        (found["sources"], found[FAILURES])
        | "All found" >> beam.Flatten()
        | "Write found" >> beam.ParDo(_WriteFound(scratch))
        | "Collect files" >> beam.combiners.ToList()
        | "Write manifest" >> beam.Map(_write_manifest, scratch)
    )
    pipeline.run().wait_until_finish()
    return _read_found(scratch)


class _WriteFound(beam.DoFn):  # type: ignore[misc]
    """SourceRef or Failure -> path of a file with those of a bundle.

    A bundle that a runner tries twice writes two files, of which only the committed one is in the manifest.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def start_bundle(self) -> None:
        self._lines: list[str] = []

    def process(self, found: SourceRef | Failure) -> None:
        self._lines.append(json.dumps(asdict(found)) + "\n")

    def finish_bundle(self) -> Iterator[WindowedValue]:
        if self._lines:
            path = files.join(self._folder, f"found-{uuid.uuid4().hex}.jsonl")
            files.write_whole(path, "".join(self._lines).encode())
            yield WindowedValue(path, GlobalWindow().max_timestamp(), [GlobalWindow()])


def _write_manifest(paths: Iterable[str], folder: str) -> None:
    files.write_whole(files.join(folder, _MANIFEST), json.dumps(sorted(paths)).encode())


def _read_found(folder: str) -> Surveyed:
    sources: dict[str, SourceRef] = {}
    failures: dict[str, Failure] = {}
    for path in json.loads(files.read(files.join(folder, _MANIFEST))):
        for line in files.read(path).splitlines():
            content = json.loads(line)
            file = ListedFile(**content.pop("file"))
            if "stage" in content:
                stage = Stage(content.pop("stage"))
                failures[file.name] = Failure(file=file, stage=stage, **content)
            else:
                copies = tuple(content.pop("copies"))
                sources[file.name] = SourceRef(file=file, copies=copies, **content)
    return Surveyed(sources, failures)
