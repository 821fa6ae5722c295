"""One suspicion while the kiosk speaks: is it a citizen? Asks a quick recognition, now and then.

Clear speech needs no words: `Evidence` is sooner.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from models.base import Transcript
from terminal.endpoint import FRAME_S
from terminal.evidence import Evidence
from terminal.interruption import is_interruption, is_nod, order_in

log = logging.getLogger(__name__)

FIRST_S = 0.32
"""Sound after which the first look is worth its time: of 0.25 s the recogniser makes nothing."""
RINGS_S = 0.32
"""From the first sound until the paused loudspeaker and its room are silent. Whatever speaks
later is not the kiosk."""
LATER_S = 0.09
"""So much must speak later."""
AGAIN_S = 0.25
"""Between two looks."""
LONGEST_S = 3.0
"""Nobody speaks for so long without a word that can be made out: music, a crying child."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One frame of a suspicion."""

    level_db: float
    speech: bool
    probability: float = 0.0
    """Of speech that is near and not the kiosk's."""
    plays: bool = False
    """The loudspeaker does."""


class Doubt:
    """Takes the time and what is being said, frame by frame, and comes to a verdict."""

    def __init__(
        self,
        glance: Callable[[], Future[Transcript]],
        phrase: str = "",
        evidence: Evidence | None = None,
        *,
        asked: bool = False,
    ) -> None:
        """`glance`: begin a recognition of all that was heard since the suspicion began.

        phrase: what the kiosk is called by. evidence: where words are not needed. asked: the
        kiosk wants to be answered, and 好的 is an answer.
        """
        self._asked = asked
        self._evidence = evidence
        self._phrase = phrase
        self._glance = glance
        self._looking: Future[Transcript] | None = None
        self._final = False
        """The last look was taken after the sound had ended."""
        self._next_s = FIRST_S
        self._later_s = 0.0
        self.loudest_db = float("-inf")
        """Of what was heard."""
        self.order: Transcript | None = None
        """Set with the verdict where it was 停, 等等: a whole utterance."""
        self._words = False
        """A look has found words; they are believed if they outlast the loudspeaker."""

    def push(
        self, length_s: float, paused: bool, sound: Sound, saying: Sequence[str]
    ) -> bool | None:
        """True: words, not the kiosk's own. False: nothing of the kind. None: not clear yet.

        length_s: since the sound began. paused: it has ended, or makes a pause.
        """
        self.loudest_db = max(self.loudest_db, sound.level_db)
        self._later_s += FRAME_S if sound.speech and length_s >= RINGS_S else 0.0
        self._final &= paused
        if self._is_certain(sound):
            return True
        self._look(length_s, paused)
        over = False
        if self._looking is not None and self._looking.done():
            self._consider(_result(self._looking), saying)
            self._looking = None
            over = self._final
        if self._words and (self._later_s >= LATER_S or self.order is not None):
            return True
        return False if over or length_s >= LONGEST_S else None

    def _is_certain(self, sound: Sound) -> bool:
        return self._evidence is not None and self._evidence.push(
            sound.probability, plays=sound.plays
        )

    def _consider(self, heard: Transcript | None, saying: Sequence[str]) -> None:
        if heard is not None:
            nods = is_nod(heard.text) and not self._asked
            self._words = not nods and is_interruption(heard, saying, self._phrase)
            self.order = order_in(heard, self._phrase) if self._words else None

    def cancel(self) -> None:
        """Never mind."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _look(self, length_s: float, paused: bool) -> None:
        if self._looking is not None:
            return
        if (paused and not self._final) or (not paused and length_s >= self._next_s):
            self._final = paused
            self._next_s = length_s + AGAIN_S
            self._looking = self._glance()


def _result(done: Future[Transcript]) -> Transcript | None:
    """None where the recogniser broke: no reason to drop an answer."""
    error = done.exception()
    if error is None:
        return done.result()
    log.error("recognition failed", exc_info=error)
    return None
