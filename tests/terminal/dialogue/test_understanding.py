"""The items of the pack that may be meant, with their probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.pack import Pack
from models.ranker import Ranker
from terminal.dialogue.features import CANDIDATE
from terminal.dialogue.policy import MAX_OPTIONS
from terminal.dialogue.understanding import CANDIDATES, SURE, Ranking, Understanding
from tests.fakes import FakeEncoder


class LikenessRanker(Ranker):
    """The likelier the likelier a candidate's likeness; untrained."""

    def __init__(self) -> None:
        pass

    def probabilities(
        self, candidates: NDArray[np.float32], question: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        likeness = candidates[:, CANDIDATE.index("likeness of six")]
        weights = np.exp(20 * np.append(likeness, 0.4))
        return np.asarray(weights / weights.sum(), np.float32)


@pytest.fixture(scope="module")
def gov(gov_pack: Pack) -> Understanding:
    return Understanding(list(gov_pack.items()), FakeEncoder(), LikenessRanker())


@pytest.fixture(scope="module")
def english(gov_pack: Pack) -> Understanding:
    return Understanding(list(gov_pack.items()), FakeEncoder(), LikenessRanker(), "en")


def test_a_phrase_of_the_pack_means_its_own_item(gov_pack: Pack, gov: Understanding) -> None:
    for item in gov_pack.items():
        for variant in item.variants[::5]:
            found = gov.rank([variant])
            assert found.first == item.id, variant
            assert found.chance == pytest.approx(SURE), variant


def test_an_english_phrase_means_its_own_item(gov_pack: Pack, english: Understanding) -> None:
    for item in gov_pack.items():
        for variant in (item.en.variants if item.en else [])[::4]:
            found = english.rank([variant])
            assert found.first == item.id, variant
            assert found.chance == pytest.approx(SURE), variant


@pytest.mark.parametrize("readings", [[], [""], ["？"], ["", "  "]])
def test_no_words_mean_nothing(gov: Understanding, readings: list[str]) -> None:
    assert gov.rank(readings) == Ranking()


@pytest.mark.parametrize(
    "text", ["社保卡丢了补办要多少钱", "厕所", "火星移民", "社保卡丢了怎么补", "x", "的" * 200]
)
def test_the_chances_are_of_different_items_and_sum_to_one(gov: Understanding, text: str) -> None:
    found = gov.rank([text])
    assert len(found.items) == len(set(found.items)) == len(found.chances) <= CANDIDATES
    assert list(found.chances) == sorted(found.chances, reverse=True)
    assert sum(found.chances) + found.none == pytest.approx(1.0, abs=1e-4)


def test_what_shares_its_words_is_likeliest(gov: Understanding) -> None:
    assert gov.rank(["我的社保卡丢了怎么补呢"]).first == "gov.social_card.reissue"


def test_another_reading_may_be_the_right_one(gov: Understanding) -> None:
    found = gov.rank(["射宝咖丢了咋整", "社保卡丢了怎么补"])
    assert found.first == "gov.social_card.reissue"


# A bare topic


@pytest.mark.parametrize(
    ("topic", "among"),
    [
        ("公积金", "gov.housing_fund."),
        ("我想办社保卡的事", "gov.social_card."),
        ("居住证的业务", "gov.residence_permit."),
        ("来办居住证", "gov.residence_permit."),
    ],
)
def test_a_bare_topic_means_several_items(gov: Understanding, topic: str, among: str) -> None:
    broad = gov.rank([topic]).broad
    assert 2 <= len(broad) <= MAX_OPTIONS
    assert len(set(broad)) == len(broad)
    assert all(item.startswith(among) for item in broad)


@pytest.mark.parametrize("text", ["公积金怎么提取", "厕所", "火星", "", "办", "社保卡丢了怎么补"])
def test_a_question_or_a_name_of_one_item_is_no_bare_topic(gov: Understanding, text: str) -> None:
    assert gov.rank([text]).broad == ()


# What is left when some items cannot be meant


def ranking() -> Ranking:
    return Ranking(("a.one", "b.one", "a.two"), (0.5, 0.3, 0.1), 0.1)


def test_what_is_ruled_out_leaves_its_chance_to_the_others_and_to_none() -> None:
    found = ranking().among(lambda item: item != "a.one")
    assert found.items == ("b.one", "a.two")
    assert found.chances == pytest.approx((0.6, 0.2))
    assert found.none == pytest.approx(0.2)


def test_one_family_alone() -> None:
    found = ranking().starting("a.")
    assert found.items == ("a.one", "a.two")
    assert found.chances == pytest.approx((5 / 7, 1 / 7))


def test_when_nothing_is_left_nothing_is_meant() -> None:
    assert ranking().starting("c.") == Ranking()
    assert Ranking().among(lambda _: True) == Ranking()
    assert Ranking().first is None
    assert Ranking().chance == 0


def test_the_chance_of_one_item() -> None:
    assert ranking().chance_of("b.one") == 0.3
    assert ranking().chance_of("nothing") == 0


# For the recogniser's second pass


def test_the_second_pass_leans_on_six_different_items(gov: Understanding) -> None:
    near = gov.nearest("社保卡掉了要重新弄")
    assert len(near.phrases) == len(set(near.phrases)) == 6
    assert any("社保卡" in phrase for phrase in near.phrases)


def test_a_known_question_fits_already_and_noise_does_not(gov: Understanding) -> None:
    assert gov.nearest("社保卡丢了怎么补").fits
    assert not gov.nearest("火星上有没有水").fits
    assert not gov.nearest("").fits
    assert gov.nearest("").phrases == ()
