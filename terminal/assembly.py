"""Putting a kiosk together from its settings: the one place that loads models."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TypeVar

from fleet.errors import KioskError
from hardware.echo import AdaptiveEchoCanceller, EchoCanceller, NoEchoCanceller
from knowledge import pack as packs
from knowledge import validity
from knowledge.pack import Pack
from models import engines as choose
from models.absent import NoRecognizer, NoVad, NoVoice
from models.base import Encoder, Recognizer, Vad, Voice, WakeDetector, WakeJudge
from models.wake import TRAINED
from terminal.config import Settings, cache_folder
from terminal.dialogue.dialogue import Dialogue
from terminal.endpoint import EndpointSettings
from terminal.lexicon import Lexicon
from terminal.recognizing import Ear
from terminal.runner import Engines, Senses
from terminal.speaking import Speaking
from terminal.voice_cache import VoiceCache
from terminal.waking import WakeSettings

# Hugging Face's tokenizer library would start as many threads as there are cores.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

log = logging.getLogger(__name__)

Loaded = TypeVar("Loaded")


def open_pack(name: str) -> Pack:
    """A pack by name or folder."""
    return packs.load(packs.find(name))


def open_encoder(settings: Settings) -> Encoder:
    """The encoder of meaning alone: all that typed questions need."""
    return choose.encoder(settings.models.encoder, threads=settings.models.threads)


def open_dialogue(settings: Settings, encoder: Encoder) -> Dialogue:
    """The pack's dialogue, by the days of this machine's time zone, which is the hall's."""
    pack = open_pack(settings.pack)
    if validity.has_ended(pack.manifest, date.today()):
        ended = f"ended on {pack.manifest.effective_to} (effective_to, 失效日期)"
        log.warning(
            "%s %s: it gives no answers; roll out or install a newer one", pack.label, ended
        )
    return Dialogue(pack, encoder, kept=cache_folder() / "meaning", today=date.today)


def open_speaking(settings: Settings) -> Speaking:
    """The voices with their cache, and the pack's own words for them."""
    wanted = settings.models
    cache = settings.voice_cache
    folder = cache.folder or cache_folder() / "voice"
    voice = choose.voice(wanted.voice, threads=wanted.threads)
    kept = VoiceCache(folder, cache.limit_mb * 1_000_000)
    lexicon = Lexicon(open_pack(settings.pack).lexicon)
    return Speaking(voice, kept, lexicon, _english_voice(settings, voice))


def _english_voice(settings: Settings, voice: Voice) -> Voice | None:
    """The voice for English answers; a hall without one shows them only."""
    wanted = settings.models
    if choose.voice_speaks(wanted.voice, "en"):
        return voice
    if not wanted.english_voice:
        return None
    try:
        return choose.voice(wanted.english_voice, threads=wanted.threads)
    except KioskError as error:
        if error.code != "missing":
            raise
        log.warning("English answers are shown, not spoken: %s", error.message)
        return None


def open_engines(settings: Settings) -> Engines:
    """Everything, loaded and primed. Models load side by side: start is 2-3 s sooner."""
    wanted = settings.models
    with ThreadPoolExecutor(2) as pool:
        recognizer = pool.submit(choose.recognizer, wanted.recognizer, threads=wanted.threads)
        speaking = pool.submit(open_speaking, settings)
        encoder = open_encoder(settings)
        dialogue = open_dialogue(settings, encoder)
        vad = choose.vad(wanted.vad)
        detector = open_detector(settings)
        check = open_check(settings, recognizer.result())
        phrase = settings.wake.phrase
        ear = Ear(recognizer.result(), dialogue.terms, dialogue.nearest, phrase, check)
        return Engines(vad, ear, dialogue, speaking.result(), detector, encoder)


