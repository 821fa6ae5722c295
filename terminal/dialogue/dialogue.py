"""One visit's conversation: words in, the approved reply out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from knowledge.pack import Pack
from knowledge.schema import Aspect, Faq, Guide
from models.base import Encoder
from terminal.dialogue import aspects, replies
from terminal.dialogue.redaction import redact
from terminal.dialogue.understanding import Meaning, Understanding
from terminal.dialogue.words import MAX_CHARACTERS, core, visible
from terminal.events import Option, Reply, WordsHeard
from terminal.lexicon import Lexicon
from terminal.recognizing import Nearest

PROMPT_TERMS = 24
"""Enough to lean the recogniser, few enough not to leak into what it writes."""
MUMBLE = -1.0
"""Mean log-probability a token below which unknown words were noise, not a question."""
FACILITIES = ("control.", "queue.")


class Dialogue:
    """Knows a pack, and within a visit what was spoken of last."""

    def __init__(self, pack: Pack, encoder: Encoder) -> None:
        self._site = pack.site
        self._items: dict[str, Faq | Guide] = {item.id: item for item in pack.items()}
        self._understanding = Understanding(list(self._items.values()), encoder)
        self._lexicon = Lexicon(pack.lexicon)
        self._topic: str | None = None
        self.terms = prompt_terms(pack)

    def reply(self, words: WordsHeard) -> Reply:
        """The reply to an utterance (or typed text); `heard` in it is redacted."""
        if not core(words.text):
            return replies.empty()
        found = self._reply([*map(self._lexicon.repaired, (words.text, *words.alternatives))])
        if found.outcome == "unknown" and words.log_probability < MUMBLE:
            return replies.empty()
        return replace(found, heard=redact(visible(words.text))[:MAX_CHARACTERS])

    def recall(self, item_id: str, aspect: Aspect | None = None) -> Reply:
        """The reply to a tapped topic; `unknown` for an id that is not in the pack."""
        if item_id not in self._items:
            return replies.unknown(self._site)
        return self._answer(item_id, aspect, confidence=1.0)

    def nearest(self, text: str) -> Nearest:
        """The known questions near some words, for the recogniser's second pass."""
        return self._understanding.nearest(self._lexicon.repaired(text))

    def wipe(self) -> None:
        """The visit is over."""
        self._topic = None

    def suggestions(self, ids: Sequence[str]) -> tuple[Option, ...]:
        """Those of `ids` that this pack answers, with their titles."""
        return tuple(Option(i, self._items[i].title) for i in ids if i in self._items)

    def answers(self) -> list[str]:
        """Everything this pack can say, likeliest first: for the voice cache."""
        short = [item.spoken for item in self._items.values()]
        parts = [
            part.spoken
            for item in self._items.values()
            for name in aspects.LABELS
            if (part := replies.aspect_answer(item, name, self._site))
        ]
        general = [replies.empty().spoken, replies.unknown(self._site).spoken, replies.WHICH]
        return list(dict.fromkeys([*general, *short, *parts]))

    def _reply(self, readings: Sequence[str]) -> Reply:
        follow_up = self._follow_up(core(readings[0]))
        if follow_up is not None:
            return follow_up
        meaning: Meaning = self._understanding.meaning(readings)
        if meaning.item is not None:
            return self._answer(meaning.item, meaning.aspect, meaning.confidence)
        if meaning.options:
            options = [self._items[option] for option in meaning.options]
            return replace(replies.clarify(options), confidence=meaning.confidence)
        return replace(replies.unknown(self._site), confidence=meaning.confidence)

    def _follow_up(self, text: str) -> Reply | None:
        """那要多少钱呢: an aspect alone is asked of the topic under discussion."""
        aspect = aspects.asked(text)
        if aspect is None or self._topic is None or aspects.without(text, aspect):
            return None
        topic = self._items[self._topic]
        if replies.aspect_answer(topic, aspect, self._site) is None:
            return None
        return self._answer(self._topic, aspect, confidence=0.9)

    def _answer(self, item_id: str, aspect: Aspect | None, confidence: float) -> Reply:
        if not item_id.startswith(FACILITIES):
            self._topic = item_id
        reply = replies.answer(self._items[item_id], aspect, self._site)
        return replace(reply, confidence=confidence)


def prompt_terms(pack: Pack) -> tuple[str, ...]:
    """The pack's own words for the recogniser's first pass, those in most questions first."""
    asked = "\n".join(variant for item in pack.items() for variant in item.variants)
    terms = dict.fromkeys(term.term for term in pack.lexicon)
    return tuple(sorted(terms, key=asked.count, reverse=True)[:PROMPT_TERMS])
