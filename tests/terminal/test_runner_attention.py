"""Every attention policy through the runner, and questions in halves, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from terminal import events as ev
from terminal.dialogue.dialogue import Dialogue
from terminal.events import Policy, State
from terminal.notices import CALLED
from terminal.session import LEFT_S, QUIET_S
from tests.fakes import LOUD, QUIET, FakeWake, frames
from tests.terminal.kiosks import QUESTION, REISSUE, REISSUE_ID, OpenKiosk, open_played

PHRASE = "你好小政"
CALL = frames((0.5, QUIET), (0.85, LOUD), (0.3, QUIET))
IN_ONE_BREATH = frames((0.5, QUIET), (2.0, LOUD), (1.2, QUIET))
GREETING = "您好。"
POLICIES: tuple[Policy, ...] = ("open", "presence", "wake_word", "both", "touch")


def play(dialogue: Dialogue, story: object, *heard: str, policy: Policy) -> OpenKiosk:
    return open_played(
        dialogue,
        story,  # type: ignore[arg-type]
        *heard,
        policy=policy,
        greeting=GREETING,
        detector=FakeWake(),
    )


@pytest.mark.parametrize("policy", POLICIES)
def test_a_question_out_of_nowhere(light_dialogue: Dialogue, policy: Policy) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.hear(QUESTION)
        await asyncio.sleep(10)

    kiosk = play(light_dialogue, story, REISSUE, policy=policy)
    assert len(kiosk.turns) == (1 if policy == "open" else 0)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_question_behind_a_face(light_dialogue: Dialogue, policy: Policy) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        kiosk.runner.post(ev.PersonArrived())
        await asyncio.sleep(5)
        await kiosk.hear(QUESTION)
        await asyncio.sleep(10)

    kiosk = play(light_dialogue, story, REISSUE, policy=policy)
    greeted = [note.text for note in kiosk.shown(ev.ShowNote)]
    seen = policy not in ("wake_word", "touch")
    assert greeted == ([GREETING] if seen else [])
    assert len(kiosk.turns) == (1 if seen else 0)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_question_behind_a_touch(light_dialogue: Dialogue, policy: Policy) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.enter("厕所在哪儿")
        await asyncio.sleep(20)
        await kiosk.hear(QUESTION)
        await asyncio.sleep(10)

    kiosk = play(light_dialogue, story, REISSUE, policy=policy)
    assert [turn.reply.answer_id for turn in kiosk.turns] == ["site.toilet", REISSUE_ID]


@pytest.mark.parametrize("policy", ["wake_word", "both"])
def test_the_phrase_and_a_question_in_one_breath(light_dialogue: Dialogue, policy: Policy) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.hear(IN_ONE_BREATH)
        await asyncio.sleep(10)

    kiosk = play(light_dialogue, story, PHRASE, PHRASE + REISSUE, policy=policy)
    (turn,) = kiosk.turns
    assert (turn.reply.answer_id, turn.reply.heard) == (REISSUE_ID, REISSUE)
    assert [shown.text for shown in kiosk.shown(ev.ShowCaption)] == [REISSUE]
    assert kiosk.shown(ev.ShowNote) == []


@pytest.mark.parametrize("policy", ["wake_word", "both"])
def test_the_phrase_alone_is_answered_and_the_question_heard(
    light_dialogue: Dialogue, policy: Policy
) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.hear([*CALL, *frames((1.0, QUIET))])
        await asyncio.sleep(4)
        assert kiosk.is_in(State.ATTENTIVE)
        await kiosk.hear(QUESTION)
        await asyncio.sleep(10)

    kiosk = play(light_dialogue, story, PHRASE, PHRASE, REISSUE, policy=policy)
    assert [note.text for note in kiosk.shown(ev.ShowNote)] == [CALLED]
    assert "".join(text for text, _ in kiosk.voice.said).startswith("我在")
    assert [turn.reply.answer_id for turn in kiosk.turns] == [REISSUE_ID]


@pytest.mark.parametrize("how", ["quiet", "left"])
def test_behind_the_visit_only_the_phrase_opens_the_ears(
    light_dialogue: Dialogue, how: str
) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.hear(IN_ONE_BREATH)
        await kiosk.until(lambda: kiosk.is_in(State.ATTENTIVE))
        wipes = len(kiosk.shown(ev.Wipe))
        if how == "left":
            kiosk.runner.post(ev.PersonLeft())
        await asyncio.sleep((LEFT_S if how == "left" else QUIET_S) + 1)
        assert len(kiosk.shown(ev.Wipe)) == wipes + 1
        await kiosk.hear(QUESTION)
        await asyncio.sleep(5)
        assert kiosk.is_in(State.IDLE)

    kiosk = play(light_dialogue, story, PHRASE, PHRASE + REISSUE, REISSUE, policy="both")
    assert len(kiosk.turns) == 1


def test_the_phrase_into_an_answer_ends_it_and_the_next_question_is_heard(
    light_dialogue: Dialogue,
) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.enter()
        await asyncio.sleep(2)
        old = kiosk.runner.session.turn
        await kiosk.hear([*CALL, *frames((1.5, QUIET))])
        assert old not in kiosk.speaker.finished
        await asyncio.sleep(5)
        await kiosk.hear(QUESTION)
        await asyncio.sleep(10)
        assert old not in kiosk.speaker.finished

    heard = ("您好小郑", "您好小郑", "您好小郑", "厕所在哪儿")
    kiosk = play(light_dialogue, story, *heard, policy="both")
    assert [note.text for note in kiosk.shown(ev.ShowNote)] == [CALLED]
    assert kiosk.turns[-1].reply.answer_id == "site.toilet"


# Halves


HALVES = frames((0.3, QUIET), (0.8, LOUD), (0.95, QUIET), (0.9, LOUD), (1.2, QUIET))


def test_a_question_with_a_long_breath_in_it_is_answered_once(light_dialogue: Dialogue) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.hear(HALVES)
        await asyncio.sleep(15)

    half, rest = "我那个社保卡", "丢了怎么补办"
    kiosk = play(light_dialogue, story, half, rest, REISSUE, policy="open")
    assert kiosk.turns[-1].reply.answer_id == REISSUE_ID
    assert kiosk.speaker.finished == [kiosk.turns[-1].turn], "the other was not heard to its end"
    assert light_dialogue._say.visit.story == [f"{REISSUE} → {kiosk.turns[-1].reply.title}"]


def test_a_question_that_was_whole_and_another_are_two(light_dialogue: Dialogue) -> None:
    async def story(kiosk: OpenKiosk) -> None:
        await kiosk.hear(HALVES)
        await asyncio.sleep(15)

    kiosk = play(light_dialogue, story, REISSUE, "厕所在哪儿", policy="open")
    assert [turn.reply.answer_id for turn in kiosk.turns] == [REISSUE_ID, "site.toilet"]
