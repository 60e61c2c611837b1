"""Who watches a run as it goes."""

from __future__ import annotations

from typing import Protocol

from pipeline.night.conclude import RunReport
from pipeline.night.prepare import Night
from pipeline.run_settings import RunSettings


class Watcher(Protocol):
    """Whom a run tells what it has come to."""

    def started(self, settings: RunSettings) -> None: ...
    def planned(self, night: Night) -> None: ...
    def wave(self, number: int, documents: int, pages: int) -> None: ...
    def audited(self, report: RunReport) -> None:
        """The staged rows can be read; the next step is to publish them."""

    def published(self, report: RunReport) -> None: ...
