"""Audio files as microphone and speaker: any rate, width and number of channels."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from fleet.errors import KioskError
from hardware.base import FRAME_RATE_HZ, FRAME_S, FRAME_SAMPLES, Frame, Sound

BLOCK_SAMPLES = 1 << 18
LONGEST_S = 15 * 60
"""A longer recording is refused rather than filling the memory of a small box."""


def read_audio(file: Path) -> NDArray[np.int16]:
    """16 kHz mono int16 of a WAV or FLAC file: downmixed and resampled as needed."""
    if not file.exists():
        raise KioskError("input", f"{file}: no such file")
    if file.is_dir():
        raise KioskError("input", f"{file}: a folder; give the WAV or FLAC file in it")
    try:
        with soundfile.SoundFile(file) as sound:
            pcm = np.concatenate(list(_pieces(sound)))
    except _TooLong as error:
        minutes = LONGEST_S // 60
        raise KioskError("input", f"{file}: longer than {minutes} minutes; cut it") from error
    except (soundfile.LibsndfileError, OSError, RuntimeError) as error:
        raise KioskError("input", f"{file}: not a readable WAV or FLAC file") from error
    if len(pcm) == 0:
        raise KioskError("input", f"{file}: no audio in it; record it again")
    return pcm


class _TooLong(Exception):
    """More than `LONGEST_S`; counted while reading, for the header of a stream does not say."""


def _pieces(sound: soundfile.SoundFile) -> Iterator[NDArray[np.int16]]:
    """Piece by piece: ten minutes of studio sound would not fit a small box otherwise."""
    resampler = soxr.ResampleStream(sound.samplerate, FRAME_RATE_HZ, 1, dtype="float32")
    count = 0
    while True:
        block = sound.read(BLOCK_SAMPLES // sound.channels, dtype="float32", always_2d=True)
        count += len(block)
        if count / sound.samplerate > LONGEST_S:
            raise _TooLong
        # Float files may hold anything: NaN, infinity, values beyond full scale.
        mono = np.clip(np.nan_to_num(block), -1.0, 1.0).mean(axis=1)
        yield _pcm16(resampler.resample_chunk(mono, last=len(block) == 0))
        if len(block) == 0:
            return


def _pcm16(audio: NDArray[np.float32]) -> NDArray[np.int16]:
    return np.clip(np.round(audio * 32768.0), -32768, 32767).astype(np.int16)


def write_wav(file: Path, sounds: list[Sound]) -> None:
    """All sounds after one another, as one 16-bit mono WAV."""
    rate_hz = sounds[0].rate_hz if sounds else FRAME_RATE_HZ
    pcm = np.concatenate([sound.pcm for sound in sounds]) if sounds else np.zeros(0, np.int16)
    try:
        soundfile.write(file, pcm, rate_hz, format="WAV", subtype="PCM_16")
    except (OSError, soundfile.LibsndfileError) as error:
        raise KioskError("input", f"{file}: cannot be written; is the folder there?") from error


class WavMicrophone:
    """Plays a recording into the kiosk at its own pace, with silence behind it."""

    def __init__(self, pcm: NDArray[np.int16], tail_s: float = 1.0) -> None:
        tail = np.zeros(int(tail_s * FRAME_RATE_HZ), np.int16)
        whole = np.concatenate([pcm, tail])
        count = -(-len(whole) // FRAME_SAMPLES)
        self._pcm = np.pad(whole, (0, count * FRAME_SAMPLES - len(whole)))

    async def frames(self) -> AsyncIterator[Frame]:
        """Frames of 512 samples."""
        for index, pcm in enumerate(self._pcm.reshape(-1, FRAME_SAMPLES)):
            await asyncio.sleep(FRAME_S)
            yield Frame(pcm, (index + 1) * FRAME_S)


class CollectingSpeaker:
    """Keeps what would be heard; takes no time, so that a recording loses no word."""

    def __init__(self) -> None:
        self.sounds: dict[int, list[Sound]] = {}

    async def play(self, turn: int, sound: Sound) -> None:
        """Keep a piece of this turn's answer."""
        self.sounds.setdefault(turn, []).append(sound)

    async def finish(self, turn: int) -> None:
        """Nothing to wait for."""

    async def pause(self) -> None:
        """Nothing is playing."""

    async def resume(self) -> None:
        """Nothing was playing."""

    async def cancel(self) -> None:
        """Nothing is playing."""
