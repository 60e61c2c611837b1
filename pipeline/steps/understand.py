"""From documents to what the tailored models find in them."""

from __future__ import annotations

import apache_beam as beam
from apache_beam.utils.shared import Shared

from pipeline.inbox.failures import FAILURES
from pipeline.run_settings import RunSettings
from pipeline.steps.digitized import DigitizedDocument
from pipeline.steps.split_sentences import HIDDEN, MODEL_INPUTS, SplitSentences, Understood


class Understand(beam.PTransform):  # type: ignore[misc]
    """Splits DigitizedDocuments into sentences and asks the model of each application that reads them.

    The rows are those of the documents, their sentences, and what the models found.
    """

    def __init__(self, settings: RunSettings) -> None:
        super().__init__()
        self._settings = settings

    def expand(self, documents: beam.PCollection[DigitizedDocument]) -> Understood:
        split = documents | "Split sentences" >> beam.ParDo(
            SplitSentences(self._settings, Shared())
        ).with_outputs(MODEL_INPUTS, FAILURES, HIDDEN, main="rows")
        understood = [
            split[MODEL_INPUTS] | name >> _asked(name, model, self._settings.progress)
            for name, model in self._settings.models.items()
        ]
        rows, failures, _ = zip((split["rows"], split[FAILURES], None), *understood, strict=True)
        return Understood(
            rows | "All rows" >> beam.Flatten(),
            failures | "All failures" >> beam.Flatten(),
            split[HIDDEN],
        )


def _asked(application: str, model: str, progress: str | None) -> beam.PTransform:
    from pipeline.steps.ask_model import AskModel  # brings torch, which a night without models is spared

    return AskModel(application, model, progress)
