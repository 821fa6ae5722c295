"""A real PulseAudio of another user: root is refused, and hears as that user all the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.soundserver import wait_for

pytestmark = pytest.mark.sound

ROOT = Path(__file__).parents[2]
UID = 65534
"""nobody"""
SERVER = """\
.fail
load-module module-native-protocol-unix socket={folder}/pulse/native
load-module module-null-sink sink_name=hall rate=48000 channels=2
"""
LISTEN = """
import asyncio, json, sys
from pathlib import Path
from hardware.portaudio import SOUND
from hardware.sound_process import Account, Lost, Wish, open_line

async def main(folder, uid):
    account = Account(uid, uid, (), folder, Path(folder)) if uid else None
    try:
        async with open_line(Wish("input", "pulse:hall.monitor"), account) as line:
            while (packet := await line.read())[0] != SOUND:
                pass
            return len(packet[1])
    except Lost as lost:
        return str(lost)

print(json.dumps(asyncio.run(main(sys.argv[1], int(sys.argv[2])))))
"""


@dataclass
class Scene:
    """The server, and an interpreter that both users may use."""

    folder: Path
    python: str

    def listen(self, uid: int) -> object:
        """Bytes of the first packet, or why there is none; `uid`: 0 for root as it is."""
        command = [self.python, "-c", LISTEN, str(self.folder), str(uid)]
        environment = surroundings(self.folder)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def surroundings(folder: Path) -> dict[str, str]:
    paths = [str(ROOT), sysconfig.get_path("purelib")]
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": ":".join(paths),
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
    }


def common_python() -> str:
    """One that finds PortAudio for the other user, too: a developer's may lie in root's home."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, shutil.which(version, path="/usr/bin")):
        if python is not None:
            try:
                done = subprocess.run(
                    [python, "-c", "import sounddevice, hardware.portaudio"],
                    user=UID,
                    group=UID,
                    extra_groups=[],
                    cwd="/",
                    env=surroundings(Path("/")),
                    capture_output=True,
                    check=False,
                )
            except PermissionError:
                continue
            if done.returncode == 0:
                return python
    pytest.skip("no interpreter that another user may use")


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    if os.geteuid() != 0:
        pytest.skip("needs root: a server of another user's")
    python = common_python()
    folder = Path(tempfile.mkdtemp(prefix="kiosk-sound-", dir="/tmp"))
    (folder / "pulse").mkdir()
    (folder / "script.pa").write_text(SERVER.format(folder=folder))
    for each in (folder, folder / "pulse", folder / "script.pa"):
        os.chown(each, UID, UID)
    (folder / "pulse").chmod(0o700)
    arguments = "-n --daemonize=no --exit-idle-time=-1 --use-pid-file=no --disable-shm=yes -F"
    silent = subprocess.DEVNULL
    daemon = subprocess.Popen(
        ["pulseaudio", *arguments.split(), str(folder / "script.pa")],
        user=UID,
        group=UID,
        extra_groups=[],
        cwd="/",
        env=surroundings(folder),
        stdout=silent,
        stderr=silent,
    )
    try:
        wait_for((folder / "pulse/native").exists, "PulseAudio")
        yield Scene(folder, python)
    finally:
        daemon.kill()
        daemon.wait()
        shutil.rmtree(folder)


def test_root_alone_is_refused(scene: Scene) -> None:
    said = scene.listen(0)
    assert isinstance(said, str), f"root heard {said} bytes: no account is needed any more"


def test_root_hears_as_the_user_whose_server_it_is(scene: Scene) -> None:
    heard = scene.listen(UID)
    assert isinstance(heard, int), heard
    assert heard > 1000
