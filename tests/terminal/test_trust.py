"""Enrolments in generations, and a power cut at each step of one."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from terminal.sync.disk import Disk
from terminal.trust import NAMES, Trust

OLD = {name: f"old {name}".encode() for name in NAMES}
NEW = {name: f"new {name}".encode() for name in NAMES}
PROCESSES = multiprocessing.get_context("fork")


def install(trust: Trust) -> None:
    trust.install(NEW)


def renew(trust: Trust) -> None:
    trust.try_out(NEW)
    trust.accept()


def attempt(trust: Trust) -> None:
    trust.try_out(NEW)
    trust.reject()


def cut(folder: Path, do: Callable[[Trust], None], deadly: int, log: Path) -> None:
    """A process of its own, killed at the step of the number `deadly`."""
    steps = 0
    with log.open("w") as told:

        def step(name: str) -> None:
            nonlocal steps
            steps += 1
            if steps == deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            print(name, file=told, flush=True)

        do(Trust(folder, Disk(step)))
    os._exit(0)


def steps_of(folder: Path, do: Callable[[Trust], None], deadly: int) -> list[str]:
    log = folder.with_suffix(".log")
    process = PROCESSES.Process(target=cut, args=(folder, do, deadly, log))
    process.start()
    process.join()
    assert process.exitcode == (-signal.SIGKILL if deadly else 0)
    return log.read_text().splitlines()


def legacy(folder: Path) -> None:
    """The files themselves, as enrolment left them once."""
    folder.mkdir()
    for name, content in OLD.items():
        (folder / name).write_bytes(content)


def nothing(folder: Path) -> None:
    folder.mkdir()


def enrolled(folder: Path) -> None:
    Trust(folder).install(OLD)


CASES = [
    (nothing, install),
    (legacy, renew),
    (enrolled, install),
    (enrolled, renew),
    (enrolled, attempt),
]


@pytest.mark.parametrize(("before", "do"), CASES)
def test_killed_at_each_step_leaves_one_whole_enrolment(
    before: Callable[[Path], None], do: Callable[[Trust], None], tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    before(whole)
    steps = steps_of(whole, do, 0)
    assert Trust(whole).read() == (OLD if do is attempt else NEW)
    seen = []
    for deadly in range(1, len(steps) + 1):
        folder = tmp_path / "cut"
        before(folder)
        steps_of(folder, do, deadly)
        trust = Trust(folder)
        found = trust.read()
        assert found in (OLD, NEW, {}), deadly
        assert trust.is_there == bool(found)
        seen.append(found == NEW)
        # And the next time it comes to its end.
        do(trust)
        assert trust.read() == (OLD if do is attempt else NEW)
        assert len([each for each in folder.iterdir() if each.name.isdecimal()]) == 1
        shutil.rmtree(folder)
    assert seen == sorted(seen)
    assert any(seen) == (do is not attempt)


def test_the_key_is_its_owners_and_the_paths_stay(tmp_path: Path) -> None:
    trust = Trust(tmp_path / "trust")
    assert not trust.is_there
    trust.install(OLD)
    key = trust.folder / "device.key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(trust.folder.stat().st_mode) == 0o700
    trial = trust.try_out(NEW)
    assert trust.trial == trial
    assert key.read_bytes() == OLD["device.key.pem"]
    assert (trial / "device.key.pem").read_bytes() == NEW["device.key.pem"]
    assert Trust(trust.folder).trial == trial
    trust.accept()
    assert key.read_bytes() == NEW["device.key.pem"]
    assert not (trust.folder / "next").exists()
    assert not [
        each for each in trust.folder.rglob("*.key.pem") if each.read_bytes() != key.read_bytes()
    ]


def test_what_was_rejected_leaves_no_key(tmp_path: Path) -> None:
    trust = Trust(tmp_path / "trust")
    trust.install(OLD)
    trial = trust.try_out(NEW)
    trust.reject()
    assert not trial.exists()
    assert trust.read() == OLD
