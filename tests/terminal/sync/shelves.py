"""A source of packs in a folder, and what installs from it and dies where it is told."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from fleet.messages import PackName
from knowledge import built
from terminal.sync.disk import Disk
from terminal.sync.install import Installer
from terminal.sync.pull import Base
from terminal.sync.source import Piece
from terminal.sync.store import PackStore
from terminal.sync.trying import Verdict


class FolderSource:
    """Built packs in a folder, taken at their word."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.pulled: list[Piece] = []

    def index(self, pack: PackName, base: bytes | None) -> bytes:
        return (self._folder / f"{pack.label}.json").read_bytes()

    def pieces(self, wanted: Sequence[Piece], base: Base) -> Iterator[tuple[str, bytes]]:
        for each in wanted:
            self.pulled.append(each)
            yield each.sha, (self._folder / built.BLOBS / each.sha).read_bytes()


class YesJudge:
    """All is well."""

    def try_pack(self, pack: Path, today: date) -> Verdict:
        return Verdict(None, 95.0)

    def stop(self) -> None:
        pass


def name_of(folder: Path, label: str) -> PackName:
    index = built.open_index(folder / f"{label}.json")
    return PackName(id=index.id, version=index.version, digest=index.digest)


def installer(shelf: Path, state: Path, factory: Path, disk: Disk) -> Installer:
    return Installer(PackStore(state, disk), FolderSource(shelf), YesJudge(), factory)


def install_and_die(
    shelf: Path, state: Path, factory: Path, label: str, deadly: int, log: Path
) -> None:
    """A process of its own: install, and be killed at the step of the number `deadly`.

    The steps' names go into `log`, a line each.
    """
    steps = 0
    with log.open("w", encoding="utf-8") as told:

        def step(name: str) -> None:
            nonlocal steps
            steps += 1
            if steps == deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            print(name, file=told, flush=True)

        installer(shelf, state, factory, Disk(step)).install(
            name_of(shelf, label), date(2026, 11, 22), lambda: step("self-test")
        )