def open_bare_engines(settings: Settings) -> Engines:
    """For a safe start: only the pack and its encoder must load."""
    wanted, threads = settings.models, settings.models.threads
    encoder = open_encoder(settings)
    dialogue = open_dialogue(settings, encoder)
    deaf: Vad = NoVad()
    vad = _else(lambda: choose.vad(wanted.vad), deaf)
    dull: Recognizer = NoRecognizer()
    recognizer = _else(lambda: choose.recognizer(wanted.recognizer, threads=threads), dull)
    if recognizer is dull:
        vad = deaf
    speaking = _else(lambda: open_speaking(settings), Speaking(NoVoice()))
    ear = Ear(recognizer, dialogue.terms, dialogue.nearest)
    return Engines(vad, ear, dialogue, speaking, None, encoder)


def _else(load: Callable[[], Loaded], instead: Loaded) -> Loaded:
    try:
        return load()
    except Exception as error:  # noqa: BLE001 - whatever it is, typing goes on
        log.error("safe mode goes on without it: %s", error)
        return instead


class Loading:
    """Loads what the settings name: all of it at the start, one stage's share when it hung."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def engines(self) -> Engines:
        """All."""
        return open_engines(self._settings)

    def bare_engines(self) -> Engines:
        """What typed questions need, and ears and voice as far as they load."""
        return open_bare_engines(self._settings)

    def senses(self, *, system_echo: bool) -> Senses:
        """New ears."""
        canceller = open_canceller(self._settings, system_echo=system_echo)
        vad = choose.vad(self._settings.models.vad)
        return Senses(vad, canceller, open_detector(self._settings))

    def renew_ear(self, ear: Ear) -> None:
        """A new recogniser for it."""
        wanted = self._settings.models
        recognizer = choose.recognizer(wanted.recognizer, threads=wanted.threads)
        ear.renew(recognizer, open_check(self._settings, recognizer))

    def renew_voices(self, speaking: Speaking) -> None:
        """New voices for it."""
        wanted = self._settings.models
        voice = choose.voice(wanted.voice, threads=wanted.threads)
        speaking.renew(voice, _english_voice(self._settings, voice))


def open_detector(settings: Settings) -> WakeDetector | None:
    """The detector of the phrase, where the kiosk can be called."""
    if settings.attention.policy not in ("wake_word", "both"):
        return None
    return choose.wake_detector(settings.wake.phrase, wake_folder(settings))


def open_check(settings: Settings, recognizer: Recognizer) -> WakeJudge | None:
    """What judges the detector's finds, where the kiosk can be called."""
    if settings.attention.policy not in ("wake_word", "both"):
        return None
    return choose.wake_judge(recognizer, wake_folder(settings))


def wake_folder(settings: Settings) -> Path:
    """Where the phrase's models lie."""
    return settings.wake.models or TRAINED


def wake_settings(settings: Settings) -> WakeSettings:
    """From the [wake] section."""
    wake = settings.wake
    return WakeSettings(wake.phrase, wake.candidate, wake.sure)


def endpoint_settings(settings: Settings) -> EndpointSettings:
    """From the [turn] section."""
    turn = settings.turn
    return EndpointSettings(
        pause_s=turn.pause_s,
        end_s=turn.end_s,
        known_end_s=min(turn.known_end_s, turn.end_s),
        unfinished_end_s=max(turn.unfinished_end_s, turn.end_s),
        patient_end_s=max(turn.end_s, turn.elder_end_s),
        longest_s=turn.longest_s,
    )


def open_canceller(settings: Settings, *, system_echo: bool = False) -> EchoCanceller:
    """What takes the kiosk's own voice out of its ears; `system_echo`: something else does."""
    if not settings.turn.barge_in or settings.turn.echo_canceller == "off" or system_echo:
        return NoEchoCanceller()
    try:
        return AdaptiveEchoCanceller()
    except (ImportError, OSError, AttributeError) as error:
        # Its libraries exist for x86-64 and ARM64; elsewhere words alone tell an echo.
        log.warning("no echo canceller on this machine: %s", error)
        return NoEchoCanceller()
