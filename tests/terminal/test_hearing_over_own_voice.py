"""Ears that are open while the kiosk speaks: who breaks in, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from terminal.events import (
    Captioned,
    Interrupted,
    SpeechEnded,
    SpeechStarted,
    SpeechSuspected,
    SuspicionDropped,
    WordsHeard,
)
from tests.fakes import LOUD, QUIET
from tests.terminal.ears import (
    CLAUSE,
    LONG_SILENCE,
    OWN,
    QUESTION,
    SILENCE,
    Ears,
    NothingLeft,
    OpenEars,
)

ASKING = "您要办哪一种？"


def test_speech_is_suspected_at_once_and_believed_when_it_is_words() -> None:
    ears = OpenEars("厕所在哪儿")
    assert ears.hear((0.5, QUIET), (0.13, LOUD)) == [SpeechSuspected(4)]
    assert ears.hear((0.35, LOUD)) == [Interrupted(4, unsure=True)]


def test_what_broke_in_is_heard_whole_under_the_new_turns_number() -> None:
    ears = OpenEars("厕所在哪儿")
    ears.hear((0.5, QUIET), (0.8, LOUD))
    ears.hearing.listen_on(5)
    events = ears.hear((0.4, LOUD), SILENCE)
    assert [type(event) for event in events] == [Captioned, SpeechEnded, WordsHeard]
    assert isinstance(events[-1], WordsHeard)
    assert events[-1].turn == 5
    heard = ears.recognizer.audio[-1]
    assert (heard > 0.1).sum() == pytest.approx(1.2 * 16_000, rel=0.06)


def test_a_cough_is_dropped_and_the_ears_stay_open() -> None:
    ears = OpenEars("哼", "哼", "厕所在哪儿", score=-0.8)
    events = ears.hear((0.5, QUIET), (0.3, LOUD), SILENCE)
    assert events == [SpeechSuspected(4), SuspicionDropped(4)]
    assert ears.hear((5.0, QUIET), (1.0, LOUD)) == [
        SpeechSuspected(4),
        Interrupted(4, unsure=True),
    ]


def test_the_kiosks_own_words_are_dropped() -> None:
    ears = OpenEars(CLAUSE)
    events = ears.hear((0.5, QUIET), (1.0, LOUD), SILENCE)
    assert events == [SpeechSuspected(4), SuspicionDropped(4)]


def test_behind_a_false_alarm_the_ears_are_wary() -> None:
    ears = OpenEars("哼", score=-0.8)
    ears.hear((0.5, QUIET), (0.3, LOUD), SILENCE)
    assert ears.hear((0.2, LOUD), (0.5, QUIET)) == []
    assert SpeechSuspected(4) in ears.hear((0.4, LOUD))


def test_an_order_is_passed_on_as_it_was_understood() -> None:
    """Heard again with the pack's terms it may become anything."""
    ears = OpenEars("停", "别的东西", score=-1.4)
    ears.hear((0.5, QUIET), (0.25, LOUD), (0.3, QUIET))
    assert ears.events == [SpeechSuspected(4), Interrupted(4)]
    ears.hearing.listen_on(5)
    words = ears.hear(SILENCE)[-1]
    assert words == WordsHeard(5, "停", (), 0.0)


def test_clear_speech_ends_the_answer_before_it_is_read() -> None:
    ears = OpenEars("", "厕所在哪儿", canceller=NothingLeft())
    events = ears.hear((0.5, QUIET), (0.13, LOUD), (0.2, LOUD))
    assert events == [SpeechSuspected(4), Interrupted(4, unsure=True)]
    assert not ears.recognizer.audio
    ears.hearing.listen_on(5)
    ears.hear((0.5, LOUD), SILENCE)
    assert SpeechEnded(5) in ears.events


def test_an_order_that_was_not_read_before_is_read_as_one() -> None:
    ears = OpenEars("等一下", "办理居住证", canceller=NothingLeft())
    ears.hear((0.5, QUIET), (0.4, LOUD))
    ears.hearing.listen_on(5)
    words = ears.hear((0.1, LOUD), SILENCE)[-1]
    assert words == WordsHeard(5, "等一下", (), 0.0)


def test_a_long_sentence_is_not_read_for_an_order_first() -> None:
    ears = OpenEars("社保卡丢了怎么补办", canceller=NothingLeft())
    ears.hear((0.5, QUIET), (0.4, LOUD))
    ears.hearing.listen_on(5)
    ears.hear((2.0, LOUD), SILENCE)
    assert len(ears.recognizer.audio) == 1


def test_words_behind_an_order_are_a_question_with_it() -> None:
    ears = OpenEars("等等", "等等厕所在哪儿", score=-1.0)
    ears.hear((0.5, QUIET), (0.5, LOUD))
    ears.hearing.listen_on(5)
    words = ears.hear((1.0, LOUD), LONG_SILENCE)[-1]
    assert isinstance(words, WordsHeard)
    assert words.text == "等等厕所在哪儿"


