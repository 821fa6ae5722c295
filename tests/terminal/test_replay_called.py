"""An idle kiosk that is called by its phrase, with the real models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from knowledge.pack import Pack
from models import engines as choose
from models.base import Encoder, Recognizer, Vad, Voice
from models.wake import TRAINED
from terminal.dialogue.dialogue import Dialogue
from terminal.recognizing import Ear
from terminal.replay import replay
from terminal.runner import Engines
from terminal.speaking import Speaking
from terminal.waking import PHRASE, WakeSettings
from tests.fakes import FakeVoice

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def engines(whisper: Recognizer, vad: Vad, encoder: Encoder, gov_pack: Pack) -> Engines:
    """The real ears and the real mind; a voice that costs no time."""
    dialogue = Dialogue(gov_pack, encoder)
    check = choose.wake_judge(whisper, TRAINED)
    ear = Ear(whisper, dialogue.terms, dialogue.nearest, PHRASE, check)
    detector = choose.wake_detector(PHRASE, TRAINED)
    return Engines(vad, ear, dialogue, Speaking(FakeVoice()), detector)


def recording(file: Path, voice: Voice, *texts: str) -> Path:
    """The texts in one breath, behind a second of silence."""
    quiet = np.zeros(voice.sample_rate_hz, np.float32)
    sound = np.concatenate([quiet, *(voice.say(text) for text in texts)])
    soundfile.write(file, sound * 0.5, voice.sample_rate_hz)
    return file


def test_a_question_in_one_breath_with_the_phrase_is_answered(
    engines: Engines, kokoro: Voice, tmp_path: Path
) -> None:
    file = recording(tmp_path / "q.wav", kokoro, PHRASE, "社保卡丢了怎么补？")
    played = replay(file, engines, wake=WakeSettings(PHRASE))
    (turn,) = played.turns
    assert turn.reply.answer_id == "gov.social_card.reissue"
    assert any("WakeHeard" in line for line in played.trace)


def test_a_question_to_nobody_is_not(engines: Engines, kokoro: Voice, tmp_path: Path) -> None:
    file = recording(tmp_path / "q.wav", kokoro, "社保卡丢了怎么补？")
    played = replay(file, engines, wake=WakeSettings(PHRASE))
    assert not any("WakeHeard" in line for line in played.trace)
    assert [turn.reply.outcome for turn in played.turns] == ["empty"]


def test_who_only_calls_is_asked_to_speak(engines: Engines, kokoro: Voice, tmp_path: Path) -> None:
    played = replay(
        recording(tmp_path / "q.wav", kokoro, PHRASE), engines, wake=WakeSettings(PHRASE)
    )
    assert any("我在，您请说" in line for line in played.trace)
