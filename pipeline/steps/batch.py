"""The whole way of a document that is due, on one page: digitize -> understand -> stage for publishing."""

from __future__ import annotations

from collections.abc import Sequence

import apache_beam as beam
from apache_beam.utils.shared import Shared

from pipeline.run_settings import RunSettings
from pipeline.steps.digitize import Digitize
from pipeline.steps.draw_pictures import DrawPictures
from pipeline.steps.staging import StageRows
from pipeline.steps.understand import Understand


def build(pipeline: beam.Pipeline, references: Sequence[str], settings: RunSettings) -> None:
    """Adds every step of a wave to `pipeline`; what it leaves behind is read by `staging.read_manifest`.

    `references` are files written by `references.write`, of the documents that are due. References alone
    cross the shuffles before a page is read, text alone those after.
    """
    reader = Shared()
    digitized = pipeline | "List" >> beam.Create(list(references)) | "Digitize" >> Digitize(settings, reader)
    understood = digitized.documents | "Understand" >> Understand(settings)
    failures = (digitized.failures, understood.failures) | "All failures" >> beam.Flatten()
    _ = (understood.rows, failures) | "Stage" >> StageRows(settings)
    if settings.pictures:
        found = (digitized.documents, understood.rows, understood.hidden)
        _ = found | "Draw" >> DrawPictures(settings, reader)
