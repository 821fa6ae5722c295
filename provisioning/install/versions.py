"""The installed versions: which there are, which is in use, and going from one to another.

`current` is turned around in one step, and never points at a folder that is not whole. While a
switch is on trial, `trial.json` says what to go back to, across power cuts too.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from provisioning.install import durable
from provisioning.layout import Layout

SEAL = "bundle.json"
"""Written last: a folder that has it is whole."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A switch whose outcome is not known yet."""

    name: str
    before: str
    """In use until then; empty: nothing."""
    boots: int = 0
    """Since then, without an outcome."""


class Versions:
    """Of one machine."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._trial = layout.opt / "trial.json"

    def names(self) -> list[str]:
        """Of all that are whole."""
        return sorted(seal.parent.name for seal in self._layout.versions.glob(f"[!.]*/{SEAL}"))

    def folder(self, name: str) -> Path:
        """Of a version that is whole, or is to be."""
        return self._layout.versions / name

    def part(self, name: str) -> Path:
        """Where a version is put together."""
        return self._layout.versions / f".{name}.part"

    def current(self) -> str:
        """Empty: none."""
        return self._linked(self._layout.current)

    def previous(self) -> str:
        """Empty: none."""
        return self._linked(self._layout.previous)

    def trial(self) -> Trial | None:
        """The switch that nobody has judged yet."""
        try:
            return Trial(**json.loads(self._trial.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def seal(self, name: str, about: bytes) -> None:
        """A version that was put together becomes one, all of it on the disk."""
        part = self.part(name)
        durable.write(part / SEAL, about)
        durable.sync_all(part)
        part.replace(self.folder(name))
        durable.sync_folder(self._layout.versions)

    def switch(self, name: str) -> Trial:
        """Use `name` from now on, on trial."""
        trial = Trial(name, self._proven())
        self.put(trial)
        durable.link(self._layout.current, f"versions/{name}")
        return trial

    def put(self, trial: Trial) -> None:
        """Remember it across a power cut."""
        durable.write(self._trial, json.dumps(asdict(trial)) + "\n")

    def settle(self, trial: Trial) -> None:
        """It works: what was before is `previous`."""
        if trial.before and trial.before != trial.name:
            durable.link(self._layout.previous, f"versions/{trial.before}")
        durable.remove(self._trial)

    def back(self, trial: Trial) -> None:
        """It does not: what was before is in use again."""
        if trial.before:
            durable.link(self._layout.current, f"versions/{trial.before}")
        durable.remove(self._trial)

    def tidy(self, coming: str = "") -> list[str]:
        """Remove what is neither in use nor to go back to nor `coming`; names of these."""
        keep = {self.current(), self.previous(), coming}
        if (trial := self.trial()) is not None:
            keep |= {trial.name, trial.before}
        gone = [each for each in self._layout.versions.glob("*") if each.name not in keep]
        for folder in gone:
            remove_tree(folder, self._layout.versions)
        return [folder.name for folder in gone]

    def _proven(self) -> str:
        """The last one in use that was no trial."""
        trial, current = self.trial(), self.current()
        return trial.before if trial is not None and trial.name == current else current

    def _linked(self, link: Path) -> str:
        try:
            name = link.readlink().name
        except OSError:
            return ""
        return name if (self.folder(name) / SEAL).is_file() else ""


def remove_tree(folder: Path, versions: Path) -> None:
    """Its name goes first, in one step: half a folder must not look whole."""
    if not folder.name.startswith("."):
        hidden = versions / f".{folder.name}.part"
        if hidden.exists():
            shutil.rmtree(hidden)
        folder.replace(hidden)
        durable.sync_folder(versions)
        folder = hidden
    shutil.rmtree(folder)
