"""Breaking in on an answer, through the runner in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from terminal import events as ev
from terminal.dialogue.dialogue import Dialogue
from terminal.events import State
from terminal.session import DOUBT_S
from tests.fakes import (
    LOUD,
    QUIET,
    frames,
)
from tests.terminal.kiosks import (
    REISSUE,
    REISSUE_ID,
    OpenKiosk,
    open_played,
)

NEXT_QUESTION = frames((0.2, QUIET), (1.0, LOUD), (1.2, QUIET))


def test_a_question_into_the_answer_pauses_it_cancels_it_and_is_answered(
    light_dialogue: Dialogue,
) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.enter()
        await asyncio.sleep(0.5)
        assert kiosk.is_in(State.SPEAKING)
        began = kiosk.now + 0.2
        kiosk.speaker.cancelled_at.clear()
        await kiosk.hear(NEXT_QUESTION)
        assert kiosk.speaker.paused_at[0] - began <= 0.2
        assert kiosk.speaker.resumed_at == []
        assert kiosk.speaker.cancelled_at
        (believed_at,) = (at for at, event in kiosk.steps if isinstance(event, ev.Interrupted))
        assert believed_at - began <= 0.5
        await asyncio.sleep(20)

    kiosk = open_played(light_dialogue, story, "厕所在哪儿")
    assert [turn.reply.answer_id for turn in kiosk.turns] == [REISSUE_ID, "site.toilet"]


def test_an_answer_that_was_interrupted_never_comes_back(light_dialogue: Dialogue) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.enter()
        await asyncio.sleep(0.5)
        old = kiosk.runner.session.turn
        await kiosk.hear(NEXT_QUESTION)
        for late in (
            ev.PlaybackFinished(old),
            ev.SuspicionDropped(old),
            ev.SpeechSuspected(old),
            ev.Interrupted(old),
            ev.TimerFired("doubt", old),
        ):
            kiosk.runner.post(late)
        await asyncio.sleep(20)
        cancelled = kiosk.speaker.cancelled_at[-1]
        assert [turn for turn, at in kiosk.speaker.heard if at > cancelled and turn <= old] == []
        assert old not in kiosk.speaker.finished
        assert kiosk.speaker.resumed_at == []

    open_played(light_dialogue, story, "厕所在哪儿")


def test_a_cough_pauses_the_answer_and_it_goes_on_where_it_was(light_dialogue: Dialogue) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.enter()
        await asyncio.sleep(0.5)
        turn = kiosk.runner.session.turn
        queued = len(kiosk.speaker.heard)
        kiosk.speaker.cancelled_at.clear()
        await kiosk.hear(frames((0.2, QUIET), (0.3, LOUD), (0.8, QUIET)))
        assert len(kiosk.speaker.paused_at) == len(kiosk.speaker.resumed_at) == 1
        await asyncio.sleep(20)
        assert kiosk.speaker.finished == [turn]
        assert kiosk.speaker.cancelled_at == []
        assert len(kiosk.speaker.heard) == queued
        assert len(kiosk.turns) == 1

    open_played(light_dialogue, story, "哼")


def test_a_listeners_word_lets_the_answer_go_on_where_it_was(light_dialogue: Dialogue) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.enter()
        await asyncio.sleep(0.5)
        old = kiosk.runner.session.turn
        kiosk.speaker.cancelled_at.clear()
        kiosk.runner.post(ev.SpeechSuspected(old))
        kiosk.runner.post(ev.Interrupted(old, unsure=True))
        await asyncio.sleep(0.5)
        kiosk.runner.post(ev.SpeechEnded(old + 1))
        kiosk.runner.post(ev.WordsHeard(old + 1, "好的", idle=True))
        await asyncio.sleep(20)
        assert kiosk.speaker.cancelled_at == []
        assert kiosk.speaker.finished == [old]
        assert kiosk.is_in(State.ATTENTIVE)
        assert len(kiosk.turns) == 1

    open_played(light_dialogue, story)


def test_while_an_answer_waits_no_more_of_it_is_made(light_dialogue: Dialogue) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        def suspect() -> None:
            kiosk.voice.before = lambda: None
            kiosk.runner.step(ev.SpeechSuspected(kiosk.runner.session.turn))

        kiosk.voice.before = suspect
        kiosk.runner.post(ev.Typed(REISSUE))
        await kiosk.until(lambda: kiosk.is_in(State.SPEAKING), 5)
        await asyncio.sleep(DOUBT_S - 1)
        assert len(kiosk.voice.said) == 1
        await asyncio.sleep(20)
        assert len(kiosk.voice.said) > 1

    open_played(light_dialogue, story)


def test_a_pause_makes_the_answer_as_much_longer(light_dialogue: Dialogue) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        began = kiosk.now
        await kiosk.enter()
        until = kiosk.speaker._until
        await kiosk.hear(frames((0.2, QUIET), (0.3, LOUD), (0.8, QUIET)))
        held_s = kiosk.speaker.resumed_at[0] - kiosk.speaker.paused_at[0]
        await kiosk.until(lambda: kiosk.is_in(State.ATTENTIVE), 60)
        assert kiosk.now - began == pytest.approx(until - began + held_s, abs=0.1)

    open_played(light_dialogue, story, "哼")


def test_stop_into_the_answer_is_silence(light_dialogue: Dialogue) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.enter()
        await asyncio.sleep(0.5)
        await kiosk.hear(frames((0.2, QUIET), (0.3, LOUD), (1.0, QUIET)))
        await asyncio.sleep(5)
        assert kiosk.is_in(State.ATTENTIVE)

    kiosk = open_played(light_dialogue, story, "停")
    assert [turn.reply.answer_id for turn in kiosk.turns] == [REISSUE_ID, "control.stop"]
    assert len({turn for turn, _ in kiosk.speaker.heard}) == 1


def test_ears_that_lose_themselves_in_thought_do_not_keep_the_answer_paused(
    light_dialogue: Dialogue,
) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.enter()
        await asyncio.sleep(0.5)
        kiosk.runner.post(ev.SpeechSuspected(kiosk.runner.session.turn))
        await asyncio.sleep(DOUBT_S + 0.5)
        assert len(kiosk.speaker.resumed_at) == 1

    open_played(light_dialogue, story)


def test_the_ears_know_what_is_being_said(light_dialogue: Dialogue) -> None:
    """An echo of the answer itself, understood word by word, is no interruption."""

    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.enter()
        await kiosk.hear(frames((0.4, QUIET), (1.0, LOUD), (0.8, QUIET)))
        await asyncio.sleep(30)
        assert len(kiosk.speaker.paused_at) == 1
        assert len(kiosk.turns) == 1

    answer = light_dialogue.recall(REISSUE_ID).spoken
    open_played(light_dialogue, story, answer[:8])
