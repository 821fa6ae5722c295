"""`kiosk run --profile` on real PortAudio devices: heard, answered aloud, and not to be killed.

The devices are PulseAudio's, virtual; everything between them and the models is as in a hall.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from models.base import Recognizer
from tests.soundserver import SoundServer, wait_for

pytestmark = [pytest.mark.sound, pytest.mark.models]

ROOT = Path(__file__).parents[1]
QUESTION = ROOT / "terminal/bench/questions/gov-11.flac"
"""手机快没电了，有地方充吗"""
READY_S, ANSWER_S = 240, 120
"""Generous: machines that test are busy."""
NOTICED_S = 3.0
CONFIG = """
[audio]
microphone = "pulse:kiosk_ear"
speaker = "pulse:hall"
[turn]
echo_canceller = "adaptive"
[presence]
camera = "off"
[devices]
lamp = "led:none-here"
[voice_cache]
prepare = false
"""


class Kiosk:
    """The process, its trace, and its health."""

    def __init__(self, folder: Path, environment: dict[str, str], config: str = CONFIG) -> None:
        self._out, self._log = folder / "stdout.txt", folder / "stderr.txt"
        (folder / "hall.toml").write_text(config, "utf-8")
        command = "-m terminal.cli run --port 0 --profile x86 --trace --config".split()
        with self._out.open("w") as out, self._log.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, *command, str(folder / "hall.toml")],
                stdout=out,
                stderr=errors,
                cwd=ROOT,
                env=environment,
            )

    def wait_until_ready(self) -> None:
        wait_for(
            lambda: "ready in" in self.log or self.process.poll() is not None, "ready", READY_S
        )
        found = re.search(r"open (http://\S+)", self.log)
        assert found, self.log
        self.address = found[1]
        wait_for(lambda: self.states() == ("on", "on"), "the devices")

    @property
    def trace(self) -> str:
        return self._out.read_text("utf-8")

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8")

    def health(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.address}health", timeout=10) as answer:
            report: dict[str, Any] = json.load(answer)
            return report

    def states(self) -> tuple[str, str]:
        health = self.health()
        return health["microphone"]["state"], health["speaker"]["state"]

    def count(self, event: str) -> int:
        return len(re.findall(rf"^ *[\d.]+  {event}\(", self.trace, re.MULTILINE))

    def wait_for(self, event: str, times: int) -> None:
        wait_for(lambda: self.count(event) >= times, f"{event} in\n{self.trace[-2000:]}", ANSWER_S)

    def end(self) -> None:
        self.process.terminate()
        assert self.process.wait(60) == 0, self.log


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    server = SoundServer(tmp_path_factory.mktemp("pulse"))
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="module")
def kiosk(server: SoundServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kiosk]:
    kiosk = Kiosk(tmp_path_factory.mktemp("kiosk"), server.environment)
    try:
        kiosk.wait_until_ready()
        yield kiosk
    finally:
        kiosk.end()


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pcm, rate_hz = soundfile.read(QUESTION, dtype="int16")
    file = tmp_path_factory.mktemp("question") / "question.wav"
    soundfile.write(file, pcm, rate_hz, subtype="PCM_16")
    return file


def test_a_question_into_the_microphone_is_answered_by_the_loudspeaker(
    kiosk: Kiosk, server: SoundServer, question: Path, whisper: Recognizer, tmp_path: Path
) -> None:
    recording = server.record(tmp_path / "heard.raw")
    finished = kiosk.count("PlaybackFinished")
    server.say(question)
    kiosk.wait_for("PlaybackFinished", finished + 1)
    server.stop(recording)
    pcm = np.fromfile(tmp_path / "heard.raw", "<i2").astype(np.float32) / np.float32(32768)
    loud = np.flatnonzero(np.abs(pcm) > 0.01)
    assert len(loud), "the loudspeaker stayed silent"
    said = whisper.hear(pcm[loud[0] : loud[-1]]).transcript.text
    assert "充电" in said, said


def test_health_knows_the_devices(kiosk: Kiosk) -> None:
    wait_for(lambda: "level_dbfs" in kiosk.health()["microphone"], "a measured second")
    health = kiosk.health()
    assert health["ready"] is True
    assert health["microphone"]["source"] == "pulse:kiosk_ear"
    assert -90 < health["microphone"]["level_dbfs"] < -30
    assert health["microphone"]["clips"] is False
    assert health["camera"]["state"] == "off"
    assert (health["lamp"]["state"], "printer" in health) == ("absent", False)
    assert health["lamp"]["detail"].startswith("没有找到状态灯（led:none-here）")


def test_a_sound_server_that_dies_in_mid_answer_stops_nobody(
    kiosk: Kiosk, server: SoundServer, question: Path
) -> None:
    spoken, finished = kiosk.trace.count("-> Speak("), kiosk.count("PlaybackFinished")
    server.say(question)
    wait_for(lambda: kiosk.trace.count("-> Speak(") > spoken, "an answer", ANSWER_S)
    server.kill()
    took_s = wait_for(lambda: set(kiosk.states()) <= {"lost", "missing"}, "the loss")
    assert took_s < NOTICED_S
    kiosk.wait_for("PlaybackFinished", finished + 1)
    server.start()
    wait_for(lambda: kiosk.states() == ("on", "on"), "the devices again")
    understood = kiosk.count("Understood")
    server.say(question)
    kiosk.wait_for("Understood", understood + 1)
    kiosk.wait_for("PlaybackFinished", finished + 2)
    assert kiosk.process.poll() is None
    assert "Traceback" not in kiosk.log
