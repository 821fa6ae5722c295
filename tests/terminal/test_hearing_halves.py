"""A question with a long breath in it: its halves are one question."""

from __future__ import annotations

import pytest

from hardware.base import FRAME_S
from terminal.events import (
    Interrupted,
    SpeechEnded,
    SpeechResumed,
    SpeechStarted,
    SpeechSuspected,
    WordsHeard,
)
from terminal.half import REJOIN_S
from tests.fakes import LOUD, QUIET, frames
from tests.terminal.ears import LONG_SILENCE, OWN, QUESTION, SETTINGS, Ears

ENDED = (SETTINGS.end_s + FRAME_S, QUIET)
HALF, WHOLE = "我那个社保卡", "我那个社保卡丢了怎么补办"


def asked(*texts: str, fits: bool = False) -> Ears:
    """A question has just ended."""
    ears = Ears(*texts, fits=fits)
    ears.hearing.listen(1)
    ears.hear(*QUESTION, ENDED)
    assert ears.events[-1] == WordsHeard(1, texts[0], ("别的",), -0.2)
    return ears


def spoken_s(ears: Ears) -> float:
    """Of what was recognised last."""
    seconds: float = (ears.recognizer.audio[-1] > 0.1).sum() / 16_000
    return seconds


def test_who_goes_on_while_the_kiosk_thinks_is_heard_as_one() -> None:
    ears = asked(HALF, WHOLE)
    assert ears.hear((0.3, QUIET), (0.4, LOUD)) == [SpeechResumed(1)]
    ears.hearing.listen_on(2)
    (*_, ended, words) = ears.hear((0.6, LOUD), LONG_SILENCE)
    assert (ended, words) == (SpeechEnded(2), WordsHeard(2, WHOLE, ("别的",), -0.2))
    assert spoken_s(ears) == pytest.approx(2.0, abs=0.1)


def test_the_answer_that_comes_in_between_changes_nothing() -> None:
    ears = asked(HALF, WHOLE)
    assert ears.hear((0.3, QUIET), (0.4, LOUD)) == [SpeechResumed(1)]
    ears.hearing.listen_in(1)  # The session had not heard yet.
    ears.hear((0.2, LOUD))
    ears.hearing.listen_on(2)
    ears.hear((0.4, LOUD), LONG_SILENCE)
    assert ears.events[-1] == WordsHeard(2, WHOLE, ("别的",), -0.2)
    assert spoken_s(ears) == pytest.approx(2.0, abs=0.1)


def into_answer(ears: Ears, *pieces: tuple[float, int]) -> None:
    for frame in frames(*pieces):
        ears.hearing.push(frame, OWN)


@pytest.mark.parametrize(("fits", "goes_on"), [(False, True), (True, False)])
def test_into_the_first_moment_of_an_answer_too_unless_the_question_was_whole(
    fits: bool, goes_on: bool
) -> None:
    ears = asked(HALF, "丢了怎么补办", WHOLE, fits=fits)
    ears.hearing.listen_in(1)
    into_answer(ears, (0.4, QUIET), (0.7, LOUD))
    assert ears.events[-2:] == [SpeechSuspected(1), Interrupted(1, goes_on, not goes_on)]
    ears.hearing.listen_on(2)
    ears.hear((0.3, LOUD), LONG_SILENCE)
    assert spoken_s(ears) == pytest.approx(2.0 if goes_on else 1.0, abs=0.1)


def test_an_answer_that_was_none_lets_any_question_go_on() -> None:
    ears = asked(HALF, "丢了怎么补办", WHOLE, fits=True)
    ears.hearing.listen_in(1, open_question=True)
    into_answer(ears, (0.4, QUIET), (0.7, LOUD))
    assert ears.events[-1] == Interrupted(1, goes_on=True)


def test_later_it_is_another_question() -> None:
    ears = asked(HALF, "丢了怎么补办")
    ears.hearing.listen_in(1)
    into_answer(ears, (REJOIN_S + 0.1, QUIET), (0.7, LOUD))
    assert ears.events[-1] == Interrupted(1, unsure=True)
    assert ears.hearing._half is None


def test_a_stop_into_the_answer_is_no_other_half() -> None:
    ears = asked(HALF, "停")
    ears.hearing.listen_in(1)
    into_answer(ears, (0.3, QUIET), (0.4, LOUD), (0.3, QUIET))
    assert ears.events[-1] == Interrupted(1)


@pytest.mark.parametrize("whole", ["对", "第二个", "停", "你好小政"])
def test_short_answers_and_orders_are_whole(whole: str) -> None:
    ears = Ears(whole)
    ears.hearing.listen(1)
    ears.hear(*QUESTION, (1.2, QUIET))
    assert SpeechEnded(1) in ears.events
    assert ears.hear((0.4, LOUD)) == []


def test_a_click_is_no_other_half() -> None:
    ears = asked(HALF)
    assert ears.hear((0.2, QUIET), (0.15, LOUD), (0.5, QUIET)) == []


def test_the_next_question_has_nothing_of_the_last() -> None:
    ears = asked(HALF, "厕所在哪儿")
    half = ears.hearing._half
    assert half is not None
    kept = list(half.audio)
    ears.hearing.listen(2)
    assert ears.hearing._half is None
    assert all((samples == 0).all() for samples in kept)
    ears.hear((0.3, QUIET), (0.8, LOUD), LONG_SILENCE)
    assert SpeechStarted(2) in ears.events
    assert spoken_s(ears) == pytest.approx(0.8, abs=0.1)


def test_the_end_of_the_visit_forgets_it() -> None:
    ears = asked(HALF)
    ears.hearing.deafen()
    assert ears.hearing._half is None


def test_whoever_never_ends_is_cut_at_last() -> None:
    ears = Ears(HALF)
    ears.hearing.listen(1)
    ears.hear((0.5, QUIET), (15.0, LOUD), ENDED)
    assert ears.hear((0.2, QUIET), (0.4, LOUD)) == [SpeechResumed(1)]
    ears.hearing.listen_on(2)
    ears.hear((6.0, LOUD), ENDED)
    assert ears.hear((0.2, QUIET), (0.4, LOUD)) == []
