"""Hearing among fakes, and the sounds that its tests are made of."""

from __future__ import annotations

import numpy as np

from hardware.base import FRAME_SAMPLES
from hardware.echo import Cleaned, EchoCanceller, Pcm
from hardware.played import OwnVoice
from terminal.endpoint import EndpointSettings
from terminal.events import Event
from terminal.hearing import Hearing
from terminal.recognizing import Ear, Nearest
from terminal.virtual_time import InlineExecutor
from terminal.waking import PHRASE
from tests.fakes import LOUD, QUIET, FakeRecognizer, FakeWake, HeldExecutor, LoudnessVad, frames

SETTINGS = EndpointSettings()
QUESTION = ((0.5, QUIET), (1.0, LOUD))
PAUSE = (0.35, QUIET)
SILENCE = (1.0, QUIET)
LONG_SILENCE = (2.0, QUIET)
"""Longer than anything is waited for, words or no words."""


class Ears:
    """Hearing with fakes around it."""

    def __init__(
        self, *texts: str, held: bool = False, fits: bool = False, wake: FakeWake | None = None
    ) -> None:
        """`fits`: the pack knows all that is heard, to the letter."""
        self.recognizer = FakeRecognizer(*(texts or ("社保卡丢了",)))
        self.executor = HeldExecutor()
        self.events: list[Event] = []
        self.vad = LoudnessVad()
        self.hearing = Hearing(
            self.vad,
            Ear(self.recognizer, [], lambda _: Nearest((), fits=fits), PHRASE),
            self.events.append,
            self.executor if held else InlineExecutor(),
            SETTINGS,
            detector=wake,
        )

    def hear(self, *pieces: tuple[float, int]) -> list[Event]:
        """Push sound; give the events that came of it."""
        before = len(self.events)
        for frame in frames(*pieces):
            self.hearing.push(frame)
        return self.events[before:]


class NothingLeft:
    """A canceller that has taken all echo out."""

    def clean(self, heard: Pcm, _played: Pcm) -> Cleaned:
        return Cleaned(heard)


CLAUSE = "请到三号窗口办理"
OWN = OwnVoice(np.zeros(FRAME_SAMPLES, np.int16), (CLAUSE,))


class OpenEars(Ears):
    """Listening while the kiosk speaks."""

    def __init__(
        self, *texts: str, score: float = -0.3, canceller: EchoCanceller | None = None
    ) -> None:
        super().__init__(*texts)
        self.recognizer = FakeRecognizer(*texts, log_probability=score)
        self.hearing = Hearing(
            self.vad,
            Ear(self.recognizer),
            self.events.append,
            InlineExecutor(),
            SETTINGS,
            canceller,
        )
        self.hearing.listen_in(4)

    def hear(self, *pieces: tuple[float, int], own: OwnVoice = OWN) -> list[Event]:
        before = len(self.events)
        for frame in frames(*pieces):
            self.hearing.push(frame, own)
        return self.events[before:]
