"""The JSON Schema (draft 2020-12) of a document as `ocr.serialization.to_json` writes it.

`python -m ocr.export.json_schema` writes it to `docs/document.schema.json`, for those who read the JSON.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import TypeAdapter

from ocr.document import SCHEMA_VERSION, Document

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "document.schema.json"


def json_schema() -> str:
    """The schema as JSON text; each noun is one of `$defs`, described as in `ocr.document`."""
    schema = TypeAdapter(Document).json_schema(mode="serialization")
    schema["properties"]["schema_version"] = {"const": SCHEMA_VERSION}
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(dialect | schema, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    PUBLISHED.parent.mkdir(exist_ok=True)
    PUBLISHED.write_text(json_schema(), encoding="utf-8")
