"""JSON Schema of every message, for whoever speaks the protocol in another language.

`python -m fleet.schema` writes fleet/schema/*.json; a test holds them to the models.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from fleet import chunks, messages, signing, topics
from fleet.records import MODELS

FOLDER = Path(__file__).parent / "schema"

MESSAGES: dict[str, type[BaseModel]] = {
    "state": messages.State,
    "reported": messages.Reported,
    "batch": messages.Batch,
    "health": messages.Health,
    "command-result": messages.CommandResult,
    "get": messages.Get,
    "enrol-request": messages.EnrolRequest,
    "enrol-result": messages.EnrolResult,
    "signed": signing.Signed,
    "acknowledged": messages.Acknowledged,
    "desired": messages.Desired,
    "command": messages.Command,
    "hub-time": messages.HubTime,
    "chunk-header": chunks.Header,
    **{f"record-{kind}": model for kind, model in MODELS.items()},
}


def schema(name: str) -> str:
    """One message's schema, as its file holds it."""
    found = MESSAGES[name].model_json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:lobby-kiosk:{topics.VERSION}:{name}",
    }
    return json.dumps(head | found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write(folder: Path = FOLDER) -> None:
    """All of them."""
    folder.mkdir(exist_ok=True)
    for name in MESSAGES:
        (folder / f"{name}.json").write_text(schema(name), "utf-8")


if __name__ == "__main__":
    write()
