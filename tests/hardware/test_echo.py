"""The echo cancellers, on a room that is computed and a voice that is noise in syllables."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from hardware.base import FRAME_SAMPLES
from hardware.echo import AdaptiveEchoCanceller, EchoLevel, NoEchoCanceller

RATE_HZ = 16_000


def voice(seconds: float, seed: int) -> NDArray[np.float64]:
    """Noise with the rhythm of syllables, four a second."""
    count = round(seconds * RATE_HZ)
    rhythm = np.abs(np.sin(np.pi * 4 * np.arange(count) / RATE_HZ))
    return 2000 * rhythm * np.random.default_rng(seed).standard_normal(count)


def echo_of(played: NDArray[np.float64]) -> NDArray[np.float64]:
    room = np.random.default_rng(1).standard_normal(2400) * np.exp(-np.arange(2400) / 500)
    room[:200] = 0
    return np.convolve(played, room / np.linalg.norm(room))[: len(played)]


def cleaned(
    heard: NDArray[np.float64], played: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    canceller = AdaptiveEchoCanceller()
    pcm, rest = [], []
    for start in range(0, len(heard) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        frame = slice(start, start + FRAME_SAMPLES)
        each = canceller.clean(heard[frame].astype(np.int16), played[frame].astype(np.int16))
        pcm.append(each.pcm)
        rest.append(np.zeros(FRAME_SAMPLES, np.int16) if each.rest is None else each.rest)
    return np.concatenate(pcm).astype(float), np.concatenate(rest).astype(float)


def level_db(sound: NDArray[np.float64]) -> float:
    return float(10 * np.log10(np.mean(sound**2) + 1e-3))


def test_own_voice_is_taken_out_of_both() -> None:
    played = voice(8, seed=2)
    heard = echo_of(played)
    pcm, rest = cleaned(heard, played)
    late = slice(5 * RATE_HZ, 7 * RATE_HZ)
    assert level_db(pcm[late]) < level_db(heard[late]) - 10
    assert level_db(rest[late]) < level_db(heard[late]) - 15


def test_who_speaks_into_the_answer_is_whole_in_the_one_and_noticed_in_the_other() -> None:
    played = voice(8, seed=2)
    citizen = np.zeros_like(played)
    spoken = slice(6 * RATE_HZ, 7 * RATE_HZ)
    citizen[spoken] = voice(1, seed=3)
    pcm, rest = cleaned(echo_of(played) + citizen, played)
    assert level_db(pcm[spoken]) == pytest.approx(level_db(citizen[spoken]), abs=3)
    before = slice(5 * RATE_HZ, 6 * RATE_HZ)
    assert level_db(rest[spoken]) > level_db(rest[before]) + 10


def test_a_room_that_is_not_known_yet_alarms_nobody() -> None:
    played = voice(1.5, seed=2)
    _, rest = cleaned(echo_of(played), played)
    assert not rest.any()


def test_while_nothing_plays_frames_pass_untouched() -> None:
    canceller = AdaptiveEchoCanceller()
    frame = voice(1, seed=4)[:FRAME_SAMPLES].astype(np.int16)
    silence = np.zeros(FRAME_SAMPLES, np.int16)
    each = canceller.clean(frame, silence)
    assert each.rest is None
    assert (each.pcm == frame).all()


def test_frames_keep_their_length_and_their_order() -> None:
    """The echo of nothing is nothing: what comes out is what went in, a block later."""
    canceller = AdaptiveEchoCanceller()
    marker = np.zeros(FRAME_SAMPLES, np.int16)
    marker[0] = 1
    heard = voice(1, seed=5).astype(np.int16)
    outs = [canceller.clean(heard[:FRAME_SAMPLES], marker).pcm]
    outs += [
        canceller.clean(heard[s : s + FRAME_SAMPLES], np.zeros(FRAME_SAMPLES, np.int16)).pcm
        for s in range(FRAME_SAMPLES, 10 * FRAME_SAMPLES, FRAME_SAMPLES)
    ]
    assert {len(out) for out in outs} == {FRAME_SAMPLES}
    whole = np.concatenate(outs).astype(float)
    expected = np.concatenate([np.zeros(160), heard.astype(float)])[: len(whole)]
    assert np.corrcoef(whole[1600:], expected[1600:])[0, 1] > 0.9


def test_without_a_canceller_a_frame_stays_as_it_is() -> None:
    frame = voice(1, seed=4)[:FRAME_SAMPLES].astype(np.int16)
    each = NoEchoCanceller().clean(frame, frame)
    assert each.pcm is frame
    assert each.rest is None


def level_frames(level: float, count: int) -> list[NDArray[np.int16]]:
    return [np.full(FRAME_SAMPLES, level * 32768, np.int16)] * count


def test_where_nothing_echoes_whatever_is_loud_is_no_echo() -> None:
    level = EchoLevel()
    assert not any(level.is_passed(frame, sounds=True) for frame in level_frames(0.001, 100))
    assert all(level.is_passed(frame, sounds=True) for frame in level_frames(0.05, 8))


def test_where_it_echoes_only_what_is_far_louder_is_none() -> None:
    level = EchoLevel()
    for frame in level_frames(0.05, 100):
        level.is_passed(frame, sounds=True)
    assert not any(level.is_passed(frame, sounds=True) for frame in level_frames(0.1, 8))
    assert level.is_passed(level_frames(0.4, 1)[0], sounds=True)


def test_in_a_pause_of_the_voice_nothing_is_learned_of_its_echo() -> None:
    level = EchoLevel()
    for frame in level_frames(0.001, 100):
        level.is_passed(frame, sounds=True)
    assert all(level.is_passed(frame, sounds=False) for frame in level_frames(0.05, 100))


def test_on_headphones_a_citizen_is_heard_through_the_answer() -> None:
    played = voice(6, seed=2)
    citizen = np.random.default_rng(6).standard_normal(len(played))
    citizen[5 * RATE_HZ :] += voice(1, seed=3)
    canceller = AdaptiveEchoCanceller()
    told = [
        canceller.clean(
            citizen[start : start + FRAME_SAMPLES].astype(np.int16),
            played[start : start + FRAME_SAMPLES].astype(np.int16),
        ).rest
        is None
        for start in range(0, len(played) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
    ]
    assert not any(told[: 5 * RATE_HZ // FRAME_SAMPLES])
    assert sum(told[5 * RATE_HZ // FRAME_SAMPLES :][:10]) >= 5
