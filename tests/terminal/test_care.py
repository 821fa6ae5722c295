"""A hot machine: what the kiosk leaves out, when it closes, and what it says of it."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from hardware.thermal import Thermal
from terminal import events as ev
from terminal.care import LOOK_S, TOO_HOT, Care
from terminal.config import CareSection
from terminal.dialogue.dialogue import Dialogue
from terminal.events import State
from terminal.recognizing import Ear
from terminal.runner import Engines, Runner
from terminal.session import QUIET_S
from terminal.speaking import Speaking
from terminal.virtual_time import run
from terminal.voice_cache import VoiceCache
from tests.fakes import (
    LOUD,
    QUIET,
    FakeDisplay,
    FakeRecognizer,
    FakeSpeaker,
    FakeVoice,
    LoudnessVad,
    frames,
)
from tests.terminal.kiosks import Kiosk, inline, played

WEAK = Thermal(50.0, frozenset(("under_voltage",)))
BREATH = frames((0.3, QUIET), (1.0, LOUD), (0.4, QUIET), (1.0, LOUD), (1.5, QUIET))
"""A question with a pause in it."""


def looked(care: Care, *celsius: float, begin_s: float = 0.0) -> float:
    """So many looks; the time of the next."""
    for index, each in enumerate(celsius):
        care.see(Thermal(each), begin_s + index * LOOK_S)
    return begin_s + len(celsius) * LOOK_S


def test_nothing_is_made_in_advance_while_it_is_hot(
    light_dialogue: Dialogue, tmp_path: Path
) -> None:
    voice = FakeVoice()
    speaking = Speaking(voice, VoiceCache(tmp_path))

    async def main() -> None:
        ear = Ear(FakeRecognizer(""))
        engines = Engines(LoudnessVad(), ear, light_dialogue, speaking)
        runner = Runner(engines, FakeSpeaker(), FakeDisplay(), inline())
        spared: list[bool] = []
        care = Care(CareSection(), runner, spared.append)
        looked(care, 80.0)
        preparing = asyncio.create_task(runner.prepare_voice())
        await asyncio.sleep(10)
        assert voice.said == []
        looked(care, 60.0, begin_s=10)
        await preparing
        assert voice.said != []
        assert spared == [True, False]
        await runner.close()

    run(main())


@pytest.mark.parametrize(("weak", "passes"), [(False, 2), (True, 1)])
def test_under_a_weak_supply_a_question_is_recognised_once(
    light_dialogue: Dialogue, weak: bool, passes: int
) -> None:
    async def story(kiosk: Kiosk) -> None:
        care = Care(CareSection(), kiosk.runner)
        if weak:
            care.see(WEAK, 0.0)
        await kiosk.hear(BREATH)
        await asyncio.sleep(10)

    kiosk = played(light_dialogue, story)
    assert len(kiosk.turns) == 1
    assert kiosk.turns[0].reply.outcome == "answered"
    assert len(kiosk.recognizer.audio) == passes


def test_too_hot_it_closes_with_the_reason_when_the_visit_is_over(
    light_dialogue: Dialogue, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def story(kiosk: Kiosk) -> None:
        care = Care(CareSection(), kiosk.runner)
        await kiosk.enter()
        then = looked(care, *[90.0] * 14)
        await asyncio.sleep(1)
        assert not kiosk.is_in(State.OUT_OF_SERVICE), "somebody is being served"
        await asyncio.sleep(QUIET_S + 60)
        assert kiosk.is_in(State.OUT_OF_SERVICE)
        assert kiosk.shown(ev.ShowState)[-1].reason == TOO_HOT
        assert care.report() == {
            "level": "too_hot",
            "celsius": 90.0,
            "throttled": [],
            "changes": 2,
        }
        kiosk.runner.post(ev.ServiceChanged(on=True))
        await asyncio.sleep(1)
        assert kiosk.is_in(State.OUT_OF_SERVICE), "nobody's order cools it down"
        looked(care, 80.0, begin_s=then)
        await asyncio.sleep(1)
        assert kiosk.is_in(State.IDLE)
        assert kiosk.shown(ev.ShowState)[-1].reason == ""

    played(light_dialogue, story)
    told = [each.message for each in caplog.records if each.message.startswith("machine")]
    assert told == [
        "machine: normal -> lighter (90 °C)",
        "machine: lighter -> too_hot (90 °C)",
        "machine: too_hot -> light (80 °C)",
    ]


def test_cooled_down_before_the_visit_is_over_it_does_not_close(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        care = Care(CareSection(), kiosk.runner)
        await kiosk.enter()
        looked(care, *[90.0] * 14, 60.0)
        await asyncio.sleep(QUIET_S + 60)
        assert kiosk.is_in(State.IDLE)

    played(light_dialogue, story)


def test_what_the_staff_closed_stays_closed_when_it_is_cool(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        care = Care(CareSection(), kiosk.runner)
        then = looked(care, *[90.0] * 14)
        kiosk.runner.post(ev.ServiceChanged(on=False))
        looked(care, 60.0, begin_s=then)
        await asyncio.sleep(1)
        assert kiosk.is_in(State.OUT_OF_SERVICE)

    played(light_dialogue, story)
