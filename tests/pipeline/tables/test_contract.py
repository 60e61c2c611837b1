"""The contract: no column changes unnoticed, and the documentation is that of the columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.tables.contract import CONTRACT_VERSION, LINEAGE, TableName, schema, spec
from pipeline.tables.table_docs import render
from tests.support.places import ROOT

_DATA = Path(__file__).parent / "data"
_WHAT_TO_DO = (
    "A published column has changed. Readers rely on it: add a new column that may be null instead. Then "
    "raise CONTRACT_VERSION, write data/contract-<version>.json beside this test (python -m "
    "tests.pipeline.tables.test_contract), renew docs/tables.md (python -m pipeline.tables.table_docs > "
    "docs/tables.md). Better words for a meaning need no new version, the other two steps alone."
)


def _contract() -> dict[str, Any]:
    return {
        table.value: {
            "key": list(spec(table).key),
            "columns": [
                [field.name, str(field.type), field.nullable, field.metadata[b"comment"].decode()]
                for field in schema(table)
            ],
        }
        for table in TableName
    }


def test_every_column_is_as_its_contract_says() -> None:
    golden = _DATA / f"contract-{CONTRACT_VERSION}.json"
    assert golden.is_file(), _WHAT_TO_DO
    assert _contract() == json.loads(golden.read_text()), _WHAT_TO_DO


@pytest.mark.parametrize("earlier", sorted(_DATA.glob("contract-*.json")), ids=lambda path: path.stem)
def test_contracts_only_grow(earlier: Path) -> None:
    now = _contract()
    for table, before in json.loads(earlier.read_text()).items():
        kept = {tuple(column[:3]) for column in before["columns"]}
        columns = {tuple(column[:3]) for column in now[table]["columns"]}
        assert kept <= columns, _WHAT_TO_DO
        assert all(nullable for _, _, nullable in columns - kept), _WHAT_TO_DO


def test_keys_and_lineage_are_columns_of_their_table() -> None:
    for table in TableName:
        assert set(spec(table).key) <= set(schema(table).names)
        assert list(schema(table))[-len(LINEAGE) :] == list(LINEAGE)


def test_the_page_on_tables_is_the_generated_one() -> None:
    page = (ROOT / "docs" / "tables.md").read_text()
    assert page == render(), "python -m pipeline.tables.table_docs > docs/tables.md"


if __name__ == "__main__":
    text = json.dumps(_contract(), ensure_ascii=False, indent=1)
    (_DATA / f"contract-{CONTRACT_VERSION}.json").write_text(text + "\n")
