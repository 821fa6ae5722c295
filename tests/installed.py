"""A pack in a kiosk's store, as if it had come from a hub."""

from __future__ import annotations

from pathlib import Path

from fleet.messages import PackName
from knowledge import built
from knowledge import pack as packs
from terminal.sync.store import PackStore


def install(folder: Path) -> PackStore:
    """The kiosk's own gov-hall once more."""
    raw, _ = packs.contents(packs.find("gov-hall"))
    index = built.index_of("gov-hall", packs.load(packs.find("gov-hall")).manifest.version, raw)
    store = PackStore(folder)
    for content in raw.values():
        for piece in built.pieces(content):
            store.put_piece(built.sha256(piece), piece)
    name = PackName(id=index.id, version=index.version, digest=index.digest)
    store.put_index(name, index.model_dump_json().encode())
    store.commit(name, 100.0)
    assert store.open()
    return store
