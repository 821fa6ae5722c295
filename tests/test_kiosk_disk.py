"""`kiosk run` in a process of its own, on a disk that is full, and on one that is read-only."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet.signing import Signer
from tests.kiosk_process import StuckKiosk
from tests.servers import free_port

SETTINGS = """
[screen]
port = 0
[hub]
broker = "127.0.0.1:{port}"
device = "k1"
trust = "{trust}"
"""
QUESTION = "社保卡丢了怎么补办"
Mount = Callable[..., None]


@pytest.fixture
def mount() -> Iterator[Mount]:
    mounted: list[Path] = []

    def mount(where: Path, *arguments: str) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root may mount")
        where.mkdir(exist_ok=True)
        command = ["mount", *arguments, str(where)]
        done = subprocess.run(command, check=False, capture_output=True)
        if done.returncode:
            pytest.skip(f"no mounts here: {done.stderr.decode().strip()}")
        if where not in mounted:
            mounted.append(where)

    yield mount
    for where in reversed(mounted):
        subprocess.run(["umount", "-l", str(where)], check=True)


def full(folder: Path, mount: Mount) -> Path:
    disk = folder / "disk"
    mount(disk, "-t", "tmpfs", "-o", "size=4m", "tmpfs")
    with (disk / "filler").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    return disk


def read_only(folder: Path, mount: Mount) -> Path:
    below, disk = folder / "below", folder / "disk"
    below.mkdir()
    mount(disk, "--bind", str(below))
    mount(disk, "-o", "remount,bind,ro")
    return disk


@pytest.mark.parametrize("trouble", [full, read_only], ids=lambda each: each.__name__)
def test_answers_on_a_disk_that_takes_nothing(
    tmp_path: Path, mount: Mount, trouble: Callable[[Path, Mount], Path]
) -> None:
    disk = trouble(tmp_path, mount)
    trust = tmp_path / "trust"
    trust.mkdir()
    (trust / "root.json").write_text("{}")
    (trust / "keys.json").write_text(
        json.dumps({"one": Signer("one", Ed25519PrivateKey.generate()).public})
    )
    settings = SETTINGS.format(port=free_port(), trust=trust)
    kiosk = StuckKiosk(tmp_path, "hearing", 0, disk=disk, settings=settings)
    with kiosk.manager:
        try:
            for _ in range(3):
                kiosk.type(QUESTION)
                assert kiosk.until_shown("reply")["answer_id"] == "gov.social_card.reissue"
            told = kiosk.health()
            lines = kiosk.log.splitlines()
        finally:
            kiosk.end()
    states = {name: each["state"] for name, each in told["disks"].items()}
    assert states == dict.fromkeys(("cache", "state"), trouble.__name__)
    assert {each["state"] for each in told["stages"].values()} == {"on"}
    assert kiosk.process.returncode == 0
    assert sum("voice cache: cannot write" in line for line in lines) == 1, lines
    assert len(lines) < 20, lines
