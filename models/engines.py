"""The one place where a name in the settings becomes an engine.

Every engine takes its model pack from the cache (`models.fetch.locate`). Another recogniser or
voice of a kind that is here is one name more; another kind is one `if` more.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fleet.errors import KioskError
from models.base import (
    Encoder,
    FaceDetector,
    Recognizer,
    Vad,
    Voice,
    WakeDetector,
    WakeJudge,
)
from models.catalog import builtin
from models.fetch import locate

RECOGNIZERS = ("whisper-hall", "whisper-base", "vosk-small-cn", "vosk-ko")
SPEAKERS = ("zf_xiaoxiao", "zf_xiaobei", "zf_xiaoni", "zm_yunjian", "zm_yunxi", "zm_yunyang")
KEPT_SPEAKERS = ("zf_xiaoyi", "zm_yunxia")
"""For benches alone: nothing is trained or tuned on them, and no kiosk speaks with them."""
ENGLISH_SPEAKERS = ("af_heart",)
VOICES = (
    *(f"kokoro-zh/{speaker}" for speaker in SPEAKERS),
    *(f"kokoro-en/{speaker}" for speaker in ENGLISH_SPEAKERS),
    "piper-zh-huayan",
    "piper-en-joe",
)
VADS = ("silero-vad",)
ENCODERS = ("use-m3",)
FACE_DETECTORS = ("face",)


def recognizer(name: str, threads: int = 2) -> Recognizer:
    """Load the recogniser `name`. Vosk uses one thread, whatever `threads` says."""
    if name == "whisper-hall":
        from models.adapter import TAIL_S, adapted
        from models.whisper import WhisperRecognizer

        return WhisperRecognizer(adapted(locate("whisper-base")), threads, tail_s=TAIL_S)
    if name == "whisper-base":
        from models.whisper import WhisperRecognizer

        return WhisperRecognizer(locate("whisper-base"), threads)
    if name == "vosk-small-cn":
        from models.vosk_apart import VoskApart

        return VoskApart(locate("vosk-small-cn"), language="zh")
    if name == "vosk-ko":
        from models.vosk_apart import VoskApart

        return VoskApart(locate("vosk-ko"), language="ko")
    raise _unknown("recogniser", name, RECOGNIZERS)


def voice(name: str, threads: int = 2) -> Voice:
    """Load the voice `name`: `kokoro-zh/SPEAKER`, `kokoro-en/SPEAKER` or a Piper pack."""
    if name not in VOICES:
        raise _unknown("voice", name, VOICES)
    pack, _, speaker = name.partition("/")
    if pack in ("kokoro-zh", "kokoro-en"):
        from models.kokoro import KokoroVoice

        return KokoroVoice(locate("kokoro-zh"), speaker, threads, speakers=locate(pack))
    from models.piper import PiperVoice

    return PiperVoice(locate(pack), threads)


def citizen(speaker: str, threads: int = 2) -> Voice:
    """Load a Mandarin speaker for a bench: one of the kiosk's, or one that is kept for benches."""
    if speaker not in KEPT_SPEAKERS:
        return voice(f"kokoro-zh/{speaker}", threads)
    from models.kokoro import KokoroVoice

    kept = locate("kokoro-eval-voices")
    return KokoroVoice(locate("kokoro-zh"), speaker, threads, speakers=kept)


def voice_speaks(name: str, language: str) -> bool:
    """Whether the voice `name` is one of `language` (ISO 639-1), by the catalogue."""
    return name in VOICES and language in builtin().pack(name.partition("/")[0]).languages


def vad(name: str) -> Vad:
    """Load the detector of speech `name`."""
    if name == "silero-vad":
        from models.silero import SileroVad

        return SileroVad(locate("silero-vad"))
    raise _unknown("VAD", name, VADS)


def encoder(name: str, threads: int = 1) -> Encoder:
    """Load the encoder of meaning `name`."""
    if name == "use-m3":
        from models.use_m3 import UseM3

        return UseM3(locate("use-m3"), threads)
    raise _unknown("encoder", name, ENCODERS)


def face_detector(name: str) -> FaceDetector:
    """Load the detector of faces `name`. It uses one thread."""
    if name == "face":
        from models.blazeface import BlazeFace

        return BlazeFace(locate("face"))
    raise _unknown("face detector", name, FACE_DETECTORS)


def wake_detector(phrase: str, folder: Path) -> WakeDetector:
    """Load the detector of `phrase`, Chinese characters, from `folder`. It uses one thread."""
    from models.speech_embedding import SpeechEmbedding
    from models.wake import WakeWord

    found = WakeWord(SpeechEmbedding(locate("speech-embedding")), folder / "wake.onnx")
    if found.phrase != phrase:
        raise KioskError(
            "input",
            f"wake.phrase: {folder / 'wake.onnx'} hears {found.phrase!r}, not {phrase!r}; "
            f"run: kiosk models train wake --phrase {phrase} --out FOLDER, and give wake.models",
        )
    return found


def wake_judge(recognizer: Recognizer, folder: Path) -> WakeJudge | None:
    """The check of what the detector found; None with a recogniser that has no such states."""
    from models.wake_check import WakeCheck
    from models.whisper import WhisperRecognizer

    if not isinstance(recognizer, WhisperRecognizer):
        return None
    return WakeCheck(recognizer, folder / "wake_check.onnx")


def _unknown(kind: str, name: str, known: Sequence[str]) -> KioskError:
    return KioskError("input", f"no {kind} {name!r}; choose one of: {', '.join(known)}")
