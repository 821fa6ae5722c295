"""Recordings through the whole kiosk, first with fakes, then with the real models."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from hardware.base import FRAME_RATE_HZ
from hardware.wav import read_audio, write_wav
from knowledge.pack import Pack
from models.base import Encoder, Recognizer, Samples, Vad, Voice
from models.verbalize import verbalize
from terminal.dialogue.dialogue import Dialogue
from terminal.endpoint import EndpointSettings
from terminal.errors import KioskError
from terminal.recognizing import Ear
from terminal.replay import Replay, replay
from terminal.runner import Engines
from terminal.speaking import Speaking
from tests.fakes import LOUD, QUIET, FakeRecognizer, FakeVoice, LoudnessVad, frames

QUESTIONS = Path(__file__).parents[2] / "terminal/bench/questions"
REISSUE = "社保卡丢了怎么补办"
TIME = re.compile(r"^ *[\d.]+  ", re.MULTILINE)


def recording(file: Path, *pieces: tuple[float, int]) -> Path:
    sound = [frame.pcm for frame in frames(*pieces)]
    soundfile.write(file, np.concatenate(sound), FRAME_RATE_HZ)
    return file


def silence(seconds: float) -> NDArray[np.int16]:
    return np.zeros(int(seconds * FRAME_RATE_HZ), np.int16)


# With fakes


class Fakes:
    """Engines that need no model, and what was heard and said."""

    def __init__(self, dialogue: Dialogue) -> None:
        self.recognizer = FakeRecognizer(REISSUE, "那要多少钱呢", "停", "转人工")
        self.voice = FakeVoice()
        ear = Ear(self.recognizer, dialogue.terms, dialogue.nearest)
        self.engines = Engines(LoudnessVad(), ear, dialogue, Speaking(self.voice))


@pytest.fixture
def fakes(light_dialogue: Dialogue) -> Fakes:
    return Fakes(light_dialogue)


@pytest.fixture
def one_question(tmp_path: Path) -> Path:
    return recording(tmp_path / "one.wav", (0.5, QUIET), (1.0, LOUD), (0.2, QUIET))


def ids(played: Replay) -> list[str | None]:
    return [turn.reply.answer_id for turn in played.turns]


def test_a_recording_is_one_visit(fakes: Fakes, tmp_path: Path) -> None:
    file = recording(tmp_path / "q.wav", *[(0.8, LOUD), (0.8, QUIET)] * 4)
    played = replay(file, fakes.engines)
    assert ids(played) == [
        "gov.social_card.reissue",
        "gov.social_card.reissue",
        "control.stop",
        "control.handoff",
    ]
    assert [turn.reply.aspect for turn in played.turns] == [None, "fee", None, None]
    assert [bool(sounds) for sounds in played.sounds] == [True, True, False, True]


def test_each_recording_is_a_fresh_visit(fakes: Fakes, one_question: Path) -> None:
    assert ids(replay(one_question, fakes.engines)) == ["gov.social_card.reissue"]
    assert ids(replay(one_question, fakes.engines)) != ["gov.social_card.reissue"]


def test_what_was_said_before_is_its_context(fakes: Fakes, one_question: Path) -> None:
    replay(one_question, fakes.engines)
    played = replay(one_question, fakes.engines, context=[REISSUE])
    assert [(turn.reply.answer_id, turn.reply.aspect) for turn in played.turns] == [
        ("gov.social_card.reissue", "fee")
    ]


@pytest.mark.parametrize("end_s", [0.3, 0.6, 1.2, 4.5])
def test_a_patient_endpoint_still_meets_its_end(
    fakes: Fakes, one_question: Path, end_s: float
) -> None:
    played = replay(one_question, fakes.engines, EndpointSettings(end_s=end_s, known_end_s=end_s))
    assert ids(played) == ["gov.social_card.reissue"]
    assert played.turns[0].timing.endpoint == pytest.approx(end_s * 1000)


@pytest.mark.parametrize("pieces", [[(3.0, QUIET)], [(1.0, QUIET), (0.05, LOUD), (1.0, QUIET)]])
def test_without_words_there_is_one_empty_turn(
    fakes: Fakes, tmp_path: Path, pieces: list[tuple[float, int]]
) -> None:
    played = replay(recording(tmp_path / "q.wav", *pieces), fakes.engines)
    assert [turn.reply.outcome for turn in played.turns] == ["empty"]
    assert played.sounds == [[]]


def test_a_stage_that_breaks_is_not_taken_for_silence(fakes: Fakes, one_question: Path) -> None:
    fakes.recognizer.error = RuntimeError("no memory")
    with pytest.raises(KioskError, match="recognizing failed") as caught:
        replay(one_question, fakes.engines)
    assert caught.value.exit_status == 4
    fakes.recognizer.error = None
    fakes.voice.error = RuntimeError("no sound")
    with pytest.raises(KioskError, match="speaking failed"):
        replay(one_question, fakes.engines)


def test_the_trace_is_the_same_every_time_and_holds_no_words(
    light_dialogue: Dialogue, one_question: Path
) -> None:
    first, second = (replay(one_question, Fakes(light_dialogue).engines).trace for _ in range(2))
    assert first == second
    assert any("SpeechStarted" in line for line in first)
    heard = [line for line in first if "WordsHeard" in line or "Understand(" in line]
    assert heard
    assert not any(REISSUE in line for line in heard)


# With the real models

needs_models = pytest.mark.models
QUESTION = QUESTIONS / "gov-04.flac"
"""失业金怎么申请啊: heard right however it is cut."""


@pytest.fixture(scope="module")
def dialogue(encoder: Encoder, gov_pack: Pack) -> Dialogue:
    return Dialogue(gov_pack, encoder)


@pytest.fixture(scope="module")
def engines(whisper: Recognizer, vad: Vad, dialogue: Dialogue) -> Engines:
    """The real ears and the real mind; a voice that costs no time."""
    ear = Ear(whisper, dialogue.terms, dialogue.nearest)
    return Engines(vad, ear, dialogue, Speaking(FakeVoice()))


@pytest.fixture(scope="module")
def once(engines: Engines) -> Replay:
    return replay(QUESTION, engines)


@needs_models
def test_a_spoken_question_is_answered(once: Replay) -> None:
    (turn,) = once.turns
    assert (turn.reply.outcome, turn.reply.answer_id) == ("answered", "gov.unemployment.claim")
    assert "失业金" in turn.reply.heard
    assert turn.reply.confidence > 0.7


@needs_models
def test_a_replay_gives_the_same_trace_again(engines: Engines, once: Replay) -> None:
    assert replay(QUESTION, engines).trace == once.trace


def stereo(pcm: NDArray[np.int16]) -> NDArray[np.int16]:
    return np.stack([pcm, pcm], axis=1)


def unchanged(pcm: NDArray[np.int16]) -> NDArray[np.int16]:
    return pcm


Change = Callable[[NDArray[np.int16]], NDArray[np.int16]]


@needs_models
@pytest.mark.parametrize(
    ("change", "subtype"), [(unchanged, "PCM_16"), (unchanged, "PCM_24"), (stereo, "PCM_16")]
)
def test_the_same_sound_in_another_file_gives_the_same_trace(
    engines: Engines, once: Replay, tmp_path: Path, change: Change, subtype: str
) -> None:
    pcm = change(read_audio(QUESTION))
    audio = pcm.astype(np.float64) / 32768.0
    soundfile.write(tmp_path / "q.wav", audio, FRAME_RATE_HZ, subtype=subtype)
    assert replay(tmp_path / "q.wav", engines).trace == once.trace


@needs_models
@pytest.mark.parametrize("shift", [1, 100, 256, 511])
def test_frames_cut_elsewhere_give_the_same_turn(
    engines: Engines, once: Replay, tmp_path: Path, shift: int
) -> None:
    """Less than a frame of silence in front: every frame now begins at another sample."""
    pcm = np.concatenate([np.zeros(shift, np.int16), read_audio(QUESTION)])
    soundfile.write(tmp_path / "q.wav", pcm, FRAME_RATE_HZ)
    trace = replay(tmp_path / "q.wav", engines).trace
    kinds = [TIME.sub("", line).split("(")[0] for line in trace]
    assert kinds == [TIME.sub("", line).split("(")[0] for line in once.trace]
    answers = [[line for line in each if "ShowReply" in line] for each in (trace, once.trace)]
    assert [re.findall(r"answer_id='[\w.]+'", line) for line in answers[0]] == [
        re.findall(r"answer_id='[\w.]+'", line) for line in answers[1]
    ]


@needs_models
@pytest.mark.parametrize("rate_hz", [8000, 44_100])
def test_a_telephone_or_a_studio_is_understood_too(
    engines: Engines, tmp_path: Path, rate_hz: int
) -> None:
    pcm = read_audio(QUESTION).astype(np.float64) / 32768.0
    soundfile.write(tmp_path / "q.wav", soxr.resample(pcm, FRAME_RATE_HZ, rate_hz), rate_hz)
    assert ids(replay(tmp_path / "q.wav", engines)) == ["gov.unemployment.claim"]


@needs_models
def test_ten_questions_in_one_recording(engines: Engines, tmp_path: Path) -> None:
    manifest = json.loads((QUESTIONS / "manifest.json").read_text("utf-8"))
    asked = [each for each in manifest if each["pack"] == "gov-hall"][:10]
    sound = [part for each in asked for part in (read_audio(QUESTIONS / each["file"]), silence(1))]
    soundfile.write(tmp_path / "ten.wav", np.concatenate(sound), FRAME_RATE_HZ)
    played = replay(tmp_path / "ten.wav", engines)
    assert len(played.turns) == 10
    numbers = [turn.turn for turn in played.turns]
    assert numbers == sorted(set(numbers))
    right = [got == each["answer_id"] for got, each in zip(ids(played), asked, strict=True)]
    assert sum(right) >= 8


@needs_models
def test_the_spoken_answer_heard_again_says_what_it_should(
    whisper: Recognizer,
    plain_whisper: Recognizer,
    vad: Vad,
    kokoro: Voice,
    dialogue: Dialogue,
    tmp_path: Path,
) -> None:
    ear = Ear(whisper, dialogue.terms, dialogue.nearest)
    played = replay(QUESTION, Engines(vad, ear, dialogue, Speaking(kokoro)))
    write_wav(tmp_path / "answer.wav", played.sounds[0])
    audio: Samples = read_audio(tmp_path / "answer.wav").astype(np.float32) / 32768.0
    heard = plain_whisper.hear(audio).transcript.text
    spoken = played.turns[0].reply.spoken
    assert likeness(verbalize(heard), verbalize(spoken)) > 0.75, (heard, spoken)
    assert "失业保险" in heard
    assert "3号窗口" in heard or "三号窗口" in heard


def likeness(one: str, other: str) -> float:
    """Of the characters that are words, 0..1."""
    a, b = (re.sub(r"\W", "", text) for text in (one, other))
    return difflib.SequenceMatcher(None, a, b).ratio()
