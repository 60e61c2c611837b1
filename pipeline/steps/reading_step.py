"""The reader of a worker process, which all its steps that open files share."""

from __future__ import annotations

import apache_beam as beam
from apache_beam.utils.shared import Shared

from ocr.processes.supervised_reader import SupervisedReader
from pipeline.inbox.passwords import read_passwords
from pipeline.run_settings import RunSettings


class ReadingDoFn(beam.DoFn):  # type: ignore[misc]
    """Holds the process's one supervised reader; both reading steps of a process share its child."""

    def __init__(self, settings: RunSettings, shared: Shared) -> None:
        self._settings = settings
        self._shared = shared

    def setup(self) -> None:
        settings = self._settings
        self._reader: SupervisedReader = self._shared.acquire(
            lambda: SupervisedReader(
                settings.engine, settings.limits, passwords=read_passwords(settings.password_file)
            )
        )
