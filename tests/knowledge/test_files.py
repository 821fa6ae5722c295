"""What may stand where a pack's file should be."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge import files
from tests.knowledge.handmade import CARD, SmallPack


def test_order_is_fixed(small: SmallPack) -> None:
    small.write("guides/a.yaml", "x")
    small.write("guides/z.yaml", "x")
    found, problems = files.contents(small.path)
    assert list(found) == [*files.FLAT, "guides/a.yaml", CARD, "guides/z.yaml"]
    assert problems == []


def linked_to_itself(path: Path) -> None:
    path.symlink_to(path)


def linked_elsewhere(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def ten_megabytes(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10_000_000)


PLACED: dict[Callable[[Path], None], str] = {
    Path.mkdir: "a folder stands in place of the file",
    linked_to_itself: "a link; put the file itself here",
    linked_elsewhere: "a link; put the file itself here",
    os.mkfifo: "not an ordinary file",
    ten_megabytes: "larger than 2,000,000 bytes; split it or take out what is not text",
}


@pytest.mark.parametrize("name", ["site.yaml", CARD, "tests.jsonl"])
@pytest.mark.parametrize("place", PLACED)
def test_something_else_in_place_of_a_file(
    small: SmallPack, name: str, place: Callable[[Path], None]
) -> None:
    (small.path / name).unlink()
    place(small.path / name)
    assert f"{name}:1: {PLACED[place]}" in [str(each) for each in small.lint()]


def test_guides_must_be_a_folder(small: SmallPack) -> None:
    (small.path / CARD).unlink()
    (small.path / "guides").rmdir()
    small.write("guides", "x")
    assert "guides:1: must be a folder that holds one file for each guide" in [
        str(each) for each in small.lint()
    ]


def test_guides_must_not_be_a_link(small: SmallPack) -> None:
    (small.path / "guides").rename(small.path / "real")
    (small.path / "guides").symlink_to("real")
    assert "guides:1: must be a folder" in " ".join(str(each) for each in small.lint())


def test_file_name_that_cannot_be_printed(small: SmallPack) -> None:
    (Path(os.fsdecode(os.fsencode(small.path) + b"/guides/\xff\n.yaml"))).write_text("x")
    (problem,) = small.lint()
    assert str(problem) == (r"guides/\udcff\n.yaml:1: a file name with odd characters; rename it")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("faqs.yaml", "this file is not read; did you mean faq.yaml?"),
        ("FAQ.yml", "this file is not read; did you mean faq.yaml?"),
        ("test.jsonl", "this file is not read; did you mean tests.jsonl?"),
        ("zzz.yaml", "this file is not read; guides are guides/….yaml"),
        ("guides/补卡.yml", "this file is not read; guides are guides/….yaml"),
    ],
)
def test_file_that_nobody_reads(small: SmallPack, name: str, said: str) -> None:
    small.write(name, "x")
    (problem,) = small.lint()
    assert (problem.file, problem.line, problem.message) == (name, 1, said)
    assert problem.warning


@pytest.mark.parametrize("name", ["README.md", ".git/x.yaml", "guides/.draft.yaml"])
def test_file_that_is_none_of_ours(small: SmallPack, name: str) -> None:
    small.write(name, "x")
    assert small.lint() == []


def test_guide_may_have_a_chinese_name(small: SmallPack) -> None:
    (small.path / CARD).rename(small.path / "guides/社保卡补办.yaml")
    assert small.lint() == []


@pytest.mark.parametrize("name", ["manifest.yaml", "site.yaml"])
def test_missing_file(small: SmallPack, name: str) -> None:
    (small.path / name).unlink()
    assert [str(each) for each in small.lint()] == [f"{name}:1: this file is missing"]
