"""Answer, ask back, or give up."""

from __future__ import annotations

import pytest

from knowledge.pack import Pack
from terminal.dialogue.understanding import ANSWER_AT, MAX_OPTIONS, SURE, Understanding
from tests.fakes import FakeEncoder


@pytest.fixture(scope="module")
def gov(gov_pack: Pack) -> Understanding:
    return Understanding(list(gov_pack.items()), FakeEncoder())


def test_every_phrase_of_the_pack_means_its_own_item(gov_pack: Pack, gov: Understanding) -> None:
    for item in gov_pack.items():
        for variant in item.variants:
            found = gov.meaning([variant])
            assert (found.item, found.confidence) == (item.id, SURE), variant


def test_no_words_mean_nothing(gov: Understanding) -> None:
    for readings in ([], [""], ["？"]):
        found = gov.meaning(readings)
        assert (found.item, found.options) == (None, ())


def test_what_is_asked_of_the_matter_is_found_too(gov: Understanding) -> None:
    found = gov.meaning(["社保卡丢了补办要多少钱"])
    assert (found.item, found.aspect) == ("gov.social_card.reissue", "fee")


@pytest.mark.parametrize(
    ("topic", "among"),
    [
        ("公积金", "gov.housing_fund."),
        ("我想办社保卡的事", "gov.social_card."),
        ("居住证的业务", "gov.residence_permit."),
    ],
)
def test_a_bare_topic_of_several_items_is_asked_back(
    gov: Understanding, topic: str, among: str
) -> None:
    found = gov.meaning([topic])
    assert found.item is None
    assert 2 <= len(found.options) <= MAX_OPTIONS
    assert all(option.startswith(among) for option in found.options)


def test_the_pack_does_not_know_everything(gov: Understanding) -> None:
    found = gov.meaning(["北极熊冬天吃什么鱼"])
    assert found.item is None


def test_answers_are_given_only_above_the_threshold(gov_pack: Pack, gov: Understanding) -> None:
    halves = [item.variants[0][: len(item.variants[0]) // 2] for item in gov_pack.items()]
    for half in halves:
        found = gov.meaning([half])
        assert 0 <= found.confidence <= 1
        assert len(found.options) <= MAX_OPTIONS
        assert len(set(found.options)) == len(found.options)
        assert not (found.item and found.options)
        assert found.item is None or found.confidence >= ANSWER_AT


def test_the_second_pass_leans_on_six_different_items(gov: Understanding) -> None:
    near = gov.nearest("社保卡掉了要重新弄")
    assert len(near.phrases) == len(set(near.phrases)) == 6
    assert any("社保卡" in phrase for phrase in near.phrases)


def test_a_known_question_fits_already_and_noise_does_not(gov: Understanding) -> None:
    assert gov.nearest("社保卡丢了怎么补").fits
    assert not gov.nearest("火星上有没有水").fits
    assert not gov.nearest("").fits
    assert gov.nearest("").phrases == ()
