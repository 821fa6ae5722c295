"""Text to sound: normalised, cut into clauses, taken from the cache or made now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from hardware.base import Sound
from models import verbalize_english
from models.base import Samples, Voice
from models.verbalize import verbalize
from terminal.clauses import clauses, is_english
from terminal.lexicon import Lexicon
from terminal.voice_cache import VoiceCache, cache_key

GAP_S = 0.12
"""Silence behind a clause; the voice's own is trimmed away."""
KNEE = 0.8
"""Louder than this is bent, not cut: a raised volume must not crackle."""


class Speaking:
    """Belongs to the speaking thread."""

    def __init__(
        self,
        voice: Voice,
        cache: VoiceCache | None = None,
        lexicon: Lexicon | None = None,
        english: Voice | None = None,
    ) -> None:
        """`english`: for text without Chinese characters; without it, such text is not said."""
        self._voice = voice
        self._cache = cache
        self._lexicon = lexicon or Lexicon()
        self._english = english

    def learn(self, lexicon: Lexicon) -> None:
        """Other words of the trade from now on."""
        self._lexicon = lexicon

    def renew(self, voice: Voice, english: Voice | None) -> None:
        """Speak with these from now on: the ones before hang."""
        self._voice, self._english = voice, english

    @property
    def keeps(self) -> bool:
        """Whether what is made now is kept."""
        return self._cache is not None and self._cache.takes

    @property
    def has_room(self) -> bool:
        """Whether more can be kept without dropping what is there."""
        return self._cache is not None and self._cache.has_room

    def sounds(
        self, text: str, speed: float = 1.0, gain: float = 1.0, pause_s: float = 0.0
    ) -> Iterator[Sound]:
        """Clause by clause, `pause_s` of silence more behind each; stop iterating to cancel."""
        for clause, voice in self._clauses(text):
            pcm = self._clause(clause, voice, speed)
            if len(pcm):
                rate_hz = voice.sample_rate_hz
                louder = amplified(pcm, gain)
                yield Sound(np.pad(louder, (0, round(pause_s * rate_hz))), rate_hz, clause)

    def missing(self, texts: Sequence[str], speed: float = 1.0) -> list[str]:
        """The clauses of `texts` that are not in the cache yet, first things first."""
        if self._cache is None:
            return []
        wanted = dict(pair for text in texts for pair in self._clauses(text))
        return [
            clause
            for clause, voice in wanted.items()
            if self._key(clause, voice, speed) not in self._cache
        ]

    def prepare(self, clause: str, speed: float = 1.0) -> None:
        """Make one clause ready, in idle time."""
        voice = self._voice_for(clause)
        if voice is not None:
            self._clause(clause, voice, speed)

    def _clauses(self, text: str) -> Iterator[tuple[str, Voice]]:
        for clause in clauses(text):
            voice = self._voice_for(clause)
            if voice is not None:
                yield clause, voice

    def _voice_for(self, clause: str) -> Voice | None:
        return self._english if is_english(clause) else self._voice

    def _clause(self, clause: str, voice: Voice, speed: float) -> NDArray[np.int16]:
        key = self._key(clause, voice, speed)
        known = self._cache.get(key) if self._cache else None
        if known is not None:
            return known
        audio = voice.say(self._words(clause), speed)
        pcm = pcm16(np.pad(audio, (0, int(GAP_S * voice.sample_rate_hz))))
        pcm = pcm if len(audio) else pcm[:0]
        if self._cache is not None and len(pcm):
            self._cache.put(key, pcm, voice.sample_rate_hz)
        return pcm

    def _key(self, clause: str, voice: Voice, speed: float) -> str:
        return cache_key(self._words(clause), voice.name, speed)

    def _words(self, clause: str) -> str:
        """What the voice is given; part of the key, so that a mended reading is made anew."""
        said = self._lexicon.said(clause)
        return verbalize_english.verbalize(said) if is_english(clause) else verbalize(said)


def pcm16(audio: Samples) -> NDArray[np.int16]:
    """-1..1 to 16 bits."""
    return (np.clip(audio, -1.0, 1.0) * 32767).astype(np.int16)


def amplified(pcm: NDArray[np.int16], gain: float) -> NDArray[np.int16]:
    """`pcm` times `gain`, bent softly towards full scale above the knee."""
    if gain == 1.0:
        return pcm
    level = pcm.astype(np.float32) / 32768.0 * gain
    over = np.abs(level) > KNEE
    level[over] = np.sign(level[over]) * (
        KNEE + (1 - KNEE) * np.tanh((np.abs(level[over]) - KNEE) / (1 - KNEE))
    )
    return pcm16(level)
