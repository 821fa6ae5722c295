"""The lock files: complete, hashed, and tied to no machine or index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ["requirements-build.lock", "requirements.lock", "requirements-dev.lock"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def pinned(lock: str) -> dict[str, set[str]]:
    """Name -> versions (more than one where Pythons differ)."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([\w.-]+)==([\w.]+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE
    ):
        found.setdefault(plain(name), set()).add(version)
    return found


def plain(requirement: str) -> str:
    """The name in a requirement, as indexes spell it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~;\[ ]", requirement)[0]).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_names_no_index_and_no_folder(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert not re.search(r"://|^-|^[^#]* @ ", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_version_has_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    pins = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert pins
    assert all("--hash=sha256:" in pin for pin in pins)


def test_runtime_lock_covers_the_dependencies() -> None:
    assert {plain(each) for each in PROJECT["dependencies"]} <= set(pinned("requirements.lock"))


def test_dev_lock_covers_the_extras() -> None:
    extras = [each for extra in PROJECT["optional-dependencies"].values() for each in extra]
    assert {plain(each) for each in extras} <= set(pinned("requirements-dev.lock"))


def test_dev_lock_tests_the_versions_that_run() -> None:
    dev = pinned("requirements-dev.lock")
    assert all(dev[name] == versions for name, versions in pinned("requirements.lock").items())


@pytest.mark.parametrize("lock", LOCKS)
def test_needs_no_training_framework(lock: str) -> None:
    assert not {"torch", "tensorflow", "spacy", "transformers"} & set(pinned(lock))
