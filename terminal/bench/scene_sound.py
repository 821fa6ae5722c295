"""The sounds of a scene: spoken by the project's voices, read from files, or computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from hardware.wav import read_audio
from models import engines
from models.base import EAR_RATE_HZ, Samples
from models.evaluation import noise
from models.evaluation.recordings import read, sounds
from models.verbalize import verbalize
from terminal.bench.scene import Echo, Made, Piece
from terminal.speaking import Speaking, pcm16
from terminal.voice_cache import VoiceCache, cache_key

CITIZEN = 10 ** (-26 / 20)
"""Level of a citizen at arm's length, of full scale: what a browser's gain control gives."""
SOUND_AT = 10 ** (-40 / 20)
"""Of a voice's peak: quieter is the silence around what it says."""
SEED = 2026
SAMPLE = "请您带身份证到一楼大厅办理，周一至周五上午九点到十二点都可以办。"
"""What the loudness of the kiosk's own voice is measured by."""
MADE_S = 3.0
CLAPS_PER_S = 40
"""A dozen people."""


class Studio:
    """Makes the pieces of scenes, and keeps what was spoken."""

    def __init__(self, folder: Path, cache: VoiceCache, threads: int = 2) -> None:
        """`folder`: of sounds, which scenes name files in."""
        self._folder = folder
        self._cache = cache
        self._threads = threads

    def sound(self, piece: Piece) -> Samples:
        """float32 16 kHz at the piece's level; what was spoken without silence around it."""
        random = np.random.default_rng(SEED)
        if piece.say:
            audio = self._spoken(piece)
        elif piece.play is not None:
            recorded = read_audio(self._folder / piece.play).astype(np.float32) / 32768.0
            audio = fitted(recorded, piece.seconds)
        elif piece.babble is not None:
            clips = [read(file) for file in sounds(self._folder / piece.babble)]
            length = round((piece.seconds or MADE_S) * EAR_RATE_HZ)
            audio = noise.babble(clips, length, random)
        else:
            audio = made(piece.make or "bang", piece.seconds or MADE_S, random)
        wanted = CITIZEN * 10 ** (piece.level_db / 20)
        scaled: Samples = audio * np.float32(wanted / max(noise.active_level(audio), 1e-9))
        clipped: Samples = np.clip(scaled, -1.0, 1.0).astype(np.float32)
        return clipped

    def room(self, echo: Echo, speaking: Speaking) -> Samples:
        """The way from the kiosk's samples to its microphone, at the echo's level."""
        response = read_audio(self._folder / echo.room).astype(np.float32) / 32768.0
        # The direct sound comes first: a recording of a room may begin long before it.
        response = response[max(0, int(np.abs(response).argmax()) - 16) :]
        own = np.concatenate([_at_ear(each.pcm, each.rate_hz) for each in speaking.sounds(SAMPLE)])
        arrives = np.convolve(own, response)
        gain = CITIZEN * 10 ** (echo.level_db / 20) / noise.active_level(arrives.astype(np.float32))
        late = np.zeros(round(echo.delay_s * EAR_RATE_HZ), np.float32)
        way: Samples = np.concatenate([late, response * np.float32(gain)])
        return way

    def _spoken(self, piece: Piece) -> Samples:
        words = verbalize(piece.say)
        key = cache_key(words, f"kokoro-zh/{piece.voice}", piece.speed)
        pcm = self._cache.get(key)
        if pcm is None:
            voice = engines.voice(f"kokoro-zh/{piece.voice}", threads=self._threads)
            said = voice.say(words, piece.speed)
            pcm = pcm16(soxr.resample(said, voice.sample_rate_hz, EAR_RATE_HZ))
            self._cache.put(key, pcm, EAR_RATE_HZ)
        return trimmed(pcm.astype(np.float32) / 32768.0)


class Room:
    """A loudspeaker, a room, a microphone: samples in, their echo out, frame by frame."""

    def __init__(self, response: Samples) -> None:
        self._size = 1 << (len(response) + 1024).bit_length()
        self._response = np.fft.rfft(response, self._size)
        self._rest = np.zeros(self._size, np.float64)

    def echo(self, played: NDArray[np.int16]) -> Samples:
        """int16 [n] played now -> float32 [n] heard now. A loud loudspeaker distorts a little."""
        level = np.tanh(1.5 * played.astype(np.float64) / 32768.0) / 1.5
        heard = np.fft.irfft(np.fft.rfft(level, self._size) * self._response, self._size)
        self._rest += heard
        now = self._rest[: len(played)].copy()
        self._rest = np.concatenate([self._rest[len(played) :], np.zeros(len(played))])
        return now.astype(np.float32)


def made(kind: Made, seconds: float, random: np.random.Generator) -> Samples:
    """A computed sound, float32 16 kHz, at some level."""
    count = round(seconds * EAR_RATE_HZ)
    match kind:
        case "bang":
            return _with_tail(random.standard_normal(min(count, 4800)), 0.06)
        case "applause":
            whole = np.zeros(count + 4800)
            for at in random.integers(0, count, round(seconds * CLAPS_PER_S)):
                clap = _with_tail(random.standard_normal(1600), 0.008)
                whole[at : at + len(clap)] += clap * random.uniform(0.3, 1.0)
            return whole[:count].astype(np.float32)
        case "music":
            return _music(count)


def _music(count: int) -> Samples:
    """Four chords of five plucked partials each, over and over, a second to the chord."""
    time = np.arange(count) / EAR_RATE_HZ
    chords = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))
    whole = np.zeros(count)
    for number in range(int(time[-1]) + 1):
        inside = (time >= number) & (time < number + 1)
        beat = time[inside] - number
        for tone in chords[number % len(chords)]:
            for partial in range(1, 6):
                wave = np.sin(2 * np.pi * tone * partial * beat) / partial
                whole[inside] += wave * np.exp(-beat * 1.5 * partial)
    return whole.astype(np.float32)


def _with_tail(burst: NDArray[np.float64], decay_s: float) -> Samples:
    time = np.arange(len(burst)) / EAR_RATE_HZ
    return (burst * np.exp(-time / decay_s)).astype(np.float32)


def fitted(audio: Samples, seconds: float | None) -> Samples:
    """Repeated or cut to `seconds`; as it is without."""
    return audio if seconds is None else np.resize(audio, round(seconds * EAR_RATE_HZ))


def trimmed(audio: Samples) -> Samples:
    """From the first sound to the last: the scene's own pauses are the only ones."""
    loud = np.flatnonzero(np.abs(audio) >= SOUND_AT * np.abs(audio).max())
    kept: Samples = audio[loud[0] : loud[-1] + 1]
    return kept


def _at_ear(pcm: NDArray[np.int16], rate_hz: int) -> Samples:
    audio = pcm.astype(np.float32) / 32768.0
    resampled: Samples = soxr.resample(audio, rate_hz, EAR_RATE_HZ)
    return resampled
