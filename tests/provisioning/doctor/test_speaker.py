"""A loudspeaker that is heard: by judgement, and through real virtual devices."""

from __future__ import annotations

import asyncio

import pytest

from hardware.sound_process import Lost, Wish
from provisioning.doctor import speaker
from provisioning.doctor.speaker import Found
from provisioning.doctor.sweep import Path
from terminal.config import AudioSettings
from tests.soundserver import SoundServer

ADDED_MS = 150


def found(
    loss_db: float = 20.0, snr_db: float = 30.0, clear_db: float = 40.0, delay_s: float = 0.12
) -> Found:
    return Found(Path(0.6, loss_db, snr_db, clear_db), delay_s, 0.06, 0.05)


def verdicts(of: Found) -> dict[str, str]:
    return {row.id.removeprefix("speaker."): row.verdict for row in speaker.judge(of)}


def test_judgements() -> None:
    well = {"heard": "ok", "delay": "ok", "loss": "ok"}
    assert verdicts(found()) == well
    assert verdicts(found(delay_s=0.35)) == well
    assert verdicts(found(delay_s=0.37)) == {**well, "delay": "warn"}
    assert verdicts(found(loss_db=-9)) == {**well, "loss": "warn"}
    assert verdicts(found(loss_db=55)) == {**well, "loss": "warn"}
    assert verdicts(found(snr_db=4)) == {**well, "loss": "warn"}
    assert verdicts(found(clear_db=12)) == {"heard": "fail"}


def test_too_loud_and_too_faint_have_different_mends() -> None:
    loud = speaker.judge_loss(found(loss_db=-9).path)
    faint = speaker.judge_loss(found(loss_db=55).path)
    assert "调低" in loud.mend
    assert "调高" in faint.mend


def test_missing_and_busy_are_told_apart() -> None:
    assert "插好" in speaker.judge_lost(Lost("none", missing=True)).mend
    assert "占用" in speaker.judge_lost(Lost("Device unavailable")).mend


def test_the_canceller_is_passed_by() -> None:
    assert speaker.wish(AudioSettings(speaker="pulse:kiosk_sink")).name == "default"
    assert speaker.wish(AudioSettings(speaker="pulse:hall")) == Wish("output", "pulse:hall")


@pytest.fixture(scope="module")
def ways(server: SoundServer) -> dict[str, Found]:
    """Three loudspeakers and their microphones, all at once to save time."""
    for name in ("near", "longer", "far", "deaf"):
        sink = f"sink_name={name} rate=48000 channels=2".split()
        server.pactl("load-module", "module-null-sink", *sink)
    loop = f"source=longer.monitor sink=far latency_msec={ADDED_MS}".split()
    server.pactl("load-module", "module-loopback", *loop)
    pairs = {"near": "near.monitor", "longer": "far.monitor", "deaf": "kiosk_ear"}

    async def all_of_them() -> dict[str, Found]:
        found = await asyncio.gather(
            *(
                speaker.hear(Wish("output", f"pulse:{mouth}"), Wish("input", f"pulse:{ear}"))
                for mouth, ear in pairs.items()
            )
        )
        return dict(zip(pairs, found, strict=True))

    return asyncio.run(all_of_them())


@pytest.mark.sound
def test_a_real_loudspeaker_is_heard_as_loud_as_it_is(ways: dict[str, Found]) -> None:
    near = ways["near"]
    assert near.amplitude == speaker.AMPLITUDES[0]
    assert near.path.loss_db == pytest.approx(0, abs=1)
    assert 0.0 < near.delay_s < 0.4
    assert verdicts(near)["heard"] == "ok"


@pytest.mark.sound
def test_a_longer_way_is_later_by_what_it_is_longer(ways: dict[str, Found]) -> None:
    assert ways["longer"].path.heard
    # The sound server's own buffers grow on a busy machine.
    assert 0.07 < ways["longer"].delay_s - ways["near"].delay_s < 0.35


@pytest.mark.sound
def test_what_the_microphone_does_not_hear_is_tried_louder_and_told(
    ways: dict[str, Found],
) -> None:
    assert ways["deaf"].amplitude == speaker.AMPLITUDES[-1]
    assert verdicts(ways["deaf"]) == {"heard": "fail"}
