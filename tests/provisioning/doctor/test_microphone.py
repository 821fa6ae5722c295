"""What samples say of a microphone, and a real one of a sound server."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from numpy.typing import NDArray

from hardware.sound_process import Lost, Wish
from provisioning.doctor import microphone
from terminal.config import AudioSettings

RATE_HZ = 16_000
SECONDS = 3


def noise(dbfs: float, channels: int = 1) -> NDArray[np.float64]:
    random = np.random.default_rng(1)
    return random.normal(0, 10 ** (dbfs / 20), (SECONDS * RATE_HZ, channels))


def tone(hz: float, amplitude: float) -> NDArray[np.float64]:
    at = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    wave: NDArray[np.float64] = amplitude * np.sin(2 * np.pi * hz * at)[:, None]
    return wave


def pcm(sound: NDArray[np.float64]) -> NDArray[np.int16]:
    return np.clip(np.round(sound * 32768), -32768, 32767).astype(np.int16)


def verdicts(sound: NDArray[np.float64], channel: int = 0) -> dict[str, str]:
    rows = microphone.judge(microphone.measure(pcm(sound), RATE_HZ), channel)
    return {row.id.removeprefix("microphone."): row.verdict for row in rows}


WELL = {"channels": "ok", "level": "ok", "clipping": "ok", "offset": "ok", "hum": "ok"}


def test_a_quiet_hall_is_well_and_its_level_is_right() -> None:
    assert verdicts(noise(-60)) == WELL
    found = microphone.measure(pcm(noise(-60)), RATE_HZ)
    assert found.level_dbfs == pytest.approx(-60, abs=0.2)
    assert found.floor_dbfs == pytest.approx(-60, abs=1)


def test_somebody_who_speaks_does_not_raise_the_floor() -> None:
    sound = noise(-65)
    sound[RATE_HZ : 2 * RATE_HZ] += tone(300, 0.2)[:RATE_HZ]
    found = microphone.measure(pcm(sound), RATE_HZ)
    assert found.floor_dbfs == pytest.approx(-65, abs=1)
    assert found.level_dbfs > -25
    assert verdicts(sound) == WELL


@pytest.mark.parametrize(
    ("sound", "which"),
    [
        (noise(-30), "level"),
        (noise(-92), "level"),
        (np.clip(noise(-50) + tone(440, 3.0), -1, 1), "clipping"),
        (noise(-60) + 0.05, "offset"),
        (noise(-60) + tone(50, 0.008), "hum"),
        (noise(-60) + tone(100, 0.006) + tone(150, 0.006), "hum"),
    ],
)
def test_each_trouble_is_told(sound: NDArray[np.float64], which: str) -> None:
    found = verdicts(sound)
    assert found[which] == "warn"
    loud = {"level": "warn"} if which == "clipping" else {}
    assert found == {**WELL, **loud, which: "warn"}


def test_a_voice_at_a_harmonic_of_the_mains_is_no_hum_when_other_sound_is_louder() -> None:
    sound = noise(-30) + tone(200, 0.01)
    assert microphone.measure(pcm(sound), RATE_HZ).hum_dbfs == pytest.approx(-43, abs=1)
    assert verdicts(sound)["hum"] == "ok"


def test_zeros_are_a_dead_microphone_and_nothing_else_is_said_of_it() -> None:
    assert verdicts(np.zeros((SECONDS * RATE_HZ, 2))) == {"channels": "fail"}


def test_a_dead_channel_matters_by_its_use() -> None:
    sound = noise(-60, 2)
    sound[:, 1] = 0
    assert [verdicts(sound, channel)["channels"] for channel in (0, 1, 2)] == [
        "warn",
        "note",
        "fail",
    ]
    assert verdicts(sound) == {**WELL, "channels": "warn"}


def test_a_microphone_that_the_kiosk_holds_is_never_called_broken() -> None:
    def judged(**part: object) -> str:
        return microphone.judge_running({"microphone": part}).verdict

    assert judged(state="on", level_dbfs=-55.0, clips=False) == "ok"
    assert judged(state="on", level_dbfs=-3.0, clips=True) == "warn"
    assert judged(state="on") == "note"
    assert judged(state="lost", level_dbfs=-55.0) == "note"
    assert microphone.judge_running({}).verdict == "note"


def test_missing_and_busy_are_told_apart() -> None:
    missing = microphone.judge_lost(Lost("no input device called 'x'", missing=True))
    busy = microphone.judge_lost(Lost("Device unavailable"))
    assert (missing.verdict, busy.verdict) == ("fail", "fail")
    assert "插好" in missing.mend
    assert "占用" in busy.mend


def test_the_canceller_is_passed_by() -> None:
    assert microphone.wish(AudioSettings(microphone="pulse:kiosk_source")).name == "default"
    own = microphone.wish(AudioSettings(microphone="pulse:array", channel=2))
    assert own == Wish("input", "pulse:array", 2)


@pytest.mark.sound
@pytest.mark.usefixtures("server")
def test_a_real_one_is_measured() -> None:
    heard, rate_hz = asyncio.run(microphone.listen(Wish("input", "pulse:kiosk_ear"), 1.0))
    found = microphone.measure(heard, rate_hz)
    assert len(heard) == rate_hz
    assert not found.dead
    assert found.floor_dbfs == pytest.approx(-65, abs=6)


@pytest.mark.sound
@pytest.mark.usefixtures("server")
def test_a_real_one_that_is_switched_off_is_dead() -> None:
    heard, rate_hz = asyncio.run(microphone.listen(Wish("input", "pulse:hall.monitor"), 0.5))
    (row,) = microphone.judge(microphone.measure(heard, rate_hz))
    assert (row.id, row.verdict) == ("microphone.channels", "fail")
