"""What the loudspeaker plays, frame by frame."""

from __future__ import annotations

import numpy as np
import pytest

from hardware.base import FRAME_S, FRAME_SAMPLES, Sound
from hardware.played import REMEMBERED_S, Played


def sound(seconds: float, value: int = 1000, text: str = "您好", rate_hz: int = 16_000) -> Sound:
    return Sound(np.full(round(seconds * rate_hz), value, np.int16), rate_hz, text)


def taken(played: Played, frames: int) -> np.ndarray:
    return np.concatenate([played.take().pcm for _ in range(frames)])


def test_nothing_queued_is_silence_in_whole_frames() -> None:
    own = Played().take()
    assert len(own.pcm) == FRAME_SAMPLES
    assert not own.pcm.any()
    assert own.words == ()


def test_pieces_follow_one_another_without_a_gap() -> None:
    played = Played()
    played.queue(Sound(np.arange(1, 701, dtype=np.int16), 16_000))
    played.queue(Sound(np.arange(701, 1001, dtype=np.int16), 16_000))
    left = [played.left]
    assert taken(played, 2)[:1000].tolist() == list(range(1, 1001))
    assert [*left, played.left] == [True, False]
    assert not played.take().pcm.any()


def test_a_pause_keeps_the_place() -> None:
    played = Played()
    played.queue(Sound(np.arange(1, 2049, dtype=np.int16), 16_000))
    first = taken(played, 1)
    played.pause()
    assert not taken(played, 5).any()
    assert played.left
    played.resume()
    assert taken(played, 1)[0] == first[-1] + 1


def test_a_cancelled_answer_never_comes_back() -> None:
    played = Played()
    played.queue(sound(10))
    taken(played, 3)
    played.pause()
    played.cancel()
    played.resume()
    assert not taken(played, 100).any()
    played.queue(sound(0.1, value=7))
    assert set(taken(played, 3)[:1600]) == {7}


def test_words_are_known_from_their_first_sound_and_for_some_seconds() -> None:
    played = Played()
    played.queue(sound(0.5, text="一"))
    played.queue(sound(0.5, text="二"))
    assert played.take().words == ("一",)
    taken(played, 16)
    assert played.take().words == ("一", "二")
    taken(played, round((REMEMBERED_S + 1.5) / FRAME_S))
    assert played.take().words == ()


def test_words_that_were_cut_off_were_never_said() -> None:
    played = Played()
    played.queue(sound(0.5, text="一"))
    played.queue(sound(0.5, text="二"))
    taken(played, 2)
    played.cancel()
    assert played.take().words == ("一",)


def test_any_rate_comes_out_at_the_microphones() -> None:
    played = Played()
    played.queue(sound(1.0, rate_hz=24_000))
    heard = taken(played, 40)
    assert np.count_nonzero(np.abs(heard) > 500) == pytest.approx(16_000, rel=0.01)
