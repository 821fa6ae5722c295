"""Building: the same bytes for the same input, small steps between versions, nothing by halves."""

from __future__ import annotations

import hashlib
import json
import stat
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.errors import KioskError
from knowledge import built, pack
from knowledge.build import Build, build
from knowledge.lint import lint
from tests.knowledge.handmade import CARD, TODAY, SmallPack

GOV = pack.BUILT_IN / "gov-hall"


def make(source: Path, out: Path) -> Build:
    return build(source, out, TODAY)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def test_same_input_same_bytes(tmp_path: Path) -> None:
    one, two = make(GOV, tmp_path / "one"), make(GOV, tmp_path / "two")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert (one.label, one.index.name) == (two.label, f"{one.label}.json")


def test_every_piece_is_named_by_its_hash(tmp_path: Path) -> None:
    index = json.loads(make(GOV, tmp_path).index.read_text("utf-8"))
    named = {sha: size for pieces in index["files"].values() for sha, size in pieces}
    assert {each.name for each in (tmp_path / "blobs").iterdir()} == set(named)
    for blob in (tmp_path / "blobs").iterdir():
        raw = blob.read_bytes()
        assert (hashlib.sha256(raw).hexdigest(), len(raw)) == (blob.name, named[blob.name])
        assert stat.S_IMODE(blob.stat().st_mode) == 0o644


def test_built_pack_is_the_pack(small: SmallPack, tmp_path: Path) -> None:
    made = make(small.path, tmp_path / "out")
    source = pack.load(small.path)
    for path in (made.index, tmp_path / "out"):
        loaded = pack.load(path)
        assert (loaded.label, loaded.digest) == (source.label, source.digest)
        assert list(loaded.items()) == list(source.items())
        assert pack.find(str(path)) == path
        assert lint(path, TODAY) == []


def test_building_a_built_pack_changes_nothing(small: SmallPack, tmp_path: Path) -> None:
    make(small.path, tmp_path / "one")
    make(tmp_path / "one", tmp_path / "two")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_building_again_writes_nothing_new(small: SmallPack, tmp_path: Path) -> None:
    first = make(small.path, tmp_path / "out")
    assert first.new_bytes == first.total_bytes
    assert make(small.path, tmp_path / "out").new_bytes == 0


@pytest.mark.parametrize("name", ["gov-hall", "bank-hall"])
def test_one_changed_answer_costs_a_kiosk_less_than_8_kb(name: str) -> None:
    """On the wire, where pieces and index travel compressed."""
    contents, _ = pack.contents(pack.BUILT_IN / name)
    index = built.index_of(name, 1, contents).encoded()
    faq = contents["faq.yaml"].decode()
    held = set(built.pieces(contents["faq.yaml"]))
    for spoken in [line for line in faq.splitlines() if line.startswith("  spoken: ")]:
        changed = faq.replace(spoken, f"{spoken}请留意。").encode()
        new = [piece for piece in built.pieces(changed) if piece not in held]
        assert sum(len(zlib.compress(part)) for part in [index, *new]) < 8_000


def test_versions_share_what_is_the_same(small: SmallPack, tmp_path: Path) -> None:
    make(small.path, tmp_path / "out")
    small.swap("manifest.yaml", "version: 3", "version: 10")
    small.swap(CARD, "带身份证到", "带好身份证到")
    made = make(small.path, tmp_path / "out")
    changed = ["manifest.yaml", CARD]
    assert made.new_bytes == sum((small.path / name).stat().st_size for name in changed)
    assert pack.load(tmp_path / "out").label == "small-hall@10"
    assert pack.load(tmp_path / "out" / "small-hall@3.json").label == "small-hall@3"


def test_a_built_version_stays(small: SmallPack, tmp_path: Path) -> None:
    made = make(small.path, tmp_path / "out")
    before = tree(tmp_path / "out")
    small.swap(CARD, "带身份证到", "带好身份证到")
    with pytest.raises(KioskError, match=r"built before with other content; raise version"):
        make(small.path, tmp_path / "out")
    assert tree(tmp_path / "out") == before
    assert pack.load(made.index).label == "small-hall@3"


def test_two_packs_in_one_folder_must_be_told_apart(small: SmallPack, tmp_path: Path) -> None:
    make(small.path, tmp_path / "out")
    made = make(GOV, tmp_path / "out")
    with pytest.raises(KioskError, match=r"holds gov-hall, small-hall; give the index file"):
        pack.load(tmp_path / "out")
    assert pack.load(tmp_path / "out" / f"{made.label}.json").label == made.label


def test_pack_with_errors_is_not_built(small: SmallPack, tmp_path: Path) -> None:
    small.swap("faq.yaml", "2027-06-30", "2026-06-30")
    small.swap("site.yaml", "city: 小城", "city: 小城  # TODO")
    with pytest.raises(KioskError) as caught:
        make(small.path, tmp_path / "out")
    assert "faq.yaml:21: hall.toilet: review_by" in str(caught.value)
    assert f"(and 1 more); not built: see kiosk pack lint {small.path}" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_pack_that_cannot_be_read_is_not_built(small: SmallPack, tmp_path: Path) -> None:
    (small.path / "site.yaml").unlink()
    with pytest.raises(KioskError, match=r"site.yaml:1: this file is missing; not built"):
        make(small.path, tmp_path / "out")


