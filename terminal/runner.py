"""The thin shell around the session: carries out its commands; owns timers, tasks, threads."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from hardware.base import Frame, Microphone, Sound, Speaker
from hardware.echo import EchoCanceller
from hardware.played import OwnVoice, Played
from models.base import Encoder, Vad, WakeDetector
from terminal import events as ev
from terminal.clauses import brief
from terminal.dialogue.dialogue import Dialogue
from terminal.display import Display
from terminal.endpoint import EndpointSettings
from terminal.errors import KioskError
from terminal.events import Command, Event, Policy, Reply, State
from terminal.hearing import Hearing
from terminal.lexicon import Lexicon
from terminal.lightening import Level
from terminal.manner import ELDER_SPEED
from terminal.notices import CALLED
from terminal.recognizing import Ear
from terminal.scrub import scrub
from terminal.session import Session
from terminal.speaking import Speaking
from terminal.waking import WakeSettings
from terminal.worker import Abandoned, Worker

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

Listening = ev.Listen | ev.AwaitPhrase | ev.ListenIn | ev.ListenOn | ev.Deafen

INBOX = 256
"""Events waiting; a full inbox is a bug, and the process ends rather than lose one."""
SCRUB_AFTER_S = 2.0
"""Behind a visit's end: by then nothing works with its words any more."""
IDLE_BEFORE_PREPARING_S = 3.0
"""Quiet time before the voice cache is filled: the citizen comes first."""


@dataclass(frozen=True, slots=True)
class Workers:
    """Three threads, so that a slow decode never delays the ears."""

    hearing: Executor = field(default_factory=lambda: Worker("hearing"))
    recognizing: Executor = field(default_factory=lambda: Worker("recognizing"))
    speaking: Executor = field(default_factory=lambda: Worker("speaking"))

    def shutdown(self) -> None:
        """Drop what has not begun."""
        for each in (self.hearing, self.recognizing, self.speaking):
            each.shutdown(wait=True, cancel_futures=True)


@dataclass(slots=True)
class TurnTiming:
    """Milliseconds of one turn's stages, as they were measured."""

    endpoint: float = 0.0
    asr: float = 0.0
    wait: float = 0.0
    """The part of recognition that the endpoint's own wait did not hide."""
    understand: float = 0.0
    first_audio: float = 0.0

    @property
    def processing(self) -> float:
        """From the endpoint to the first sound."""
        return self.wait + self.understand + self.first_audio

    @property
    def end_of_speech_to_first_audio(self) -> float:
        """What the citizen waits."""
        return self.endpoint + self.processing


@dataclass(frozen=True, slots=True)
class Turn:
    """A finished answer, for whoever watches (replay, bench, health)."""

    turn: int
    reply: Reply
    timing: TurnTiming


@dataclass(frozen=True, slots=True)
class Engines:
    """What the runner works with; all loaded and primed."""

    vad: Vad
    ear: Ear
    dialogue: Dialogue
    speaking: Speaking
    detector: WakeDetector | None = None
    """Of the phrase; needed where the kiosk can be called."""
    encoder: Encoder | None = None
    """Of meaning; needed where packs come from a hub."""


@dataclass(frozen=True, slots=True)
class Senses:
    """What belongs to the hearing thread alone."""

    vad: Vad
    canceller: EchoCanceller | None
    detector: WakeDetector | None


class Outlet:
    """Of one pair of ears: closed when they hang, so that nothing of theirs comes late."""

    def __init__(self, post: Callable[[Event], None]) -> None:
        self.open = True
        self._post = post

    def __call__(self, event: Event) -> None:
        """From any thread."""
        if self.open:
            self._post(event)


Step = Callable[[float, Event, list[Command]], None]
"""Called with the time, the event and its commands: the trace."""


