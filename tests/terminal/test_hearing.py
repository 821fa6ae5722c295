"""Frames in, events out: recognition that begins inside the silence, and is dropped in time."""

from __future__ import annotations

import math
import time

import pytest

from hardware.base import FRAME_S, FRAME_SAMPLES
from terminal.events import (
    Captioned,
    Event,
    Failed,
    SpeechEnded,
    SpeechStarted,
    WordsHeard,
)
from terminal.hearing import Hearing
from terminal.recognizing import Ear, Nearest
from terminal.virtual_time import InlineExecutor
from tests.fakes import FAINT, LOUD, QUIET, FakeRecognizer, LoudnessVad, frames
from tests.terminal.ears import (
    LONG_SILENCE,
    PAUSE,
    QUESTION,
    SETTINGS,
    SILENCE,
    Ears,
)


def test_a_question_gives_its_events_in_order() -> None:
    ears = Ears()
    ears.hearing.listen(7)
    assert ears.hear(*QUESTION, SILENCE) == [
        SpeechStarted(7),
        Captioned(7, "社保卡丢了"),
        SpeechEnded(7),
        WordsHeard(7, "社保卡丢了", ("别的",), -0.2),
    ]


@pytest.mark.parametrize(
    ("patient", "end_s", "spoken_s"),
    [(False, SETTINGS.end_s, 1.0), (True, SETTINGS.patient_end_s, 1.5)],
)
def test_patient_ears_take_a_pause_for_thought(
    patient: bool, end_s: float, spoken_s: float
) -> None:
    ears = Ears()
    ears.hearing.listen(1, patient=patient)
    ears.hear(*QUESTION, (0.9, QUIET), (0.5, LOUD), (1.3, QUIET))
    assert ears.events.count(SpeechEnded(1)) == 1
    (words,) = [each for each in ears.events if isinstance(each, WordsHeard)]
    assert words.timing is not None
    assert words.timing.endpoint_ms == pytest.approx(end_s * 1000)
    audio = ears.recognizer.audio[-1]
    assert (audio > 0).sum() == pytest.approx(spoken_s * 16_000, rel=0.05)


def test_patience_is_for_one_turn() -> None:
    ears = Ears()
    ears.hearing.listen(1, patient=True)
    ears.hearing.listen(2)
    assert SpeechEnded(2) in ears.hear(*QUESTION, (SETTINGS.end_s + 0.1, QUIET))


def test_nothing_is_heard_before_listening_and_after_the_end() -> None:
    ears = Ears(fits=True)
    assert ears.hear(*QUESTION, SILENCE) == []
    ears.hearing.listen(1)
    ears.hear(*QUESTION, SILENCE)
    assert ears.hear(*QUESTION, SILENCE) == []


def test_the_next_turn_has_its_own_number_and_sound() -> None:
    ears = Ears("一", "二")
    ears.hearing.listen(1)
    ears.hear(*QUESTION, SILENCE)
    ears.hearing.listen(2)
    events = ears.hear(*QUESTION, SILENCE)
    assert {event.turn for event in events if not isinstance(event, Captioned)} == {2}  # type: ignore[union-attr]
    assert events[-1] == WordsHeard(2, "二", ("别的",), -0.2)
    first, second = ears.recognizer.audio
    assert len(first) == len(second)


def test_recognition_begins_at_the_pause_and_is_used_at_the_end() -> None:
    ears = Ears(held=True)
    ears.hearing.listen(1)
    ears.hear(*QUESTION, PAUSE)
    assert ears.executor.waiting == 1
    ears.executor.work()
    assert ears.events[-1] == Captioned(1, "社保卡丢了")
    assert not any(isinstance(event, WordsHeard) for event in ears.events)
    assert ears.hear(SILENCE) == [SpeechEnded(1), WordsHeard(1, "社保卡丢了", ("别的",), -0.2)]
    assert ears.executor.waiting == 0
    assert len(ears.recognizer.audio) == 1


def test_words_come_when_recognition_is_slower_than_the_silence() -> None:
    ears = Ears(held=True)
    ears.hearing.listen(1)
    assert ears.hear(*QUESTION, LONG_SILENCE) == [SpeechStarted(1), SpeechEnded(1)]
    ears.executor.work()
    assert ears.events[2:] == [
        Captioned(1, "社保卡丢了"),
        WordsHeard(1, "社保卡丢了", ("别的",), -0.2),
    ]


def test_an_early_pass_is_dropped_when_speech_goes_on() -> None:
    ears = Ears(held=True)
    ears.hearing.listen(1)
    ears.hear(*QUESTION, PAUSE, (0.5, LOUD), LONG_SILENCE)
    assert ears.executor.waiting == 2
    ears.executor.work()
    assert ears.recognizer.audio == []  # Cancelled before it began.
    ears.executor.work()
    assert [type(event) for event in ears.events] == [
        SpeechStarted,
        SpeechEnded,
        Captioned,
        WordsHeard,
    ]
    (audio,) = ears.recognizer.audio
    assert (audio >= LOUD / 32768).sum() == pytest.approx(1.5 / FRAME_S * FRAME_SAMPLES, rel=0.05)


