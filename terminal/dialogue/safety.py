"""Acts that come before any question: danger, fraud, personal data, advice, anger, a human."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from models.acts import Act
from terminal.dialogue import phrases
from terminal.dialogue.phrases import Plain, Said
from terminal.dialogue.understanding import Ranking
from terminal.events import Outcome

ALARM_AT = 0.2
"""Probability from which danger or fraud is taken as such, where the pack has no likely item: a
needless warning costs seconds. Found then: 98 % of emergencies and 88 % of frauds."""
ACT_AT = 0.6
CHAT_AT = 0.9
"""Probability from which small talk is taken as such, unless an item is as likely."""
CERTAIN = 0.95
"""Probability from which an act stands against an item that the pack may answer."""
CLEAR, SURE = 0.5, 0.8
"""Probabilities of such an item."""

ITEMS: Mapping[Act, tuple[str, ...]] = {
    "emergency": ("control.emergency",),
    "fraud": (".fraud.alert",),
    "personal_data": (".personal.query", ".balance.query"),
    "advice": (".wealth.advice",),
    "frustration": ("control.handoff",),
    "handoff": ("control.handoff",),
    "complaint": ("control.complaint",),
}
"""The items that take up an act, best first; a leading dot stands for any pack's own prefix."""
FAMILIES: Mapping[Act, str] = {"control": "control.", "queue": "queue."}
"""Acts whose item the words themselves choose."""
ALARMS: tuple[Act, ...] = ("emergency", "fraud")


Chances = Mapping[Act, float]
"""Probability of each act."""
PLAIN: Mapping[Act, Plain] = {
    "greeting": "greeting",
    "thanks": "thanks",
    "chitchat": "declined",
    "nothing": "empty",
}
"""Acts that the kiosk answers in its own words."""
OWN_WORDS: Mapping[Act, tuple[Outcome, Said]] = {
    "emergency": ("handoff", phrases.UPSET),
    "fraud": ("handoff", phrases.CAREFUL),
    "personal_data": ("refused", phrases.PRIVATE),
    "handoff": ("handoff", phrases.UPSET),
    "complaint": ("handoff", phrases.UPSET),
}
"""For a pack that has no item for them."""


def item_for(act: Act, items: Iterable[str]) -> str | None:
    """The pack's item for an act, or None if the pack has none."""
    known = list(items)
    for wanted in ITEMS.get(act, ()):
        for item in known:
            if item == wanted or (wanted.startswith(".") and item.endswith(wanted)):
                return item
    return None


def taken(acts: Chances, ranking: Ranking, items: Iterable[str]) -> Act | None:
    """The act that the words are, rather than a question to the pack; None for a question."""
    act = max(acts, key=lambda each: acts[each])
    if act in FAMILIES or act not in {*ITEMS, *PLAIN}:
        return None
    own, other = _own_and_other(act, ranking, items)
    chance = acts[act]
    if act in PLAIN and chance >= CHAT_AT and other < CHAT_AT:
        return act
    agreed = own and (chance >= ACT_AT / 2 or ranking.chance >= SURE) and chance >= ALARM_AT
    if agreed or (chance >= ACT_AT and other < CLEAR) or (chance >= CERTAIN and other < SURE):
        return act
    return None


def of_family(act: Act, acts: Chances, ranking: Ranking) -> str | None:
    """The item of an act's family that the words choose, if they are that act."""
    prefix = FAMILIES[act]
    mine = ranking.starting(prefix).first
    pairs = zip(ranking.items, ranking.chances, strict=True)
    other = max((chance for item, chance in pairs if not item.startswith(prefix)), default=0.0)
    chance = acts[act]
    meant = (chance >= ACT_AT and other < CLEAR) or (chance >= CERTAIN and other < SURE)
    return mine if meant else None


def _own_and_other(act: Act, ranking: Ranking, items: Iterable[str]) -> tuple[bool, float]:
    """Whether the ranker too thinks of the act's item, and how likely its best other one is."""
    own = item_for(act, items)
    pairs = zip(ranking.items, ranking.chances, strict=True)
    other = max((chance for item, chance in pairs if item != own), default=0.0)
    return own is not None and own in ranking.items[:1], other


def alarm(acts: Chances, ranking: Ranking, items: Iterable[str]) -> Act | None:
    """The danger that the words tell of; it comes before everything else."""
    act = max(ALARMS, key=lambda each: acts[each])
    own, other = _own_and_other(act, ranking, items)
    if acts[act] >= CERTAIN or (other < CLEAR and acts[act] >= ALARM_AT):
        return act if own or acts[act] >= ACT_AT or act == "emergency" else None
    return None
