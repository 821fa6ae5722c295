"""When has the citizen finished? Scripts of speech probabilities, and where the marks fall."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.endpoint import FRAME_S, EndpointSettings, Mark, Segmenter

SETTINGS = EndpointSettings()
START = math.ceil(SETTINGS.start_s / FRAME_S)
PAUSE = math.ceil(SETTINGS.pause_s / FRAME_S)
END = math.ceil(SETTINGS.end_s / FRAME_S)
LONGEST = math.ceil(SETTINGS.longest_s / FRAME_S)

PROBABILITY = {"#": 0.9, ".": 0.05, "~": 0.42}
"""Speech, silence, and what is between the two thresholds."""


def marks(
    script: str, settings: EndpointSettings = SETTINGS, segmenter: Segmenter | None = None
) -> list[tuple[str, int]]:
    """Marks with the number of the frame (from 1) that each came with."""
    segmenter = segmenter or Segmenter(settings)
    found = [(segmenter.push(PROBABILITY[frame]), at) for at, frame in enumerate(script, 1)]
    return [(mark.name, at) for mark, at in found if mark is not None]


def test_a_question_starts_pauses_and_ends() -> None:
    script = "." * 10 + "#" * 30 + "." * 30
    assert marks(script) == [("STARTED", 10 + START), ("PAUSED", 40 + PAUSE), ("ENDED", 40 + END)]


def test_a_pause_within_the_question_is_resumed() -> None:
    script = "#" * 20 + "." * PAUSE + "#" * 20 + "." * END
    second = 20 + PAUSE + 20
    assert marks(script) == [
        ("STARTED", START),
        ("PAUSED", 20 + PAUSE),
        ("RESUMED", 20 + PAUSE + 1),
        ("PAUSED", second + PAUSE),
        ("ENDED", second + END),
    ]


def test_a_pause_just_shorter_than_the_end_does_not_end() -> None:
    script = "#" * 20 + "." * (END - 1) + "#" * 5 + "." * (END - 1) + "#"
    assert [name for name, _ in marks(script)] == [
        "STARTED",
        "PAUSED",
        "RESUMED",
        "PAUSED",
        "RESUMED",
    ]


def test_a_breath_is_not_even_a_pause() -> None:
    assert marks("#" * 20 + "." * (PAUSE - 1) + "#" * 20) == [("STARTED", START)]


@pytest.mark.parametrize("click", ["#", "#" * (START - 1), "#.#.#.#.#.", "###..###..###.."])
def test_a_click_is_no_start(click: str) -> None:
    assert marks("." * 5 + click + "." * 40) == []


def test_doubtful_frames_keep_the_last_verdict() -> None:
    assert marks("~" * 100) == []
    assert marks("#" * START + "~" * 100) == [("STARTED", START)]
    script = "#" * START + "." + "~" * END
    assert marks(script) == [("STARTED", START), ("PAUSED", START + PAUSE), ("ENDED", START + END)]


def test_steady_noise_ends_at_the_longest_and_may_start_again() -> None:
    found = marks("#" * (LONGEST + 10))
    assert found == [("STARTED", START), ("ENDED", LONGEST), ("STARTED", LONGEST + START)]


def test_a_speaker_who_pauses_forever_ends_at_the_longest() -> None:
    found = marks(("#" * 10 + "." * (PAUSE + 2)) * (LONGEST // (PAUSE + 12) + 2))
    assert [at for name, at in found if name == "ENDED"] == [LONGEST]


def test_after_the_end_the_next_question_is_heard() -> None:
    once = "#" * 20 + "." * END
    assert marks(once * 3) == [
        (name, at + len(once) * turn) for turn in range(3) for name, at in marks(once)
    ]


def test_reset_forgets_the_question_under_way() -> None:
    segmenter = Segmenter(SETTINGS)
    assert marks("#" * 20 + "." * PAUSE, segmenter=segmenter)[-1][0] == "PAUSED"
    segmenter.reset()
    assert marks("." * 100, segmenter=segmenter) == []
    assert marks("#" * START, segmenter=segmenter) == [("STARTED", START)]


def test_silence_is_counted_from_the_last_speech() -> None:
    segmenter = Segmenter(SETTINGS)
    marks("#" * 20, segmenter=segmenter)
    assert segmenter.silence_s == 0.0
    marks("." * 5, segmenter=segmenter)
    assert segmenter.silence_s == pytest.approx(5 * FRAME_S)


def test_the_settings_move_the_marks() -> None:
    patient = EndpointSettings(start_s=0.032, pause_s=0.5, end_s=1.5)
    assert marks("#" + "." * 60, patient) == [("STARTED", 1), ("PAUSED", 17), ("ENDED", 48)]


def test_a_pause_longer_than_the_end_is_never_announced() -> None:
    hasty = EndpointSettings(pause_s=1.0, end_s=0.3)
    assert [name for name, _ in marks("#" * 10 + "." * 40, hasty)] == ["STARTED", "ENDED"]


NEXT = {
    None: {"STARTED"},
    "STARTED": {"PAUSED", "ENDED"},
    "PAUSED": {"RESUMED", "ENDED"},
    "RESUMED": {"PAUSED", "ENDED"},
    "ENDED": {"STARTED"},
}

PROBABILITIES = st.lists(
    st.tuples(st.floats(0, 1) | st.sampled_from([0.0, 0.35, 0.5, 1.0]), st.integers(1, 40))
).map(lambda runs: [probability for probability, times in runs for _ in range(times)])
SHORT = EndpointSettings(longest_s=3.0)


@given(PROBABILITIES)
def test_marks_always_alternate(probabilities: list[float]) -> None:
    segmenter = Segmenter(SHORT)
    found = [mark.name for mark in map(segmenter.push, probabilities) if mark is not None]
    for before, after in pairwise([None, *found]):
        assert after in NEXT[before]


@given(PROBABILITIES)
def test_an_end_needs_its_silence_or_the_longest_turn(probabilities: list[float]) -> None:
    segmenter = Segmenter(SHORT)
    started = 0
    for at, probability in enumerate(probabilities, 1):
        mark = segmenter.push(probability)
        if mark is Mark.STARTED:
            started = at - math.ceil(SHORT.start_s / FRAME_S) + 1
        if mark is Mark.ENDED:
            last = probabilities[at - END : at]
            silent = all(p < SHORT.speech_probability for p in last)
            assert silent or (at - started + 1) * FRAME_S >= SHORT.longest_s
