"""What one run works with, decided before it starts and the same on every worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ocr.limits import Limits
from ocr.parting.document_parts import Split
from pipeline import files
from pipeline.applications.entity_rules import NO_ENTITIES, EntityRules
from pipeline.applications.field_dictionary import FieldDictionary
from pipeline.applications.file_parts import DEFAULT_SPLIT
from pipeline.applications.routing import Route
from pipeline.applications.text_analysis import TextAnalysis

STAGING = ".staging"
TABLES = "tables"
PICTURES = "pictures"


@dataclass(frozen=True, slots=True)
class RunSettings:
    """`models` maps the names of applications that have a task to model folders, `dictionaries` applications
    to the columns of their fields, `dates` to the fields whose date is that of a document; `analyses`
    to what they ask of GiNZA's parser. `engine_id` is the reading fingerprint, `understanding` that of
    models and applications. `wave` numbers the parts of a run that are worked on one after the other. `split`
    is how files are parted, `entities` what is looked for in texts and what is hidden of them.

    `progress` is a local file that workers append to, None where no file is shared with them;
    `password_file` is named here and read by each worker, so that no password lies in staged settings.
    """

    out: str
    run_id: str
    code_version: str
    engine: str
    engine_id: str
    limits: Limits
    models: Mapping[str, str]
    routes: tuple[Route, ...]
    dictionaries: Mapping[str, FieldDictionary]
    progress: str | None
    pictures: bool
    understanding: str
    wave: int = 0
    password_file: str | None = None
    split: Split = DEFAULT_SPLIT
    dates: Mapping[str, Sequence[str]] = field(default_factory=dict)
    analyses: Mapping[str, TextAnalysis] = field(default_factory=dict)
    entities: EntityRules = NO_ENTITIES

    @property
    def digitized(self) -> str:
        return files.join(self.out, "digitized")

    @property
    def tables(self) -> str:
        return files.join(self.out, TABLES)

    @property
    def picture_folder(self) -> str:
        return files.join(self.out, PICTURES)

    @property
    def staging(self) -> str:
        """Rows wait here until the whole run has succeeded."""
        return files.join(self.out, STAGING, self.run_id)

    @property
    def wave_folder(self) -> str:
        """What one wave works from and leaves behind, inside `staging`."""
        return files.join(self.staging, f"wave-{self.wave:04}")
