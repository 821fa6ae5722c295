"""Everything learned that a dialogue thinks with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.pack import Pack
from models.base import Encoder
from terminal.dialogue.mind import Mind
from terminal.dialogue.understanding import Ranking

pytestmark = pytest.mark.models

PASSPORT = "gov.passport.apply"
CARD = "gov.social_card.reissue"


@pytest.fixture(scope="module")
def mind(encoder: Encoder, gov_pack: Pack) -> Mind:
    return Mind(gov_pack, encoder)


def test_a_pack_speaks_the_languages_that_it_has_answers_in(
    mind: Mind, encoder: Encoder, gov_pack: Pack
) -> None:
    assert mind.speaks("zh")
    assert mind.speaks("en")
    assert not mind.speaks("ja")
    chinese = tuple(
        replace(entry, item=entry.item.model_copy(update={"en": None}))
        for entry in gov_pack.entries[:5]
    )
    alone = Mind(replace(gov_pack, entries=chinese), encoder)
    assert alone.speaks("zh")
    assert not alone.speaks("en")


def test_another_reading_makes_the_right_item_likelier(mind: Mind) -> None:
    heard = "户照怎么办"
    alone = mind.rank([heard]).chance_of(PASSPORT)
    assert mind.rank([heard, "护照怎么办"]).chance_of(PASSPORT) > alone


def test_the_likeliest_way_to_put_it_is_taken(mind: Mind) -> None:
    text, ranking = mind.best(["火星移民怎么办", "社保卡丢了怎么补", "厕"])
    assert (text, ranking.first) == ("社保卡丢了怎么补", CARD)


def test_of_two_ways_as_likely_the_first_is_taken(mind: Mind) -> None:
    text, _ = mind.best(["社保卡丢了怎么补", "厕所在哪"])
    assert text == "社保卡丢了怎么补"


@pytest.mark.parametrize("texts", [[], [""], ["？", " "]])
def test_nothing_said_means_nothing(mind: Mind, texts: list[str]) -> None:
    assert mind.best(texts) == ("", Ranking())


def test_what_the_pack_does_not_know_is_likeliest_none(mind: Mind) -> None:
    for text in ("三国演义是谁写的", "红烧肉怎么做", "一加一等于几"):
        found = mind.rank([text])
        assert found.none > found.chance, text
