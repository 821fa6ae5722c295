"""Programs that end with the one that started them."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from terminal.children import Child
from terminal.errors import KioskError
from terminal.ports import answers, free_port, is_free
from tests.terminal.mqtt_client import until

STUBBORN = "import signal, time; signal.signal(15, lambda *_: print('no', flush=True)); "
WAITS = "print('up', flush=True); time.sleep(60)"


def child(tmp_path: Path, code: str) -> Child:
    return Child("the child", [sys.executable, "-c", code], tmp_path / "log.txt")


def test_what_it_says_is_in_its_log(tmp_path: Path) -> None:
    ended = child(tmp_path, "print('one'); print('two'); print()")
    until(lambda: not ended.is_running)
    assert ended.last_line() == "two"
    with pytest.raises(KioskError, match=r"the child ended: two \(see .*log.txt\)"):
        ended.check()
    ended.stop()


def test_last_line_is_of_this_start(tmp_path: Path) -> None:
    first = child(tmp_path, "print('of the first')")
    until(lambda: not first.is_running)
    first.stop()
    second = child(tmp_path, "pass")
    until(lambda: not second.is_running)
    second.stop()
    assert second.last_line() == "it said nothing"


def test_stop_makes_a_stubborn_one_end(tmp_path: Path) -> None:
    stubborn = child(tmp_path, STUBBORN + WAITS)
    until(lambda: stubborn.last_line() == "up")
    stubborn.check()
    began = time.monotonic()
    stubborn.stop(wait_s=0.3)
    assert not stubborn.is_running
    assert time.monotonic() - began < 5
    assert stubborn.last_line() == "no"


def test_kill_takes_its_own_children_too(tmp_path: Path) -> None:
    port = free_port()
    server = f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); time.sleep(60)"
    parent = child(
        tmp_path,
        f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {server!r}]); "
        "time.sleep(60)",
    )
    until(lambda: answers(port))
    assert not is_free(port)
    parent.kill()
    until(lambda: not answers(port))
