"""From references to documents: what is read, and which pages and files are dead letters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.utils.shared import Shared

from pipeline.inbox import references
from pipeline.inbox.failures import FAILURES, Failure
from pipeline.run_settings import RunSettings
from pipeline.steps.digitize import Digitize
from pipeline.steps.digitized import DigitizedDocument
from pipeline.steps.identify import Identify
from tests.support.pipeline.steps import in_process, listed, of_other_bytes, source

pytestmark = pytest.mark.slow
_CALL = "コールセンター/入電記録_20240417_0009.pdf"
_TORN = "不備/営業日報_2頁目破損.pdf"


def test_pages_are_read_and_what_is_not_is_a_dead_letter(settings: RunSettings, tmp_path: Path) -> None:
    changed = of_other_bytes(source("名古屋/営業日報 0522 (水).pdf", 1))
    listing = references.write(str(tmp_path), [source(_CALL, 1), source(_TORN, 2), changed])
    with in_process() as pipeline:
        digitized = pipeline | beam.Create(listing) | Digitize(settings, Shared())
        assert_that(
            digitized.documents | "Read" >> beam.Map(_told),
            equal_to([(Path(_CALL).name, [1], "入電"), (Path(_TORN).name, [1], "営業日報")]),
            "documents",
        )
        assert_that(
            digitized.failures | "Not read" >> beam.Map(_failed),
            equal_to(
                [
                    (Path(_TORN).name, 2, "corrupt"),
                    (changed.file.name, None, "changed_meanwhile"),
                ]
            ),
            "failures",
        )


def test_a_file_is_identified_or_a_dead_letter(settings: RunSettings) -> None:
    call, gone = listed(_CALL), replace(listed(_TORN), uri="/ない/営業日報.pdf", name="営業日報.pdf")
    with in_process() as pipeline:
        found = (
            pipeline
            | beam.Create([call, listed("不備/空のファイル.pdf"), gone])
            | beam.ParDo(Identify(settings, Shared())).with_outputs(FAILURES, main="sources")
        )
        assert_that(found["sources"], equal_to([source(_CALL, 1)]), "sources")
        assert_that(
            found[FAILURES] | beam.Map(_failed),
            equal_to([("空のファイル.pdf", None, "empty_file"), ("営業日報.pdf", None, "unreadable")]),
            "failures",
        )


def _told(digitized: DigitizedDocument) -> tuple[str, list[int], str]:
    document = digitized.document
    pages = [page.number for page in document.pages]
    kind = next(word for word in ("入電", "営業日報") if word in document.text.replace(" ", ""))
    return digitized.source.file.name, pages, kind


def _failed(failure: Failure) -> tuple[str, int | None, str]:
    return failure.file.name, failure.page, failure.category
