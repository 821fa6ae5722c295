"""A question that stands alone: understood, and answered, asked back or given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from knowledge.schema import Aspect, Guide, Language
from models.acts import Act
from terminal.dialogue import (
    aspects,
    choices,
    english,
    questions,
    repair,
    safety,
    situations,
    things,
)
from terminal.dialogue.answering import Answering
from terminal.dialogue.mind import BETTER, Mind
from terminal.dialogue.policy import MAX_OPTIONS, decide
from terminal.dialogue.things import Things
from terminal.dialogue.understanding import Ranking
from terminal.dialogue.words import core
from terminal.events import Reply

CLEAR = 0.5
"""Probability from which one of two questions, or a changed topic, is taken as understood."""
CLEARLY = 0.8
"""Probability from which words are a question of their own, whatever the kiosk asked."""
IN_CONTEXT = 0.9
"""Confidence of an answer to words that only the context explains."""
STORY = 18
"""Characters from which an utterance may be a story with one question in it."""
IDLE_TALK: tuple[Act, ...] = ("nothing", "chitchat")
PERSONS: tuple[Act, ...] = ("frustration", "handoff", "complaint", "emergency", "fraud")
"""Acts that want a human, and no clause of them an answer."""
RIVAL = 0.25
"""Probability of a second item from which a story is asked back, whatever a clause of it says."""
PLAUSIBLE = 0.05
"""Probability that a whole story leaves at least to what its question asks for."""
IDLE = 0.01
"""Probability under which a choice would only be in the way."""


class Matters:
    """Puts questions to the mind, and says what comes of them."""

    def __init__(self, say: Answering, mind: Mind) -> None:
        self._say = say
        self._mind = mind
        self._things = Things(say.items.values())

    def question(
        self, text: str, ranking: Ranking, acts: safety.Chances, language: Language
    ) -> Reply:
        """The reply to `text`, of which `ranking` and `acts` are known."""
        if choices.asks_who(text):
            return self._say.plain("who", language)
        text, ranking = self._mended(text, ranking, language)
        # 几点下班 needs no matter: the hall itself has hours.
        sure = decide(ranking.chances, ranking.none) == "answer"
        if self._say.visit.topic is None and not sure and bare(text, language):
            return self._say.plain("matter", language)
        ranking = self._things.fitting(text, ranking)
        both = self._both(text, ranking, language)
        if both is not None:
            return both
        if not ranking.broad and decide(ranking.chances, ranking.none) != "answer":
            text, ranking, acts = self._to_the_point(text, ranking, acts, language)
        for family in safety.FAMILIES:
            meant = safety.of_family(family, acts, ranking)
            if meant is not None:
                return self._say.answer(meant, None, acts[family], language)
        act = safety.taken(acts, ranking, self._say.items)
        if act is not None:
            return self._say.act(act, acts[act], language)
        return self.decided(text, ranking, language, chat=acts["chitchat"] >= safety.ACT_AT)

    def decided(
        self, text: str, ranking: Ranking, language: Language, *, chat: bool = False
    ) -> Reply:
        """Answered, asked back or given up."""
        if ranking.broad:
            return self._say.ask(ranking.broad, ranking.chance, language, text)
        decision = decide(ranking.chances, ranking.none)
        if decision != "answer" and not chat and ranking.chance < CLEAR:
            again = self._again(text, language)
            if again is not None:
                return again
        if decision == "answer" and ranking.first is not None:
            self._say.visit.question = text
            return self._say.answer(
                ranking.first, aspect_of(text, language), ranking.chance, language, told=text
            )
        if decision == "ask":
            pairs = zip(ranking.items, ranking.chances, strict=True)
            likely = [item for item, chance in pairs if chance >= IDLE] or ranking.items[:1]
            known = sum(ranking.chances[:MAX_OPTIONS])
            return self._say.ask(likely, known, language, text)
        reply = self._say.plain("declined" if chat else "elsewhere", language)
        return replace(reply, confidence=ranking.none)

    def second(self) -> Reply:
        """The other of two questions; it may be an aspect of the first one's topic."""
        visit = self._say.visit
        text, visit.second = visit.second, ""
        language: Language = "en" if visit.language == "en" else "zh"
        ranking = self._things.fitting(text, self._mind.rank([text], language))
        aspect = aspect_of(text, language)
        if visit.topic is not None and aspect is not None and ranking.chance < CLEAR:
            return self._say.answer(visit.topic, aspect, IN_CONTEXT, language)
        return self.decided(text, ranking, language)

    def _again(self, text: str, language: Language) -> Reply | None:
        """The slot's question once more, to a brief answer that tells nothing."""
        visit = self._say.visit
        guide = self._say.items.get(visit.topic or "")
        if visit.asked is None or visit.asked_again or not isinstance(guide, Guide):
            return None
        if language != "zh" or len(text) > situations.SHORT or questions.asks(text):
            return None
        return self._say.again(guide, visit.asked)

    def _mended(self, text: str, ranking: Ranking, language: Language) -> tuple[str, Ranking]:
        """What is meant where something is taken back."""
        if language == "en":
            tail = english.meant(text)
            return (text, ranking) if tail is None else self._mind.best([tail, text], "en")
        mended = repair.parsed(text)
        if mended is None or len(mended.tail) <= 1:
            return text, ranking
        alone = self._mind.rank([mended.tail])
        if alone.chance >= CLEARLY or not mended.head:
            return mended.tail, alone
        # What was said first, and taken back as a whole, is not meant.
        together = f"{mended.kept}，{mended.tail}"
        if bare(mended.tail, language):
            return together, self._mind.rank([together])
        wrong = self._mind.rank([mended.head])
        refused = wrong.first if wrong.chance >= CLEARLY else None
        # 社保卡激活…不是，是补办: the matter may stand in front of what was taken back.
        about = f"{things.named_in(mended.head)}{mended.tail}"
        return self.likeliest([mended.tail, together, about], refused)

    def likeliest(self, texts: Sequence[str], refused: str | None) -> tuple[str, Ranking]:
        """The likeliest way to put a question, when it is known that `refused` is not meant."""
        found = [(text, self._mind.rank([text])) for text in dict.fromkeys(texts)]
        others = [(text, each.among(lambda item: item != refused)) for text, each in found]
        best = others[0]
        for other in others[1:]:
            if other[1].chance > best[1].chance + BETTER:
                best = other
        return best

    def _both(self, text: str, whole: Ranking, language: Language) -> Reply | None:
        """Two questions in one breath: the first is answered, the second offered."""
        two = questions.apart(text)
        if two is None:
            return None
        first, second = (self._told(each, language) for each in two)
        if first.first is None or first.chance < max(CLEAR, whole.chance - CLEAR):
            return None
        if first.chance < CLEARLY and second.first == whole.first:
            # 这个怎么说呢，身份证拍照 … is one question.
            return None
        aspect, other = (aspect_of(each, language) for each in two)
        elsewhere = second.chance >= CLEAR and second.first != first.first
        if not elsewhere and (aspect is None or other in (None, aspect)):
            return None
        self._say.visit.question = two[0]
        return self._say.first_of_two(first.first, aspect, first.chance, two[1], language)

    def _to_the_point(
        self, text: str, ranking: Ranking, acts: safety.Chances, language: Language
    ) -> tuple[str, Ranking, safety.Chances]:
        """The question of a long story, or the matter of which an aspect is asked."""
        aspect = aspects.asked(text) if language == "zh" else None
        matter = aspects.without(text, aspect) if aspect else ""
        act = max(acts, key=lambda each: acts[each])
        if act in IDLE_TALK and acts[act] >= safety.CERTAIN:
            # A piece of nonsense may sound like a question; the whole of it is none.
            return text, ranking, acts
        if matter:
            told = self._things.fitting(text, self._mind.rank([f"{matter}怎么办"]))
            if not told.broad and told.chance >= CLEARLY:
                return text, told, acts
        if len(text) <= STORY or act in PERSONS:
            return text, ranking, acts
        point = self._point_of(text, ranking, language)
        if point is None:
            return text, ranking, acts
        return (*point, self._mind.acts.probabilities(core(point[0])))

    def _point_of(
        self, text: str, whole: Ranking, language: Language
    ) -> tuple[str, Ranking] | None:
        """The question of a story: behind 我就想问, else a clause that no other one disputes."""
        said = questions.asked_for(text)
        if said is not None:
            told = self._told(said, language)
            if told.chance >= CLEARLY:
                return said, told
        if any(chance >= RIVAL for chance in whole.chances[1:]):
            return None
        points = [(point, self._told(point, language)) for point in questions.points(text)]
        clear = [each for each in points if each[1].chance >= CLEARLY]
        asking = [each for each in clear if questions.asks(each[0])]
        best = max(asking or clear, key=lambda each: each[1].chance, default=None)
        if best is None:
            return None
        first = best[1].first
        alone = all(told.first == first for _, told in clear)
        told_so = asking and whole.chance_of(first or "") >= PLAUSIBLE
        agreed = alone and (first == whole.first or told_so)
        return best if agreed else None

    def _told(self, text: str, language: Language) -> Ranking:
        return self._things.fitting(text, self._mind.rank([text], language))


def aspect_of(text: str, language: Language) -> Aspect | None:
    """The aspect that a text of either language asks for."""
    return english.asked(text) if language == "en" else aspects.asked(text)


def bare(text: str, language: Language) -> bool:
    """Whether only an aspect is asked, and no matter named."""
    words = core(text)
    aspect = aspect_of(words, language)
    if aspect is None:
        return False
    return english.alone(words, aspect) if language == "en" else not aspects.without(words, aspect)
