"""The phrase heard by the models that ship: as a stream, over a recording, and with the check."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soxr

from fleet.errors import KioskError
from models import engines
from models.base import EAR_RATE_HZ, FRAME_SAMPLES, Recognizer, Samples, Voice
from models.fetch import locate
from models.speech_embedding import STEP_SAMPLES, WIDTH, SpeechEmbedding
from models.wake import TRAINED, WakeWord
from models.wake_check import WakeCheck

PHRASE = "你好小政"

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def embedding() -> SpeechEmbedding:
    return SpeechEmbedding(locate("speech-embedding"))


@pytest.fixture(scope="module")
def wake_word(embedding: SpeechEmbedding) -> WakeWord:
    return WakeWord(embedding, TRAINED / "wake.onnx")


@pytest.fixture(scope="module")
def check(whisper: Recognizer) -> WakeCheck:
    found = engines.wake_judge(whisper, TRAINED)
    assert isinstance(found, WakeCheck)
    return found


def spoken(voice: Voice, text: str) -> Samples:
    """At 16 kHz, with silence around it."""
    audio = soxr.resample(voice.say(text), voice.sample_rate_hz, EAR_RATE_HZ)
    return np.pad(audio, (8000, 8000)).astype(np.float32) * np.float32(0.5)


def streamed(wake_word: WakeWord, sound: Samples) -> list[float]:
    """The score after each frame."""
    wake_word.reset()
    whole = len(sound) // FRAME_SAMPLES * FRAME_SAMPLES
    return [wake_word.push(frame) for frame in sound[:whole].reshape(-1, FRAME_SAMPLES)]


def test_a_recording_has_a_vector_for_each_step(embedding: SpeechEmbedding) -> None:
    sound = np.random.default_rng(1).normal(0, 0.1, STEP_SAMPLES * 5 + 7).astype(np.float32)
    assert embedding.whole(sound).shape == (5, WIDTH)
    assert embedding.whole(sound[: STEP_SAMPLES - 1]).shape == (0, WIDTH)


def test_a_stream_scores_as_the_whole_recording_does(wake_word: WakeWord, kokoro: Voice) -> None:
    sound = spoken(kokoro, PHRASE)
    as_it_comes = streamed(wake_word, sound)[-1]
    assert as_it_comes == pytest.approx(float(wake_word.whole(sound)[-1]), abs=1e-4)


def test_the_phrase_is_heard_once_it_has_been_said(wake_word: WakeWord, kokoro: Voice) -> None:
    sound = spoken(kokoro, PHRASE)
    scores = streamed(wake_word, sound)
    end = (len(sound) - 8000) / FRAME_SAMPLES
    assert max(scores) > 0.5
    assert max(scores[: int(end / 2)]) < 0.5


@pytest.mark.parametrize("text", ["社保卡丢了怎么补？", "请问几点下班。"])
def test_a_question_is_no_call(wake_word: WakeWord, kokoro: Voice, text: str) -> None:
    assert max(streamed(wake_word, spoken(kokoro, text))) < 0.5


def test_what_was_heard_before_is_forgotten(wake_word: WakeWord, kokoro: Voice) -> None:
    sound = spoken(kokoro, PHRASE)
    assert streamed(wake_word, sound) == streamed(wake_word, sound)


def test_the_check_tells_the_phrase_from_another_name(check: WakeCheck, kokoro: Voice) -> None:
    def odds(text: str) -> float:
        return check.logit(spoken(kokoro, text)[:-5000])

    assert min(odds(text) for text in (PHRASE, "您好小政")) > 0.0
    others = ("你好小王", "您好小王", "你好小陈", "小政你好", "林好小政", "理好小政")
    assert max(odds(text) for text in others) < 0.0


def test_the_check_takes_a_scrap_of_sound(check: WakeCheck) -> None:
    assert check.logit(np.zeros(100, np.float32)) < 0.0


def test_a_phrase_without_a_model_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="kiosk models train wake"):
        engines.wake_detector("你好小安", TRAINED)
    with pytest.raises(KioskError, match="kiosk models train wake"):
        engines.wake_detector(PHRASE, tmp_path)


def test_both_models_fit_into_a_megabyte() -> None:
    files = [TRAINED / name for name in ("wake.onnx", "wake_check.onnx")]
    assert sum(file.stat().st_size for file in files) < 1_000_000
