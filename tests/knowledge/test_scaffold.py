"""New packs: complete, explained, and never over another's work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fleet.errors import KioskError
from knowledge import pack, scaffold, schema
from knowledge.lint import lint
from tests.knowledge.handmade import TODAY, SmallPack

Record = type[schema.Record]
RECORDS: dict[str, list[Record]] = {
    "manifest.yaml": [schema.Manifest],
    "site.yaml": [schema.Site, schema.Window],
    "faq.yaml": [schema.Item, schema.Faq],
    "guides/example.yaml": [schema.Guide, schema.Material, schema.Slot, schema.Rule],
    "notices.yaml": [schema.Notice],
    "lexicon.yaml": [schema.Term],
}
UNEXPLAINED = {"effective_from", "effective_to"}
"""Told in manifest.yaml, rare elsewhere."""


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    return scaffold.new("my-hall", tmp_path / "deep" / "my-hall", TODAY)


def test_lints_clean_apart_from_what_is_to_be_filled_in(fresh: Path) -> None:
    found = lint(fresh, TODAY)
    assert len(found) > 10
    for each in found:
        line = (fresh / each.file).read_text("utf-8").split("\n")[each.line - 1]
        assert each.message == f"TODO: {line.partition('# TODO ')[2]} (then delete the TODO)"


def test_lints_clean_once_filled_in(fresh: Path) -> None:
    for file in fresh.rglob("*.yaml"):
        file.write_text(re.sub(r" *# TODO.*", "", file.read_text("utf-8")), "utf-8")
    assert lint(fresh, TODAY) == []


def test_answers_at_once(fresh: Path) -> None:
    loaded = pack.load(fresh)
    assert loaded.label == "my-hall@1"
    assert loaded.manifest.sample
    assert [item.id for item in loaded.items()] == ["hall.lost_found", "gov.social_card.reissue"]


@pytest.mark.parametrize("file", RECORDS)
def test_every_field_is_explained_in_chinese(fresh: Path, file: str) -> None:
    texts = [(fresh / name).read_text("utf-8") for name in {file, "faq.yaml"}]
    comments = " ".join(re.findall(r"#.*", "\n".join(texts)))
    for record in RECORDS[file]:
        for name, field in record.model_fields.items():
            if file == "manifest.yaml" or name not in UNEXPLAINED:
                assert f"{name} {field.title}" in comments


def test_taking_over_a_sample(tmp_path: Path) -> None:
    folder = scaffold.new("my-hall", tmp_path / "my", TODAY, pack.BUILT_IN / "gov-hall")
    taken, sample = pack.load(folder), pack.load(pack.BUILT_IN / "gov-hall")
    assert taken.label == "my-hall@1"
    assert list(taken.items()) == list(sample.items())
    assert taken.manifest.title == "新知识包"
    assert taken.manifest.languages == sample.manifest.languages == ["zh", "en"]
    found = lint(folder, TODAY)
    assert {each.file for each in found} == {"manifest.yaml", "site.yaml"}
    assert all(each.message.startswith("TODO: ") for each in found)
    assert "TODO: phones 换成本大厅的真实信息 (then delete the TODO)" in {
        each.message for each in found
    }


def test_taking_over_a_pack_of_one_s_own(small: SmallPack, tmp_path: Path) -> None:
    folder = scaffold.new("next-hall", tmp_path / "next", TODAY, small.path)
    assert pack.load(folder).label == "next-hall@1"


def test_site_file_that_cannot_be_marked(small: SmallPack, tmp_path: Path) -> None:
    small.swap("site.yaml", "name: 小厅", "name: '小厅\n\nhours: 全天'")
    with pytest.raises(KioskError, match="a text goes over several lines in quotes"):
        scaffold.new("next-hall", tmp_path / "next", TODAY, small.path)
    assert not (tmp_path / "next").exists()


def test_never_overwrites(small: SmallPack, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in small.path.rglob("*.yaml")}
    with pytest.raises(KioskError, match="exists already; move it away or give another --out"):
        scaffold.new("my-hall", small.path, TODAY)
    assert before == {path: path.read_bytes() for path in small.path.rglob("*.yaml")}
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(KioskError, match="exists already"):
        scaffold.new("my-hall", tmp_path / "link", TODAY)


@pytest.mark.parametrize("name", ["", "My-Hall", "政务", "a/b", "../x", "a\n", "x" * 100])
def test_name_that_is_no_pack_s(tmp_path: Path, name: str) -> None:
    with pytest.raises(KioskError, match="a pack's name must be small English letters"):
        scaffold.new(name, tmp_path / "out", TODAY)
    assert not (tmp_path / "out").exists()


def test_leaves_nothing_else_behind(fresh: Path) -> None:
    assert [each.name for each in fresh.parent.iterdir()] == ["my-hall"]


def test_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(KioskError, match="cannot be made a folder"):
        scaffold.new("my-hall", tmp_path / "file" / "my-hall", TODAY)