@pytest.mark.parametrize(
    ("text", "asks", "idle"),
    [
        ("好的", False, True),
        ("好的好的", False, True),
        ("好的", True, False),
        ("好的那要带什么", False, False),
        ("咳", False, True),
        ("", False, True),
        (CLAUSE, False, True),
        ("厕所在哪儿", False, False),
        ("好的谢谢", False, False),
    ],
)
def test_what_broke_in_may_ask_nothing(text: str, asks: bool, idle: bool) -> None:
    ears = OpenEars(text, canceller=NothingLeft())
    own = replace(OWN, words=(CLAUSE, ASKING)) if asks else OWN
    assert Interrupted(4, unsure=True) in ears.hear((0.5, QUIET), (0.5, LOUD), own=own)
    ears.hearing.listen_on(5)
    words = ears.hear((0.1, LOUD), LONG_SILENCE)[-1]
    assert isinstance(words, WordsHeard)
    assert (words.text, words.idle) == (text, idle)


def test_an_echo_is_read_before_the_packs_terms_can_bend_it() -> None:
    ears = OpenEars(CLAUSE, "社保卡挂失", canceller=NothingLeft())
    ears.hear((0.5, QUIET), (0.5, LOUD))
    ears.hearing.listen_on(5)
    words = ears.hear((0.1, LOUD), LONG_SILENCE)[-1]
    assert isinstance(words, WordsHeard)
    assert (words.text, words.idle) == (CLAUSE, True)


def test_the_next_question_is_not_judged_by_what_broke_in_before() -> None:
    ears = OpenEars("好的", canceller=NothingLeft())
    ears.hear((0.5, QUIET), (0.5, LOUD))
    ears.hearing.listen_on(5)
    first = ears.hear((0.1, LOUD), LONG_SILENCE)[-1]
    ears.hearing.listen(6)
    second = ears.hear((0.5, QUIET), (0.5, LOUD), LONG_SILENCE)[-1]
    assert isinstance(first, WordsHeard)
    assert isinstance(second, WordsHeard)
    assert (first.text, first.idle, second.text, second.idle) == ("好的", True, "好的", False)


def test_a_listeners_word_that_is_read_in_time_only_pauses() -> None:
    ears = OpenEars("好的")
    events = ears.hear((0.5, QUIET), (0.4, LOUD), SILENCE)
    assert events == [SpeechSuspected(4), SuspicionDropped(4)]


def test_a_yes_breaks_in_where_the_kiosk_asks() -> None:
    ears = OpenEars("好的")
    own = replace(OWN, words=(ASKING,))
    assert Interrupted(4, unsure=True) in ears.hear((0.5, QUIET), (0.5, LOUD), SILENCE, own=own)


def test_a_suspicion_outlives_the_answer_and_becomes_the_next_question() -> None:
    ears = OpenEars("厕所在哪儿")
    ears.hear((0.5, QUIET), (0.13, LOUD))
    ears.hearing.listen_on(5)  # The answer was over just then.
    events = ears.hear((1.0, LOUD), SILENCE)
    assert [type(event) for event in events] == [
        SpeechStarted,
        Captioned,
        SpeechEnded,
        WordsHeard,
    ]


def test_the_echo_of_the_last_word_is_no_question() -> None:
    ears = OpenEars(CLAUSE)
    ears.hear((0.5, QUIET), (0.13, LOUD))
    ears.hearing.listen_on(5)
    assert ears.hear((0.3, LOUD), LONG_SILENCE) == []
    assert SpeechStarted(5) in ears.hear((0.5, LOUD))


def test_frames_that_come_before_the_new_number_are_not_lost() -> None:
    ears = OpenEars("厕所在哪儿")
    ears.hear((0.5, QUIET), (0.6, LOUD))
    assert ears.hear((0.3, LOUD), SILENCE) == []
    ears.hearing.listen_on(5)
    assert SpeechEnded(5) in ears.events


def test_deafened_in_the_middle_of_a_suspicion_nothing_is_kept() -> None:
    ears = OpenEars("厕所在哪儿")
    ears.hear((0.5, QUIET), (0.2, LOUD))
    ears.hearing.deafen()
    assert ears.hear((1.0, LOUD), SILENCE) == []
    assert not ears.hearing._audio
    assert not ears.hearing._held
    assert ears.hearing._doubt is None
    assert ears.hearing._order is None


def test_music_that_never_becomes_words_lets_the_answer_go_on() -> None:
    ears = OpenEars("", score=-3.0)
    events = ears.hear((0.5, QUIET), (4.0, LOUD))
    assert events[:2] == [SpeechSuspected(4), SuspicionDropped(4)]


def test_speech_begun_while_thinking_is_noticed_when_the_answer_begins() -> None:
    ears = Ears("社保卡丢了", "怎么补办", fits=True)
    ears.hearing.listen(3)
    ears.hear(*QUESTION, SILENCE)
    ears.hear((0.3, LOUD))
    ears.hearing.listen_in(3)
    assert ears.hear((0.2, LOUD)) == [SpeechSuspected(3)]


def test_behind_an_answer_its_last_echo_is_no_question_and_a_quick_yes_is_one() -> None:
    for text, asked in ((CLAUSE, False), ("对", True)):
        ears = OpenEars(text, score=-1.2)
        ears.hear((0.5, QUIET))
        ears.hearing.listen_on(5)
        events = ears.hear((0.1, QUIET), (0.45, LOUD), SILENCE)
        assert (SpeechStarted(5) in events) is asked
        assert SpeechSuspected(4) in events  # Of an answer that is over: nobody minds.


def test_when_the_room_is_silent_the_ears_are_open_as_ever() -> None:
    ears = OpenEars("厕所在哪儿")
    ears.hear((0.5, QUIET))
    ears.hearing.listen_on(5)
    assert ears.hear((0.6, QUIET), (0.2, LOUD)) == [SpeechStarted(5)]
