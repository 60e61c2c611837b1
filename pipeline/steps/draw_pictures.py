"""Every page with what was found drawn over it, for a person to look at."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import apache_beam as beam
from apache_beam.utils.shared import Shared

from nlu.entities.entity import Group
from nlu.entities.finder import Stretch
from ocr.document import BlockKind
from ocr.errors import ReadingError
from ocr.export.overlay import Mark
from pipeline import files
from pipeline.inbox.listing import ListedFile
from pipeline.run_settings import RunSettings
from pipeline.steps.digitized import DigitizedDocument
from pipeline.steps.places import PlaceFinder
from pipeline.steps.reading_step import ReadingDoFn
from pipeline.tables.contract import TableName, TableRow

_LOG = logging.getLogger(__name__)
_DOCUMENTS = "documents"
_EVIDENCE = "evidence"
_HIDDEN = "hidden"


class DrawPictures(beam.PTransform):  # type: ignore[misc]
    """Draws the pages of DigitizedDocuments, their evidence among the TableRows highlighted, what is hidden
    of their texts covered by bars.

    It takes three collections. What cannot be drawn is logged, and is no failure of the document.
    """

    def __init__(self, settings: RunSettings, reader: Shared) -> None:
        super().__init__()
        self._settings = settings
        self._reader = reader

    def expand(
        self,
        found: tuple[
            beam.PCollection[DigitizedDocument],
            beam.PCollection[TableRow],
            beam.PCollection[tuple[str, Stretch]],
        ],
    ) -> beam.PCollection[None]:
        documents, rows, hidden = found
        return (
            {
                _DOCUMENTS: documents | "Key documents" >> beam.Map(_by_content),
                _EVIDENCE: rows
                | "Evidence alone" >> beam.Filter(_is_evidence)
                | "Key evidence" >> beam.Map(_by_document),
                _HIDDEN: hidden,
            }
            | "Group by document" >> beam.CoGroupByKey()
            | "Draw pages" >> beam.ParDo(DrawPages(self._settings, self._reader))
        )


def picture_path(folder: str, file: ListedFile, page: int) -> str:
    """Where the picture of a page lies: under the document's own name below the inbox."""
    return files.join(folder, picture_file(file.name, page))


def picture_file(name: str, page: int) -> str:
    """The path of a page's picture below the folder of pictures."""
    return f"{name}-{page}.jpg"


class DrawPages(ReadingDoFn):
    """(doc_id, its DigitizedDocument, rows of evidence, hidden stretches) -> nothing; leaves one JPEG a page.

    A page that cannot be drawn is logged.
    """

    def process(self, keyed: tuple[str, Mapping[str, Iterable[Any]]]) -> None:
        digitized: DigitizedDocument = next(iter(keyed[1][_DOCUMENTS]))
        finder = PlaceFinder(digitized.document)
        labels: dict[tuple[int, int], set[str]] = defaultdict(set)
        for row in keyed[1][_EVIDENCE]:
            labels[row.values["start"], row.values["end"]].add(row.values["label"])
        places = [
            (place.page, Mark(place.box, "" if n else "、".join(sorted(proved))))
            for (start, end), proved in sorted(labels.items())
            for n, place in enumerate(finder.strips(start, end))
        ]
        bars = [place for stretch in keyed[1][_HIDDEN] for place in finder.strips(*stretch)]
        file = digitized.source.file
        try:
            data = files.read(file.uri)
        except OSError as error:
            _LOG.warning("no pictures of %s: %s", file.name, error)
            return
        between = [page for page, _ in digitized.part.asides] if digitized.part else []
        for page in (*digitized.document.pages, *between):
            marks = [mark for number, mark in places if number == page.number]
            hidden = [place.box for place in bars if place.page == page.number]
            if Group.PERSON in self._settings.entities.hidden:
                hidden += [block.box for block in page.blocks if block.kind is BlockKind.STAMP]
            try:
                picture = self._reader.picture(data, page, marks, hidden)
                files.write_whole(picture_path(self._settings.picture_folder, file, page.number), picture)
            except (ReadingError, OSError) as error:
                _LOG.warning("no picture of page %d of %s: %s", page.number, file.name, error)


def _is_evidence(row: TableRow) -> bool:
    return row.table is TableName.EVIDENCE


def _by_document(row: TableRow) -> tuple[str, TableRow]:
    return row.values["doc_id"], row


def _by_content(digitized: DigitizedDocument) -> tuple[str, DigitizedDocument]:
    return digitized.doc_id, digitized
