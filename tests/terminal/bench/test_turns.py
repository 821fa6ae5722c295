"""Scenes played: with fakes, and the standard ones that need no files with the real models."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import yaml

from hardware.echo import NoEchoCanceller
from terminal.bench.scene import Scene, load
from terminal.bench.scene_sound import Room, Studio, made, trimmed
from terminal.bench.stage import ChargedExecutor
from terminal.bench.turns import SCENES, Bench, Played, line, row
from terminal.config import Settings
from terminal.dialogue.dialogue import Dialogue
from terminal.endpoint import EndpointSettings
from terminal.recognizing import Ear
from terminal.runner import Engines
from terminal.speaking import Speaking
from terminal.virtual_time import run
from terminal.voice_cache import VoiceCache
from tests.fakes import FakeRecognizer, FakeVoice, LoudnessVad

REISSUE = "社保卡丢了怎么补办"


class Theatre:
    """A bench of fakes, and a folder with one recording: a second of sound."""

    def __init__(self, dialogue: Dialogue, folder: Path) -> None:
        self.folder = folder
        self.dialogue = dialogue
        soundfile.write(folder / "speech.wav", np.full(16_000, 0.2), 16_000)

    def play(self, *heard: str, barge_in: bool = True, **scene: Any) -> Played:
        ear = Ear(FakeRecognizer(*heard), self.dialogue.terms, self.dialogue.nearest)
        engines = Engines(LoudnessVad(), ear, self.dialogue, Speaking(FakeVoice()))
        studio = Studio(self.folder, VoiceCache(self.folder / "cache"))
        bench = Bench(
            lambda _pack: engines,
            studio,
            self.folder,
            EndpointSettings(),
            NoEchoCanceller,
            barge_in,
        )
        return bench.play(Scene.model_validate({"about": "x", **scene}))


@pytest.fixture
def theatre(light_dialogue: Dialogue, tmp_path: Path) -> Theatre:
    return Theatre(light_dialogue, tmp_path)


SLOWER = 3
"""How much slower than the bench allows a machine may be: a busy one is no wrong one. How quick
this one is, `kiosk bench turns` tells."""


def unhurried(scene: Scene) -> Scene:
    """The same scene with more time for everything."""
    expect = [
        each.model_copy(update={"within_ms": each.within_ms * SLOWER}) if each.within_ms else each
        for each in scene.expect
    ]
    return scene.model_copy(update={"expect": expect})


SPEECH = {"id": "q", "play": "speech.wav"}
INTO_THE_ANSWER = [{"type": REISSUE}, {"wait": "speaking"}, {"pause": 1.0}, SPEECH]


def test_a_question_is_asked_and_answered(theatre: Theatre) -> None:
    played = theatre.play(
        REISSUE,
        script=[{"pause": 0.5}, SPEECH],
        expect=[
            {"event": "ended", "after": "q", "within_ms": 700, "times": 1},
            {"event": "answered", "id": "gov.social_card.reissue"},
            {"absent": "paused"},
        ],
    )
    assert played.ok, played.failed
    assert 400 < played.after_ms["ended"] < 700
    told = row(played)
    assert told["ok"] is True
    assert {"event": "words", "text": REISSUE}.items() <= next(
        each
        for each in told["events"]  # type: ignore[attr-defined]
        if each["event"] == "words"
    ).items()


def test_what_is_not_as_expected_is_told(theatre: Theatre) -> None:
    played = theatre.play(
        REISSUE,
        script=[{"pause": 0.5}, SPEECH],
        expect=[
            {"event": "ended", "after": "q", "within_ms": 100},
            {"event": "answered", "times": 2},
            {"event": "cancelled"},
            {"absent": "speaking"},
        ],
    )
    assert played.ok is False
    assert [told.split(" ")[0] for told in played.failed] == [
        "ended",
        "answered",
        "no",
        "speaking",
    ]
    assert "FAILED" in line(played)


def test_a_scene_without_its_files_is_not_played(theatre: Theatre) -> None:
    played = theatre.play(script=[{"play": "lion.wav"}], expect=[{"event": "ended"}])
    assert played.ok is None
    assert row(played)["missing"] == ["lion.wav"]
    assert "needs lion.wav" in line(played)


def test_an_interruption_is_timed_from_its_first_sound(theatre: Theatre) -> None:
    played = theatre.play(
        "厕所在哪儿",
        script=INTO_THE_ANSWER,
        expect=[
            {"event": "paused", "from": "q", "within_ms": 200},
            {"event": "cancelled", "from": "q", "within_ms": 500, "times": 1},
            {"event": "answered", "id": "site.toilet"},
        ],
    )
    assert played.ok, played.failed


def test_without_barge_in_nothing_is_heard_in_an_answer(theatre: Theatre) -> None:
    played = theatre.play(
        "厕所在哪儿",
        barge_in=False,
        script=INTO_THE_ANSWER,
        expect=[{"absent": "paused"}, {"event": "finished", "times": 1}],
    )
    assert played.ok, played.failed


def test_a_pause_holds_the_loudspeaker(theatre: Theatre) -> None:
    """Of a cough of a second the answer is longer by what it stood still."""
    quiet = theatre.play(script=INTO_THE_ANSWER[:-1], expect=[{"event": "finished"}])
    cough = theatre.play("哼", script=INTO_THE_ANSWER, expect=[{"event": "resumed"}])
    assert cough.ok, cough.failed
    at = {each.event: each.at_s for each in cough.events}
    finished = next(each.at_s for each in quiet.events if each.event == "finished")
    assert at["finished"] - finished == pytest.approx(at["resumed"] - at["paused"], abs=0.1)


def test_waiting_in_vain_is_a_failure_and_no_hang(theatre: Theatre) -> None:
    played = theatre.play(script=[{"wait": "handoff"}], expect=[{"absent": "started"}])
    assert "waited in vain" in played.failed


def test_elder_mode_begins_before_the_scene(theatre: Theatre) -> None:
    played = theatre.play(
        REISSUE,
        elder=True,
        script=[{"pause": 0.5}, SPEECH, {"pause": 0.9}, {**SPEECH, "id": "r"}],
        expect=[{"event": "ended", "after": "r", "times": 1}, {"event": "answered", "times": 1}],
    )
    assert played.ok, played.failed


def test_an_echo_arrives_late_and_at_its_level() -> None:
    response = np.zeros(1000, np.float32)
    response[100] = 0.5
    room = Room(response)
    frames = [np.zeros(512, np.int16) for _ in range(3)]
    frames[0][:] = 3277
    heard = np.concatenate([room.echo(frame) for frame in frames])
    assert np.abs(heard[:100]).max() < 1e-6
    assert heard[100:612] == pytest.approx(np.full(512, 0.05), rel=0.02)
    assert np.abs(heard[612:]).max() < 1e-6


@pytest.mark.parametrize("kind", ["applause", "music", "bang"])
def test_made_sounds_are_the_same_every_time(kind: Any) -> None:
    one, other = (made(kind, 1.0, np.random.default_rng(1)) for _ in range(2))
    assert (one == other).all()
    assert np.abs(one).max() > 0


def test_silence_around_what_is_said_is_no_part_of_it() -> None:
    spoken = np.concatenate([np.zeros(500), np.full(1000, 0.5), np.zeros(700)]).astype(np.float32)
    assert len(trimmed(spoken)) == 1000


def test_work_takes_its_time_in_virtual_time_too() -> None:
    async def story() -> float:
        loop = asyncio.get_running_loop()
        executor = ChargedExecutor()
        await loop.run_in_executor(executor, lambda: sum(range(2_000_000)))
        assert loop.time() == pytest.approx(executor.spent_s)
        return loop.time()

    assert run(story()) > 0.005


def test_work_that_breaks_breaks_and_work_that_is_dropped_is_dropped() -> None:
    async def story() -> None:
        executor = ChargedExecutor()
        broken = executor.submit(lambda: 1 / 0)
        dropped = executor.submit(lambda: 1)
        assert dropped.cancel()
        await asyncio.sleep(1)
        assert isinstance(broken.exception(), ZeroDivisionError)

    run(story())


# With the real models

WITHOUT_FILES = [
    file
    for file in sorted(SCENES.glob("*.yaml"))
    if not any(key in file.read_text("utf-8") for key in ("echo:", "play:", "babble:"))
]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    from terminal.bench.turns_run import open_bench

    return open_bench(Settings(), ["gov-hall"], tmp_path_factory.mktemp("none"))


@pytest.mark.models
@pytest.mark.parametrize("file", WITHOUT_FILES, ids=lambda file: file.stem)
def test_a_standard_scene_goes_as_it_should(bench: Bench, file: Path) -> None:
    played = bench.play(unhurried(load(file)))
    assert played.ok, (played.failed, row(played))


@pytest.mark.models
@pytest.mark.parametrize("name", ["stop", "new_question", "applause", "bang"])
def test_an_interruption_with_the_real_models_on_headphones(bench: Bench, name: str) -> None:
    data = yaml.safe_load((SCENES / f"{name}.yaml").read_text("utf-8"))
    del data["echo"]
    played = bench.play(unhurried(Scene.model_validate(data)))
    assert played.ok, (played.failed, row(played))
