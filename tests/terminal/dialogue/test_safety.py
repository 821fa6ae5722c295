"""Acts that come before any question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import pytest

from knowledge.pack import Pack
from models.acts import ACTS, Act
from terminal.dialogue import phrases
from terminal.dialogue.safety import (
    ACT_AT,
    ALARMS,
    FAMILIES,
    ITEMS,
    OWN_WORDS,
    PLAIN,
    item_for,
    taken,
)
from terminal.dialogue.understanding import Ranking

BANK = ("bank.card.lost", "bank.fraud.alert", "bank.balance.query", "control.handoff")


def acts(**chances: float) -> Mapping[Act, float]:
    """The rest is a matter."""
    known: dict[Act, float] = dict.fromkeys(ACTS, 0.0)
    for act in ACTS:
        known[act] = chances.get(act, 0.0)
    known["matter"] += 1 - sum(known.values())
    return known


def ranking(item: str, chance: float) -> Ranking:
    return Ranking((item,), (chance,), 1 - chance)


def test_the_best_item_of_a_pack_takes_up_an_act() -> None:
    assert item_for("fraud", BANK) == "bank.fraud.alert"
    assert item_for("personal_data", BANK) == "bank.balance.query"
    both = ("bank.balance.query", "gov.personal.query")
    assert item_for("personal_data", both) == "gov.personal.query"


@pytest.mark.parametrize("act", ["emergency", "advice", "complaint", "greeting", "matter"])
def test_a_pack_may_have_no_item_for_it(act: Act) -> None:
    assert item_for(act, BANK) is None


def test_the_end_of_an_id_is_matched_whole() -> None:
    assert item_for("fraud", ["bank.notfraud.alert", "fraud.alert"]) is None
    assert item_for("emergency", ["site.control.emergency"]) is None


@pytest.mark.parametrize("act", ITEMS)
def test_the_sample_packs_know_what_must_be_taken_up(
    gov_pack: Pack, bank_pack: Pack, act: Act
) -> None:
    for pack in (gov_pack, bank_pack):
        ids = [item.id for item in pack.items()]
        if act in ("frustration", "handoff", "complaint", *ALARMS[:1]):
            assert item_for(act, ids) in ids
        # What a hall does not advise on is declined.
        assert item_for(act, ids) is not None or act in {*OWN_WORDS, "advice"}


def test_every_act_is_dealt_with_somehow() -> None:
    assert {*ITEMS, *FAMILIES, *PLAIN, "matter"} == set(get_args(Act))
    assert set(ALARMS) <= set(OWN_WORDS)
    for _, said in OWN_WORDS.values():
        assert set(said) == {"zh", "en"}
    for words in phrases.PLAIN.values():
        assert set(PLAIN.values()) <= set(words)


# Act or question


def test_a_likely_act_is_taken_where_the_pack_has_nothing_as_likely() -> None:
    assert taken(acts(fraud=0.9), ranking("bank.card.lost", 0.2), BANK) == "fraud"
    assert taken(acts(complaint=0.9), ranking("bank.card.lost", 0.2), BANK) == "complaint"
    assert taken(acts(greeting=0.95), ranking("bank.card.lost", 0.1), BANK) == "greeting"


def test_a_question_that_the_pack_surely_answers_is_no_chat() -> None:
    sure = ranking("bank.card.lost", 0.99)
    assert taken(acts(chitchat=0.9), sure, BANK) is None
    assert taken(acts(greeting=0.9), sure, BANK) is None


def test_a_matter_and_an_unsure_act_are_questions() -> None:
    unsure = ranking("bank.card.lost", 0.1)
    assert taken(acts(), unsure, BANK) is None
    assert taken(acts(complaint=ACT_AT - 0.05), unsure, BANK) is None
    assert taken(acts(chitchat=ACT_AT - 0.05), unsure, BANK) is None


@pytest.mark.parametrize("act", FAMILIES)
def test_the_words_themselves_choose_the_item_of_a_family(act: Act) -> None:
    assert taken(acts(**{act: 0.99}), ranking("control.handoff", 0.9), BANK) is None


def test_an_act_and_its_own_item_agree_however_unsure_both_are() -> None:
    alike = ranking("bank.fraud.alert", 0.3)
    assert taken(acts(fraud=0.4, complaint=0.3, chitchat=0.3), alike, BANK) == "fraud"
