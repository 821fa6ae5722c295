"""What the kiosk says in a visit, and what it must remember for having said it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from knowledge import validity
from knowledge.pack import Pack
from knowledge.schema import Aspect, Faq, Guide, Language, Slot
from models.acts import Act
from terminal.dialogue import aspects, phrases, replies, safety, situations
from terminal.dialogue.phrases import Plain
from terminal.dialogue.policy import MAX_OPTIONS
from terminal.dialogue.visit import Visit
from terminal.events import Reply

FACILITIES = ("control.", "queue.")
"""What does not become the topic under discussion."""
ALWAYS = "control."
"""Acts of the kiosk, not facts: a person can be called and the voice be stopped on every day."""
HOURS = "site.hours"
FAILURES = 2
"""In a row, and a human is called."""


class Answering:
    """Approved replies, with the visit's memory kept in step."""

    def __init__(self, pack: Pack, today: Callable[[], date] | None = None) -> None:
        """`today`: of the hall, by which answers are in force; None: all of them are."""
        self._manifest = pack.manifest
        self._today = today
        self.site = pack.site
        self.items: dict[str, Faq | Guide] = {item.id: item for item in pack.items()}
        self.visit = Visit()

    def is_in_force(self, item_id: str) -> bool:
        """Whether the item's answer may be given today.

        A pack that has not begun counts as begun: it was in force when it was installed, and a
        clock that says otherwise has lost its time.
        """
        if self._today is None or item_id.startswith(ALWAYS):
            return True
        today = self._today()
        ended = validity.has_ended(self._manifest, today)
        return not ended and validity.in_force(self.items[item_id], today)

    def answer(
        self,
        item_id: str,
        aspect: Aspect | None,
        confidence: float,
        language: Language = "zh",
        *,
        asks: bool = True,
        told: str = "",
    ) -> Reply:
        """The item's answer; `asks`: with the question for its next slot behind it.

        `told`: the words that asked, which may name a situation: then it is not asked for.
        """
        visit = self.visit
        if language == "en" and aspect == "hours" and HOURS in self.items:
            # A guide's hours are in Chinese; the hall's own hold for it.
            item_id, aspect = HOURS, None
        if not self.is_in_force(item_id):
            return self._lapsed(confidence, language)
        item = self.items[item_id]
        reply = replies.answer(item, aspect, self.site, language)
        visit.language = language
        if told and isinstance(item, Guide) and language == "zh":
            reply = self._in_told_situation(reply, item, told)
        if item_id.startswith(FACILITIES):
            # 再说一遍 between the kiosk's question and its answer changes neither.
            return replace(reply, confidence=confidence)
        visit.offered, visit.second, visit.asked = (), "", None
        visit.asked_again = False
        visit.topic, visit.aspect = item_id, reply.aspect
        slots_matter = reply.aspect in (None, "materials") and language == "zh"
        if asks and slots_matter and isinstance(item, Guide):
            visit.asked = situations.unasked(item, visit.slots.get(item_id, {}))
        if visit.asked is not None:
            reply = replies.asking(reply, item_id, visit.asked)
        return replace(reply, confidence=confidence)

    def filled(self, guide: Guide, slot: str, value: str) -> Reply:
        """The answer in the situation told so far, and the next slot's question."""
        if not self.is_in_force(guide.id):
            return self._lapsed(1.0, "zh")
        visit = self.visit
        mine = visit.slots.setdefault(guide.id, {})
        mine[slot] = value
        visit.asked_again = False
        visit.topic, visit.aspect, visit.offered = guide.id, None, ()
        reply = replies.in_situation(guide, situations.applied(guide, mine), self.site)
        visit.asked = situations.unasked(guide, mine)
        if visit.asked is not None:
            reply = replies.asking(reply, guide.id, visit.asked)
        return replace(reply, confidence=1.0)

    def _in_told_situation(self, reply: Reply, guide: Guide, told: str) -> Reply:
        """`reply`, with what the words that asked tell of the situation kept in mind."""
        found = {slot.name: situations.told_in(told, slot) for slot in situations.slots(guide)}
        mine = {name: value for name, value in found.items() if value is not None}
        if not mine:
            return reply
        kept = self.visit.slots.setdefault(guide.id, {})
        kept |= mine
        return replies.with_situation(reply, guide, situations.applied(guide, kept), self.site)

    def again(self, guide: Guide, slot: Slot) -> Reply:
        """The slot's question once more: the answer to it was not understood."""
        self.visit.asked_again = True
        return replies.asking(replies.spoken(phrases.AGAIN, self.site), guide.id, slot)

    def first_of_two(
        self,
        item_id: str,
        aspect: Aspect | None,
        confidence: float,
        second: str,
        language: Language,
    ) -> Reply:
        """The answer to one question, and the offer to go on with the other."""
        reply = self.answer(item_id, aspect, confidence, language, asks=False)
        self.visit.second = second
        return replies.offering(reply, language)

    def ask(
        self, items: Sequence[str], confidence: float, language: Language, question: str = ""
    ) -> Reply:
        """Which of these? `question`: the words that left it open."""
        visit = self.visit
        valid = [item for item in items if self.is_in_force(item)]
        if not valid:
            return self._lapsed(confidence, language)
        visit.question = question or visit.question
        visit.offered, visit.asked, visit.second = tuple(valid[:MAX_OPTIONS]), None, ""
        options = [self.items[item] for item in visit.offered]
        return replace(replies.clarify(options, language), confidence=confidence)

    def act(self, act: Act, chance: float, language: Language) -> Reply:
        """What is done about an act, whether or not the pack has words for it."""
        item = safety.item_for(act, filter(self.is_in_force, self.items))
        if act == "frustration":
            return replace(self.staff(phrases.UPSET, language), confidence=chance)
        if item is not None:
            return self.answer(item, None, chance, language)
        if act == "advice":
            # A hall whose pack has nothing to do with it has nobody to advise either.
            return replace(self.plain("declined", language), confidence=chance)
        if act in safety.OWN_WORDS:
            outcome, said = safety.OWN_WORDS[act]
            reply = replies.in_own_words(outcome, said, language)
        else:
            reply = self.plain(safety.PLAIN[act], language)
        return replace(reply, confidence=chance)

    def _lapsed(self, confidence: float, language: Language) -> Reply:
        """What is known of the matter must not be said; what was spoken of before is over."""
        self.visit.forget_topic()
        return replace(self.plain("lapsed", language), confidence=confidence)

    def plain(self, kind: Plain, language: Language = "zh") -> Reply:
        """The kiosk's own words."""
        return replies.plain(kind, self.site, language)

    def staff(self, said: dict[Language, str], language: Language) -> Reply:
        """A human is called, with words of regret in front."""
        if "control.handoff" not in self.items:
            return replies.in_own_words("handoff", said, language)
        reply = self.answer("control.handoff", None, 1.0, language)
        return replace(reply, spoken=said[language], screen=f"{said[language]}\n{reply.screen}")

    def finished(self, reply: Reply) -> Reply:
        """Count failures, keep the story, and give staff a ticket where they are called."""
        visit = self.visit
        if reply.outcome == "unknown":
            visit.failures += 1
            if visit.failures >= FAILURES:
                # Who fails once more is not asked to fail twice again.
                visit.failures = FAILURES - 1
                language: Language = "en" if reply.language != "zh" else "zh"
                reply = replace(self.staff(phrases.TWICE, language), heard=reply.heard)
        elif reply.outcome != "empty":
            visit.failures = 0
        visit.note(reply)
        if reply.outcome == "handoff":
            reply = replace(reply, ticket=visit.ticket(reply.answer_id or "control.handoff"))
        return reply

    def everything(self) -> list[str]:
        """All that can be said aloud, likeliest first: for the voice cache."""
        items = self.items.values()
        parts = [
            part.spoken
            for item in items
            for name in aspects.LABELS
            if (part := replies.aspect_answer(item, name, self.site))
        ]
        plain = [self.plain(kind).spoken for kind in phrases.PLAIN["zh"]] + [phrases.AGAIN.spoken]
        own = (phrases.WHICH, phrases.SECOND, phrases.NOTED, phrases.TWICE, phrases.UPSET)
        guides = [item for item in items if isinstance(item, Guide)]
        asked = [slot.ask for guide in guides for slot in situations.slots(guide)]
        short = [item.spoken for item in items]
        return list(dict.fromkeys([*plain, *(each["zh"] for each in own), *short, *parts, *asked]))
