"""Text to speech by Piper: 30-odd languages, a tenth to a fifth of real time.

Piper is an optional extra because it is GPL-3.0-or-later. It reads numbers by the rules of the
voice's own language, so text in another language than Chinese needs no `models.verbalize`.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from fleet.errors import KioskError
from models.base import Samples
from models.onnx_session import open_session

HAN_VOICES = ("cmn", "zh", "yue", "hak", "ja")
"""espeak-ng voices that read Chinese characters; all others say "Chinese letter"."""


class PiperVoice:
    """Loads in about 1 s; needs 0.15-0.2 of the speech's own length on one x86 core."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        try:
            from piper import PiperConfig, SynthesisConfig
            from piper import PiperVoice as Engine
        except ImportError as error:
            raise KioskError(
                "missing", "Piper is not installed; run: pip install 'lobby-kiosk[piper]'"
            ) from error
        model = _model(folder)
        settings = model.with_name(f"{model.name}.json")
        try:
            self._config = PiperConfig.from_dict(json.loads(settings.read_text("utf-8")))
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise KioskError(
                "missing", f"{settings}: not a Piper voice's settings; run: kiosk models verify"
            ) from error
        if self._config.phoneme_type.value not in ("espeak", "text"):
            # Piper's other phonemizers download models of their own when first used.
            raise KioskError(
                "input",
                f"{model.name} needs Piper's {self._config.phoneme_type.value} phonemizer, which "
                "does not work offline; choose an espeak voice",
            )
        self._engine = Engine(open_session(model, threads), self._config)
        self._new_style = SynthesisConfig
        self.name = f"piper/{model.stem}"
        self.sample_rate_hz = int(self._config.sample_rate)
        self.say("hello")

    def say(self, text: str, speed: float = 1.0) -> Samples:
        """Speak `text`, float32 at `sample_rate_hz`."""
        if not any(char.isalnum() for char in text):
            return np.zeros(0, np.float32)
        # Piper's noise would make the same text sound, and last, differently each time. Whisper
        # understood five English sentences as well without it.
        style = self._new_style(
            length_scale=self._config.length_scale / speed, noise_scale=0.0, noise_w_scale=0.0
        )
        sentences = [chunk.audio_float_array for chunk in self._engine.synthesize(text, style)]
        return np.concatenate([np.zeros(0, np.float32), *sentences])

    def unsayable(self, text: str) -> list[str]:
        """Characters that this voice has no sound for."""
        return sorted({char for char in text if char.isalnum() and not self._says(char)})

    def _says(self, char: str) -> bool:
        if "\u3400" <= char <= "\u9fff" and not self._config.espeak_voice.startswith(HAN_VOICES):
            return False
        phonemes = [sound for sentence in self._engine.phonemize(char) for sound in sentence]
        return bool(phonemes) and all(p in self._config.phoneme_id_map for p in phonemes)


def _model(folder: Path) -> Path:
    for model in sorted(folder.glob("*.onnx")):
        if model.with_name(f"{model.name}.json").is_file():
            return model
    raise KioskError(
        "missing",
        f"{folder}: no Piper voice (NAME.onnx with NAME.onnx.json); run: kiosk models verify",
    )
