"""Audio frames in, events out: the phrase, the endpoint, barge-in.

Recognition begins inside the silence, and a question that goes on behind its end is one question.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from enum import Enum, auto
from functools import partial

import numpy as np

from hardware.base import FRAME_S, Frame
from hardware.echo import EchoCanceller, NoEchoCanceller
from hardware.played import SILENT, OwnVoice
from models.base import Samples, Transcript, Vad, WakeDetector
from terminal.dialogue.redaction import redact_unfinished
from terminal.doubt import Doubt, Sound
from terminal.endpoint import EndpointSettings, Mark, Segmenter
from terminal.events import (
    Event,
    Interrupted,
    SpeechEnded,
    SpeechResumed,
    SpeechStarted,
    SpeechSuspected,
    SuspicionDropped,
    WakeHeard,
)
from terminal.evidence import Evidence
from terminal.half import REJOIN_S, Half
from terminal.interruption import asks, is_idle
from terminal.passes import Pass, Passes, behind
from terminal.patience import Waits
from terminal.recognizing import Ear
from terminal.voices import Voices
from terminal.waking import WakeSettings
from terminal.watchword import Call, Watchword

Emit = Callable[[Event], None]
"""Must be safe to call from any thread."""

HELD_FRAMES = 64
"""Two seconds: the session's answer to an interruption takes milliseconds."""


OWN_PRE_ROLL = 6
"""Frames, with those of the start itself: what lies before is the kiosk's own voice."""
MORE_FRAMES = 10
"""Behind an order: more than 0.3 s of sound are more words."""
BRIEF_FRAMES = round(1.8 / FRAME_S)
"""With the silence behind it: no order is longer, and no listener's word."""
RINGS_FRAMES = round(0.5 / FRAME_S)
"""A room rings so long behind the answer; what begins in it may be its last word."""
WARY_FRAMES = round(3.0 / FRAME_S)
"""So long after a false alarm it takes more to alarm the ears again."""


def _never(_heard: Transcript) -> bool:
    return False


class Mode(Enum):
    """What the ears are open for."""

    DEAF = auto()
    CALLABLE = auto()
    """For the phrase alone."""
    CALLED = auto()
    """It was said; frames wait for the turn's number."""
    OPEN = auto()
    """For a question."""
    BETWEEN = auto()
    """A question has ended; it may yet go on, for a moment."""
    OVER_OWN_VOICE = auto()
    """For whoever breaks in on the answer."""
    BROKEN_IN = auto()
    """Somebody has; frames wait for the new turn's number."""


