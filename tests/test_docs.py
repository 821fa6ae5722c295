"""The README tells the truth: its commands, options, scripts, rooms and links exist."""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from terminal.cli import app
from terminal.config import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")

FENCED = re.findall(r"^```(?:bash|sh)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
INLINE = re.findall(
    r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", README, flags=re.MULTILINE | re.DOTALL)
)
LINES = [line.strip() for block in FENCED for line in block.splitlines()] + INLINE


def kiosk_lines() -> list[list[str]]:
    """The arguments of every `kiosk …` that the README names."""
    found = set()
    for line in LINES:
        for part in re.split(r"\s(?:\||&&|>)\s", line):
            words = shlex.split(part, comments=True)
            if words and words[0] in {"kiosk", ".venv/bin/kiosk"}:
                found.add(tuple(words[1:]))
    return [list(words) for words in sorted(found)]


@pytest.mark.parametrize("words", kiosk_lines(), ids=" ".join)
def test_command_exists_with_its_options(words: list[str]) -> None:
    command: Any = get_command(app)
    rest = list(words)
    while rest and hasattr(command, "commands"):
        name = rest.pop(0)
        assert name in command.commands, f"README: kiosk has no command {name!r}"
        command = command.commands[name]
    known = {"--help"}.union(*(option.opts + option.secondary_opts for option in command.params))
    used = {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
    assert used <= known


def test_readme_names_commands() -> None:
    assert len(kiosk_lines()) > 10


@pytest.mark.parametrize(
    "block", re.findall(r"^```toml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
)
def test_settings_are_accepted(block: str) -> None:
    Settings.model_validate(tomllib.loads(block))


@pytest.mark.parametrize("path", sorted(set(re.findall(r"(?:script|\.ci)/[a-z]+", README))))
def test_script_runs(path: str) -> None:
    assert os.access(ROOT / path, os.X_OK)


@pytest.mark.parametrize("room", re.findall(r"^\| `([a-z]+/)`", README, re.MULTILINE))
def test_room_exists(room: str) -> None:
    assert (ROOT / room).is_dir()


def test_every_room_is_described() -> None:
    rooms = {f"{path.parent.name}/" for path in ROOT.glob("*/__init__.py")}
    assert rooms <= set(re.findall(r"^\| `([a-z]+/)`", README, re.MULTILINE))


def links() -> list[str]:
    """Targets of the README's links, without the web's."""
    targets = re.findall(r"\]\(([^)\s]+)\)", README)
    return sorted({target for target in targets if "://" not in target})


@pytest.mark.parametrize("target", links())
def test_link_leads_somewhere(target: str) -> None:
    path, _, anchor = target.partition("#")
    assert not path or (ROOT / path).exists()
    assert not anchor or path or anchor in anchors()


def anchors() -> set[str]:
    """Of the README's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
