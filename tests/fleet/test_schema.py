from __future__ import annotations

import pytest

from fleet import schema


def test_no_schema_too_many() -> None:
    assert {path.stem for path in schema.FOLDER.iterdir()} == set(schema.MESSAGES)


@pytest.mark.parametrize("name", schema.MESSAGES)
def test_the_files_are_those_of_the_models(name: str) -> None:
    written = (schema.FOLDER / f"{name}.json").read_text("utf-8")
    assert written == schema.schema(name), "run: python -m fleet.schema"
