"""The installer as a program below another root, which the power leaves at a step of choice.

python -m tests.provisioning.install.killed STEP[+SECONDS] ARGUMENTS OF provisioning.install
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from provisioning.install import machine
from provisioning.install.__main__ import main
from provisioning.install.journal import Journal
from provisioning.install.report import Report
from provisioning.layout import Layout


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
    """At a step that was begun: SIGKILL to all processes of the installation, at once or later."""

    def __init__(self, file: Path, step: str, after_s: float) -> None:
        super().__init__(file)
        self._step = step
        self._after_s = after_s

    def begin(self, work: str, version: str, step: str) -> None:
        super().begin(work, version, step)
        if step == self._step and self._after_s:
            threading.Timer(self._after_s, cut).start()
        elif step == self._step:
            cut()


def cut() -> None:
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    step, _, after = sys.argv[1].partition("+")
    journal = partial(PowerCut, step=step, after_s=float(after or 0))
    status = main(sys.argv[2:], Bench, journal)
    os._exit(status)
