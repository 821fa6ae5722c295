"""The kiosk under test, once for each pack: all of them share one set of models."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models import engines as choose
from models.base import Encoder, Recognizer, Vad, Voice
from terminal import assembly
from terminal.config import Settings
from terminal.dialogue.dialogue import Dialogue
from terminal.recognizing import Ear
from terminal.runner import Engines
from terminal.speaking import Speaking
from terminal.voice_cache import VoiceCache
from terminal.waking import PHRASE


@dataclass(frozen=True, slots=True)
class Halls:
    """Models loaded once, and what was built on them."""

    recognizer: Recognizer
    vad: Vad
    voice: Voice
    dialogues: dict[str, Dialogue]
    """By pack."""

    def ear(self, pack: str) -> Ear:
        """As the kiosk hears in that hall."""
        dialogue = self.dialogues[pack]
        return Ear(self.recognizer, dialogue.terms, dialogue.nearest, PHRASE)

    def engines(self, pack: str, cache: Path) -> Engines:
        """A whole kiosk, with its voice cache in `cache`."""
        speaking = Speaking(self.voice, VoiceCache(cache))
        return Engines(self.vad, self.ear(pack), self.dialogues[pack], speaking)


def open_halls(settings: Settings, packs: Sequence[str], encoder: Encoder | None = None) -> Halls:
    """Load every model once; the encoder, if it is not there already."""
    wanted = settings.models
    encoder = encoder or assembly.open_encoder(settings)
    dialogues = {
        pack: assembly.open_dialogue(settings.model_copy(update={"pack": pack}), encoder)
        for pack in dict.fromkeys(packs)
    }
    return Halls(
        choose.recognizer(wanted.recognizer, threads=wanted.threads),
        choose.vad(wanted.vad),
        choose.voice(wanted.voice, threads=wanted.threads),
        dialogues,
    )


def fresh_cache() -> tempfile.TemporaryDirectory[str]:
    """A voice cache that nobody has filled, gone when it is closed."""
    return tempfile.TemporaryDirectory(prefix="kiosk-bench-")
