"""The tables of a night are shown."""

from __future__ import annotations

import datetime

from pipeline.due.ledger import replaced
from pipeline.night.conclude import RunReport
from pipeline.progress.events import Event, tell
from pipeline.publishing import versions
from pipeline.publishing.publish import publish_version


def publish(report: RunReport, keep_days: int) -> None:
    """Shows the night to readers. Raises RunBrokenError with nothing changed for them."""
    settings = report.night.settings
    version = versions.begin(settings.out, settings.run_id)
    try:
        publish_version(
            version.folder,
            report.staged,
            replaced(report.night.plan, report.night.known),
            begun=lambda table: tell(settings.progress, Event.PHASE, stage=f"publish {table.value}"),
        )
        version.commit()
    except BaseException:
        version.abandon()
        raise
    versions.prune(settings.out, keep_days, datetime.datetime.now(datetime.UTC))
