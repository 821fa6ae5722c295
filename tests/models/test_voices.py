"""Every voice keeps one contract; what it says is heard by a recogniser."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest
import soxr

from fleet.errors import KioskError
from models import engines, pronounce, pronounce_english
from models.base import EAR_RATE_HZ, Recognizer, Samples, Voice
from models.evaluation.character_errors import edits
from models.kokoro import KokoroVoice
from models.piper import PiperVoice
from models.verbalize_english import verbalize
from models.whisper import WhisperRecognizer

SENTENCES = {
    "kokoro-zh/zf_xiaoxiao": "请带身份证到三号窗口办理",
    "kokoro-en/af_heart": "Please take your ID card to window three.",
    "piper-en-joe": "Please take your ID card to window three.",
}
FIXTURES = {
    "kokoro-zh/zf_xiaoxiao": "kokoro",
    "kokoro-en/af_heart": "heart",
    "piper-en-joe": "piper",
}
ANSWERS = (
    "The toilet is on the first floor, at the end of the east corridor.",
    "Please bring your ID card and go to window 35 on the second floor.",
    "It costs 120 yuan and takes 7 working days.",
    "Opening hours are Monday to Friday, 9 a.m. to 12 noon and 1 p.m. to 5 p.m.",
    "The hotline is 12345. If your passport is lost, report it to the police first.",
)
WORST_WORD_ERRORS = 0.1
"""Three of a hundred words were heard otherwise in 15 such answers, two of them only spelt so."""


@pytest.fixture(scope="session")
def piper() -> Voice:
    pytest.importorskip("piper")
    return engines.voice("piper-en-joe")


@pytest.fixture(scope="session")
def english(models_folder: Path) -> WhisperRecognizer:
    return WhisperRecognizer(models_folder / "whisper-base", languages=("en",))


@pytest.fixture(scope="session", params=SENTENCES)
def voice(request: pytest.FixtureRequest) -> Voice:
    loaded: Voice = request.getfixturevalue(FIXTURES[request.param])
    return loaded


@pytest.fixture(scope="session")
def sentence(voice: Voice) -> str:
    pack = "piper-en-joe" if isinstance(voice, PiperVoice) else voice.name.rpartition("/")[0]
    return SENTENCES[pack]


@pytest.fixture(scope="session")
def said(voice: Voice, sentence: str) -> Samples:
    """The sentence as the voice says it, made once."""
    return voice.say(sentence)


def heard_by(recognizer: Recognizer, voice: Voice, text: str, speed: float = 1.0) -> str:
    audio = soxr.resample(voice.say(text, speed), voice.sample_rate_hz, EAR_RATE_HZ)
    return recognizer.hear(audio.astype(np.float32)).transcript.text


def words(text: str) -> list[str]:
    """As they are said: 9 a.m. and nine AM are one."""
    said = re.sub(r"([ap])\.?m\b\.?", r"\1m", verbalize(text).lower())
    return re.sub(r"[^a-z ]", " ", said).split()


def seconds(voice: Voice, audio: Samples) -> float:
    return len(audio) / voice.sample_rate_hz


@pytest.mark.models
def test_speech_is_audible_and_not_clipped(voice: Voice, said: Samples) -> None:
    audio = said
    assert audio.dtype == np.float32
    assert audio.ndim == 1
    assert 1.5 < seconds(voice, audio) < 5
    assert 0.03 < float(np.sqrt(np.mean(audio**2))) < 0.4
    assert float(np.abs(audio).max()) <= 1


@pytest.mark.models
def test_slower_speech_is_longer(voice: Voice, sentence: str, said: Samples) -> None:
    slow, fast = (seconds(voice, voice.say(sentence, speed)) for speed in (0.8, 1.25))
    plain = seconds(voice, said)
    # Kokoro's pauses do not stretch with its words: 1.25 makes it only a tenth faster.
    assert 1.1 < slow / plain < 1.4
    assert 0.75 < fast / plain < 0.95


@pytest.mark.models
@pytest.mark.parametrize("text", ["", " ", "。", "，……！", "--", "()"])
def test_nothing_to_say_is_no_sound(voice: Voice, text: str) -> None:
    assert len(voice.say(text)) == 0


@pytest.mark.models
def test_the_same_text_sounds_the_same(voice: Voice, sentence: str, said: Samples) -> None:
    voice.say(sentence[: len(sentence) // 2])
    assert np.array_equal(voice.say(sentence), said)


@pytest.mark.models
def test_its_own_sentence_is_sayable(voice: Voice, sentence: str) -> None:
    assert voice.unsayable(sentence) == []


@pytest.mark.models
def test_two_voices_never_share_a_name(kokoro: Voice, heart: Voice, piper: Voice) -> None:
    """Names are part of the voice cache's key."""
    assert kokoro.name == f"kokoro-zh/zf_xiaoxiao/{pronounce.REVISION}"
    assert heart.name == f"kokoro-en/af_heart/{pronounce_english.REVISION}"
    assert piper.name == "piper/en_US-joe-medium"