def test_an_early_pass_already_done_is_not_taken_for_the_whole() -> None:
    ears = Ears("社保卡", "社保卡丢了怎么补")
    ears.hearing.listen(1)
    events = ears.hear(*QUESTION, PAUSE, (0.5, LOUD), SILENCE)
    assert [e.text for e in events if isinstance(e, Captioned)] == ["社保卡", "社保卡丢了怎么补"]
    assert events[-1] == WordsHeard(1, "社保卡丢了怎么补", ("别的",), -0.2)


def test_without_a_pause_the_whole_is_recognized_at_the_end() -> None:
    ears = Ears()
    longest = SETTINGS.longest_s + 1
    ears.hearing.listen(1)
    events = ears.hear((longest, LOUD))
    assert [type(event) for event in events] == [SpeechStarted, SpeechEnded, WordsHeard]
    (audio,) = ears.recognizer.audio
    assert len(audio) <= (SETTINGS.longest_s + SETTINGS.pre_roll_s) * 16_000 + FRAME_SAMPLES


def test_a_recognizer_that_breaks_fails_the_turn_and_not_the_next() -> None:
    ears = Ears()
    ears.recognizer.error = RuntimeError("no memory")
    ears.hearing.listen(1)
    assert ears.hear(*QUESTION, SILENCE) == [
        SpeechStarted(1),
        SpeechEnded(1),
        Failed(1, "recognizing"),
    ]
    ears.recognizer.error = None
    ears.hearing.listen(2)
    assert ears.hear(*QUESTION, SILENCE)[-1] == WordsHeard(2, "社保卡丢了", ("别的",), -0.2)


def test_why_a_recognizer_broke_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    ears = Ears()
    ears.recognizer.error = RuntimeError("no memory")
    ears.hearing.listen(1)
    ears.hear(*QUESTION, SILENCE)
    assert "no memory" in caplog.text


def test_the_sound_before_the_start_is_included() -> None:
    ears = Ears()
    ears.hearing.listen(1)
    ears.hear((1.0, QUIET), (0.2, FAINT), *QUESTION[1:], SILENCE)
    (audio,) = ears.recognizer.audio
    assert (audio == FAINT / 32768).sum() >= 0.15 * 16_000
    before = int((audio > FAINT / 32768).argmax())
    assert before <= SETTINGS.pre_roll_s * 16_000


def test_the_pause_at_the_end_is_included_up_to_its_announcement() -> None:
    ears = Ears()
    ears.hearing.listen(1)
    ears.hear(*QUESTION, SILENCE)
    (audio,) = ears.recognizer.audio
    after = len(audio) - int((audio > 0).nonzero()[0][-1]) - 1
    assert after == math.ceil(SETTINGS.pause_s / FRAME_S) * FRAME_SAMPLES


def test_deafen_forgets_all_sound() -> None:
    ears = Ears(held=True)
    ears.hearing.listen(1)
    ears.hear(*QUESTION, PAUSE)
    ears.hearing.deafen()
    assert ears.hear(SILENCE) == []
    ears.executor.work()  # Cancelled: nothing is heard of it.
    assert ears.recognizer.audio == []
    assert not ears.hearing._audio
    assert not ears.hearing._pre_roll
    assert ears.hearing._early is None


def test_deafen_in_mid_question_leaves_nothing_for_the_next_visit() -> None:
    ears = Ears()
    ears.hearing.listen(1)
    ears.hear((0.2, FAINT), (0.5, LOUD))
    ears.hearing.deafen()
    ears.hearing.listen(2)
    ears.hear(*QUESTION, SILENCE)
    (audio,) = ears.recognizer.audio
    assert not (audio == FAINT / 32768).any()
    assert (audio == LOUD / 32768).sum() == len(frames((1.0, LOUD))) * FRAME_SAMPLES


def test_sound_from_before_the_deafening_is_not_the_next_turns_beginning() -> None:
    ears = Ears()
    ears.hearing.listen(1)
    ears.hear((0.2, FAINT))
    ears.hearing.deafen()
    ears.hearing.listen(2)
    ears.hear((1.0, LOUD), SILENCE)
    (audio,) = ears.recognizer.audio
    assert not (audio == FAINT / 32768).any()


def test_work_dropped_at_the_end_of_the_process_is_no_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ears = Ears(held=True)
    ears.hearing.listen(1)
    ears.hear(*QUESTION, LONG_SILENCE)
    ears.executor.shutdown(cancel_futures=True)
    assert ears.events == [SpeechStarted(1), SpeechEnded(1)]
    assert caplog.text == ""


