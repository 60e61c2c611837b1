"""The waves of a run, one pipeline each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import apache_beam as beam

from pipeline.due.plan import Due
from pipeline.inbox import references
from pipeline.machines.runners import RunnerChoice, create_runner, pipeline_options
from pipeline.night.broken_off import broken_off
from pipeline.night.prepare import Night
from pipeline.night.watcher import Watcher
from pipeline.night.waves import waves
from pipeline.progress.events import Event, tell
from pipeline.run_settings import RunSettings
from pipeline.steps.staging import StagedFile, read_manifest
from pipeline.supervision.strikes import clear_strikes


def work(runner: RunnerChoice, night: Night, watcher: Watcher) -> Iterator[StagedFile]:
    """Runs the pipeline over what is due, wave by wave, and yields the files of rows that each has staged.

    Raises RunBrokenError.
    """
    for number, wave in enumerate(waves(night.plan.due, night.strikes, runner.processes), start=1):
        settings = replace(night.settings, wave=number)
        tell(settings.progress, Event.PHASE, stage="wave")
        watcher.wave(number, len(wave), sum(due.source.pages for due in wave))
        with broken_off():
            _run_pipeline(runner, settings, wave)
            yield from read_manifest(settings)
        clear_strikes(settings.out, (due.source.doc_id for due in wave))


def _run_pipeline(runner: RunnerChoice, settings: RunSettings, wave: Sequence[Due]) -> None:
    from pipeline.steps import batch

    listed = references.write(settings.wave_folder, [due.source for due in wave])
    pipeline = beam.Pipeline(runner=create_runner(runner), options=pipeline_options(runner))
    batch.build(pipeline, listed, settings)
    pipeline.run().wait_until_finish()
