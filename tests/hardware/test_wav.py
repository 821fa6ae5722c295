"""Audio files as microphone and speaker: whatever a file holds, one clear line or its sound."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from fleet.errors import KioskError
from hardware.base import FRAME_RATE_HZ, FRAME_S, FRAME_SAMPLES, Frame, Sound
from hardware.wav import LONGEST_S, CollectingSpeaker, WavMicrophone, read_audio, write_wav


def tone(
    rate_hz: int = FRAME_RATE_HZ, seconds: float = 1.0, pitch_hz: float = 440
) -> NDArray[np.float64]:
    """Half of full scale."""
    return 0.5 * np.sin(2 * np.pi * pitch_hz * np.arange(int(seconds * rate_hz)) / rate_hz)


def pitch_hz(pcm: NDArray[np.int16]) -> float:
    spectrum = np.abs(np.fft.rfft(pcm))
    return float(np.argmax(spectrum) * FRAME_RATE_HZ / len(pcm))


def refusal(file: Path) -> str:
    """The one line; it names the file and is no traceback."""
    with pytest.raises(KioskError) as caught:
        read_audio(file)
    message = caught.value.message
    assert caught.value.exit_status == 2
    assert str(file) in message
    assert len(message.splitlines()) == 1
    return message


# Handled

FORMATS = {
    "16-bit": (16_000, "WAV", "PCM_16"),
    "8-bit": (16_000, "WAV", "PCM_U8"),
    "24-bit": (16_000, "WAV", "PCM_24"),
    "32-bit": (16_000, "WAV", "PCM_32"),
    "float": (16_000, "WAV", "FLOAT"),
    "double": (16_000, "WAV", "DOUBLE"),
    "A-law": (8_000, "WAV", "ALAW"),
    "8 kHz": (8_000, "WAV", "PCM_16"),
    "11 kHz": (11_025, "WAV", "PCM_16"),
    "44.1 kHz": (44_100, "WAV", "PCM_16"),
    "48 kHz": (48_000, "WAV", "PCM_24"),
    "192 kHz": (192_000, "WAV", "PCM_16"),
    "FLAC": (16_000, "FLAC", "PCM_16"),
    "Ogg": (16_000, "OGG", "VORBIS"),
    "W64": (16_000, "W64", "PCM_16"),
}


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize(("rate_hz", "kind", "width"), FORMATS.values(), ids=FORMATS.keys())
def test_any_width_rate_and_number_of_channels(
    tmp_path: Path, rate_hz: int, kind: str, width: str, channels: int
) -> None:
    file = tmp_path / "question"
    audio = np.repeat(tone(rate_hz)[:, None], channels, axis=1)
    soundfile.write(file, audio, rate_hz, format=kind, subtype=width)
    pcm = read_audio(file)
    assert pcm.dtype == np.int16
    assert len(pcm) == pytest.approx(FRAME_RATE_HZ, abs=2)
    assert pitch_hz(pcm) == pytest.approx(440, abs=2)
    assert np.abs(pcm[1000:-1000]).max() == pytest.approx(16384, rel=0.08)


def test_sixteen_bits_at_sixteen_kilohertz_come_through_unchanged(tmp_path: Path) -> None:
    pcm = np.random.default_rng(1).integers(-32768, 32768, 300_001).astype(np.int16)
    soundfile.write(tmp_path / "q.wav", pcm, FRAME_RATE_HZ)
    np.testing.assert_array_equal(read_audio(tmp_path / "q.wav"), pcm)


def test_stereo_is_mixed_not_cut(tmp_path: Path) -> None:
    both = np.stack([tone(pitch_hz=440), np.zeros(FRAME_RATE_HZ)], axis=1)
    soundfile.write(tmp_path / "q.wav", both, FRAME_RATE_HZ)
    pcm = read_audio(tmp_path / "q.wav")
    assert pitch_hz(pcm) == pytest.approx(440, abs=2)
    assert np.abs(pcm).max() == pytest.approx(8192, rel=0.01)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-44])
@pytest.mark.parametrize("rate_hz", [16_000, 44_100])
@pytest.mark.parametrize("channels", [1, 2])
def test_float_files_may_hold_anything(
    tmp_path: Path, bad: float, rate_hz: int, channels: int
) -> None:
    audio = np.repeat(tone(rate_hz)[:, None], channels, axis=1).astype(np.float32)
    audio[100:110] = bad
    audio[200, 0] = -bad
    soundfile.write(tmp_path / "q.wav", audio, rate_hz, subtype="FLOAT")
    pcm = read_audio(tmp_path / "q.wav")
    assert pitch_hz(pcm) == pytest.approx(440, abs=2)


def test_loud_float_is_clipped_not_wrapped(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "q.wav", tone() * 8, FRAME_RATE_HZ, subtype="FLOAT")
    pcm = read_audio(tmp_path / "q.wav").astype(int)
    assert pcm.max() == 32767
    assert pcm.min() == -32768
    assert (np.abs(np.diff(pcm)) < 40_000).all()


def test_the_name_does_not_matter_but_the_content_does(tmp_path: Path) -> None:
    file = tmp_path / "question.wav"
    soundfile.write(file, tone(), FRAME_RATE_HZ, format="MP3")
    assert file.read_bytes()[:4] != b"RIFF"
    assert pitch_hz(read_audio(file)) == pytest.approx(440, abs=2)


def test_a_truncated_wav_gives_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "q.wav"
    soundfile.write(file, tone(), FRAME_RATE_HZ)
    file.write_bytes(file.read_bytes()[:-FRAME_RATE_HZ])
    pcm = read_audio(file)
    assert len(pcm) == FRAME_RATE_HZ // 2
    assert pitch_hz(pcm) == pytest.approx(440, abs=2)


def test_a_wav_from_a_pipe_has_no_length_in_its_header(tmp_path: Path) -> None:
    file = tmp_path / "q.wav"
    soundfile.write(file, tone(), FRAME_RATE_HZ)
    raw = bytearray(file.read_bytes())
    raw[4:8] = raw[40:44] = b"\xff\xff\xff\xff"
    file.write_bytes(raw)
    assert len(read_audio(file)) == FRAME_RATE_HZ


def test_an_odd_file_name_is_no_trouble(tmp_path: Path) -> None:
    file = tmp_path / "问题 1 [a].wav"
    soundfile.write(file, tone(), FRAME_RATE_HZ)
    assert len(read_audio(file)) == FRAME_RATE_HZ


def long_file(file: Path, seconds: int) -> Path:
    """A sparse file: a header, and silence that takes no room."""
    size = seconds * FRAME_RATE_HZ * 2
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", size + 36, b"WAVE", b"fmt ", 16, 1, 1,
                         FRAME_RATE_HZ, FRAME_RATE_HZ * 2, 2, 16, b"data", size)  # fmt: skip
    with file.open("wb") as out:
        out.write(header)
        out.truncate(len(header) + size)
    return file


def test_ten_minutes_are_read(tmp_path: Path) -> None:
    assert len(read_audio(long_file(tmp_path / "q.wav", 600))) == 600 * FRAME_RATE_HZ


def test_the_longest_is_read_and_a_second_more_refused(tmp_path: Path) -> None:
    assert len(read_audio(long_file(tmp_path / "q.wav", LONGEST_S))) == LONGEST_S * FRAME_RATE_HZ
    message = refusal(long_file(tmp_path / "q.wav", LONGEST_S + 1))
    assert "longer than 15 minutes; cut it" in message


# Refused


def test_a_missing_file(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "none.wav")
    assert "no such file" in refusal(tmp_path / "none" / "none.wav")


def test_a_folder(tmp_path: Path) -> None:
    assert "a folder" in refusal(tmp_path)


def header_only() -> bytes:
    return struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36, b"WAVE", b"fmt ", 16, 1, 1, 16000, 32000,
                       2, 16, b"data", 0)  # fmt: skip


UNREADABLE = {
    "empty": b"",
    "half a header": header_only()[:20],
    "no format": header_only()[:12],
    "text": "社保卡丢了怎么补\n".encode() * 50,
    "zeros": bytes(5000),
    "noise": np.random.default_rng(2).bytes(5000),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(500),
    "no channels": header_only()[:22] + b"\0\0" + header_only()[24:] + bytes(100),
    "an unknown codec": header_only()[:20] + b"\x77\x77" + header_only()[22:] + bytes(100),
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_audio_is_said_so(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "q.wav"
    file.write_bytes(content)
    assert "not a readable WAV or FLAC file" in refusal(file)


def test_a_header_without_sound(tmp_path: Path) -> None:
    file = tmp_path / "q.wav"
    file.write_bytes(header_only())
    assert "no audio in it" in refusal(file)


@pytest.mark.parametrize("kept", [0.5, 0.95])
def test_a_truncated_flac_is_not_taken_for_the_whole(tmp_path: Path, kept: float) -> None:
    file = tmp_path / "q.flac"
    soundfile.write(file, np.random.default_rng(3).normal(0, 0.1, 40_000), FRAME_RATE_HZ)
    raw = file.read_bytes()
    file.write_bytes(raw[: int(len(raw) * kept)])
    assert "not a readable WAV or FLAC file" in refusal(file)


# Written


def test_sounds_are_written_after_one_another(tmp_path: Path) -> None:
    pieces = [Sound(np.full(100, value, np.int16), 24_000) for value in (5, 7)]
    write_wav(tmp_path / "a.wav", pieces)
    pcm, rate_hz = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert rate_hz == 24_000
    assert list(pcm) == [5] * 100 + [7] * 100


def test_no_sounds_make_a_file_without_sound(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", [])
    assert soundfile.info(tmp_path / "a.wav").frames == 0


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    file = tmp_path / "none" / "a.wav"
    with pytest.raises(KioskError, match="cannot be written"):
        write_wav(file, [Sound(np.zeros(10, np.int16), 16_000)])


# Microphone and speaker


async def all_frames(microphone: WavMicrophone) -> list[Frame]:
    return [frame async for frame in microphone.frames()]


@pytest.mark.parametrize("count", [1, FRAME_SAMPLES, FRAME_SAMPLES + 1, 3 * FRAME_SAMPLES - 1])
def test_frames_hold_the_sound_and_silence_behind_it(count: int) -> None:
    sound = np.arange(1, count + 1, dtype=np.int16)
    frames = asyncio.run(all_frames(WavMicrophone(sound, tail_s=0.1)))
    whole = np.concatenate([frame.pcm for frame in frames])
    assert {len(frame.pcm) for frame in frames} == {FRAME_SAMPLES}
    np.testing.assert_array_equal(whole[:count], sound)
    assert not whole[count:].any()
    assert len(whole) >= count + 1600
    assert [frame.at for frame in frames] == pytest.approx(
        [FRAME_S * number for number in range(1, len(frames) + 1)]
    )


def test_the_speaker_keeps_each_turns_answer_apart() -> None:
    first, second, third = (Sound(np.full(5, n, np.int16), 8000) for n in range(3))

    async def story() -> CollectingSpeaker:
        speaker = CollectingSpeaker()
        await speaker.play(1, first)
        await speaker.play(1, second)
        await speaker.finish(1)
        await speaker.cancel()
        await speaker.play(3, third)
        return speaker

    assert asyncio.run(story()).sounds == {1: [first, second], 3: [third]}
