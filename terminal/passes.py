"""Recognitions under way: begun inside a silence, dropped, or delivered as words."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future

from models.base import Samples, Transcript
from terminal.dialogue.redaction import redact_unfinished
from terminal.events import Captioned, Event, Failed, HeardTiming, OnlyCalled, WordsHeard
from terminal.interruption import is_order, order_in
from terminal.patience import Waits, is_short_answer, wait_s
from terminal.recognizing import Ear, Reading
from terminal.waking import Look

log = logging.getLogger(__name__)

Timed = tuple[Reading, float]
"""A reading, and the seconds that it took."""


class Pass:
    """One recognition of a question."""

    def __init__(self, future: Future[Timed], silence_s: float) -> None:
        """`silence_s`: how much of the final silence had passed when it began."""
        self.future = future
        self.silence_s = silence_s
        self._told = False

    @property
    def is_news(self) -> bool:
        """It is done, and nobody has asked since."""
        news = self.future.done() and not self._told
        self._told |= news
        return news

    @property
    def reading(self) -> Reading | None:
        """What it found; None where it broke."""
        return None if self.future.exception() is not None else self.future.result()[0]

    def cancel(self) -> None:
        """Never mind, if it has not begun."""
        self.future.cancel()


class Passes:
    """Begins recognitions on the recognising thread; belongs to the hearing thread itself."""

    def __init__(
        self,
        ear: Ear,
        emit: Callable[[Event], None],
        recognizing: Executor,
        caption: Callable[[str], str] = redact_unfinished,
    ) -> None:
        """`caption`: what may be shown of words that may go on; safe to call from any thread."""
        self._ear = ear
        self._caption = caption
        self._emit = emit
        self._recognizing = recognizing

    @property
    def phrase(self) -> str:
        """What the kiosk is called by; may be empty."""
        return self._ear.phrase

    def early(
        self,
        turn: int,
        audio: Samples,
        silence_s: float,
        *,
        called: bool,
        brief: Callable[[Transcript], bool] | None = None,
    ) -> Pass:
        """Inside the silence; its words are shown, for the question may have ended here.

        called: the kiosk's phrase is in front of them. brief: they may be 停, or ask nothing, by
        this judge.
        """

        def hear() -> Reading:
            short = None if brief is None else self._brief(audio, brief)
            reading = short or self._ear.hear(audio, called=called)
            self._emit(Captioned(turn, self._caption(reading.transcript.text)))
            return reading

        return self._begin(hear, silence_s)

    def whole(self, audio: Samples, silence_s: float, *, called: bool) -> Pass:
        """At the end, where there was no silence to begin in."""
        return self._begin(lambda: self._ear.hear(audio, called=called), silence_s)

    def known(self, heard: Transcript) -> Pass:
        """Nothing is left to recognise."""
        future: Future[Timed] = Future()
        future.set_result((self._ear.read(heard), 0.0))
        return Pass(future, 0.0)

    def _brief(self, audio: Samples, idle: Callable[[Transcript], bool]) -> Reading | None:
        """停, 好的 and echoes are heard without the pack's terms, which make them anything."""
        heard = self._ear.glance(audio)
        order = order_in(heard, self._ear.phrase)
        return self._ear.read(order or heard) if order or idle(heard) else None

    def glance(self, audio: Samples) -> Future[Transcript]:
        """Are there words at all?"""
        return self._recognizing.submit(self._ear.glance, audio)

    def look(self, audio: Samples, terms: Sequence[str] = ()) -> Future[Look]:
        """Was that the phrase?"""
        return self._recognizing.submit(self._ear.look, audio, terms)

    def deliver(
        self, work: Pass, turn: int, end_s: float, idle: Callable[[Transcript], bool]
    ) -> None:
        """Emit the words when they are there.

        end_s: silence that the endpoint waited for. idle: whether they ask nothing.
        """

        def emit(done: Future[Timed]) -> None:
            if not done.cancelled():
                self._emit(_words(done, turn, end_s, work.silence_s, idle))

        work.future.add_done_callback(emit)

    def _begin(self, hear: Callable[[], Reading], silence_s: float) -> Pass:
        # Waiting behind a dropped pass counts: the citizen waits for it too.
        began = time.perf_counter()

        def work() -> Timed:
            reading = hear()
            return reading, time.perf_counter() - began

        return Pass(self._recognizing.submit(work), silence_s)


def behind(reading: Reading, waits: Waits) -> float:
    """Silence to wait for behind what was read, in seconds."""
    if reading.only_called:
        return waits.called_s
    text = reading.transcript.text
    return wait_s(text, waits, fits=reading.fits, log_probability=reading.sureness)


def is_settled(work: Pass) -> bool:
    """Whether nothing can be missing: a known question, a yes, an order, or the phrase alone."""
    if not work.future.done() or work.future.cancelled() or work.reading is None:
        return False
    reading = work.reading
    text = reading.transcript.text
    return (
        reading.fits or reading.only_called or is_short_answer(text) or is_order(reading.transcript)
    )


def _words(
    done: Future[Timed],
    turn: int,
    end_s: float,
    begun_s: float,
    idle: Callable[[Transcript], bool],
) -> WordsHeard | OnlyCalled | Failed:
    error = done.exception()
    if error is not None:
        log.error("recognition failed", exc_info=error)
        return Failed(turn, "recognizing")
    reading, asr_s = done.result()
    if reading.only_called:
        return OnlyCalled(turn)
    heard = reading.transcript
    hidden_s = end_s - begun_s
    timing = HeardTiming(
        endpoint_ms=end_s * 1000, asr_ms=asr_s * 1000, wait_ms=max(0.0, asr_s - hidden_s) * 1000
    )
    # A lone 停 always scores like a mumble; it has been judged by a bar of its own.
    score = 0.0 if is_order(heard) else heard.log_probability
    return WordsHeard(
        turn, heard.text, reading.alternatives, score, heard.language, idle(heard), timing
    )
