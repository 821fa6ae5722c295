"""One visit's conversation: words in, the approved reply out.

In this order: danger and fraud; an answer to what the kiosk asked; a correction; an aspect of the
topic under discussion; another topic under the same question; and at last a question of its own,
which is answered, asked back or given up by what each would cost (`policy`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path

from knowledge.pack import Pack
from knowledge.schema import Aspect, Guide, Language
from models.base import Encoder, Samples
from terminal.dialogue import choices, phrases, printing, replies, safety, situations
from terminal.dialogue.answering import Answering
from terminal.dialogue.context import Context
from terminal.dialogue.language import language_of
from terminal.dialogue.matters import Matters
from terminal.dialogue.mind import Mind
from terminal.dialogue.redaction import MASK, numberless
from terminal.dialogue.visit import CONTEXT_S, Visit
from terminal.dialogue.words import MAX_CHARACTERS, clean, core, visible
from terminal.events import Option, Reply, WordsHeard
from terminal.lexicon import Lexicon
from terminal.recognizing import Nearest

PROMPT_TERMS = 24
"""Enough to lean the recogniser, few enough not to leak into what it writes."""
MUMBLE, SURE, FEW = -1.0, 0.9, 4
"""Mean log-probability a token below which words were noise, unless they are surely a question
of more than a few characters."""
READINGS = 4
"""Of the recogniser; more cost time and tell nothing new."""
PASTED = 80
"""Characters that nobody says: a paste or an attack, not a personal number."""
_OPEN = ("unknown", "clarify", "empty")


class Dialogue:
    """Knows a pack, and within a visit what was spoken of before."""

    def __init__(
        self,
        pack: Pack,
        encoder: Encoder,
        clock: Callable[[], float] = time.monotonic,
        kept: Path | None = None,
        today: Callable[[], date] | None = None,
    ) -> None:
        """`kept`: a folder where what is costly to make of a pack is kept between starts.

        today: of the hall; answers that are not in force are not given. None: all are given, as
        to a pack's own questions.
        """
        self._say = Answering(pack, today)
        self._mind = Mind(pack, encoder, kept)
        self._matters = Matters(self._say, self._mind)
        self._context = Context(self._say, self._mind, self._matters)
        self._lexicon = Lexicon(pack.lexicon)
        self._clock = clock
        self.terms = prompt_terms(pack)
        self._before: Visit | None = None
        """The visit as it was before the last words."""

    def reply(self, words: WordsHeard) -> Reply:
        """The reply to an utterance (or typed text); `heard` in it is redacted."""
        self._before = deepcopy(self._visit)
        self._wake()
        shown = visible(words.text)
        spoken_in = language_of(shown) if words.language == "zh" else words.language
        found = self._understood(words, spoken_in)
        heard = self._visit.redactor.redact(shown)[:MAX_CHARACTERS]
        heard = "" if choices.is_noise(words.text) else heard
        if MASK in heard and len(shown) < PASTED and found.outcome in _OPEN:
            # A number and no question: it is not wanted here, and that is said at once.
            found = self._say.act("personal_data", 1.0, "en" if spoken_in == "en" else "zh")
        return self._say.finished(replace(found, heard=heard))

    def recall(self, item_id: str, aspect: Aspect | None = None) -> Reply:
        """The reply to a tapped topic or choice; `unknown` for what is not in the pack."""
        self._wake()
        return self._say.finished(self._recalled(item_id, aspect))

    def nearest(self, text: str) -> Nearest:
        """The known questions near some words, for the recogniser's second pass."""
        return self._mind.nearest(self._lexicon.repaired(text))

    def caption(self, text: str) -> str:
        """What the screen may show of words that may go on. Safe to call from any thread."""
        return self._visit.redactor.unfinished(visible(text))

    def meaning(self, text: str) -> Samples:
        """The direction that a sentence has among sentences, float32 [dimensions]."""
        vector: Samples = self._mind.sense.encode([text])[0]
        return vector

    def wipe(self) -> None:
        """The visit is over."""
        self._say.visit = Visit()
        self._before = None

    def take_back(self) -> None:
        """The last words were half a question, and never said."""
        if self._before is not None:
            self._say.visit = self._before
            self._before = None

    def suggestions(self, ids: Sequence[str]) -> tuple[Option, ...]:
        """Those of `ids` that this pack answers today, with their titles."""
        items = self._say.items
        known = (i for i in ids if i in items and self._say.is_in_force(i))
        return tuple(Option(i, items[i].title) for i in known)

    def answers(self) -> list[str]:
        """Everything this pack can say, likeliest first: for the voice cache."""
        return self._say.everything()

    @property
    def _visit(self) -> Visit:
        return self._say.visit

    def _wake(self) -> None:
        now = self._clock()
        if now - self._visit.at > CONTEXT_S:
            self._visit.forget_topic()
        self._visit.at = now

    def _recalled(self, item_id: str, aspect: Aspect | None) -> Reply:
        item, _, choice = item_id.partition("?")
        slot, _, value = choice.partition("=")
        if choice == "second" and self._visit.second:
            return self._matters.second()
        if item_id == printing.ID:
            return printing.REPLY
        guide = self._say.items.get(item)
        if guide is None:
            return self._say.plain("elsewhere")
        if isinstance(guide, Guide) and any(
            each.name == slot and value in each.values for each in situations.slots(guide)
        ):
            return self._say.filled(guide, slot, value)
        return self._say.answer(item, aspect, 1.0)

    def _understood(self, words: WordsHeard, spoken_in: str) -> Reply:
        if choices.is_noise(words.text):
            return replies.empty()
        if printing.is_wanted(words.text):
            return printing.REPLY
        if spoken_in not in ("zh", "en") or not self._mind.speaks(spoken_in):
            return replies.spoken(phrases.FOREIGN, self._say.site, "en")
        language: Language = "en" if spoken_in == "en" else "zh"
        heard = (words.text, *words.alternatives)[:READINGS]
        readings = [self._lexicon.repaired(numberless(each)) for each in heard]
        acts = self._mind.acts.probabilities(core(readings[0]))
        ranking = self._mind.rank(readings, language, words.log_probability)
        alarm = safety.alarm(acts, ranking, self._say.items)
        if alarm is not None and (acts[alarm] >= safety.CERTAIN or not self._visit.awaits):
            return self._say.act(alarm, acts[alarm], language)
        if words.log_probability < MUMBLE and (ranking.chance < SURE or len(readings[0]) < FEW):
            return replies.empty(language)
        if acts["frustration"] >= safety.CERTAIN and ranking.none >= safety.CLEAR:
            # Anger is heard before any topic that its words could be bent to.
            return self._say.act("frustration", acts["frustration"], language)
        found = self._context.reply(clean(readings[0]), language)
        if found is None and alarm is not None:
            return self._say.act(alarm, acts[alarm], language)
        return found or self._matters.question(clean(readings[0]), ranking, acts, language)


def prompt_terms(pack: Pack) -> tuple[str, ...]:
    """The pack's own words for the recogniser's first pass, those in most questions first."""
    asked = "\n".join(variant for item in pack.items() for variant in item.variants)
    terms = dict.fromkeys(term.term for term in pack.lexicon)
    return tuple(sorted(terms, key=asked.count, reverse=True)[:PROMPT_TERMS])
