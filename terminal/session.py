"""One visit after another, as a state machine: handle(event, now) -> commands.

Pure: no I/O, no clock, no thread. Every turn has a number; what comes late for an old turn is
ignored, and that is how an answer that was interrupted never comes back. One that something broke
in on waits, silent, until it is known whether that asked for anything.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace

from hardware.printer import PrinterState
from terminal import events as ev
from terminal.clauses import brief
from terminal.events import Command, Event, Policy, Reply, State
from terminal.manner import Manner
from terminal.notices import (
    CALLED,
    CLOSED,
    NO_CAMERA,
    NO_LIST,
    NO_MICROPHONE,
    PRINTER,
    SORRY,
    STAFF_TOLD,
)
from terminal.saying import Saying

Overheard = ev.SpeechSuspected | ev.SuspicionDropped | ev.Interrupted

QUIET_S = 60.0
"""Nobody speaks or touches for this long after an answer: the visit is over."""
ELDER_QUIET_S = 90.0
"""The same in elder mode."""
HANDOFF_S = 180.0
"""Longer while staff are on their way."""
LEFT_S, HANDOFF_LEFT_S = 6.0, 30.0
"""The same once the camera sees nobody any more; whoever waits for staff may walk about."""
DOUBT_S = 6.0
"""A paused answer goes on after this, even if the ears have lost themselves in thought."""
SCRAP = 4
"""Characters that break in, of which nothing can be made: no reason to say so."""


class Session:
    """The kiosk's one conversation."""

    def __init__(
        self,
        greeting: str = "",
        *,
        policy: Policy = "open",
        barge_in: bool = False,
        called: str = CALLED,
    ) -> None:
        """A session at rest.

        greeting: said to whoever comes, where a camera sees them; empty: nothing.
        policy: what opens the ears before a visit; during one they are open.
        barge_in: the ears stay open while the kiosk speaks.
        called: said to who says the kiosk's phrase and no more; empty: nothing.
        """
        self.state = State.IDLE
        self.turn = 0
        self._microphone = False
        self._screen = False
        self._manner = Manner()
        self._last: Reply | None = None
        self._visiting = False
        """Somebody has come, spoken, typed or touched since the last visit ended."""
        self._leaving = False
        self._greeting = greeting
        self._called = called
        self._policy = policy
        self._asked = False
        """The dialogue was given this turn's words."""
        self._saying = Saying()
        self._unseen = False
        """Whoever was seen has gone from the camera's sight, and has touched nothing since."""
        self._barge_in = barge_in
        self._printer: PrinterState = "off"
        self._closed: dict[ev.Closer, str] = {}
        """Who took the kiosk out of service, and the reason that is shown."""
        self._announcement = ""
        """To be said when nobody is being served."""

    @property
    def elder(self) -> bool:
        """Elder mode; asked for by phrase or button, never guessed."""
        return self._manner.elder

    def handle(self, event: Event, now: float) -> list[Command]:
        """Take one event at time `now` (seconds) and say what is to be done."""
        del now  # Timers are commands; the machine itself never compares times.
        return list(self._react(event))

    def _react(self, event: Event) -> Iterator[Command]:
        match event:
            case ev.ServiceChanged() | ev.PrinterChanged():
                yield from self._house_changed(event)
            case _ if self.state is State.OUT_OF_SERVICE:
                yield from self._turned_away(event)
            case ev.Announced(text=text):
                self._announcement = text
                if self.state is State.IDLE:
                    yield from self._announce()
            case ev.ScreenOpened():
                self._screen = True
                yield from self._end_visit()
            case ev.ScreenClosed():
                self._screen = False
                self._microphone = False
                yield from self._end_visit()
            case ev.MicrophoneChanged(state=state):
                yield from self._microphone_changed(state)
            case ev.Typed() | ev.Chosen():
                yield from self._asked_by_hand(event)
            case ev.Pressed(button=button):
                yield from self._pressed(button)
            case ev.Rated() if self._visiting and self.state in _RESTING:
                yield from self._rated()
            case ev.Understood(turn=turn, reply=reply) if self._is(turn, State.THINKING):
                yield from self._answer(reply)
            case ev.PlaybackFinished() | ev.Failed():
                yield from self._over(event)
            case ev.TimerFired(name=name, turn=turn):
                yield from self._fired(name, turn)
            case _:
                yield from self._heard(event)

    def _over(self, event: ev.PlaybackFinished | ev.Failed) -> Iterator[Command]:
        """All has been said, or something broke."""
        match event:
            case ev.PlaybackFinished(turn=turn) if self._is_voice(turn):
                yield from self._spoken()
            case _ if event.turn == self._saying.turn and self._saying.waits:
                yield from self._saying.end()
            case ev.Failed(turn=turn) if turn == self.turn or self._is_voice(turn):
                yield ev.Deafen()
                yield from self._saying.end()
                yield ev.ShowNote(SORRY)
                yield from self._rest()

    def _heard(self, event: Event) -> Iterator[Command]:
        """What came in at the ears."""
        match event:
            case ev.WakeHeard(turn=turn) if self._is(turn, State.IDLE) and self._may_be_called:
                yield from self._called_by_phrase()
            case ev.SpeechStarted(turn=turn) if self._is(turn, *_RESTING):
                self._visiting = True
                yield ev.StopTimer("quiet")
                yield from self._enter(State.LISTENING)
            case ev.Captioned(turn=turn, text=text) if text and self._is(turn, *_HEARING):
                yield ev.ShowCaption(turn, text)
            case ev.SpeechEnded(turn=turn) if self._is(turn, State.LISTENING):
                yield from self._enter(State.THINKING)
            case ev.WordsHeard(turn=turn) if self._is(turn, State.THINKING):
                yield from self._words_heard(event)
            case ev.OnlyCalled(turn=turn) if self._is(turn, State.THINKING):
                yield from self._answer_call()
            case ev.SpeechSuspected() | ev.SuspicionDropped() | ev.Interrupted():
                yield from self._overheard(event)
            case ev.SpeechResumed(turn=turn) if self._is(turn, State.THINKING, State.SPEAKING):
                yield from self._broken_in_on(goes_on=True)
            case _:
                yield from self._watched(event)

    def _is(self, turn: int, *states: State) -> bool:
        """Whether an event of `turn` that belongs into one of `states` is still awaited."""
        return turn == self.turn and self.state in states

    def _is_voice(self, turn: int) -> bool:
        return self.state is State.SPEAKING and turn == self._saying.turn

    @property
    def _may_listen(self) -> bool:
        return self._policy == "open" or self._visiting

    @property
    def _may_be_called(self) -> bool:
        return self._policy in ("wake_word", "both") and not self._visiting

    def _open_ears(self, listen: type[ev.Listen | ev.ListenOn] = ev.Listen) -> Iterator[Command]:
        if self._microphone and self._may_listen:
            yield listen(self.turn, self.elder)
        elif self._microphone and self._may_be_called:
            yield ev.AwaitPhrase(self.turn)

    def _rest(self) -> Iterator[Command]:
        """Be ready for the next question."""
        yield from self._await_question(ev.Listen)

    def _await_question(self, listen: type[ev.Listen | ev.ListenOn]) -> Iterator[Command]:
        yield from self._saying.let_go()
        self._advance()
        handing_over = self._last is not None and self._last.outcome == "handoff"
        state = State.HANDOFF if handing_over else State.ATTENTIVE if self._visiting else State.IDLE
        yield from self._enter(state)
        yield from self._open_ears(listen)
        if self._visiting:
            yield from self._wait_quietly()
            yield from self._await_return()
        elif self._announcement:
            yield from self._announce()

    def _wait_quietly(self) -> Iterator[Command]:
        quiet_s = ELDER_QUIET_S if self.elder else QUIET_S
        handing_over = self.state is State.HANDOFF
        yield ev.StartTimer("quiet", HANDOFF_S if handing_over else quiet_s, self.turn)

    def _advance(self) -> None:
        """A new turn; what comes late for the old one is ignored."""
        self.turn += 1
        self._leaving = False
        self._asked = False

    # By order of the staff

    def _house_changed(self, event: ev.ServiceChanged | ev.PrinterChanged) -> Iterator[Command]:
        """Of which even a kiosk out of service takes note."""
        match event:
            case ev.ServiceChanged():
                yield from self._service_changed(event)
            case ev.PrinterChanged(state=state):
                yield from self._printer_changed(state)

    def _service_changed(self, event: ev.ServiceChanged) -> Iterator[Command]:
        """At once, also in mid-answer: whoever closes a kiosk may have found a wrong answer."""
        before = self._reason
        if event.on:
            self._closed.pop(event.by, None)
        else:
            self._closed[event.by] = event.reason
        if bool(self._closed) == (self.state is State.OUT_OF_SERVICE):
            if self._reason != before:
                yield ev.ShowState(self.state, self.turn, self._reason)
            return
        if event.on:
            yield from self._end_visit()
            return
        yield ev.StopTimer("doubt")
        yield ev.StopTimer("left")
        yield from self._wipe()
        self._announcement = ""
        self._advance()
        yield from self._enter(State.OUT_OF_SERVICE)

    def _turned_away(self, event: Event) -> Iterator[Command]:
        """Out of service; staff can be called all the same."""
        match event:
            case ev.ScreenOpened():
                self._screen = True
                yield ev.ShowHome()
                yield ev.ShowState(self.state, self.turn, self._reason)
            case ev.ScreenClosed():
                self._screen = self._microphone = False
            case ev.MicrophoneChanged(state=state):
                self._microphone = state == "on"
            case ev.Pressed(button="staff"):
                yield ev.CallStaff(self.turn, ev.Ticket("control.handoff"))
                yield ev.ShowNote(STAFF_TOLD)
            case ev.Typed() | ev.Chosen() | ev.Pressed():
                yield ev.ShowNote(CLOSED)
            case _:
                pass

    def _announce(self) -> Iterator[Command]:
        text, self._announcement = self._announcement, ""
        self._advance()
        if not self._listens_in:
            yield ev.Deafen()
        yield ev.ShowNote(text)
        yield from self._speak((text,))

    # The phrase

    def _called_by_phrase(self) -> Iterator[Command]:
        """A visit begins; what was said in the same breath is its first question."""
        self._advance()
        self._visiting = True
        yield from self._enter(State.LISTENING)
        yield ev.ListenOn(self.turn, self.elder)

    def _answer_call(self) -> Iterator[Command]:
        """我在: whoever called waits for a word."""
        if not self._called:
            yield from self._rest()
            return
        if not self._listens_in:
            yield ev.Deafen()
        yield ev.ShowNote(self._called)
        yield from self._speak((self._called,))

    # Barge-in

    def _overheard(self, event: Overheard) -> Iterator[Command]:
        """Something was heard while the kiosk speaks."""
        if not self._is(event.turn, State.SPEAKING):
            return
        match event:
            case ev.SpeechSuspected():
                yield from self._hold()
            case ev.SuspicionDropped():
                yield from self._go_on()
            case ev.Interrupted(unsure=True) if not self._leaving:
                yield from self._broken_in_on(waits=True)
            case ev.Interrupted(goes_on=goes_on):
                yield from self._broken_in_on(goes_on=goes_on)

    def _hold(self) -> Iterator[Command]:
        """Silence first, then find out: nobody likes to be talked over."""
        yield from self._saying.pause()
        yield ev.StartTimer("doubt", DOUBT_S, self.turn)

    def _go_on(self) -> Iterator[Command]:
        yield ev.StopTimer("doubt")
        yield from self._saying.go_on()

    def _broken_in_on(self, *, goes_on: bool = False, waits: bool = False) -> Iterator[Command]:
        """What is being said is the next question; goes_on: or the last one, whole.

        The old answer is over; or it waits, silent, until it is known what was said.
        """
        waits |= self._saying.waits
        if goes_on and self._asked:
            yield ev.TakeBack()
        self._advance()
        self._visiting = True
        yield ev.StopTimer("doubt")
        yield ev.StopTimer("quiet")
        if waits:
            yield from self._saying.pause(waits=True)
        else:
            yield from self._saying.end()
        yield from self._enter(State.LISTENING)
        yield ev.ListenOn(self.turn, self.elder)

    def _words_heard(self, words: ev.WordsHeard) -> Iterator[Command]:
        if self._saying.waits and words.idle:
            yield from self._take_up_again()
            return
        if len(words.text) > SCRAP:
            yield from self._saying.let_go()
        self._asked = True
        yield ev.Understand(self.turn, words)

    def _take_up_again(self) -> Iterator[Command]:
        """A listener's 好的, a cough, an echo, a scrap: nobody wanted the answer to end."""
        yield from self._enter(State.SPEAKING)
        yield from self._saying.go_on()
        if self._listens_in:
            yield ev.ListenIn(self.turn, self._saying.open_question)

    def _fired(self, name: str, turn: int) -> Iterator[Command]:
        if name in ("quiet", "left") and self._is(turn, *_RESTING):
            yield from self._end_visit()
        if name == "doubt":
            yield from self._overheard(ev.SuspicionDropped(turn))

    def _spoken(self) -> Iterator[Command]:
        """The answer was heard to its end. Who began to speak in its last moment is heard on."""
        if self._leaving:
            yield from self._end_visit()
            return
        if self._listens_in:
            yield ev.StopTimer("doubt")
        yield from self._await_question(ev.ListenOn if self._listens_in else ev.Listen)

    @property
    def _listens_in(self) -> bool:
        return self._barge_in and self._microphone

    def _asked_by_hand(self, event: ev.Typed | ev.Chosen) -> Iterator[Command]:
        yield from self._interrupt()
        match event:
            case ev.Typed(text=text):
                yield ev.Understand(self.turn, ev.WordsHeard(self.turn, text))
            case ev.Chosen(answer_id=answer_id, aspect=aspect):
                yield ev.Recall(self.turn, answer_id, aspect)

    def _interrupt(self) -> Iterator[Command]:
        """Drop whatever is going on and begin a new turn by hand."""
        self._advance()
        self._visiting = True
        self._unseen = False  # A hand is as good as a face.
        yield ev.StopTimer("quiet")
        yield ev.Deafen()
        yield from self._saying.end()
        yield from self._enter(State.THINKING)

    def _answer(self, reply: Reply) -> Iterator[Command]:
        if self._saying.waits and reply.outcome == "empty":
            yield ev.TakeBack()
            yield from self._take_up_again()
            return
        if not self._listens_in:
            yield ev.Deafen()
        texts: tuple[str, ...] = (self._words_of(reply),)
        match reply.answer_id:
            case "control.stop":
                yield from self._saying.end()
                yield from self._rest()
                return
            case "control.goodbye":
                self._leaving = True
                yield ev.ShowReply(self.turn, reply)
            case "control.slower":
                self._manner.slow_down()
                texts = yield from self._say_again(reply)
            case "control.louder":
                self._manner.speak_up()
                texts = yield from self._say_again(reply)
            case "control.elder_mode":
                yield from self._enter_elder_mode()
                texts = yield from self._say_again(reply)
            case "control.repeat":
                texts = yield from self._say_again(reply)
            case "control.print":
                texts = yield from self._print(reply)
            case _:
                if reply.outcome == "handoff":
                    yield ev.CallStaff(self.turn, reply.ticket or ev.Ticket("control.handoff"))
                if reply.outcome != "empty":
                    self._last = reply  # 再说一遍 means the last answer, not 没听清.
                yield ev.ShowReply(self.turn, reply)
        yield from self._speak(texts, open_question=reply.outcome in ("clarify", "unknown"))

    def _say_again(self, reply: Reply) -> Generator[Command, None, tuple[str, ...]]:
        """The acknowledgement, then the last answer once more, if there was one."""
        yield ev.ShowReply(self.turn, self._last or reply)
        return (reply.spoken, self._words_of(self._last)) if self._last else (reply.spoken,)

    def _print(self, reply: Reply) -> Generator[Command, None, tuple[str, ...]]:
        """The last answer's checklist on paper; or why not."""
        text = PRINTER[self._printer]
        if self._printer == "ready" and self._last and self._last.materials:
            yield ev.Print(self.turn, replace(self._last, heard=""))
        elif self._printer == "ready":
            text = NO_LIST
        yield ev.ShowReply(self.turn, replace(reply, spoken=text, screen=text))
        return (text,)

    def _words_of(self, reply: Reply) -> str:
        """What is said of a reply: in elder mode the answer alone; the screen has it whole."""
        return brief(reply.spoken) if self.elder and reply.outcome == "answered" else reply.spoken

    def _speak(self, texts: tuple[str, ...], *, open_question: bool = False) -> Iterator[Command]:
        yield from self._saying.let_go()
        yield from self._enter(State.SPEAKING)
        self._saying.begin(self.turn, open_question=open_question)
        manner = self._manner
        yield ev.Speak(self.turn, texts, manner.speed, manner.gain, manner.pause_s)
        if self._listens_in:
            yield ev.ListenIn(self.turn, self._saying.open_question)

    def _pressed(self, button: ev.Button) -> Iterator[Command]:
        match button:
            case "home":
                yield from self._end_visit()
            case "stop":
                yield from self._interrupt()
                yield from self._rest()
            case "staff":
                yield from self._interrupt()
                yield ev.Recall(self.turn, "control.handoff")
            case "repeat" | "slower" | "louder" | "print":
                yield from self._interrupt()
                yield ev.Recall(self.turn, f"control.{button}")
            case "elder" if self.elder:
                yield from self._interrupt()
                self._manner.be_usual()
                yield ev.ShowMode(elder=False)
                yield from self._rest()
            case "elder":
                yield from self._interrupt()
                yield from self._enter_elder_mode()
                yield ev.Recall(self.turn, "control.elder_mode")

    def _rated(self) -> Iterator[Command]:
        """Somebody is still there; nothing else comes of it here."""
        self._unseen = False
        yield ev.StopTimer("left")
        yield from self._wait_quietly()

    def _enter_elder_mode(self) -> Iterator[Command]:
        self._manner.be_elders()
        yield ev.ShowMode(elder=True)

    def _microphone_changed(self, state: ev.MicrophoneState) -> Iterator[Command]:
        was, self._microphone = self._microphone, state == "on"
        if self._microphone and not was and self.state in _RESTING:
            yield from self._open_ears()
        if was and not self._microphone:
            yield ev.Deafen()
            if self.state is State.LISTENING:
                yield from self._rest()
        if state in NO_MICROPHONE:
            yield ev.ShowNote(NO_MICROPHONE[state])

    def _printer_changed(self, state: PrinterState) -> Iterator[Command]:
        """Whoever waits for paper is told why there is none."""
        was, self._printer = self._printer, state
        if self._visiting and was == "ready" and state != "ready":
            yield ev.ShowNote(PRINTER[state])

    def _watched(self, event: Event) -> Iterator[Command]:
        """What the camera saw, or that it sees nothing."""
        match event:
            case ev.PersonArrived(greet=greet, newcomer=newcomer):
                if newcomer and self.state in (*_RESTING, State.SPEAKING):
                    yield from self._end_visit()
                yield from self._person_arrived(greet)
            case ev.PersonLeft():
                yield from self._person_left()
            case ev.CameraChanged(state="denied"):
                yield ev.ShowNote(NO_CAMERA)
            case _:
                pass  # Stale: of a turn, or a part of it, that is over.

    def _person_arrived(self, greet: bool) -> Iterator[Command]:
        self._unseen = False
        yield ev.StopTimer("left")
        if self.state is not State.IDLE or self._policy in ("wake_word", "touch"):
            return
        self._visiting = True
        yield ev.Deafen()
        if not (greet and self._greeting):
            yield from self._rest()
            return
        self._advance()
        yield ev.ShowNote(self._greeting)
        yield from self._speak((self._greeting,))

    def _person_left(self) -> Iterator[Command]:
        self._unseen = self._visiting
        if self.state in _RESTING:
            yield from self._await_return()

    def _await_return(self) -> Iterator[Command]:
        """Soon wipe what somebody out of sight has left; speech and touch stop that."""
        if self._unseen:
            after_s = HANDOFF_LEFT_S if self.state is State.HANDOFF else LEFT_S
            yield ev.StartTimer("left", after_s, self.turn)

    def _end_visit(self) -> Iterator[Command]:
        yield from self._wipe()
        yield from self._rest()

    def _wipe(self) -> Iterator[Command]:
        self._manner.be_usual()
        self._last = None
        self._visiting = False
        self._unseen = False
        yield ev.StopTimer("quiet")
        yield ev.Deafen()
        yield from self._saying.end()
        yield ev.Wipe()
        if self._screen:
            yield ev.ShowHome()

    def _enter(self, state: State) -> Iterator[Command]:
        self.state = state
        yield ev.ShowState(state, self.turn, self._reason)

    @property
    def closed(self) -> Mapping[ev.Closer, str]:
        """Who keeps the kiosk out of service, and each one's reason for the citizen."""
        return self._closed

    @property
    def _reason(self) -> str:
        """Why the kiosk is out of service, where that is known."""
        return next(filter(None, self._closed.values()), "")


_RESTING = (State.IDLE, State.ATTENTIVE, State.HANDOFF)
_HEARING = (State.LISTENING, State.THINKING)