@pytest.mark.models
@pytest.mark.parametrize("speed", [0.8, 1.0, 1.2])
def test_kokoro_is_understood(kokoro: Voice, whisper: Recognizer, speed: float) -> None:
    heard = heard_by(whisper, kokoro, "社保卡丢了，请带身份证到三号窗口补办。", speed)
    assert "身份证" in heard
    assert re.search(r"[三3]号窗口", heard)


@pytest.mark.models
def test_english_answers_are_understood(heart: Voice, english: Recognizer) -> None:
    errors = length = 0
    for answer in ANSWERS:
        said, heard = words(answer), words(heard_by(english, heart, verbalize(answer)))
        errors += edits(said, heard)
        length += len(said)
    assert errors / length <= WORST_WORD_ERRORS


@pytest.mark.models
def test_kokoros_voices_share_one_model(kokoro: Voice, heart: Voice) -> None:
    """A second copy would cost a kiosk 140 MB."""
    assert isinstance(kokoro, KokoroVoice)
    assert isinstance(heart, KokoroVoice)
    assert kokoro.session is heart.session


@pytest.mark.models
def test_kokoros_english_voice_names_what_it_cannot_say(heart: Voice) -> None:
    assert heart.unsayable("Window three, 号 7") == ["7", "号"]


@pytest.mark.models
def test_piper_is_understood(piper: Voice, english: Recognizer) -> None:
    heard = heard_by(english, piper, "Your new card will be ready within twenty working days.")
    assert "your new card will be ready within" in heard.lower()


@pytest.mark.models
def test_piper_reads_numbers_by_english_rules(piper: Voice, english: Recognizer) -> None:
    heard = heard_by(english, piper, "The fee is 20 yuan. The hall opens at 9:30 in the morning.")
    assert re.search(r"fee is (20|twenty)", heard)
    assert re.search(r"opens at (9.30|nine.thirty) in the morning", heard)


@pytest.mark.models
def test_an_english_voice_cannot_say_chinese(piper: Voice) -> None:
    assert piper.unsayable("Window 3号, A区") == ["区", "号"]


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        ({}, "no Piper voice"),
        ({"a.onnx": ""}, "no Piper voice"),
        ({"a.onnx": "", "a.onnx.json": "{"}, "not a Piper voice's settings"),
        ({"a.onnx": "", "a.onnx.json": "[]"}, "not a Piper voice's settings"),
        ({"a.onnx": "", "a.onnx.json": '{"audio": {}}'}, "not a Piper voice's settings"),
    ],
)
def test_piper_refuses_what_is_no_voice_in_one_line(
    tmp_path: Path, files: dict[str, str], wrong: str
) -> None:
    pytest.importorskip("piper")
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(KioskError, match=wrong) as refused:
        PiperVoice(tmp_path)
    assert refused.value.code == "missing"
    assert "\n" not in refused.value.message


def test_piper_says_what_to_do_when_it_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # How Python itself marks a package that can't be imported.
    monkeypatch.setitem(sys.modules, "piper", None)
    with pytest.raises(KioskError, match=r"pip install 'lobby-kiosk\[piper\]'") as refused:
        PiperVoice(tmp_path)
    assert refused.value.code == "missing"


@pytest.mark.models
def test_piper_refuses_a_voice_that_would_download(tmp_path: Path, models_folder: Path) -> None:
    pytest.importorskip("piper")
    settings = (models_folder / "piper-en-joe/en_US-joe-medium.onnx.json").read_text("utf-8")
    pinyin = settings.replace('"phoneme_type": "espeak"', '"phoneme_type": "pinyin"')
    assert pinyin != settings
    (tmp_path / "a.onnx").touch()
    (tmp_path / "a.onnx.json").write_text(pinyin)
    with pytest.raises(KioskError, match="offline") as refused:
        PiperVoice(tmp_path)
    assert refused.value.code == "input"
