"""The catalogue: what comes with the kiosk, and how mistakes in it are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.errors import KioskError
from models.catalog import PackageSource, UrlSource, builtin, is_safe, package_parts, parse, read

GOOD = """
[packages."tiny-model"]
registry = "pypi"
version = "1.0"
size = 100

[packs.tiny]
what = "a test"
licence = "MIT"
languages = ["zh"]
sources = [
  { parts = [{ package = "tiny-model", member = "data/{file}" }] },
  { url = "https://example.org/{file}" },
]

[[packs.tiny.files]]
name = "a/model.bin"
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
size = 5
"""
UNHASHED = """
[packs.tree]
what = "a test"
licence = "MIT"
languages = ["zh"]
verified = false
[packs.tree.tree]
url = "https://example.org/tree.zip"
folder = "tree"
needs = ["a"]
"""


def complaint(text: str) -> str:
    with pytest.raises(KioskError) as caught:
        parse(text, "catalog.toml")
    assert caught.value.code == "input"
    assert "\n" not in caught.value.message
    return caught.value.message


def test_sources_are_filled_in_with_the_name_of_the_file() -> None:
    file = parse(GOOD, "x").pack("tiny").files[0]
    package, url = file.candidates
    assert isinstance(package, PackageSource)
    assert package.parts[0].member == "data/a/model.bin"
    assert isinstance(url, UrlSource)
    assert url.url == "https://example.org/a/model.bin"


def test_the_default_packs_are_those_of_the_main_job() -> None:
    names = [pack.name for pack in builtin().choose([])]
    first = ["whisper-base", "kokoro-zh", "kokoro-en", "use-m3", "silero-vad", "speech-embedding"]
    assert names == [*first, "face"]


def test_all_leaves_out_what_nobody_has_verified_unless_named() -> None:
    catalog = builtin()
    everything = {pack.name for pack in catalog.choose([], everything=True)}
    unverified = {"vosk-small-cn", "piper-zh-huayan", "sherpa-kws-zh"}
    assert everything == set(catalog.packs) - unverified
    named = catalog.choose(["vosk-small-cn"], everything=True)
    assert {pack.name for pack in named} == everything | {"vosk-small-cn"}


def test_every_verified_file_has_a_hash_and_two_ways_to_be_had_where_there_are_two() -> None:
    for pack in builtin().packs.values():
        if pack.verified:
            assert pack.hashes_known
            assert pack.size > 0
    single = {
        file.name
        for pack in builtin().packs.values()
        for file in pack.files
        if pack.verified and len(file.sources) < 2
    }
    assert single == {"vocab.json"}


def test_the_evaluation_voices_are_apart_from_the_others() -> None:
    voices = builtin().pack("kokoro-eval-voices")
    assert voices.evaluation_only
    assert {file.name for file in voices.files} == {"zf_xiaoyi.bin", "zm_yunxia.bin"}
    assert not {file.name for file in builtin().pack("kokoro-zh").files} & {"zf_xiaoyi.bin"}


def test_every_listed_package_is_used() -> None:
    catalog = builtin()
    used = {part.package for pack in catalog.packs.values() for part in package_parts(pack)}
    assert used == set(catalog.packages)


def test_an_unknown_pack_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KioskError, match=r"no model pack 'wisper'; there are: tiny$"):
        parse(GOOD, "x").pack("wisper")


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ("size = 100\n\n[packs.tiny]", "size = 100\n[packs.tiny", "catalog.toml", "not valid TOML"),
        ('"zh"', "", "packs.tiny.languages", "at least 1"),
        ('0000"', '"', "packs.tiny.files.0.sha256", "match pattern"),
        ("a/model.bin", "../model.bin", "packs.tiny.files.0.name", "relative path"),
        ("a/model.bin", "/model.bin", "packs.tiny.files.0.name", "relative path"),
        ("a/model.bin", ".verified.json", "packs.tiny.files.0.name", "hidden"),
        ("https://example", "ftp://example", "packs.tiny", "must begin with https://"),
        ("size = 5", "", "packs.tiny", "both a sha256 and a size"),
        ('package = "tiny-model"', 'package = "other"', "packs.tiny", "unknown package other"),
        ('"pypi"', '"conda"', "packages.tiny-model.registry", "'pypi' or 'npm'"),
        ("licence", "license", "packs.tiny.licence", "required"),
        ("[packs.tiny]", "[packs.Tiny_1]", "packs.Tiny_1", "pattern"),
        ("[[packs.tiny.files]]", "[packs.tiny.files.x]", "packs.tiny.files", "tuple"),
    ],
)
def test_a_mistake_is_named_with_its_place(old: str, new: str, place: str, reason: str) -> None:
    assert old in GOOD
    message = complaint(GOOD.replace(old, new))
    assert message.startswith("catalog.toml: ")
    assert place in message
    assert reason in message


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("default = true", "a default pack must be verified"),
        ("verified = true", "a tree cannot be verified"),
        ('files = [{name="a", sources=[{url="https://x"}]}]', "either files or a tree"),
    ],
)
def test_an_unverified_pack_is_held_to_what_that_means(line: str, reason: str) -> None:
    text = UNHASHED.replace(
        "verified = false", line if "verified" in line else f"verified = false\n{line}"
    )
    assert reason in complaint(text)


def test_a_file_listed_twice_or_without_a_source_is_refused() -> None:
    entry = GOOD[GOOD.index("[[packs") :]
    assert "names a file twice" in complaint(GOOD + entry)
    bare = GOOD[: GOOD.index("sources")] + entry
    assert "a/model.bin has no source" in complaint(bare)


def test_a_catalogue_that_is_not_a_table_of_tables_is_refused() -> None:
    assert "packs" in complaint("packs = 3")
    assert "packs.a" in complaint("[packs]\na = 3")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match=r"nowhere\.toml: cannot read"):
        read(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("name", ["", ".", "..", "a//b", "a/", "./a", "a\\b", "a/../b", "a\nb"])
def test_names_that_lead_elsewhere_are_not_safe(name: str) -> None:
    assert not is_safe(name)


@pytest.mark.parametrize("name", ["a", "a/b.bin", "am/final.mdl", "声音.bin"])
def test_plain_names_are_safe(name: str) -> None:
    assert is_safe(name)
