"""Audio frames in, events out: endpoint, barge-in, and recognition begun inside the silence."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from enum import Enum, auto

import numpy as np

from hardware.base import FRAME_S, Frame
from hardware.echo import EchoCanceller, NoEchoCanceller
from hardware.played import SILENT, OwnVoice
from models.base import Samples, Transcript, Vad
from terminal.dialogue.redaction import redact_unfinished
from terminal.doubt import Doubt, Sound
from terminal.endpoint import EndpointSettings, Mark, Segmenter
from terminal.events import (
    Event,
    Interrupted,
    SpeechEnded,
    SpeechStarted,
    SpeechSuspected,
    SuspicionDropped,
)
from terminal.passes import Pass, Passes, behind
from terminal.patience import Waits
from terminal.recognizing import Ear
from terminal.voices import Voices

Emit = Callable[[Event], None]
"""Must be safe to call from any thread."""

HELD_FRAMES = 64
"""Two seconds: the session's answer to an interruption takes milliseconds."""


OWN_PRE_ROLL = 6
"""Frames, with those of the start itself: what lies before is the kiosk's own voice."""
MORE_FRAMES = 10
"""Behind an order: more than 0.3 s of sound are more words."""
RINGS_FRAMES = round(0.5 / FRAME_S)
"""A room rings so long behind the answer; what begins in it may be its last word."""
WARY_FRAMES = round(3.0 / FRAME_S)
"""So long after a false alarm it takes more to alarm the ears again."""


class Mode(Enum):
    """What the ears are open for."""

    DEAF = auto()
    OPEN = auto()
    """For a question."""
    BETWEEN = auto()
    """A question has ended; only the last moment of sound is kept."""
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
    ) -> None:
        """`caption`: what may be shown of words that may go on; safe to call from any thread."""
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
        self._early: Pass | None = None
        self._doubt: Doubt | None = None
        self._next: tuple[int, bool] | None = None
        """The next turn and its patience, once the answer is over."""
        self._order: tuple[Transcript, int] | None = None
        """What broke in, and the frames up to there, where it was an order."""
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

    def listen_in(self, turn: int) -> None:
        """Notice who breaks in on the answer of `turn`."""
        self._forget()
        self._segmenter.reset()
        self._voices.floor.begin()
        self._turn = turn
        self._mode = Mode.OVER_OWN_VOICE
        self._voices.floor.strict = True
        self._wary = 0

    def listen_on(self, turn: int, *, patient: bool = False) -> None:
        """Like `listen`, but what is being said already belongs to `turn`."""
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

    def deafen(self) -> None:
        """Close the ears and forget all sound."""
        self._mode = Mode.DEAF
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
        match self._mode:
            case Mode.BROKEN_IN:
                self._held.append(samples)
            case Mode.BETWEEN:
                self._pre_roll.append(samples)
            case _:
                self._hear(samples)

    def _open(self, turn: int, patient: bool) -> None:
        self._waits = self._patient if patient else self._usual
        self._next = None
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
        if self._mode is Mode.OPEN:
            self._in_question(mark, before_s)
        else:
            self._over_own_voice(mark)

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
        self._be_patient(self._waits.longest_s)
        silence_s = self._segmenter.silence_s
        self._early = self._ordered(silence_s) or self._passes.early(
            self._turn, np.concatenate(self._audio), silence_s
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
        work = self._early or self._passes.whole(np.concatenate(self._audio), end_s)
        self._voices.floor.heard_out()
        self._voices.floor.begin()
        self._mode = Mode.BETWEEN
        self._early = None
        self._order = None
        self._audio = []
        self._passes.deliver(work, turn, end_s)

    def _ordered(self, silence_s: float) -> Pass | None:
        """An order that broke in, if nothing was said behind it: heard again it may be lost."""
        if self._order is None:
            return None
        heard, frames = self._order
        spoken = len(self._audio) - round(silence_s / FRAME_S)
        return self._passes.known(heard) if spoken <= frames + MORE_FRAMES else None

    # Somebody breaks in

    def _over_own_voice(self, mark: Mark | None) -> None:
        self._wary = max(0, self._wary - 1)
        settings = self._segmenter.settings
        self._segmenter.start_s = settings.wary_s if self._wary else settings.suspect_s
        if mark is Mark.STARTED:
            self._doubt = Doubt(self._glance)
            self._segmenter.wait(self._segmenter.settings.longest_s)
            self._emit(SpeechSuspected(self._turn))
        if self._doubt is None:
            self._ring_out()
            return
        sound = Sound(self._voices.floor.level_db, self._voices.speaks)
        segmenter = self._segmenter
        verdict = self._doubt.push(segmenter.length_s, segmenter.paused, sound, self._own.words)
        if verdict is True:
            self._believe()
        elif verdict is False:
            self._disbelieve(self._doubt.loudest_db)

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
        self._mode = Mode.BROKEN_IN
        self._emit(Interrupted(self._turn))

    def _disbelieve(self, loudest_db: float) -> None:
        following = self._next
        self._voices.floor.raise_to(loudest_db)
        self.listen_in(self._turn)
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

    def _forget(self) -> None:
        self._order = None
        self._drop_early()
        self._drop_doubt()
        self._next = None
        self._audio = []
