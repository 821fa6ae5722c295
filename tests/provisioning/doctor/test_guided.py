"""Questions to a person: asked at a terminal only, with one key each."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from hardware.sound_process import Lost
from provisioning.doctor import guided
from provisioning.doctor.guided import Answer, Devices, Speech

ROOT = Path(__file__).parents[3]
WELL = Speech(-28.0, -60.0, clips=False)


class Somebody:
    """Answers as told, and remembers what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    def tell(self, line: str) -> None:
        self.asked.append(line)

    def answer(self, question: str) -> Answer:
        self.asked.append(question)
        return self._answers.pop(0)


def devices(*, plays: bool = True, speech: Speech | None = WELL) -> Devices:
    return Devices(lambda: plays, lambda: speech)


def verdicts(person: Somebody | None, of: Devices) -> dict[str, str]:
    return {row.id: row.verdict for row in guided.ask(person, of)}


def test_each_answer_is_a_row() -> None:
    person = Somebody("yes", "no", "skip", "yes")
    assert verdicts(person, devices()) == {
        "guided.sound": "ok",
        "guided.screen": "fail",
        "guided.touch": "note",
        "guided.speech": "ok",
    }
    assert person.asked[0] == "听到声音了吗？"


def test_nobody_listens_before_the_person_is_ready() -> None:
    def never() -> Speech:
        raise AssertionError("listened")

    found = verdicts(Somebody("yes", "yes", "yes", "skip"), Devices(lambda: True, never))
    assert found["guided.speech"] == "note"


def test_a_loudspeaker_in_use_is_sounded_by_the_kiosk() -> None:
    person = Somebody("yes", "yes", "yes", "skip")
    verdicts(person, devices(plays=False))
    assert "点一个问题" in person.asked[0]


def test_lost_devices_are_told_and_the_rest_is_asked() -> None:
    def lost() -> bool:
        raise Lost("gone", missing=True)

    found = verdicts(Somebody("yes", "yes", "skip"), Devices(lost, lambda: None))
    assert found["speaker"] == "fail"
    assert found["guided.touch"] == "ok"


def test_without_a_terminal_nobody_is_asked() -> None:
    assert verdicts(None, devices()) == {"guided": "note"}


@pytest.mark.parametrize(
    ("speech", "verdict"),
    [
        (WELL, "ok"),
        (Speech(-58.0, -62.0, clips=False), "fail"),
        (Speech(-50.0, -75.0, clips=False), "warn"),
        (Speech(-5.0, -50.0, clips=True), "warn"),
        (None, "note"),
    ],
)
def test_speech_is_judged_by_its_level(speech: Speech | None, verdict: str) -> None:
    assert guided.judge_speech(speech).verdict == verdict


def test_a_short_sentence_is_measured() -> None:
    random = np.random.default_rng(3)
    sound = random.normal(0, 0.001, 4 * 16_000)
    sound[16_000:28_000] += random.normal(0, 0.05, 12_000)
    found = guided.measure((sound[:, None] * 32768).astype(np.int16), 16_000)
    assert found.voice_dbfs == pytest.approx(-26, abs=1)
    assert found.floor_dbfs == pytest.approx(-60, abs=1)


def test_a_running_kiosk_is_watched_while_somebody_speaks() -> None:
    levels = iter([-60.0, -58.0, None, -27.0, -30.0, -59.0, -60.0, -61.0])

    def told() -> dict[str, object] | None:
        level = next(levels)
        if level is None:
            return None
        return {"microphone": {"level_dbfs": level, "clips": level == -27.0}}

    waits: list[float] = []
    assert guided.watched(told, waits.append) == Speech(-27.0, -61.0, clips=True)
    assert sum(waits) == guided.SPEAK_S
    assert guided.watched(lambda: None, waits.append) is None


def test_one_key_is_enough_at_a_terminal_and_others_mean_nothing() -> None:
    code = (
        "from provisioning.doctor import guided; p = guided.person(); "
        "print([p.answer('甲') for _ in range(3)])"
    )
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=slave, stdout=subprocess.PIPE, stderr=slave,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        shown = _until(master, b"\xe8\xb7\xb3\xe8\xbf\x87] ")  # …跳过]
        for keys in (b"xJ", b"n", b" "):
            os.write(master, keys)
            if keys != b" ":
                shown += _until(master, b"] ")
        out, _ = process.communicate(timeout=30)
    os.close(slave)
    os.close(master)
    assert out.decode().strip() == "['yes', 'no', 'skip']"
    assert "甲".encode() in shown


def test_the_command_asks_nobody_without_a_terminal() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "terminal.cli", "doctor", "--guided", "--json", "--only", "memory"],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row.get("id") for row in rows] == ["memory", "guided", None]
    assert "听到声音" not in done.stderr


def _until(file: int, wanted: bytes, seconds: float = 30.0) -> bytes:
    shown = b""
    deadline = time.monotonic() + seconds
    while wanted not in shown:
        left_s = deadline - time.monotonic()
        assert left_s > 0, shown
        if select.select([file], [], [], left_s)[0]:
            shown += os.read(file, 1024)
    return shown