def test_pack_with_warnings_is_built(small: SmallPack, tmp_path: Path) -> None:
    small.swap("faq.yaml", "    - 孩子要尿尿去哪\n", "")
    assert make(small.path, tmp_path / "out").index.is_file()


def blob_of(index: Path, name: str) -> Path:
    sha = json.loads(index.read_text("utf-8"))["files"][name][0][0]
    return index.parent / "blobs" / str(sha)


def test_missing_piece(small: SmallPack, tmp_path: Path) -> None:
    made = make(small.path, tmp_path / "out")
    blob_of(made.index, CARD).unlink()
    with pytest.raises(KioskError, match=rf"small-hall@3.json: {CARD}: .* is missing; build or"):
        pack.load(made.index)


@pytest.mark.parametrize("how", [b"", b"other", None])
def test_damaged_piece(small: SmallPack, tmp_path: Path, how: bytes | None) -> None:
    made = make(small.path, tmp_path / "out")
    blob = blob_of(made.index, "site.yaml")
    blob.write_bytes(blob.read_bytes() + b"#" if how is None else how)
    with pytest.raises(KioskError, match=r"small-hall@3.json: site.yaml: damaged: blobs/"):
        pack.load(tmp_path / "out")


def test_building_again_mends(small: SmallPack, tmp_path: Path) -> None:
    made = make(small.path, tmp_path / "out")
    before = tree(tmp_path / "out")
    blob_of(made.index, CARD).write_bytes(b"other")
    made.index.write_bytes(b"{")
    make(small.path, tmp_path / "out")
    assert tree(tmp_path / "out") == before


def edited(index: Path, old: str, new: str) -> None:
    text = index.read_text("utf-8")
    assert old in text
    index.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"format": 1', '"format": 2', r"not the index of a built pack \(field format\)"),
        ("{", "", "not the index of a built pack"),
        ('"site.yaml"', '"../site.yaml"', r"'../site.yaml' is no file of a pack"),
        ('"guides/card.yaml"', '"guides/a/../b.yaml"', "is no file of a pack"),
        ('"guides/card.yaml"', '"guides/other.yaml"', "digest does not fit its files"),
        ('"version": 3', '"version": 4', "its manifest.yaml is not that of small-hall@4"),
    ],
)
def test_tampered_index(small: SmallPack, tmp_path: Path, old: str, new: str, said: str) -> None:
    made = make(small.path, tmp_path / "out")
    edited(made.index, old, new)
    with pytest.raises(KioskError, match=said) as caught:
        pack.load(made.index)
    assert str(made.index) in str(caught.value)
    assert caught.value.exit_status == 2


def test_index_that_leads_out_of_its_folder(small: SmallPack, tmp_path: Path) -> None:
    made = make(small.path, tmp_path / "out")
    sha = blob_of(made.index, CARD).name
    edited(made.index, sha, f"../../{'x' * 58}")
    with pytest.raises(KioskError, match=r"not the index of a built pack \(field files"):
        pack.load(made.index)


def test_out_that_cannot_be_written(small: SmallPack, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(KioskError, match="cannot be made a folder"):
        make(small.path, tmp_path / "file" / "out")


def test_piece_that_cannot_be_written_leaves_no_index(small: SmallPack, tmp_path: Path) -> None:
    made = make(small.path, tmp_path / "first")
    blocked = tmp_path / "second" / "blobs" / blob_of(made.index, CARD).name
    blocked.mkdir(parents=True)
    with pytest.raises(KioskError, match="cannot be written"):
        make(small.path, tmp_path / "second")
    assert not (tmp_path / "second" / made.index.name).exists()
    assert not [each for each in blocked.parent.iterdir() if each.name.startswith(".")]


ROWS = st.lists(st.text("ab-{ \n", min_size=1, max_size=40), max_size=300)


@settings(deadline=None)
@given(ROWS)
def test_pieces_joined_are_the_file(rows: list[str]) -> None:
    content = "".join(f"- {row * 20}\n" for row in rows).encode()
    assert b"".join(built.pieces(content)) == content


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_an_edit_leaves_distant_pieces_alone(data: st.DataObject) -> None:
    rows = [f"- id: row.{n}\n  text: {'字' * 200}\n" for n in range(200)]
    number = data.draw(st.integers(0, 199))
    whole = "".join(rows).encode()
    before = set(built.pieces(whole))
    rows[number] += data.draw(st.sampled_from(["", "  more: x\n", f"  more: {'长' * 900}\n"]))
    after = built.pieces("".join(rows).encode())
    # Rows this alike have few places to cut at: the worst of all these edits costs 32,561 bytes.
    assert sum(len(piece) for piece in after if piece not in before) < len(whole) / 3
