"""Hear, look up, hear again: the recogniser and the knowledge pack brought together.

The first pass leans on the pack's general terms. Its words find the nearest known questions;
if none fits already, the same sound is decoded once more, leaning on those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from models.base import Heard, Recognizer, Samples, Transcript, WakeJudge
from terminal.waking import Look, similarity, without_phrase


@dataclass(frozen=True, slots=True)
class Nearest:
    """What the pack knows near some words."""

    phrases: tuple[str, ...]
    """Known questions, nearest first."""
    fits: bool
    """The words are a known question already: hearing again can only spoil them."""


Lookup = Callable[[str], Nearest]

PACKS_LANGUAGE = "zh"
"""Of the phrases that a lookup finds: they would bend words of another language."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was heard, after one or two passes."""

    transcript: Transcript
    alternatives: tuple[str, ...] = ()
    passes: int = 1
    fits: bool = False
    """The words are a known question, to the letter."""
    sureness: float = 0.0
    """Mean log-probability of the first pass: the second's is flattered by its prompt."""
    called: bool = False
    """The kiosk's phrase was in front, and is left out."""

    @property
    def only_called(self) -> bool:
        """The phrase, and nothing behind it."""
        return self.called and not self.transcript.text


class Ear:
    """A recogniser that knows what the hall is about."""

    def __init__(
        self,
        recognizer: Recognizer,
        terms: Sequence[str] = (),
        lookup: Lookup | None = None,
        phrase: str = "",
        check: WakeJudge | None = None,
    ) -> None:
        """A recogniser in a hall.

        phrase: what the kiosk is called by; in front of a question it is no part of it.
        check: tells the phrase from what sounds like it; without one, the words do.
        """
        self._check = check
        self.phrase = phrase
        self._recognizer = recognizer
        self._terms = tuple(terms)
        self._lookup = lookup

    def renew(self, recognizer: Recognizer, check: WakeJudge | None) -> None:
        """Hear with these from now on: the ones before hang."""
        self._recognizer, self._check = recognizer, check

    def learn(self, terms: Sequence[str], lookup: Lookup) -> None:
        """The hall is about something else from now on."""
        self._terms, self._lookup = tuple(terms), lookup

    def glance(self, audio: Samples) -> Transcript:
        """Are there words at all? Quick, without the pack's terms: of a cough they make 退休."""
        return self._recognizer.hear(audio).transcript

    def look(self, audio: Samples, terms: Sequence[str] = ()) -> Look:
        """Was that the phrase? `terms`: for the words, where there is no check."""
        if self._check is not None:
            return Look(check=self._check.logit(audio))
        text = self._recognizer.hear(audio, terms).transcript.text
        return Look(similarity=similarity(text, self.phrase) if text else None)

    def hear(self, audio: Samples, *, called: bool = False) -> Reading:
        """Float32 16 kHz of one utterance -> its words; `called`: the phrase is in front."""
        heard = self._recognizer.hear(audio, self._terms)
        first = heard.transcript
        bare = self._bare(first, called)
        if bare is None and not called:
            return self._look_up(heard, first)
        reading = self._look_up(heard, bare or first)
        return replace(self._named(reading, known=called), called=True)

    def read(self, heard: Transcript) -> Reading:
        """What is to be taken as it was heard."""
        return self._named(Reading(heard, fits=True), known=False)

    def _look_up(self, heard: Heard, first: Transcript) -> Reading:
        """Look up, and hear again."""
        if self._lookup is None or not first.text or first.language != PACKS_LANGUAGE:
            return Reading(first, first.alternatives, sureness=first.log_probability)
        near = self._lookup(first.text)
        if near.fits:
            return Reading(first, first.alternatives, fits=True, sureness=first.log_probability)
        second = heard.again(near.phrases or self._terms)
        if not second.text:
            return Reading(first, first.alternatives, 2, sureness=first.log_probability)
        readings = dict.fromkeys((first.text, *second.alternatives, *first.alternatives))
        others = tuple(text for text in readings if text != second.text)
        return Reading(second, others, 2, sureness=first.log_probability)

    def _named(self, reading: Reading, *, known: bool) -> Reading:
        """Every reading without the phrase: the second pass may find one that the first missed."""
        bare = self._bare(reading.transcript, known)
        others = (self._behind(text, known) or text for text in reading.alternatives)
        return replace(
            reading,
            transcript=bare or reading.transcript,
            alternatives=tuple(dict.fromkeys(others)),
            called=bare is not None,
        )

    def _bare(self, heard: Transcript, known: bool) -> Transcript | None:
        text = self._behind(heard.text, known)
        return None if text is None else replace(heard, text=text)

    def _behind(self, text: str, known: bool) -> str | None:
        return without_phrase(text, self.phrase, known=known) if self.phrase else None
