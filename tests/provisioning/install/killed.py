"""The installer as a program below another root, which the power leaves at a step of choice.

python -m tests.provisioning.install.killed HOW STEP[+SECONDS] ARGUMENTS OF provisioning.install

HOW: `kept`, what was written is there after the cut, as if synced; or the folder at which a file
system is mounted, which then loses what it has not synced. -STEP: before that step is noted.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from provisioning.install import machine
from provisioning.install.__main__ import main
from provisioning.install.journal import Journal
from provisioning.install.report import Report
from provisioning.layout import Layout
from tests.provisioning.install import disks

KEPT = "kept"


class Bench:
    """A machine without users and services: a version is ready if it says so in a file."""

    def __init__(self, report: Report, layout: Layout) -> None:
        self._report = report
        self._layout = layout

    def make_user(self) -> None: ...
    def remove_user(self) -> None: ...
    def give(self, folder: Path) -> None: ...
    def let_read(self, file: Path) -> None: ...
    def reload(self) -> None: ...
    def restart(self) -> None: ...
    def stop(self) -> None: ...

    def user_id(self) -> int:
        return 990

    def as_user(self, command: Sequence[str], env: Mapping[str, str], timeout_s: float) -> str:
        return machine.run(command, env, self._report, timeout_s)

    def is_ready(self, url: str) -> bool:
        return (self._layout.current / "app/terminal/serves").exists()


class PowerCut(Journal):
    """At a step that was begun, or is about to be: at once or later."""

    def __init__(self, file: Path, step: str, cut: Callable[[], None]) -> None:
        super().__init__(file)
        step, _, after_s = step.partition("+")
        self._step = step
        self._after_s = float(after_s or 0)
        self._cut = cut

    def begin(self, work: str, version: str, step: str) -> None:
        if self._step == f"-{step}":
            self._cut()
        super().begin(work, version, step)
        if step == self._step and self._after_s:
            threading.Timer(self._after_s, self._cut).start()
        elif step == self._step:
            self._cut()


def kill() -> None:
    """All processes of the installation."""
    os.killpg(0, signal.SIGKILL)


def unplug(root: Path) -> None:
    """Nothing is written to the disk any more, not even what was before and waits in memory."""
    disks.lose_unwritten(root)
    kill()


if __name__ == "__main__":
    how, step = sys.argv[1:3]
    cut = kill if how == KEPT else partial(unplug, Path(how))
    status = main(sys.argv[3:], Bench, partial(PowerCut, step=step, cut=cut))
    os._exit(status)