def test_listening_anew_begins_with_fresh_ears() -> None:
    ears = Ears()
    resets = ears.vad.resets
    ears.hearing.listen(1)
    ears.hear((0.5, LOUD))
    ears.hearing.listen(2)
    assert ears.vad.resets == resets + 2
    assert ears.hear(SILENCE) == []


def test_a_click_is_no_question() -> None:
    ears = Ears()
    ears.hearing.listen(1)
    assert ears.hear((0.5, QUIET), (0.05, LOUD), SILENCE) == []


def test_the_caption_shows_no_personal_number_nor_the_first_half_of_one() -> None:
    whole, half = Ears("我的号码是13800138000"), Ears("我的身份证号是110")
    for ears in (whole, half):
        ears.hearing.listen(1)
        ears.hear(*QUESTION, SILENCE)
        (caption,) = [e.text for e in ears.events if isinstance(e, Captioned)]
        assert not any(char.isdigit() for char in caption)


def test_the_timing_says_what_was_hidden_in_the_silence() -> None:
    ears = Ears()
    ears.hearing.listen(1)
    words = ears.hear(*QUESTION, SILENCE)[-1]
    assert isinstance(words, WordsHeard)
    assert words.timing is not None
    assert words.timing.endpoint_ms == pytest.approx(SETTINGS.end_s * 1000)
    assert words.timing.asr_ms >= 0
    assert words.timing.wait_ms == pytest.approx(0)


def test_waiting_for_the_recognizers_thread_counts() -> None:
    ears = Ears(held=True)
    ears.hearing.listen(1)
    ears.hear(*QUESTION, LONG_SILENCE)
    time.sleep(1.5)
    ears.executor.work()
    words = ears.events[-1]
    assert isinstance(words, WordsHeard)
    assert words.timing is not None
    waited_s = SETTINGS.unfinished_end_s  # Without words nobody knows that it was not half.
    hidden_ms = (waited_s - math.ceil(SETTINGS.pause_s / FRAME_S) * FRAME_S) * 1000
    assert words.timing.asr_ms >= 1500
    assert words.timing.wait_ms == pytest.approx(max(0, words.timing.asr_ms - hidden_ms))


def test_the_second_pass_leans_on_what_the_first_one_found() -> None:
    events: list[Event] = []
    recognizer = FakeRecognizer("攻击金", second="公积金")
    ear = Ear(recognizer, ["公积金"], lambda _text: Nearest(("公积金提取",), fits=False))
    hearing = Hearing(LoudnessVad(), ear, events.append, InlineExecutor(), SETTINGS)
    hearing.listen(1)
    for frame in frames(*QUESTION, SILENCE):
        hearing.push(frame)
    assert events[-1] == WordsHeard(1, "公积金", ("攻击金", "别的"))


# Patience by words


def end_of(events: list[Event]) -> float:
    words = events[-1]
    assert isinstance(words, WordsHeard)
    assert words.timing is not None
    return words.timing.endpoint_ms / 1000


@pytest.mark.parametrize("pause_s", [0.8, 1.2])
def test_a_pause_behind_an_unfinished_phrase_is_never_cut(pause_s: float) -> None:
    ears = Ears("我的社保卡丢了然后", "我的社保卡丢了然后怎么补办")
    ears.hearing.listen(1)
    events = ears.hear(*QUESTION, (pause_s, QUIET), (0.8, LOUD), SILENCE)
    assert events.count(SpeechEnded(1)) == 1
    assert isinstance(events[-1], WordsHeard)
    assert events[-1].text == "我的社保卡丢了然后怎么补办"


def test_an_unfinished_phrase_ends_at_last() -> None:
    ears = Ears("我的社保卡丢了然后")
    ears.hearing.listen(1)
    assert end_of(ears.hear(*QUESTION, LONG_SILENCE)) == SETTINGS.unfinished_end_s


def test_a_known_question_ends_sooner() -> None:
    events: list[Event] = []
    ear = Ear(FakeRecognizer("社保卡丢了"), [], lambda _text: Nearest((), fits=True))
    hearing = Hearing(LoudnessVad(), ear, events.append, InlineExecutor(), SETTINGS)
    hearing.listen(1)
    for frame in frames(*QUESTION, SILENCE):
        hearing.push(frame)
    assert end_of(events) == SETTINGS.known_end_s


def test_while_words_are_not_there_nothing_is_cut() -> None:
    """A slow machine: the first half is still being recognised when the second begins."""
    ears = Ears(held=True)
    ears.hearing.listen(1)
    assert ears.hear(*QUESTION, (1.2, QUIET), (0.5, LOUD)) == [SpeechStarted(1)]


def test_others_who_talk_on_do_not_keep_the_question_open() -> None:
    ears = Ears()
    ears.hearing.listen(1)
    events = ears.hear(*QUESTION, (4.0, 1500))
    assert SpeechEnded(1) in events
