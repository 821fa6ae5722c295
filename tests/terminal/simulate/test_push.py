"""One pack in two versions, the second with one other answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hub import publish
from knowledge import built
from knowledge import pack as packs
from terminal.hub_api import packed
from terminal.simulate.push import SENTENCE, name_of, two_versions


def test_one_answer_differs(tmp_path: Path) -> None:
    versions = two_versions("gov-hall", tmp_path, date.today())
    first, second = packs.load(versions.first), packs.load(versions.second)
    assert second.manifest.version == first.manifest.version + 1
    before = {item.id: item for item in first.items()}
    after = {item.id: item for item in second.items()}
    assert before.keys() == after.keys()
    (changed,) = [each for each in before if before[each] != after[each]]
    assert SENTENCE in str(after[changed])


def test_upload_is_what_the_hub_takes(tmp_path: Path) -> None:
    versions = two_versions("gov-hall", tmp_path, date.today())
    files = publish.unpacked(packed(versions.second))
    label = name_of(versions.second).label
    assert f"{label}.json" in files
    index = built.open_index(versions.second)
    wanted = {sha for pieces in index.files.values() for sha, _ in pieces}
    assert {name.removeprefix("blobs/") for name in files} - {f"{label}.json"} == wanted
