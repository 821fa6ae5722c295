"""A citizen who is certain without words, the rest of an echo, and noise."""

from __future__ import annotations

from terminal.endpoint import FRAME_S
from terminal.evidence import RINGS_FRAMES, Evidence


def certain_at(*pieces: tuple[int, float], plays: int = 0) -> int | None:
    """Frames until it is certain; pieces: frames and their probability.

    plays: so many of the first frames are beside a loudspeaker that sounds.
    """
    evidence = Evidence()
    frames = [probability for count, probability in pieces for _ in range(count)]
    for number, probability in enumerate(frames, start=1):
        if evidence.push(probability, plays=number <= plays):
            return number
    return None


def test_clear_speech_is_certain_within_a_quarter_of_a_second() -> None:
    at = certain_at((30, 0.97))
    assert at is not None
    assert at > RINGS_FRAMES
    assert at * FRAME_S <= 0.25


def test_nothing_counts_while_the_loudspeaker_sounds() -> None:
    assert certain_at((30, 0.99), plays=30) is None
    silent, playing = certain_at((30, 0.97)), certain_at((30, 0.97), plays=10)
    assert silent is not None
    assert playing == silent + 10


def test_the_rest_of_an_echo_is_never_certain_however_long() -> None:
    assert certain_at((90, 0.85)) is None


def test_a_bang_is_over_before_it_is_certain() -> None:
    assert certain_at((RINGS_FRAMES, 0.99), (1, 0.99), (30, 0.1)) is None


def test_two_frames_are_too_few_however_sure() -> None:
    assert certain_at(*[(RINGS_FRAMES - 1, 0.0), *[(2, 0.99), (2, 0.05)] * 10]) is None


def test_the_speech_behind_a_cough_is_certain() -> None:
    assert certain_at((12, 0.4), (30, 0.96)) is not None
