"""Running other programs: what they say, and that none outlives this one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from provisioning.bundle import program
from provisioning.bundle.program import ProgramError


def test_what_it_printed() -> None:
    assert program.run(["sh", "-c", "echo $A; echo b >&2"], {"A": "a"}) == "a\nb\n"


def test_a_failure_holds_what_it_printed() -> None:
    with pytest.raises(ProgramError) as caught:
        program.run(["sh", "-c", "echo no; exit 3"])
    assert caught.value.output == "no\n"


def test_a_program_that_there_is_not() -> None:
    with pytest.raises(ProgramError, match="no-such-program does not run"):
        program.run(["no-such-program"])


def test_the_folder_is_followed(tmp_path: Path) -> None:
    seen: list[int] = []
    script = "import sys, time; open(sys.argv[1], 'w').write('x' * 5000); time.sleep(1)"
    program.run([sys.executable, "-c", script, str(tmp_path / "a")], None, tmp_path, seen.append)
    assert seen[-1] == 5000


def test_it_ends_with_this_program(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    command = ["sh", "-c", f"echo $$ > {pid_file}; exec sleep 60"]
    parent = multiprocessing.get_context("fork").Process(target=program.run, args=(command,))
    parent.start()
    deadline = time.monotonic() + 10
    while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    child = psutil.Process(int(pid_file.read_text()))
    assert parent.pid is not None
    os.kill(parent.pid, signal.SIGKILL)
    parent.join()
    _, alive = psutil.wait_procs([child], timeout=5)
    assert not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]
