"""Items answer questions about the things that they are about."""

from __future__ import annotations

import pytest

from knowledge.pack import Pack
from terminal.dialogue.things import Things, named_in
from terminal.dialogue.understanding import Ranking

CARD, EXPIRED, LOST_PROPERTY = "bank.card.lost", "bank.id.expired", "site.lost_found"


@pytest.fixture(scope="module")
def things(bank_pack: Pack) -> Things:
    return Things(bank_pack.items())


@pytest.mark.parametrize("text", ["身份证丢了怎么办", "补办身份证", "超市的购物卡丢了能补吗"])
def test_a_bank_card_is_no_other_card(things: Things, text: str) -> None:
    ranking = things.fitting(text, Ranking((CARD,), (0.84,), 0.16))
    assert ranking.chance_of(CARD) == 0


@pytest.mark.parametrize("text", ["银行卡丢了怎么办", "卡丢了", "挂失要带身份证吗"])
def test_what_names_no_other_thing_stays(things: Things, text: str) -> None:
    ranking = Ranking((CARD,), (0.84,), 0.16)
    assert things.fitting(text, ranking) == ranking


def test_an_item_about_the_thing_stays(things: Things) -> None:
    ranking = things.fitting("身份证过期了怎么办", Ranking((EXPIRED, CARD), (0.6, 0.3), 0.1))
    assert ranking.first == EXPIRED
    assert ranking.chance_of(CARD) == 0


def test_lost_property_takes_every_thing(things: Things) -> None:
    ranking = things.fitting("身份证丢在你们这儿了", Ranking((LOST_PROPERTY,), (0.9,), 0.1))
    assert ranking.first == LOST_PROPERTY


def test_a_bare_topic_stays_one(things: Things) -> None:
    ranking = things.fitting(
        "信用卡怎么办", Ranking(("bank.credit_card.apply", CARD), (0.5, 0.3), 0.2, (CARD,))
    )
    assert ranking.broad == (CARD,)


def test_the_thing_named_first() -> None:
    assert named_in("护照和身份证丢了") == "护照"
    assert named_in("厕所在哪") == ""
