"""One visit's conversation: words in, the approved reply out.

In this order: danger and fraud; an answer to what the kiosk asked; a correction; an aspect of the
topic under discussion; another topic under the same question; and at last a question of its own,
which is answered, asked back or given up by what each would cost (`policy`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from knowledge.pack import Pack
from knowledge.schema import Aspect, Guide, Language
from models.base import Encoder
from terminal.dialogue import (
    aspects,
    choices,
    english,
    phrases,
    questions,
    repair,
    replies,
    safety,
    situations,
)
from terminal.dialogue.answering import Answering
from terminal.dialogue.language import language_of
from terminal.dialogue.mind import Mind
from terminal.dialogue.policy import MAX_OPTIONS, decide
from terminal.dialogue.redaction import MASK, numberless
from terminal.dialogue.understanding import Ranking
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
CLEAR = 0.5
"""Probability from which one of two questions, or a changed topic, is taken as understood."""
CLEARLY = 0.8
"""Probability from which words are a question of their own, whatever the kiosk asked."""
STORY = 18
"""Characters from which an utterance may be a story with one question in it."""
REST = 6
"""Characters beside an aspect that do not make a matter of their own."""
IN_CONTEXT = 0.9
"""Confidence of an answer to words that only the context explains."""

PASTED = 80
"""Characters that nobody says: a paste or an attack, not a personal number."""
_OPEN = ("unknown", "clarify", "empty")
BRIEF = 9
"""Characters of a situation named in passing."""
GENERAL = ("site.hours", "site.window", "site.phone", "control.", "queue.")
"""Items that an aspect alone sounds like."""
_MARKS = "，。？！,.?! "

_INSTEAD = re.compile(
    r"^(?:那|那么|要是|如果|换成|换|那要是|要换成|改成|假如)*(?P<other>.{1,12}?)(?:的话)?"
    r"(?:呢|怎么样|咋样|咋办|也是(?:这样|一样|这个价)?吗?|行不行|行吗|可以吗)?$"
)
_STARTS_INSTEAD = re.compile(r"^(?:那|要是|如果|换成|换|假如|改成)|呢$|也是")


class Dialogue:
    """Knows a pack, and within a visit what was spoken of before."""

    def __init__(
        self,
        pack: Pack,
        encoder: Encoder,
        clock: Callable[[], float] = time.monotonic,
        kept: Path | None = None,
    ) -> None:
        """`kept`: a folder where what is costly to make of a pack is kept between starts."""
        self._say = Answering(pack)
        self._mind = Mind(pack, encoder, kept)
        self._lexicon = Lexicon(pack.lexicon)
        self._clock = clock
        self.terms = prompt_terms(pack)

    def reply(self, words: WordsHeard) -> Reply:
        """The reply to an utterance (or typed text); `heard` in it is redacted."""
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

    def wipe(self) -> None:
        """The visit is over."""
        self._say.visit = Visit()

    def suggestions(self, ids: Sequence[str]) -> tuple[Option, ...]:
        """Those of `ids` that this pack answers, with their titles."""
        items = self._say.items
        return tuple(Option(i, items[i].title) for i in ids if i in items)

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
            return self._second()
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
        found = self._in_context(clean(readings[0]), language)
        if found is None and alarm is not None:
            return self._say.act(alarm, acts[alarm], language)
        return found or self._question(clean(readings[0]), ranking, acts, language)

    # A question that stands alone

    def _question(
        self, text: str, ranking: Ranking, acts: safety.Chances, language: Language
    ) -> Reply:
        mended = repair.parsed(text) if language == "zh" else None
        if mended is not None and len(mended.tail) > 1:
            together = [f"{mended.kept}，{mended.tail}"] if mended.head else []
            text, ranking = self._mind.best([mended.tail, *together])
        if self._visit.topic is None and _bare(text, language):
            return self._say.plain("matter", language)
        both = self._both(text, ranking, language)
        if both is not None:
            return both
        if len(text) > STORY and ranking.chance < CLEAR:
            point, told = self._mind.best([*questions.points(text)], language)
            if told.chance >= CLEARLY:
                text, ranking = point, told
                acts = self._mind.acts.probabilities(core(point))
        for family in safety.FAMILIES:
            meant = safety.of_family(family, acts, ranking)
            if meant is not None:
                return self._say.answer(meant, None, acts[family], language)
        act = safety.taken(acts, ranking, self._say.items)
        if act is not None:
            return self._say.act(act, acts[act], language)
        return self._decided(text, ranking, language, chat=acts["chitchat"] >= safety.ACT_AT)

    def _decided(
        self, text: str, ranking: Ranking, language: Language, *, chat: bool = False
    ) -> Reply:
        """Answered, asked back or given up."""
        if ranking.broad:
            return self._say.ask(ranking.broad, ranking.chance, language, text)
        decision = decide(ranking.chances, ranking.none)
        if decision == "answer" and ranking.first is not None:
            self._visit.question = text
            return self._say.answer(
                ranking.first, _aspect(text, language), ranking.chance, language
            )
        if decision == "ask":
            known = sum(ranking.chances[:MAX_OPTIONS])
            return self._say.ask(ranking.items, known, language, text)
        reply = self._say.plain("declined" if chat else "elsewhere", language)
        return replace(reply, confidence=ranking.none)

    def _both(self, text: str, whole: Ranking, language: Language) -> Reply | None:
        """Two questions in one breath: the first is answered, the second offered."""
        two = questions.apart(text)
        if two is None:
            return None
        first, second = (self._mind.rank([each], language) for each in two)
        if first.first is None or first.chance < max(CLEAR, whole.chance - CLEAR):
            return None
        aspect, other = (_aspect(each, language) for each in two)
        elsewhere = second.chance >= CLEAR and second.first != first.first
        if not elsewhere and (aspect is None or other in (None, aspect)):
            return None
        self._visit.question = two[0]
        return self._say.first_of_two(first.first, aspect, first.chance, two[1], language)

    def _second(self) -> Reply:
        """The other of two questions; it may be an aspect of the first one's topic."""
        visit = self._visit
        text, visit.second = visit.second, ""
        language: Language = "en" if visit.language == "en" else "zh"
        ranking = self._mind.rank([text], language)
        aspect = _aspect(text, language)
        if visit.topic is not None and aspect is not None and ranking.chance < CLEAR:
            return self._say.answer(visit.topic, aspect, IN_CONTEXT, language)
        return self._decided(text, ranking, language)

    # What words mean only because of what was said before

    def _in_context(self, said: str, language: Language) -> Reply | None:
        """`said` has its punctuation, which tells a correction; the others need only words."""
        text = core(said)
        return (
            self._chosen(text, language)
            or self._corrected(said, language)
            or self._told(text, language)
            or self._more(text, language)
            or self._instead(said, language)
        )

    def _chosen(self, text: str, language: Language) -> Reply | None:
        """第二个, 对, 都不是: an answer to a choice, or to an offer."""
        visit = self._visit
        said = choices.agreement(text)
        if visit.second and (said == "yes" or choices.numbered(text, 2) == 1):
            return self._second()
        if visit.second and said == "no":
            visit.second = ""
            return self._say.plain("dropped", language)
        if not visit.offered:
            return None
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
        return self._decided(rest, ranking.among(lambda item: item not in refused), language)

    def _one_of(self, offered: Sequence[str], text: str, language: Language) -> Reply | None:
        """An option named by its words: 就是丢了那个."""
        alone = self._mind.rank([text], language)
        if alone.first not in offered and alone.chance >= CLEAR:
            return None
        _, ranking = self._mind.best([text, f"{self._visit.question}{text}"], language)
        named = ranking.among(lambda item: item in offered)
        share = named.chance / max(1 - named.none, 1e-9)
        if named.first is not None and share >= CLEAR and len(text) <= BRIEF:
            return self._say.answer(named.first, _aspect(text, language), share, language)
        return self._decided(text, ranking, language) if ranking.chance >= CLEARLY else None

    def _told(self, text: str, language: Language) -> Reply | None:
        """我自己办: the answer to a slot that was asked for."""
        visit = self._visit
        guide = self._say.items.get(visit.topic or "")
        if visit.asked is None or not isinstance(guide, Guide) or language != "zh":
            return None
        if aspects.asked(text) is not None:
            return None
        ranking = self._mind.rank([text])
        if ranking.first != visit.topic and ranking.chance >= CLEARLY:
            return None
        value = situations.value_in(text, visit.asked)
        if value is None and ranking.chance < CLEAR:
            value = situations.value_in(text, visit.asked, self._mind.sense.encode)
        return None if value is None else self._say.filled(guide, visit.asked.name, value)

    def _corrected(self, text: str, language: Language) -> Reply | None:
        """我不是问这个，我是问怎么转走."""
        visit = self._visit
        topic = visit.topic
        found = repair.parsed(text) if language == "zh" else None
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
        text, ranking = self._mind.best([said, f"{kept}，{said}"], language)
        others = ranking.among(lambda item: item != topic)
        if ranking.first == topic and decide(others.chances, others.none) == "give up":
            return self._say.answer(topic, aspect, IN_CONTEXT)
        return self._decided(text, others, language)

    def _more(self, text: str, language: Language) -> Reply | None:
        """那要多少钱呢: an aspect alone is asked of the topic under discussion."""
        topic, aspect = self._visit.topic, _aspect(text, language)
        if topic is None or aspect is None:
            return None
        if not _bare(text, language) and (language == "en" or not self._aside(text, aspect)):
            return None
        if replies.answer(self._say.items[topic], aspect, self._say.site, language).aspect is None:
            return None
        return self._say.answer(topic, aspect, IN_CONTEXT, language)

    def _aside(self, text: str, aspect: Aspect) -> bool:
        """Whether what is left beside an aspect names no matter: 我这种够不够资格."""
        if len(aspects.without(text, aspect)) > REST:
            return False
        ranking = self._mind.rank([text]).among(lambda item: not item.startswith(GENERAL))
        return ranking.chance < CLEAR

    def _instead(self, said: str, language: Language) -> Reply | None:
        """那护照呢: the same question of another topic, or in another situation."""
        visit = self._visit
        text = said.strip(_MARKS)
        found, topic = _INSTEAD.match(text), visit.topic
        if topic is None or found is None or not _STARTS_INSTEAD.search(text) or language != "zh":
            return None
        other = found["other"]
        told = self._situation(topic, other)
        if told is not None:
            return told
        for question in (f"{other}，{visit.question}", other):
            ranking = self._mind.rank([question]).among(lambda item: item != topic)
            if ranking.first is not None and ranking.chance >= CLEAR:
                visit.question = question
                aspect = aspects.asked(text) or visit.aspect
                return self._say.answer(ranking.first, aspect, ranking.chance)
        return self._situation(topic, other, by_meaning=True)

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


def prompt_terms(pack: Pack) -> tuple[str, ...]:
    """The pack's own words for the recogniser's first pass, those in most questions first."""
    asked = "\n".join(variant for item in pack.items() for variant in item.variants)
    terms = dict.fromkeys(term.term for term in pack.lexicon)
    return tuple(sorted(terms, key=asked.count, reverse=True)[:PROMPT_TERMS])


def _aspect(text: str, language: Language) -> Aspect | None:
    return english.asked(text) if language == "en" else aspects.asked(text)


def _bare(text: str, language: Language) -> bool:
    """Whether only an aspect is asked, and no matter named."""
    words = core(text)
    aspect = _aspect(words, language)
    if aspect is None:
        return False
    return english.alone(words, aspect) if language == "en" else not aspects.without(words, aspect)
