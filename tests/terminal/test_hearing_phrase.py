"""Ears that wait for the phrase, and what is said in the same breath."""

from __future__ import annotations

import pytest

from hardware.base import FRAME_S
from terminal.events import Captioned, Event, OnlyCalled, SpeechEnded, WakeHeard, WordsHeard
from terminal.hearing import Mode
from terminal.watchword import REMEMBERED_FRAMES
from tests.fakes import CALL_S, LOUD, QUIET, FakeWake
from tests.terminal.ears import LONG_SILENCE, SILENCE, Ears

CALL = (CALL_S + FRAME_S, LOUD)
SETTLE = (0.2, QUIET)


def waiting(*texts: str, score: float = 0.8, held: bool = False) -> Ears:
    ears = Ears(*texts, wake=FakeWake(score), held=held)
    ears.hearing.await_phrase(3)
    return ears


def words(events: list[Event]) -> list[WordsHeard]:
    return [each for each in events if isinstance(each, WordsHeard)]


def ended_after(ears: Ears, sound: tuple[float, int], longest_s: float = 4.0) -> float:
    """Push sound until the turn ends; seconds that it took."""
    for number in range(round(longest_s / FRAME_S)):
        if any(isinstance(each, SpeechEnded) for each in ears.hear((FRAME_S, sound[1]))):
            return number * FRAME_S
    raise AssertionError("no end")


def test_the_phrase_wakes_the_kiosk() -> None:
    ears = waiting("你好小政")
    assert ears.hear((0.5, QUIET), CALL, SETTLE) == [WakeHeard(3)]


def test_a_question_without_it_does_not() -> None:
    ears = waiting("社保卡丢了怎么补")
    assert ears.hear((0.5, QUIET), (3.0, LOUD), LONG_SILENCE) == []


@pytest.mark.parametrize("heard", ["你好小王", "小郑你好", ""])
def test_a_near_miss_does_not_though_the_detector_takes_it(heard: str) -> None:
    ears = waiting(heard)
    assert ears.hear((0.5, QUIET), CALL, LONG_SILENCE) == []
    assert len(ears.recognizer.audio) >= 1


def test_words_alone_do_not() -> None:
    ears = waiting("你好小政", score=0.05)
    assert ears.hear((0.5, QUIET), CALL, LONG_SILENCE) == []
    assert ears.recognizer.audio == []


def test_behind_a_miss_the_phrase_is_still_heard() -> None:
    ears = waiting("你好小王", "你好小政")
    ears.hear((0.5, QUIET), CALL, LONG_SILENCE)
    ears.hearing.await_phrase(3)
    assert ears.hear(CALL, SETTLE) == [WakeHeard(3)]


def test_a_question_in_the_same_breath_is_kept_and_the_phrase_is_no_part_of_it() -> None:
    ears = waiting("你好小政", "你好小政社保卡怎么补")
    ears.hear((0.5, QUIET), CALL, (0.5, LOUD))  # The session's answer takes a moment.
    ears.hearing.listen_on(4)
    events = ears.hear((1.0, LOUD), SILENCE)
    assert events == [
        Captioned(4, "社保卡怎么补"),
        SpeechEnded(4),
        WordsHeard(4, "社保卡怎么补", ("别的",), -0.2),
    ]
    spoken = (ears.recognizer.audio[-1] > 0.1).sum() / 16_000
    assert spoken == pytest.approx(CALL[0] + 1.5, abs=0.1)


def test_a_pause_right_behind_the_phrase_ends_nothing() -> None:
    ears = waiting("你好小政", "你好小政", "你好小政社保卡怎么补")
    ears.hear((0.5, QUIET), CALL, SETTLE)
    ears.hearing.listen_on(4)
    assert SpeechEnded(4) not in ears.hear((0.7, QUIET))
    (heard,) = words(ears.hear((1.0, LOUD), SILENCE))
    assert heard.text == "社保卡怎么补"


def test_nothing_behind_the_phrase_is_told_after_a_second() -> None:
    ears = waiting("你好小政")
    ears.hear((0.5, QUIET), CALL, SETTLE)
    ears.hearing.listen_on(4)
    waited_s = SETTLE[0] + ended_after(ears, SILENCE)
    assert waited_s == pytest.approx(1.0, abs=0.15)
    assert ears.events[-1] == OnlyCalled(4)


def test_the_phrase_is_taken_off_in_a_visit_too() -> None:
    ears = Ears("你好小郑社保卡怎么补")
    ears.hearing.listen(1)
    (heard,) = words(ears.hear((0.5, QUIET), (1.5, LOUD), SILENCE))
    assert heard.text == "社保卡怎么补"


def test_alone_in_a_visit_it_is_no_question() -> None:
    ears = Ears("您好小政")
    ears.hearing.listen(1)
    assert ears.hear((0.5, QUIET), (1.0, LOUD), LONG_SILENCE)[-1] == OnlyCalled(1)


def test_only_three_seconds_are_remembered_and_forgotten_at_once() -> None:
    ears = waiting("")
    ears.hear((10.0, QUIET))
    watchword = ears.hearing._watchword
    assert watchword is not None
    ring = list(watchword._ring)
    assert len(ring) == REMEMBERED_FRAMES
    ears.hear((0.5, LOUD))
    ring = list(watchword._ring)
    ears.hearing.deafen()
    assert not watchword._ring
    assert all((samples == 0).all() for samples in ring)
    assert ears.hearing._mode is Mode.DEAF


def test_a_call_that_nobody_takes_is_forgotten() -> None:
    ears = waiting("你好小政")
    ears.hear((0.5, QUIET), CALL, (1.0, LOUD))
    ears.hearing.deafen()
    assert ears.hearing._call is None
    assert not ears.hearing._held


def test_while_the_second_look_is_taken_nothing_is_lost() -> None:
    ears = waiting("你好小政", "你好小政社保卡怎么补", held=True)
    ears.hear((0.5, QUIET), CALL, (0.6, LOUD))
    assert ears.executor.waiting == 1
    ears.executor.work()
    assert WakeHeard(3) in ears.hear((0.3, LOUD))
    ears.hearing.listen_on(4)
    ears.hear(LONG_SILENCE)
    ears.executor.work_off()
    (heard,) = words(ears.events)
    assert heard.text == "社保卡怎么补"
    spoken = (ears.recognizer.audio[-1] > 0.1).sum() / 16_000
    assert spoken == pytest.approx(CALL[0] + 0.9, abs=0.1)
