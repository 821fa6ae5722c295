"""Is it certain, without any words, that a citizen speaks into the answer? A sequential test. Pure.

The detector of speech alone tells nothing while the loudspeaker plays: the answer is speech, too.
But it has been paused by now, and what is left of it in a room sounds less and less like speech.
So the detector's log odds are added up once the loudspeaker is silent, frame by frame, less what
the rest of an echo gets: clear speech is certain within a fifth of a second, doubtful sounds wait
for the recogniser.
"""

from __future__ import annotations

import math

RINGS_FRAMES = 4
"""So many frames after the loudspeaker's last sound that has left the sound card and passed the
first reflections."""
ECHO = 2.0
"""Log odds that the detector gives to what is left of an echo, at most for long; to a citizen it
gives 2.5 to 4."""
CERTAIN = 2.5
"""Sum from which it is. Of 130 false alarms in 25 minutes of the kiosk's own voice, in ten rooms,
as loud as a citizen and 6 dB louder, none came to more than 0.4; nor, of 700 others, did dogs,
roosters, crying children, sneezes, engines, and the groans and shrieks of a game."""
FEWEST = 3
"""Frames that it takes, however sure they are."""
SUREST = 0.99
"""A probability nearer to 0 or 1 says no more."""


class Evidence:
    """Takes frame after frame of one suspicion."""

    def __init__(self) -> None:
        self._silent = 0
        self._sum = 0.0
        self._frames = 0

    def push(self, probability: float, *, plays: bool) -> bool:
        """Whether a citizen speaks, for certain.

        probability: of speech that is near and no echo, 0 else. plays: the loudspeaker sounds.
        """
        self._silent = 0 if plays else self._silent + 1
        if self._silent < RINGS_FRAMES:
            return False
        likely = min(max(probability, 1 - SUREST), SUREST)
        self._sum = max(0.0, self._sum + math.log(likely / (1 - likely)) - ECHO)
        self._frames = self._frames + 1 if self._sum else 0
        return self._sum >= CERTAIN and self._frames >= FEWEST