class Runner:
    """One kiosk. Lives on one event loop; `post` may be called from any thread."""

    def __init__(
        self,
        engines: Engines,
        speaker: Speaker,
        display: Display,
        workers: Workers | None = None,
        *,
        endpoint: EndpointSettings | None = None,
        greeting: str = "",
        policy: Policy = "open",
        called: str = CALLED,
        wake: WakeSettings | None = None,
        barge_in: bool = False,
        canceller: EchoCanceller | None = None,
        played: Played | None = None,
        on_step: Step = lambda _now, _event, _commands: None,
        on_turn: Callable[[Turn], None] = lambda _turn: None,
    ) -> None:
        self._engines = engines
        self._speaker = speaker
        self._display = display
        self._workers = workers or Workers()
        self._on_step = on_step
        self._on_turn = on_turn
        self._loop = asyncio.get_running_loop()
        self._inbox: asyncio.Queue[Event] = asyncio.Queue(INBOX)
        self._overrun = False
        self._played = played or Played()
        self._endpoint, self._wake = endpoint, wake
        self._outlet = Outlet(self.post)
        self._hearing = self._ears(Senses(engines.vad, canceller, engines.detector))
        self._listens: Listening = ev.Deafen()
        """What the ears were told last."""
        self.frames = 0
        """Of the microphone, that were taken."""
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._answering: asyncio.Task[None] | None = None
        self._may_speak = asyncio.Event()
        """Cleared while an answer waits: the ears need the processor."""
        self._may_speak.set()
        self._timing = TurnTiming()
        self._reply: Reply | None = None
        self._at_rest: list[Callable[[], None]] = []
        self._learned = asyncio.Event()
        self.yields_to: Callable[[], bool] = lambda: False
        """Something works that should have the processor before the voice cache does."""
        self._level: Level = "normal"
        self.volume = 1.0
        """On top of what citizens choose; 1 is the voice's own."""
        self.session = Session(greeting, policy=policy, barge_in=barge_in, called=called)

    def post(self, event: Event) -> None:
        """Put an event into the inbox."""
        with contextlib.suppress(RuntimeError):  # The loop is closed: nobody waits any more.
            self._loop.call_soon_threadsafe(self._take, event)

    async def run(self) -> None:
        """Take events until cancelled; KioskError if they come faster than they are handled."""
        try:
            while True:
                event = await self._inbox.get()
                if self._overrun:
                    raise KioskError("internal", f"{INBOX} events waiting: the kiosk must restart")
                self.step(event)
        finally:
            await self.close()

    def step(self, event: Event) -> None:
        """Hand one event to the session and carry out what it says."""
        commands = self.session.handle(event, self._loop.time())
        self._on_step(self._loop.time(), event, commands)
        for command in commands:
            self._perform(command)
        if isinstance(event, ev.Understood) and commands:
            self._note_reply(event, commands)
        while self._at_rest and self._rests:
            self._at_rest.pop(0)()

    def when_at_rest(self, work: Callable[[], None]) -> None:
        """Do something quick as soon as nobody is being served. On the runner's loop."""
        self._at_rest.append(work)
        if self._rests:
            self._at_rest.pop(0)()

    @property
    def _rests(self) -> bool:
        return self.session.state in (State.IDLE, State.OUT_OF_SERVICE)

    def lighten(self, level: Level) -> None:
        """Do as much as the machine can bear."""
        self._level = level

    def learn(self, dialogue: Dialogue, lexicon: Lexicon) -> None:
        """Answer from another pack from now on; for when nobody is being served."""
        self._engines = replace(self._engines, dialogue=dialogue)
        self._engines.ear.learn(dialogue.terms, dialogue.nearest)
        self._engines.speaking.learn(lexicon)
        self._learned.set()

    async def in_dialogue(self, work: Callable[[Dialogue], Answer]) -> Answer:
        """Use the dialogue, or its encoder, between two questions."""
        return await self._on_dialogue(lambda: work(self._engines.dialogue))

    async def listen_to(self, microphone: Microphone) -> None:
        """Feed a microphone's frames to the ears until it ends."""
        frames = microphone.frames()
        try:
            async for frame in frames:
                self.frames += 1
                with contextlib.suppress(Abandoned):  # The ears hung; the next are being made.
                    await self._on_hearing(self._push, frame, self._played.take())
        finally:
            if isinstance(frames, AsyncGenerator):
                await frames.aclose()

    async def keep_voice_prepared(self) -> None:
        """Fill the voice cache, and again for each new pack."""
        while True:
            self._learned.clear()
            await self.prepare_voice()
            await self._learned.wait()

    async def prepare_voice(self) -> None:
        """Fill the voice cache, a clause at a time, while nobody is being served."""
        speaking = self._engines.speaking
        answers = self._engines.dialogue.answers()
        for text in answers:
            if self._learned.is_set():
                return
            for clause in speaking.missing([text]):
                await self._quiet()
                await self._prepare(clause)
        # Elder mode's slower voice takes what room is left: it must push no usual answer out.
        for text in answers:
            if self._learned.is_set():
                return
            slow = list(dict.fromkeys([text, brief(text)]))
            for clause in speaking.missing(slow, ELDER_SPEED) if speaking.has_room else []:
                await self._quiet()
                await self._prepare(clause, ELDER_SPEED)

    async def close(self) -> None:
        """Stop all work in hand."""
        for timer in self._timers.values():
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._workers.shutdown()

    # A stage that hangs

    @property
    def workers(self) -> Workers:
        """Its threads."""
        return self._workers

    def revive_hearing(self, load: Callable[[], Senses]) -> None:
        """With new ears, told again what the old ones were told. For the hearing thread hangs."""
        self._outlet.open = False
        self._outlet = Outlet(self.post)

        def renew() -> None:
            self._hearing = self._ears(load())

        self._abandon(self._workers.hearing, renew)
        session = self.session
        if session.state in (State.LISTENING, State.THINKING):
            self.step(ev.Failed(session.turn, "hearing"))  # And listens anew.
        else:
            self._perform(_again(self._listens))

    def revive_recognizing(self, load: Callable[[], None]) -> None:
        """`load` renews the ear's recogniser; what hung is told as failed."""

        def renew() -> None:
            load()
            if self._rests:  # Its wipe may have been among what was left behind.
                self._engines.dialogue.wipe()

        self._abandon(self._workers.recognizing, renew)

    def revive_speaking(self, load: Callable[[], None]) -> None:
        """`load` renews the voices; the answer that hung is told as failed."""
        self._abandon(self._workers.speaking, load)

    def _abandon(self, worker: Executor, renew: Callable[[], None]) -> None:
        if not isinstance(worker, Worker):
            raise TypeError("only a Worker's thread can be left behind")
        done = worker.abandon(renew, "its thread hangs and was left behind")
        done.add_done_callback(_tell_failure)

    def _ears(self, senses: Senses) -> Hearing:
        return Hearing(
            senses.vad,
            self._engines.ear,
            self._outlet,
            self._workers.recognizing,
            self._endpoint,
            senses.canceller,
            self._caption,
            senses.detector,
            self._wake,
            self._speculates,
        )

    def _speculates(self) -> bool:
        return self._level in ("normal", "light")

    def _push(self, frame: Frame, own: OwnVoice) -> None:
        self._hearing.push(frame, own)

    def _caption(self, text: str) -> str:
        return self._engines.dialogue.caption(text)

    def _take(self, event: Event) -> None:
        try:
            self._inbox.put_nowait(event)
        except asyncio.QueueFull:
            self._overrun = True

    async def _prepare(self, clause: str, speed: float = 1.0) -> None:
        prepare = self._engines.speaking.prepare
        try:
            await self._loop.run_in_executor(self._workers.speaking, prepare, clause, speed)
        except Exception:
            log.exception("cannot prepare %r", clause)

    async def _quiet(self) -> None:
        unserved = (State.IDLE, State.ATTENTIVE)
        while self.session.state not in unserved or self._saves:  # noqa: ASYNC110 - no hurry
            await asyncio.sleep(IDLE_BEFORE_PREPARING_S)

    @property
    def _saves(self) -> bool:
        """Others need the processor, the machine is hot, or its disk would not keep the work."""
        hot = self._level != "normal"
        return hot or self.yields_to() or not self._engines.speaking.keeps

    def _note_reply(self, event: ev.Understood, commands: list[Command]) -> None:
        """Report the turn: now if nothing is said (control.stop), else when it was said."""
        self._reply = event.reply
        if not any(isinstance(command, ev.Speak) for command in commands):
            self._on_turn(Turn(event.turn, event.reply, self._timing))

    async def _on_hearing(self, work: Callable[..., None], *arguments: object) -> None:
        await self._loop.run_in_executor(self._workers.hearing, work, *arguments)

    def _perform(self, command: Command) -> None:
        match command:
            case ev.Listen() | ev.AwaitPhrase() | ev.ListenIn() | ev.ListenOn() | ev.Deafen():
                self._listens = command
                self._spawn(self._on_hearing(self._listening, command))
            case ev.Understand(turn=turn, words=words):
                find = partial(self._engines.dialogue.reply, words)
                self._timing = _timing_of(words)
                self._spawn(self._understand(turn, find, self._timing))
            case ev.TakeBack():
                self._spawn(self._on_dialogue(self._engines.dialogue.take_back))
            case ev.Recall(turn=turn, answer_id=answer_id, aspect=aspect):
                find = partial(self._engines.dialogue.recall, answer_id, aspect)
                self._timing = TurnTiming()
                self._spawn(self._understand(turn, find, self._timing))
            case ev.Speak():
                self._answering = self._spawn(self._speak(command))
            case ev.Pause():
                self._may_speak.clear()
                self._played.pause()
                self._spawn(self._speaker.pause())
            case ev.Resume():
                self._may_speak.set()
                self._played.resume()
                self._spawn(self._speaker.resume())
            case ev.Hush():
                self._hush()
            case ev.StartTimer(name=name, after_s=after_s, turn=turn):
                self._stop_timer(name)
                fired = ev.TimerFired(name, turn)
                self._timers[name] = self._loop.call_later(after_s, self.post, fired)
            case ev.StopTimer(name=name):
                self._stop_timer(name)
            case ev.Print():
                pass  # The peripherals', who look on.
            case ev.CallStaff(ticket=ticket):
                log.info("staff called: %s", ticket.reason)
            case ev.Wipe():
                self._wipe()
                self._display.show(command)
            case _:
                self._display.show(command)

    def _listening(self, command: Listening) -> None:
        """What the ears are to do. On their thread, so that it is those of then."""
        hearing = self._hearing
        match command:
            case ev.Listen(turn=turn, patient=patient):
                hearing.listen(turn, patient=patient)
            case ev.AwaitPhrase(turn=turn):
                hearing.await_phrase(turn)
            case ev.ListenIn(turn=turn, open_question=open_question):
                hearing.listen_in(turn, open_question=open_question)
            case ev.ListenOn(turn=turn, patient=patient):
                hearing.listen_on(turn, patient=patient)
            case ev.Deafen():
                hearing.deafen()

    async def _understand(self, turn: int, find: Callable[[], Reply], timing: TurnTiming) -> None:
        began = time.perf_counter()
        try:
            reply = await self._on_dialogue(find)
        except Exception:
            log.exception("understanding failed")
            self.post(ev.Failed(turn, "understanding"))
            return
        timing.understand = (time.perf_counter() - began) * 1000
        self.post(ev.Understood(turn, reply))

    async def _on_dialogue(self, work: Callable[[], Answer]) -> Answer:
        """All on one thread, so that a late reply of one visit cannot outlive its wipe."""
        return await self._loop.run_in_executor(self._workers.recognizing, work)

    async def _speak(self, command: ev.Speak) -> None:
        began: float | None = time.perf_counter()
        timing = self._timing
        self._played.cancel()
        try:
            if not self._may_speak.is_set():  # The one before ended as it was paused.
                self._may_speak.set()
                await self._speaker.resume()
            for text in command.texts:
                gain = command.gain * self.volume
                sounds = self._engines.speaking.sounds(text, command.speed, gain, command.pause_s)
                while sound := await self._next(sounds):
                    self._played.queue(sound)
                    await self._speaker.play(command.turn, sound)
                    if began is not None:
                        timing.first_audio = (time.perf_counter() - began) * 1000
                        began = None
            if self._reply is not None:
                self._on_turn(Turn(command.turn, self._reply, timing))
            await self._speaker.finish(command.turn)
        except Exception:
            log.exception("speaking failed")
            self.post(ev.Failed(command.turn, "speaking"))
            return
        self.post(ev.PlaybackFinished(command.turn))

    async def _next(self, sounds: Iterator[Sound]) -> Sound | None:
        await self._may_speak.wait()
        return await self._loop.run_in_executor(self._workers.speaking, next, sounds, None)

    def _hush(self) -> None:
        if self._answering is not None:
            self._answering.cancel()
            self._answering = None
            self._may_speak.set()
            self._played.cancel()
            self._spawn(self._speaker.cancel())

    def _wipe(self) -> None:
        self._spawn(self._forget_words())
        self._timing = TurnTiming()
        self._reply = None

    async def _forget_words(self) -> None:
        """At once; and soon behind it, with nobody served, what was freed is overwritten."""
        await self._on_dialogue(self._engines.dialogue.wipe)
        await asyncio.sleep(SCRUB_AFTER_S)
        if self.session.state is State.IDLE:
            await self._on_dialogue(scrub)

    def _stop_timer(self, name: str) -> None:
        if timer := self._timers.pop(name, None):
            timer.cancel()

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a command failed", exc_info=error)


def _again(listens: Listening) -> Listening:
    """For new ears: they hold nothing of what was said before."""
    if isinstance(listens, ev.ListenOn):
        return ev.Listen(listens.turn, listens.patient)
    return listens


def _tell_failure(done: Future[None]) -> None:
    if not done.cancelled() and (error := done.exception()):
        log.error("a stage cannot be started again: %s", error)


def _timing_of(words: ev.WordsHeard) -> TurnTiming:
    heard = words.timing
    return TurnTiming(heard.endpoint_ms, heard.asr_ms, heard.wait_ms) if heard else TurnTiming()
