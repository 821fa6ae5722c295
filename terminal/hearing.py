"""Audio frames in, events out: VAD, endpoint, and recognition begun inside the silence."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace

import numpy as np

from hardware.base import FRAME_S, Frame
from models.base import Samples, Vad
from terminal.dialogue.redaction import redact_unfinished
from terminal.endpoint import EndpointSettings, Mark, Segmenter
from terminal.events import (
    Captioned,
    Event,
    Failed,
    HeardTiming,
    SpeechEnded,
    SpeechStarted,
    WordsHeard,
)
from terminal.recognizing import Ear, Reading

log = logging.getLogger(__name__)

Emit = Callable[[Event], None]
"""Must be safe to call from any thread."""


@dataclass(slots=True)
class _Pass:
    """One recognition under way."""

    future: Future[tuple[Reading, float]]
    silence_s: float
    """How much of the final silence had passed when it began."""


class Hearing:
    """Belongs to the hearing thread; recognition runs on `recognizing`'s."""

    def __init__(
        self,
        vad: Vad,
        ear: Ear,
        emit: Emit,
        recognizing: Executor,
        settings: EndpointSettings | None = None,
        caption: Callable[[str], str] = redact_unfinished,
    ) -> None:
        """`caption`: what may be shown of words that may go on; safe to call from any thread."""
        self._vad = vad
        self._ear = ear
        self._emit = emit
        self._recognizing = recognizing
        self._caption = caption
        usual = settings or EndpointSettings()
        self._usual = Segmenter(usual)
        self._patient = Segmenter(replace(usual, end_s=usual.patient_end_s))
        self._segmenter = self._usual
        before = round(self._segmenter.settings.pre_roll_s / FRAME_S)
        self._pre_roll: deque[Samples] = deque(maxlen=before)
        self._audio: list[Samples] = []
        self._early: _Pass | None = None
        self._turn: int | None = None

    def listen(self, turn: int, *, patient: bool = False) -> None:
        """What is said next belongs to `turn`; a patient ear waits longer for its end."""
        self.deafen()
        self._segmenter = self._patient if patient else self._usual
        self._turn = turn

    def deafen(self) -> None:
        """Close the ears and forget all sound."""
        self._turn = None
        self._segmenter.reset()
        self._vad.reset()
        self._pre_roll.clear()
        self._forget()

    def push(self, frame: Frame) -> None:
        """Take the next frame."""
        if self._turn is None:
            return
        samples = frame.pcm.astype(np.float32) / 32768.0
        probability = self._vad.probability(samples)
        (self._audio or self._pre_roll).append(samples)
        mark = self._segmenter.push(probability)
        match mark:
            case Mark.STARTED:
                self._audio = list(self._pre_roll)
                self._pre_roll.clear()
                self._emit(SpeechStarted(self._turn))
            case Mark.PAUSED:
                self._early = self._recognize(self._segmenter.silence_s, final=False)
            case Mark.RESUMED:
                self._drop_early()
            case Mark.ENDED:
                self._finish(self._turn)

    def _finish(self, turn: int) -> None:
        self._emit(SpeechEnded(turn))
        end_s = self._segmenter.settings.end_s
        work = self._early or self._recognize(end_s, final=True)
        self._turn = None
        self._early = None
        self._audio = []

        def deliver(done: Future[tuple[Reading, float]]) -> None:
            if not done.cancelled():
                self._emit(_words(done, turn, end_s, work.silence_s))

        work.future.add_done_callback(deliver)

    def _recognize(self, silence_s: float, *, final: bool) -> _Pass:
        audio = np.concatenate(self._audio)
        turn = self._turn or 0
        # Waiting behind a dropped pass counts: the citizen waits for it too.
        began = time.perf_counter()

        def work() -> tuple[Reading, float]:
            reading = self._ear.hear(audio)
            if not final:
                self._emit(Captioned(turn, self._caption(reading.transcript.text)))
            return reading, time.perf_counter() - began

        return _Pass(self._recognizing.submit(work), silence_s)

    def _drop_early(self) -> None:
        if self._early is not None:
            self._early.future.cancel()
            self._early = None

    def _forget(self) -> None:
        self._drop_early()
        self._audio = []


def _words(
    done: Future[tuple[Reading, float]], turn: int, end_s: float, begun_s: float
) -> WordsHeard | Failed:
    error = done.exception()
    if error is not None:
        log.error("recognition failed", exc_info=error)
        return Failed(turn, "recognizing")
    reading, asr_s = done.result()
    heard = reading.transcript
    hidden_s = end_s - begun_s
    timing = HeardTiming(
        endpoint_ms=end_s * 1000, asr_ms=asr_s * 1000, wait_ms=max(0.0, asr_s - hidden_s) * 1000
    )
    return WordsHeard(
        turn, heard.text, reading.alternatives, heard.log_probability, heard.language, timing
    )
