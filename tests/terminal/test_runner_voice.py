"""What the runner does in idle time: answers made ready before they are asked for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from terminal import events as ev
from terminal.dialogue.dialogue import Dialogue
from terminal.manner import ELDER_SPEED
from terminal.recognizing import Ear
from terminal.runner import Engines, Runner
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
from tests.terminal.kiosks import (
    REISSUE,
    Kiosk,
    inline,
    played,
)


def test_answers_are_prepared_while_nobody_is_served(
    light_dialogue: Dialogue, tmp_path_factory: pytest.TempPathFactory
) -> None:
    voice = FakeVoice()
    cache = VoiceCache(tmp_path_factory.mktemp("voice"))
    speaking = Speaking(voice, cache)
    known = list(light_dialogue.answers())

    async def main() -> None:
        runner = Runner(
            Engines(LoudnessVad(), Ear(FakeRecognizer("")), light_dialogue, speaking),
            FakeSpeaker(),
            FakeDisplay(),
            inline(),
        )
        runner.step(ev.Typed(REISSUE))
        preparing = asyncio.create_task(runner.prepare_voice())
        await asyncio.sleep(5)
        assert voice.said == [], "the citizen comes first"
        runner.yields_to = lambda: True
        runner.step(ev.Pressed("home"))
        await asyncio.sleep(5)
        assert voice.said == [], "so does a pack that is tried"
        runner.yields_to = lambda: False
        await preparing
        await runner.close()

    run(main())
    assert speaking.missing(known) == []
    assert speaking.missing(known, ELDER_SPEED) == []
    speeds = [speed for _, speed in voice.said]
    assert speeds == sorted(speeds, reverse=True), "the usual voice first"


def test_elder_modes_voice_pushes_no_usual_answer_out(
    light_dialogue: Dialogue, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("voice")

    def prepared(limit_bytes: int) -> Speaking:
        speaking = Speaking(FakeVoice(), VoiceCache(folder, limit_bytes))

        async def main() -> None:
            runner = Runner(
                Engines(LoudnessVad(), Ear(FakeRecognizer("")), light_dialogue, speaking),
                FakeSpeaker(),
                FakeDisplay(),
                inline(),
            )
            await runner.prepare_voice()
            await runner.close()

        run(main())
        return speaking

    known = list(light_dialogue.answers())
    first = Speaking(FakeVoice(), VoiceCache(folder))
    for clause in first.missing(known):
        first.prepare(clause)
    usual_bytes = sum(file.stat().st_size for file in folder.iterdir())
    speaking = prepared(int(usual_bytes * 1.3))
    assert speaking.missing(known) == []
    slower = speaking.missing(known, ELDER_SPEED)
    assert 0 < len(slower) < len(first.missing(known, 0.5)), "some fit, not all"


def test_elder_mode_is_heard_patiently_and_spoken_slowly(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.enter()
        await asyncio.sleep(10)
        usual = len(kiosk.voice.said)
        kiosk.runner.post(ev.Pressed("elder"))
        await asyncio.sleep(20)
        assert {speed for _, speed in kiosk.voice.said[usual:]} == {ELDER_SPEED}
        await kiosk.hear(frames((0.3, QUIET), (0.6, LOUD), (0.9, QUIET), (0.6, LOUD), (1.5, QUIET)))
        await asyncio.sleep(20)

    kiosk = played(light_dialogue, story)
    assert kiosk.shown(ev.ShowMode) == [ev.ShowMode(elder=True)] * 2
    assert len(kiosk.seen(ev.SpeechEnded)) == 1, "a pause for thought ends no turn"
    assert kiosk.turns[-1].timing.endpoint == pytest.approx(1100)


def test_a_clause_that_cannot_be_prepared_does_not_end_the_kiosk(
    light_dialogue: Dialogue,
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Choosy(FakeVoice):
        def say(self, text: str, speed: float = 1.0) -> Any:
            if "医保" in text:
                raise RuntimeError("cannot say that")
            return super().say(text, speed)

    speaking = Speaking(Choosy(), VoiceCache(tmp_path_factory.mktemp("voice")))

    async def main() -> None:
        runner = Runner(
            Engines(LoudnessVad(), Ear(FakeRecognizer("")), light_dialogue, speaking),
            FakeSpeaker(),
            FakeDisplay(),
            inline(),
        )
        await runner.prepare_voice()
        await runner.close()

    run(main())
    missing = speaking.missing(light_dialogue.answers())
    assert missing
    assert all("医保" in clause for clause in missing)
    assert "cannot say that" in caplog.text
