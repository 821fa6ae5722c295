"""The shell around the session, in virtual time with fakes, and with real threads."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from knowledge.pack import Pack
from knowledge.schema import Aspect
from terminal import events as ev
from terminal.dialogue.dialogue import Dialogue
from terminal.errors import KioskError
from terminal.events import Event, Reply, State, WordsHeard
from terminal.notices import SORRY
from terminal.recognizing import Ear
from terminal.runner import INBOX, Engines, Runner, Workers
from terminal.session import HANDOFF_S, QUIET_S
from terminal.speaking import Speaking
from terminal.virtual_time import InlineExecutor, run
from tests.fakes import (
    LOUD,
    QUIET,
    FakeEncoder,
    FakeSpeaker,
    HeldExecutor,
    LoudnessVad,
    frames,
    texts_held,
)
from tests.terminal.kiosks import (
    REISSUE,
    REISSUE_ID,
    Kiosk,
    inline,
    played,
)

# A whole turn


def test_a_question_is_heard_shown_and_spoken(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.hear()
        await asyncio.sleep(10)

    kiosk = played(light_dialogue, story)
    (turn,) = kiosk.turns
    assert (turn.reply.outcome, turn.reply.answer_id) == ("answered", REISSUE_ID)
    assert turn.reply.heard == REISSUE
    (shown,) = kiosk.shown(ev.ShowReply)
    assert shown.reply == turn.reply
    assert [shown.text for shown in kiosk.shown(ev.ShowCaption)] == [REISSUE]
    assert "".join(text for text, _ in kiosk.voice.said).startswith("先打")
    assert kiosk.speaker.finished == [turn.turn]
    assert [shown.state for shown in kiosk.shown(ev.ShowState)] == [
        State.IDLE,
        State.LISTENING,
        State.THINKING,
        State.SPEAKING,
        State.ATTENTIVE,
    ]


def test_each_stage_is_timed(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.hear()
        await asyncio.sleep(10)

    (turn,) = played(light_dialogue, story).turns
    timing = turn.timing
    assert timing.endpoint == pytest.approx(500), "sooner: a question the pack knows"
    assert timing.understand > 0
    assert timing.first_audio > 0
    assert timing.end_of_speech_to_first_audio == pytest.approx(
        timing.endpoint + timing.wait + timing.understand + timing.first_audio
    )


def test_a_typed_turn_takes_over_no_timing_of_the_spoken_one(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.hear()
        await asyncio.sleep(10)
        await kiosk.enter()
        await asyncio.sleep(10)

    spoken, typed = played(light_dialogue, story).turns
    assert (typed.timing.endpoint, typed.timing.asr, typed.timing.wait) == (0, 0, 0)
    assert spoken.timing.endpoint == pytest.approx(500)


def test_questions_follow_one_another(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        for _ in range(3):
            await kiosk.hear()
            await asyncio.sleep(10)

    kiosk = played(light_dialogue, story, REISSUE, "厕所在哪儿", "转人工")
    assert [turn.reply.answer_id for turn in kiosk.turns] == [
        REISSUE_ID,
        "site.toilet",
        "control.handoff",
    ]
    assert kiosk.is_in(State.HANDOFF)


def test_what_is_said_into_the_answer_is_not_heard(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.hear()
        await kiosk.until(lambda: kiosk.is_in(State.SPEAKING))
        await kiosk.hear(frames((1.0, LOUD), (0.8, QUIET)))

    kiosk = played(light_dialogue, story)
    assert len(kiosk.seen(ev.SpeechStarted)) == 1


def test_a_tapped_topic_is_answered(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.runner.post(ev.Chosen(REISSUE_ID, "fee"))
        await asyncio.sleep(10)

    (turn,) = played(light_dialogue, story).turns
    assert (turn.reply.answer_id, turn.reply.aspect) == (REISSUE_ID, "fee")


def test_an_unknown_topic_is_no_crash(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.runner.post(ev.Chosen("no.such.topic"))
        await asyncio.sleep(10)

    assert [turn.reply.outcome for turn in played(light_dialogue, story).turns] == ["unknown"]


def test_the_spoken_stop_is_a_turn_without_sound(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.hear()
        await asyncio.sleep(1)

    kiosk = played(light_dialogue, story, "停")
    assert [turn.reply.answer_id for turn in kiosk.turns] == ["control.stop"]
    assert kiosk.voice.said == []


# Hush


INTERRUPTIONS = [
    ev.Pressed("stop"),
    ev.Pressed("home"),
    ev.Pressed("staff"),
    ev.Typed("厕所在哪儿"),
    ev.Chosen("site.toilet"),
    ev.ScreenClosed(),
]


@pytest.mark.parametrize("event", INTERRUPTIONS, ids=lambda event: type(event).__name__)
def test_an_interruption_silences_the_answer_within_50_ms(
    light_dialogue: Dialogue, event: Event
) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.enter()
        await asyncio.sleep(0.5)
        assert kiosk.is_in(State.SPEAKING)
        kiosk.speaker.cancelled_at.clear()
        kiosk.runner.post(event)
        await asyncio.sleep(0.05)
        assert len(kiosk.speaker.cancelled_at) == 1
        interrupted = kiosk.runner.session.turn - 1
        after = kiosk.speaker.cancelled_at[0]
        await asyncio.sleep(10)
        assert [at for turn, at in kiosk.speaker.heard if turn < interrupted and at > after] == []
        assert interrupted not in kiosk.speaker.finished

    played(light_dialogue, story)


def test_an_answer_still_being_made_never_comes(light_dialogue: Dialogue) -> None:
    """Real threads: the voice is in mid-clause when the citizen presses stop."""
    in_clause, go_on = threading.Event(), threading.Event()

    def stall() -> None:
        in_clause.set()
        assert go_on.wait(20)

    async def main() -> None:
        kiosk = Kiosk(light_dialogue, workers=Workers())
        kiosk.voice.before = stall
        await kiosk.enter()
        await kiosk.until(in_clause.is_set)
        kiosk.runner.post(ev.Pressed("stop"))
        await kiosk.until(lambda: bool(kiosk.speaker.cancelled_at))
        assert not go_on.is_set(), "silence must not wait for the voice"
        assert kiosk.is_in(State.ATTENTIVE)
        go_on.set()
        kiosk.voice.before = lambda: None
        await kiosk.enter("厕所在哪儿")
        await kiosk.until(lambda: kiosk.is_in(State.ATTENTIVE))
        turns = {turn for turn, _ in kiosk.speaker.heard}
        assert turns == {kiosk.runner.session.turn - 1}
        await kiosk.stop()

    asyncio.run(main())


def test_a_slow_recognition_does_not_stop_the_ears(light_dialogue: Dialogue) -> None:
    held = HeldExecutor()

    async def main() -> None:
        each = InlineExecutor()
        kiosk = Kiosk(light_dialogue, workers=Workers(each, held, each))
        # The wipe of the first screen waits on the same thread.
        held.work_off()
        await kiosk.hear(frames((0.3, QUIET), (1.0, LOUD), (2.0, QUIET)))
        assert kiosk.is_in(State.THINKING)
        await kiosk.hear()  # Taken and left alone: the ears are closed while thinking.
        kiosk.runner.post(ev.Typed("厕所在哪儿"))
        await asyncio.sleep(0.1)
        for _ in range(5):
            held.work_off()
            await asyncio.sleep(0.1)
        await asyncio.sleep(10)
        assert [turn.reply.answer_id for turn in kiosk.turns] == ["site.toilet"]
        await kiosk.stop()

    run(main())


# What breaks


class BrokenDialogue(Dialogue):
    """Breaks at every reply until mended."""

    def __init__(self, pack: Pack) -> None:
        super().__init__(pack, FakeEncoder())
        self.broken = True

    def reply(self, words: WordsHeard) -> Reply:
        if self.broken:
            raise RuntimeError("no understanding")
        return super().reply(words)

    def recall(self, item_id: str, aspect: Aspect | None = None) -> Reply:
        if self.broken:
            raise RuntimeError("no memory")
        return super().recall(item_id, aspect)


def mended(kiosk: Kiosk) -> None:
    """After a failure: it was told, and a question now is answered."""
    assert [note.text for note in kiosk.shown(ev.ShowNote)] == [SORRY]
    assert [turn.reply.answer_id for turn in kiosk.turns] == [REISSUE_ID]


@pytest.mark.parametrize("event", [ev.Typed(REISSUE), ev.Chosen(REISSUE_ID), ev.Pressed("repeat")])
def test_a_failing_dialogue_fails_the_turn_and_the_kiosk_goes_on(
    gov_pack: Pack, event: Event, caplog: pytest.LogCaptureFixture
) -> None:
    dialogue = BrokenDialogue(gov_pack)

    async def story(kiosk: Kiosk) -> None:
        kiosk.runner.post(event)
        await asyncio.sleep(1)
        (failed,) = kiosk.seen(ev.Failed)
        assert isinstance(failed, ev.Failed)
        assert failed.stage == "understanding"
        dialogue.broken = False
        await kiosk.hear()
        await asyncio.sleep(10)

    mended(played(dialogue, story))
    assert "understanding failed" in caplog.text


def test_a_failing_voice_fails_the_turn_and_the_kiosk_goes_on(
    light_dialogue: Dialogue, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.voice.error = RuntimeError("no sound")
        await kiosk.enter()
        await asyncio.sleep(1)
        (failed,) = kiosk.seen(ev.Failed)
        assert isinstance(failed, ev.Failed)
        assert failed.stage == "speaking"
        kiosk.voice.error = None
        await kiosk.hear()
        await asyncio.sleep(10)

    mended(played(light_dialogue, story))
    assert "no sound" in caplog.text


def test_a_failing_recognizer_fails_the_turn_and_the_kiosk_goes_on(
    light_dialogue: Dialogue,
) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.recognizer.error = RuntimeError("no words")
        await kiosk.hear()
        await asyncio.sleep(1)
        kiosk.recognizer.error = None
        await kiosk.hear()
        await asyncio.sleep(10)

    mended(played(light_dialogue, story))


def test_a_failing_speaker_is_logged_and_the_kiosk_goes_on(
    light_dialogue: Dialogue, caplog: pytest.LogCaptureFixture
) -> None:
    class Deaf(FakeSpeaker):
        async def cancel(self) -> None:
            raise OSError("unplugged")

    async def main() -> None:
        kiosk = Kiosk(light_dialogue)
        await kiosk.stop()
        kiosk.runner = Runner(
            Engines(LoudnessVad(), Ear(kiosk.recognizer), light_dialogue, Speaking(kiosk.voice)),
            Deaf(),
            kiosk.display,
            inline(),
            on_turn=kiosk.turns.append,
        )
        kiosk.running = asyncio.create_task(kiosk.runner.run())
        for _ in range(2):
            kiosk.runner.post(ev.Typed(REISSUE))
            await asyncio.sleep(0.2)
        await asyncio.sleep(10)
        await kiosk.stop()
        assert len(kiosk.turns) == 2

    run(main())
    assert "unplugged" in caplog.text


def test_a_full_inbox_ends_the_process_rather_than_lose_an_event(
    light_dialogue: Dialogue,
) -> None:
    async def main() -> None:
        kiosk = Kiosk(light_dialogue)
        for _ in range(INBOX + 1):
            kiosk.runner.post(ev.Typed("x"))
        async with asyncio.timeout(30):
            with pytest.raises(KioskError, match="must restart"):
                await kiosk.running

    run(main())


def test_a_burst_that_fits_is_handled(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        for _ in range(INBOX - 1):
            kiosk.runner.post(ev.Captioned(-1, "x"))
        await asyncio.sleep(1)
        assert len(kiosk.seen(ev.Captioned)) == INBOX - 1

    played(light_dialogue, story)


def test_an_event_after_the_end_is_no_error(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        await asyncio.sleep(0.1)

    kiosk = played(light_dialogue, story)
    kiosk.runner.post(ev.Typed("太晚了"))


# Timers, and the end of a visit


def test_a_quiet_visitor_is_gone_after_a_while(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.enter()
        await kiosk.until(lambda: kiosk.is_in(State.ATTENTIVE))
        done = kiosk.now
        wipes = len(kiosk.shown(ev.Wipe))
        await asyncio.sleep(QUIET_S - 0.1)
        assert len(kiosk.shown(ev.Wipe)) == wipes
        await asyncio.sleep(0.2)
        assert len(kiosk.shown(ev.Wipe)) == wipes + 1
        assert kiosk.now == pytest.approx(done + QUIET_S, abs=0.2)
        assert kiosk.is_in(State.IDLE)

    played(light_dialogue, story)


def test_speaking_again_stops_the_quiet_timer(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.enter()
        await kiosk.until(lambda: kiosk.is_in(State.ATTENTIVE))
        wipes = len(kiosk.shown(ev.Wipe))
        await asyncio.sleep(QUIET_S - 1.5)
        await kiosk.hear()  # The timer's time passes while the question is asked.
        await asyncio.sleep(5)
        assert len(kiosk.shown(ev.Wipe)) == wipes
        assert len(kiosk.turns) == 2
        assert kiosk.seen(ev.TimerFired) == []

    played(light_dialogue, story)


def test_a_timer_started_again_replaces_itself(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.enter()
        await kiosk.until(lambda: kiosk.is_in(State.ATTENTIVE))
        for _ in range(3):
            await asyncio.sleep(1)
            kiosk.runner.post(ev.Failed(kiosk.runner.session.turn, "hearing"))
        await asyncio.sleep(QUIET_S + 10)
        assert len(kiosk.seen(ev.TimerFired)) == 1

    played(light_dialogue, story)


def test_who_waits_for_staff_is_given_longer(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.enter("转人工")
        await kiosk.until(lambda: kiosk.is_in(State.HANDOFF))
        await asyncio.sleep(HANDOFF_S - 1)
        assert kiosk.is_in(State.HANDOFF)
        await asyncio.sleep(2)
        assert kiosk.is_in(State.IDLE)

    played(light_dialogue, story)


def test_staff_are_called_without_the_citizens_words(
    light_dialogue: Dialogue, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def story(kiosk: Kiosk) -> None:
        await kiosk.enter("转人工，我叫张三")
        await kiosk.enter("转人工")
        await asyncio.sleep(1)

    played(light_dialogue, story)
    assert "staff called: control.handoff" in caplog.text
    assert "张三" not in caplog.text


def test_the_next_visitor_inherits_no_topic(light_dialogue: Dialogue) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.enter()
        await asyncio.sleep(10)
        await kiosk.enter("那要多少钱呢")
        await asyncio.sleep(10)
        kiosk.runner.post(ev.Pressed("home"))
        await asyncio.sleep(1)
        await kiosk.enter("那要多少钱呢")
        await asyncio.sleep(10)

    _, follow_up, stranger = played(light_dialogue, story).turns
    assert (follow_up.reply.answer_id, follow_up.reply.aspect) == (REISSUE_ID, "fee")
    assert stranger.reply.answer_id != REISSUE_ID


def test_a_reply_that_comes_after_the_wipe_leaves_no_topic_behind(
    light_dialogue: Dialogue,
) -> None:
    held = HeldExecutor()

    async def main() -> None:
        each = InlineExecutor()
        kiosk = Kiosk(light_dialogue, workers=Workers(each, held, each))
        kiosk.runner.post(ev.Typed(REISSUE))
        await asyncio.sleep(0.1)
        kiosk.runner.post(ev.Pressed("home"))
        await asyncio.sleep(0.1)
        held.work_off()
        await asyncio.sleep(1)
        assert kiosk.turns == []
        assert kiosk.shown(ev.ShowReply) == []
        assert light_dialogue.reply(WordsHeard(0, "那要多少钱呢")).answer_id != REISSUE_ID
        await kiosk.stop()

    run(main())


def test_after_the_wipe_nothing_of_the_citizen_is_held(light_dialogue: Dialogue) -> None:
    secret = "社保卡丢了我是张三丰"

    async def story(kiosk: Kiosk) -> None:
        await kiosk.hear()
        await asyncio.sleep(10)
        await kiosk.enter(secret)
        await asyncio.sleep(10)
        assert any(secret in text for text in texts_held(kiosk.runner))
        kiosk.runner.post(ev.Pressed("home"))
        await asyncio.sleep(1)
        kiosk.turns.clear()
        kiosk.steps.clear()
        kiosk.display.shown.clear()
        vars(kiosk.recognizer).clear()
        assert not any(secret in text for text in texts_held(kiosk.runner))

    played(light_dialogue, story, secret)
