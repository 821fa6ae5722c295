"""Who is loud enough to be the citizen: a floor under the detector of speech. Pure; no clock.

A detector of speech hears a waiting hall's talk, a song, and what is left of the kiosk's own
voice as speech. The citizen stands nearest and is louder. So speech counts only above what the
hall sounded like before, and not when it has fallen far below what it was in this utterance.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from models.base import Samples
from terminal.endpoint import FRAME_S

SILENCE_DB = -90.0
"""Of digital silence; dB here are of full scale (sine at 1.0 = -3)."""
WINDOW_S = 0.2
"""A syllable: the loudest frame in it is the level, so that consonants are no gaps."""
MARGIN_DB = 5.0
"""Above the hall's sound. Babble varies by 3 dB."""
RISE_DB_PER_S = 4.0
"""So slowly the floor follows the hall up; down it goes at once."""
FALLEN_DB = 8.0
"""Below the loudest of the utterance: someone else, farther away. A sentence falls by 5 to 8, and
seldom for as long as this takes."""
FALLEN_S = 0.8
"""For so long: a word may be swallowed."""
SMOOTH_S = 0.4
"""Of the utterance's own level, over frames of speech: a bang is no voice."""
HIGHEST_DB = -35.0
"""The floor never rises above it while no citizen was heard: one who speaks softly is louder."""
BELOW_CITIZEN_DB = 6.0
"""Nor above this below the citizen's own level, once that is known."""
RAISED_DB_PER_S = 2.0
"""So fast is forgotten what a false alarm had raised."""


class Floor:
    """Takes each frame's level and verdict, says whether it can be the citizen's."""

    def __init__(self, margin_db: float = MARGIN_DB, lowest_db: float = SILENCE_DB) -> None:
        """`margin_db`: above what is heard all the time. `lowest_db`: quieter never counts."""
        self._margin_db = margin_db
        self._lowest_db = lowest_db
        self._window: deque[float] = deque(maxlen=round(WINDOW_S / FRAME_S))
        self._hall_db: float | None = None
        self._raised_db = SILENCE_DB
        self._highest_db = HIGHEST_DB
        self.strict = False
        """Only who is as loud as the citizen of the last question counts: the others in the hall
        talk while the kiosk does."""
        self.begin()

    def begin(self) -> None:
        """A new utterance may come."""
        self._spoken = 0.0
        """Smoothed power of the frames of speech."""
        self._power = 0.0
        """Of all frames."""
        self._loudest_db = SILENCE_DB
        self._fallen_s = 0.0

    @property
    def level_db(self) -> float:
        """Of the last fifth of a second."""
        return max(self._window, default=SILENCE_DB)

    @property
    def floor_db(self) -> float:
        """What counts must be louder."""
        if self.strict and self._highest_db != HIGHEST_DB:
            return self._highest_db
        hall_db = SILENCE_DB if self._hall_db is None else self._hall_db
        return min(
            self._highest_db, max(hall_db + self._margin_db, self._raised_db, self._lowest_db)
        )

    def push(self, level_db: float, speech: bool, in_turn: bool) -> bool:
        """Take the next frame; whether it may be the citizen."""
        self._window.append(level_db)
        self._raised_db = max(SILENCE_DB, self._raised_db - RAISED_DB_PER_S * FRAME_S)
        if not in_turn:
            self._follow(level_db)
        if self.level_db < self.floor_db:
            return False
        return not (in_turn and self._has_fallen(level_db, speech))

    def raise_to(self, level_db: float) -> None:
        """What was this loud was no citizen: let nothing as quiet alarm again for some seconds."""
        self._raised_db = max(self._raised_db, level_db)

    def heard_out(self) -> None:
        """The utterance was a citizen's: so loud is this one."""
        if self._loudest_db > SILENCE_DB:
            self._highest_db = self._loudest_db - BELOW_CITIZEN_DB

    def forget(self) -> None:
        """The next citizen may be another. What the hall sounds like is kept."""
        self._highest_db = HIGHEST_DB
        self._raised_db = SILENCE_DB
        self.begin()

    def _follow(self, level_db: float) -> None:
        if self._hall_db is None:
            self._hall_db = level_db
        elif level_db < self._hall_db:
            self._hall_db += 0.3 * (level_db - self._hall_db)
        else:
            self._hall_db = min(level_db, self._hall_db + RISE_DB_PER_S * FRAME_S)

    def _has_fallen(self, level_db: float, speech: bool) -> bool:
        weight = FRAME_S / SMOOTH_S
        power = 10 ** (level_db / 10)
        self._power += weight * (power - self._power)
        if speech:
            self._spoken += weight * (power - self._spoken)
            self._loudest_db = max(self._loudest_db, decibels(self._spoken))
        fallen = decibels(self._power) < self._loudest_db - FALLEN_DB
        # A single loud syllable of the others does not make them the citizen.
        step_s = FRAME_S if fallen else -2 * FRAME_S
        self._fallen_s = min(FALLEN_S, max(0.0, self._fallen_s + step_s))
        return self._fallen_s >= FALLEN_S - FRAME_S / 2


def level_of(frame: Samples) -> float:
    """Root mean square of float32 samples, in dB of full scale."""
    return decibels(float(np.mean(np.square(frame, dtype=np.float64))))


def decibels(power: float) -> float:
    """10 log10, never below `SILENCE_DB`."""
    return max(SILENCE_DB, 10 * math.log10(power)) if power > 0 else SILENCE_DB