class Hearing:
    """Belongs to the hearing thread; recognition runs on `recognizing`'s."""

    def __init__(
        self,
        vad: Vad,
        ear: Ear,
        emit: Emit,
        recognizing: Executor,
        settings: EndpointSettings | None = None,
        canceller: EchoCanceller | None = None,
        caption: Callable[[str], str] = redact_unfinished,
        detector: WakeDetector | None = None,
        wake: WakeSettings | None = None,
        speculates: Callable[[], bool] = lambda: True,
    ) -> None:
        """`caption`: what may be shown of words that may go on; safe to call from any thread.

        detector: of the phrase; without one, nobody can call the kiosk. speculates: whether to
        recognise inside a silence that may be none.
        """
        usual = settings or EndpointSettings()
        self._emit = emit
        self._passes = Passes(ear, emit, recognizing, caption)
        self._voices = Voices(vad, canceller or NoEchoCanceller(), usual.speech_probability)
        self._segmenter = Segmenter(usual)
        self._usual = Waits(usual.known_end_s, usual.end_s, usual.unfinished_end_s)
        self._patient = self._usual.patient(usual.patient_end_s)
        self._waits = self._usual
        self._wait_s = usual.end_s
        self._pre_roll: deque[Samples] = deque(maxlen=round(usual.pre_roll_s / FRAME_S))
        self._held: deque[Samples] = deque(maxlen=HELD_FRAMES)
        self._audio: list[Samples] = []
        self._watchword = self._watch(detector, wake or WakeSettings())
        self._call: Call | None = None
        self._called = False
        """The question begins with the phrase."""
        self._half: Half | None = None
        self._open_question = False
        """The answer being spoken was none."""
        self._early: Pass | None = None
        self._speculates = speculates
        self._doubt: Doubt | None = None
        self._next: tuple[int, bool] | None = None
        """The next turn and its patience, once the answer is over."""
        self._order: tuple[Transcript, int] | None = None
        """What broke in, and the frames up to there, where it was an order."""
        self._unread = False
        """Something broke in that may yet turn out to be an order."""
        self._idle: Callable[[Transcript], bool] = _never
        """Whether what broke in asks nothing."""
        self._own = SILENT
        self._mode = Mode.DEAF
        self._turn = 0
        self._rings = 0
        """Frames until the room is silent, behind an answer."""
        self._wary = 0
        """Frames for which the ears are still wary of false alarms."""

    def listen(self, turn: int, *, patient: bool = False) -> None:
        """What is said next belongs to `turn`; a patient ear waits longer for its end."""
        self.deafen()
        self._open(turn, patient)

    def await_phrase(self, turn: int) -> None:
        """Hear nothing but the phrase."""
        self.deafen()
        self._turn = turn
        self._mode = Mode.CALLABLE

    def listen_in(self, turn: int, *, open_question: bool = False) -> None:
        """Notice who breaks in on the answer of `turn`; `open_question`: that is none."""
        if self._mode is Mode.BROKEN_IN:
            return  # Somebody went on while the answer was on its way; the session knows by now.
        half = self._half
        self._half = None
        self._forget()
        self._half = half
        self._open_question = open_question
        self._over_answer(turn)

    def _over_answer(self, turn: int) -> None:
        self._segmenter.reset()
        self._voices.floor.begin()
        self._turn = turn
        self._mode = Mode.OVER_OWN_VOICE
        self._voices.floor.strict = True
        self._wary = 0

    def listen_on(self, turn: int, *, patient: bool = False) -> None:
        """Like `listen`, but what is being said already belongs to `turn`."""
        if self._call is not None:
            self._take_call(self._call, turn, patient)
            return
        if self._mode is Mode.OVER_OWN_VOICE:
            # The answer is over, its echo is not: what begins in it is judged first.
            self._next = (turn, patient)
            self._rings = RINGS_FRAMES
            return
        self._carry_on(turn, patient)

    def _carry_on(self, turn: int, patient: bool) -> None:
        held = list(self._held)
        self._held.clear()
        self._open(turn, patient)
        self._be_patient(self._waits.usual_s)
        if self._segmenter.in_turn:
            self._emit(SpeechStarted(turn))
            if self._segmenter.paused:
                self._begin_early()
        for samples in held:
            self._hear(samples)

    def _take_call(self, call: Call, turn: int, patient: bool) -> None:
        """Hear the phrase and what is behind it as one utterance, from now on."""
        held = [*call.after, *self._held]
        self._call = None
        self._held.clear()
        self._open(turn, patient)
        self._voices.floor.begin()
        for samples in call.before:  # They warm up the detector of speech, and the floor.
            self._voices.probability(samples, in_turn=True)
        self._segmenter.begin()
        self._audio = list(call.before)
        self._called = True
        self._be_patient(self._waits.longest_s)
        for samples in held:
            self._hear(samples)

    def deafen(self) -> None:
        """Close the ears and forget all sound."""
        self._mode = Mode.DEAF
        if self._watchword is not None:
            self._watchword.forget()
        self._segmenter.reset()
        self._voices.forget()
        self._pre_roll.clear()
        self._held.clear()
        self._forget()

    def push(self, frame: Frame, own: OwnVoice = SILENT) -> None:
        """Take the next frame, and what the loudspeaker played meanwhile."""
        if self._mode is Mode.DEAF:
            return
        self._own = own
        samples = self._voices.clean(frame, own)
        self._age_half()
        match self._mode:
            case Mode.CALLABLE:
                self._watch_for_call(samples)
            case Mode.CALLED | Mode.BROKEN_IN:
                self._held.append(samples)
            case _:
                self._hear(samples)

    def _open(self, turn: int, patient: bool) -> None:
        self._waits = self._patient if patient else self._usual
        self._next = None
        self._drop_half()
        self._turn = turn
        self._mode = Mode.OPEN
        self._voices.floor.strict = False
        self._segmenter.start_s = self._segmenter.settings.start_s

    def _hear(self, samples: Samples) -> None:
        self._judge_early()
        before_s = self._segmenter.silence_s
        probability = self._voices.probability(samples, in_turn=self._segmenter.in_turn)
        mark = self._segmenter.push(probability)
        (self._audio or self._pre_roll).append(samples)
        if mark is Mark.STARTED:
            before = OWN_PRE_ROLL if self._mode is Mode.OVER_OWN_VOICE else len(self._pre_roll)
            self._audio = list(self._pre_roll)[-before:]
            self._pre_roll.clear()
        match self._mode:
            case Mode.OPEN:
                self._in_question(mark, before_s)
            case Mode.BETWEEN:
                self._behind_question(mark)
            case _:
                self._over_own_voice(mark, probability)

    # The phrase

    def _watch(self, detector: WakeDetector | None, wake: WakeSettings) -> Watchword | None:
        if detector is None:
            return None
        return Watchword(detector, lambda audio: self._passes.look(audio, wake.terms), wake)

    def _watch_for_call(self, samples: Samples) -> None:
        if self._watchword is not None:
            self._call = self._watchword.push(samples)
        if self._call is not None:
            self._mode = Mode.CALLED
            self._emit(WakeHeard(self._turn))

    # A question

    def _in_question(self, mark: Mark | None, before_s: float) -> None:
        match mark:
            case Mark.STARTED:
                self._be_patient(self._waits.usual_s)
                self._emit(SpeechStarted(self._turn))
            case Mark.PAUSED:
                self._begin_early()
            case Mark.RESUMED:
                self._be_patient(self._waits.usual_s)
                self._drop_early()
            case Mark.ENDED:
                self._finish(self._turn, max(self._wait_s, before_s))

    def _begin_early(self) -> None:
        """Recognise inside the silence; until the words are there, they may be half a sentence."""
        silence_s = self._segmenter.silence_s
        ordered = self._ordered(silence_s)
        if not (ordered or self._called or self._unread or self._speculates()):
            self._be_patient(self._waits.usual_s)
            return
        self._be_patient(self._waits.longest_s)
        brief = self._unread and len(self._audio) <= BRIEF_FRAMES
        self._early = ordered or self._passes.early(
            self._turn,
            np.concatenate(self._audio),
            silence_s,
            called=self._called,
            brief=self._idle if brief else None,
        )
        self._judge_early()

    def _judge_early(self) -> None:
        if self._early is not None and self._early.is_news:
            reading = self._early.reading
            self._be_patient(
                self._waits.usual_s if reading is None else behind(reading, self._waits)
            )

    def _be_patient(self, silence_s: float) -> None:
        self._wait_s = silence_s
        self._segmenter.wait(silence_s)

    def _finish(self, turn: int, end_s: float) -> None:
        self._emit(SpeechEnded(turn))
        work = self._early or self._passes.whole(
            np.concatenate(self._audio), end_s, called=self._called
        )
        self._voices.floor.heard_out()
        self._voices.floor.begin()
        self._voices.floor.strict = True
        self._segmenter.start_s = self._segmenter.settings.wary_s
        self._mode = Mode.BETWEEN
        self._half = Half(self._audio, work, self._called)
        self._early = None
        self._order = None
        self._unread = False
        self._called = False
        self._audio = []
        self._passes.deliver(work, turn, end_s, self._idle)
        self._idle = _never

    def _behind_question(self, mark: Mark | None) -> None:
        """It is being answered; but who was only taking a breath speaks on."""
        if mark is not Mark.STARTED:
            return
        half = self._half
        if half is not None and half.takes(self._segmenter.length_s, open_question=False):
            self._join(half)
            self._mode = Mode.BROKEN_IN
            self._emit(SpeechResumed(self._turn))
            return
        self._pre_roll.extend(self._audio)
        self._audio = []
        self._segmenter.reset()

    def _joins_half(self) -> bool:
        """Whether what broke in is the rest of the question; if so, it is joined to it."""
        half, begun_s = self._half, self._segmenter.length_s
        if half is None or not half.takes(begun_s, open_question=self._open_question):
            return False
        self._join(half)
        return True

    def _age_half(self) -> None:
        """It is kept no longer than something could still be joined to it."""
        if self._half is not None:
            self._half.grow_old()
            if self._half.age_s > REJOIN_S and self._doubt is None:
                self._drop_half()

    def _join(self, half: Half) -> None:
        """What is being said is the rest of that question."""
        self._audio = [*half.audio, *self._audio]
        self._called = half.called
        self._half = None

    def _ordered(self, silence_s: float) -> Pass | None:
        """An order that broke in, if nothing was said behind it: heard again it may be lost."""
        if self._order is None:
            return None
        heard, frames = self._order
        spoken = len(self._audio) - round(silence_s / FRAME_S)
        return self._passes.known(heard) if spoken <= frames + MORE_FRAMES else None

    # Somebody breaks in

    def _over_own_voice(self, mark: Mark | None, probability: float) -> None:
        self._wary = max(0, self._wary - 1)
        settings = self._segmenter.settings
        self._segmenter.start_s = settings.wary_s if self._wary else settings.suspect_s
        if mark is Mark.STARTED:
            phrase, evidence = self._passes.phrase, self._evidence()
            self._doubt = Doubt(self._glance, phrase, evidence, asked=self._asks)
            self._segmenter.wait(self._segmenter.settings.longest_s)
            self._emit(SpeechSuspected(self._turn))
        if self._doubt is None:
            self._ring_out()
            return
        plays = bool(self._own.pcm.any())
        sound = Sound(self._voices.floor.level_db, self._voices.speaks, probability, plays)
        segmenter = self._segmenter
        verdict = self._doubt.push(segmenter.length_s, segmenter.paused, sound, self._own.words)
        if verdict is True:
            self._believe()
        elif verdict is False:
            self._disbelieve(self._doubt.loudest_db)

    def _evidence(self) -> Evidence | None:
        """None where only words tell.

        An order is no rest of a question; and what no canceller has cleaned may be an echo.
        """
        return Evidence() if self._voices.cancels and self._half is None else None

    @property
    def _asks(self) -> bool:
        """Whether 好的 answers something; behind an answer it is a turn of its own."""
        return self._open_question or self._next is not None or asks(self._own.words)

    def _ring_out(self) -> None:
        self._rings -= 1
        if self._next is not None and self._rings <= 0:
            self._carry_on(*self._next)

    def _believe(self) -> None:
        order = self._doubt.order if self._doubt else None
        self._drop_doubt()
        if self._next is not None:
            self._carry_on(*self._next)
            return
        self._order = (order, len(self._audio)) if order else None
        self._unread = order is None
        self._mode = Mode.BROKEN_IN
        goes_on = order is None and self._joins_half()
        unsure = order is None and not goes_on
        if unsure:
            self._idle = partial(is_idle, saying=self._own.words, asked=self._asks)
        self._emit(Interrupted(self._turn, goes_on, unsure))

    def _disbelieve(self, loudest_db: float) -> None:
        following = self._next
        self._voices.floor.raise_to(loudest_db)
        self.listen_in(self._turn, open_question=self._open_question)
        if following is not None:
            self._carry_on(*following)
            return
        self._wary = WARY_FRAMES
        self._emit(SuspicionDropped(self._turn))

    def _glance(self) -> Future[Transcript]:
        return self._passes.glance(np.concatenate(self._audio))

    def _drop_doubt(self) -> None:
        if self._doubt is not None:
            self._doubt.cancel()
            self._doubt = None

    def _drop_early(self) -> None:
        if self._early is not None:
            self._early.cancel()
            self._early = None

    def _drop_half(self) -> None:
        if self._half is not None:
            self._half.wipe()
            self._half = None

    def _forget(self) -> None:
        self._order = None
        self._unread = False
        self._idle = _never
        self._call = None
        self._called = False
        self._open_question = False
        self._drop_half()
        self._drop_early()
        self._drop_doubt()
        self._next = None
        self._audio = []
