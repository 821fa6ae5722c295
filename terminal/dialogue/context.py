"""What words mean only because of what was said before: choices, slots, corrections, follow-ups."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from knowledge.schema import Aspect, Guide, Language
from terminal.dialogue import (
    aspects,
    choices,
    english,
    questions,
    repair,
    replies,
    situations,
    things,
)
from terminal.dialogue.answering import Answering
from terminal.dialogue.matters import CLEAR, CLEARLY, IN_CONTEXT, Matters, aspect_of, bare
from terminal.dialogue.mind import BETTER, Mind
from terminal.dialogue.policy import decide
from terminal.dialogue.words import core
from terminal.events import Reply

REST, REST_AFTER_THEN = 8, 10
"""Characters beside an aspect that do not make a matter of their own; after 那 a few more."""
BRIEF = 9
"""Characters of a situation named in passing."""
GENERAL = ("site.hours", "site.window", "site.phone", "control.", "queue.")
"""Items that an aspect alone sounds like."""
_MARKS = "，。？！,.?! "

_INSTEAD = re.compile(
    r"^(?:那|那么|要是|如果|换成|换|那要是|要换成|改成|假如)*(?P<other>.{1,12}?)(?:的话)?"
    r"(?:呢|怎么样|咋样|咋办|也是(?:这样|一样|这个价)?吗?|行不行|行吗|可以吗)?(?P<more>(?<=呢)[，,].{2,10})?$"
)
_THIS = re.compile(r"这[些个样种]|那[些个种]")
_STARTS_INSTEAD = re.compile(r"^(?:那|要是|如果|换成|换(?!个话题)|假如|改成)|呢$|呢[，,]|也是")


class Context:
    """One visit's talk so far, as far as new words lean on it."""

    def __init__(self, say: Answering, mind: Mind, matters: Matters) -> None:
        self._say = say
        self._mind = mind
        self._matters = matters

    def reply(self, said: str, language: Language) -> Reply | None:
        """The reply to words that lean on the visit; None to those that stand alone.

        `said` has its punctuation, which tells a correction; the others need only words.
        """
        text = core(said)
        return (
            self._chosen(text, language)
            or self._corrected(said, language)
            or self._told(said, language)
            or self._more(text, language)
            or self._instead(said, language)
        )

    def _chosen(self, text: str, language: Language) -> Reply | None:
        """第二个, 对, 都不是: an answer to a choice, or to an offer."""
        visit = self._say.visit
        said = choices.agreement(text)
        if visit.second and (said == "yes" or choices.numbered(text, 2) == 1):
            return self._matters.second()
        if visit.second and said == "no":
            visit.second = ""
            return self._say.plain("dropped", language)
        if not visit.offered:
            return None
        if len(visit.offered) == 1 and bare(text, language):
            # 那得等几天呢, where one thing was asked about, agrees to it.
            aspect = aspect_of(text, language)
            return self._say.answer(visit.offered[0], aspect, IN_CONTEXT, language)
        number = 0 if said == "yes" else choices.numbered(text, len(visit.offered))
        if number is not None:
            return self._say.answer(visit.offered[number], None, 1.0, language)
        rest = "" if said == "no" else choices.after_refusal(text)
        if rest is None:
            return self._one_of(visit.offered, text, language)
        refused, visit.offered = visit.offered, ()
        if not core(rest):
            return self._say.plain("elsewhere", language)
        _, ranking = self._mind.best([rest, f"{visit.question}{rest}"], language)
        return self._matters.decided(
            rest, ranking.among(lambda item: item not in refused), language
        )

    def _one_of(self, offered: Sequence[str], text: str, language: Language) -> Reply | None:
        """An option named by its words: 就是丢了那个."""
        named_by = choices.named(text)
        alone = self._mind.rank([named_by], language)
        together = self._mind.rank([f"{self._say.visit.question}{named_by}"], language)
        meant = together.first in offered and together.chance >= CLEARLY and named_by != text
        if alone.first not in offered and alone.chance >= CLEAR and not meant:
            return None
        ranking = together if together.chance > alone.chance + BETTER or meant else alone
        chances = [ranking.chance_of(item) for item in offered]
        share = max(chances) / max(sum(chances), 1e-9)
        near = max(chances) >= max(ranking.chance / 2, 1e-3)
        if near and share >= CLEARLY and len(text) <= BRIEF:
            item = offered[chances.index(max(chances))]
            return self._say.answer(item, aspect_of(text, language), share, language)
        if ranking.chance >= CLEARLY:
            return self._matters.decided(text, ranking, language)
        return None

    def _told(self, said: str, language: Language) -> Reply | None:
        """我自己办: the answer to a slot that was asked for. `said` has its pauses."""
        visit, text = self._say.visit, core(said)
        guide = self._say.items.get(visit.topic or "")
        if visit.asked is None or not isinstance(guide, Guide) or language != "zh":
            return None
        value = situations.value_in(said, visit.asked)
        brief = len(text) <= situations.SHORT and not questions.asks(text)
        if value is not None and brief and situations.names_only(text, visit.asked):
            return self._say.filled(guide, visit.asked.name, value)
        if aspects.asked(text) is not None:
            return None
        ranking = self._mind.rank([text])
        if ranking.first != visit.topic and ranking.chance >= CLEARLY:
            return None
        if value is None and ranking.chance < CLEAR:
            value = situations.value_in(said, visit.asked, self._mind.sense.encode)
        if value is None:
            return None
        return self._say.filled(guide, visit.asked.name, value)

    def _corrected(self, text: str, language: Language) -> Reply | None:
        """我不是问这个，我是问怎么转走."""
        visit = self._say.visit
        topic = visit.topic
        if topic is not None and language == "en":
            return self._corrected_in_english(text, topic)
        found = repair.parsed(text)
        if topic is None or found is None or found.head:
            return None
        if not found.tail:
            others = self._mind.rank([visit.question]).among(lambda item: item != topic)
            if not others.items:
                return self._say.plain("elsewhere")
            return self._say.ask(others.items, others.chance, language)
        said = found.tail
        aspect = aspects.asked(said)
        if aspect is not None and not aspects.without(said, aspect):
            return self._say.answer(topic, aspect, IN_CONTEXT)
        told = self._situation(topic, said)
        if told is not None:
            return told
        kept = visit.question.replace(found.wrong, "") if found.wrong else visit.question
        about = f"{self._subject(topic)}{said}"
        text, others = self._matters.likeliest([said, f"{kept}，{said}", about], topic)
        same = self._mind.rank([said]).first == topic
        if same and decide(others.chances, others.none) == "give up":
            return self._say.answer(topic, aspect, IN_CONTEXT)
        return self._matters.decided(text, others, language)

    def _subject(self, topic: str) -> str:
        """What the last question was about: its thing, else its words in the topic's title."""
        question, title = self._say.visit.question, self._say.items[topic].title
        found = SequenceMatcher(None, question, title, autojunk=False).find_longest_match()
        return things.named_in(question) or question[found.a : found.a + found.size]

    def _corrected_in_english(self, text: str, topic: str) -> Reply | None:
        """No, I meant the residence permit."""
        tail = english.meant(text)
        if tail is None:
            return None
        return self._of_another(tail, topic, "en")

    def _more(self, text: str, language: Language) -> Reply | None:
        """那要多少钱呢: an aspect alone is asked of the topic under discussion."""
        topic, aspect = self._say.visit.topic, aspect_of(text, language)
        if topic is None or aspect is None:
            return None
        if not bare(text, language) and (language == "en" or not self._aside(text, aspect)):
            return None
        if replies.answer(self._say.items[topic], aspect, self._say.site, language).aspect is None:
            return None
        return self._say.answer(topic, aspect, IN_CONTEXT, language)

    def _aside(self, text: str, aspect: Aspect) -> bool:
        """Whether what is left beside an aspect names no matter: 我这种够不够资格."""
        longest = REST_AFTER_THEN if text.startswith("那") else REST
        rest = aspects.without(text, aspect)
        if len(rest) > longest:
            return False
        if _THIS.search(rest):
            return True
        ranking = self._mind.rank([text]).among(lambda item: not item.startswith(GENERAL))
        return ranking.chance < CLEAR

    def _instead(self, said: str, language: Language) -> Reply | None:
        """那护照呢: the same question of another topic, or in another situation."""
        visit = self._say.visit
        text = said.strip(_MARKS)
        topic = visit.topic
        if topic is None:
            return None
        if language == "en":
            other = english.instead(text)
            return None if other is None else self._of_another(other, topic, "en")
        found = _INSTEAD.match(text)
        if found is None or not _STARTS_INSTEAD.search(text):
            return None
        told = self._situation(topic, found["other"])
        if told is not None:
            return told
        aspect = aspects.asked(text)
        other = f"{found['other']}{found['more'] or ''}"
        return (
            self._of_another(other, topic, "zh", aspect)
            or self._situation(topic, found["other"], by_meaning=True)
            or self._of_the_same(other, topic)
        )

    def _of_the_same(self, other: str, topic: str) -> Reply | None:
        """三年的呢, after 利率多少: the topic's answer has it, as far as anything does."""
        ranking = self._mind.rank([f"{other}，{self._say.visit.question}"])
        if ranking.first != topic or ranking.chance < CLEARLY or len(other) > BRIEF:
            return None
        return self._say.answer(topic, self._say.visit.aspect, ranking.chance)

    def _of_another(
        self, other: str, topic: str, language: Language, aspect: Aspect | None = None
    ) -> Reply | None:
        """The last question, put about another matter."""
        visit = self._say.visit
        asked = {"zh": f"{other}怎么办", "en": f"how do I get {other}"}[language]
        comma = {"zh": "，", "en": ", "}[language]
        for question in (f"{other}{comma}{visit.question}", other, asked):
            ranking = self._mind.rank([question], language).among(lambda item: item != topic)
            if ranking.first is not None and ranking.chance >= CLEAR:
                visit.question = question
                named = aspect or aspect_of(other, language) or visit.aspect
                return self._say.answer(ranking.first, named, ranking.chance, language, told=other)
        return None

    def _situation(self, topic: str, text: str, *, by_meaning: bool = False) -> Reply | None:
        """The topic's answer again, if the words tell of another situation of it."""
        guide = self._say.items[topic]
        if not isinstance(guide, Guide) or len(text) > BRIEF:
            return None
        encode = self._mind.sense.encode if by_meaning else None
        for slot in situations.slots(guide):
            value = situations.value_in(text, slot, encode)
            if value is not None:
                return self._say.filled(guide, slot.name, value)
        return None
