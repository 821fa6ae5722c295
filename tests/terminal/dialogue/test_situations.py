"""Situations of a guide: one slot at a time, rules applied."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.pack import Pack
from knowledge.schema import Guide, Material, Slot
from terminal.dialogue import situations
from terminal.dialogue.words import core

WHO = {
    "name": "applicant",
    "ask": "是您本人来办，还是替别人办？",
    "values": {"self": "本人办", "proxy": "替别人办"},
    "synonyms": {"self": ["我自己"], "proxy": ["代办", "帮家里人办"]},
}
AGE = {
    "name": "age",
    "ask": "满16岁了吗？",
    "values": {"adult": "满16岁了", "child": "没满16岁"},
    "synonyms": {"child": ["小孩"]},
}
KIND = {"name": "kind", "ask": "丢了还是到期？", "values": {"lost": "丢了", "expired": "到期"}}
RULES: list[dict[str, Any]] = [
    {"when": {"applicant": "proxy"}, "add_materials": [{"name": "代办人身份证"}], "note": "代办"},
    {"when": {"applicant": "self", "age": "child"}, "add_materials": [{"name": "户口本"}]},
    {"when": {"age": "adult"}, "remove_materials": ["出生证"]},
    {"when": {"applicant": "proxy", "age": "adult"}, "remove_materials": ["代办人身份证"]},
]


@pytest.fixture(scope="module")
def plain(gov_pack: Pack) -> Guide:
    """A guide of the sample pack, without its situations."""
    return next(i for i in gov_pack.items() if isinstance(i, Guide))


@pytest.fixture(scope="module")
def guide(plain: Guide) -> Guide:
    """Three slots in two situations; only `applicant` and `age` ever change anything together."""
    return Guide.model_validate(
        {
            **plain.model_dump(),
            "materials": [{"name": "身份证"}, {"name": "出生证"}],
            "situations": [
                {"slots": [WHO, AGE], "rules": RULES},
                {"slots": [KIND], "rules": [{"when": {"kind": "lost"}, "note": "先挂失"}]},
            ],
        }
    )


def slot(guide: Guide, name: str) -> Slot:
    return next(each for each in situations.slots(guide) if each.name == name)


def name_of(asked: Slot | None) -> str | None:
    return asked.name if asked else None


# Which slot is asked for


@pytest.mark.parametrize(
    ("filled", "asked"),
    [
        ({}, "applicant"),
        ({"applicant": "self"}, "age"),
        ({"applicant": "proxy"}, "age"),
        ({"age": "adult"}, "applicant"),
        ({"applicant": "self", "age": "child"}, "kind"),
        ({"applicant": "self", "age": "child", "kind": "lost"}, None),
        ({"kind": "lost"}, "applicant"),
    ],
)
def test_slots_are_asked_for_in_order(
    guide: Guide, filled: dict[str, str], asked: str | None
) -> None:
    assert name_of(situations.unasked(guide, filled)) == asked


def test_a_slot_that_can_change_nothing_any_more_is_not_asked_for(plain: Guide) -> None:
    rules = [{"when": {"applicant": "proxy", "age": "child"}, "note": "两个人来"}]
    guide = Guide.model_validate(
        {**plain.model_dump(), "situations": [{"slots": [WHO, AGE, KIND], "rules": rules}]}
    )
    assert name_of(situations.unasked(guide, {"applicant": "self"})) is None
    assert name_of(situations.unasked(guide, {"applicant": "proxy"})) == "age"
    assert situations.unasked(guide, {"applicant": "proxy", "age": "child"}) is None


def test_a_guide_without_situations_asks_nothing(plain: Guide) -> None:
    bare = plain.model_copy(update={"situations": []})
    assert situations.slots(bare) == []
    assert situations.unasked(bare, {}) is None
    assert situations.applied(bare, {}) == []
    assert situations.materials(bare, []) == bare.materials


# What an answer means


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("我自己办", "self"),
        ("本人办", "self"),
        ("嗯，我自己来的", "self"),
        ("替别人办", "proxy"),
        ("我是代办的", "proxy"),
        ("帮家里人办，他走不动", "proxy"),
        ("待办", "proxy"),
        ("大办", None),
        ("不知道", None),
        ("", None),
        ("？？", None),
    ],
)
def test_a_value_is_known_by_its_words_and_their_sound(
    guide: Guide, said: str, value: str | None
) -> None:
    assert situations.value_in(said, slot(guide, "applicant")) == value


def test_the_longest_word_counts(guide: Guide) -> None:
    """没满16岁 has no 满16岁了 in it, but 没满16岁了 has."""
    assert situations.value_in("没满16岁", slot(guide, "age")) == "child"
    assert situations.value_in("满16岁了", slot(guide, "age")) == "adult"


class Meaning:
    """An encoder for which only told words are alike; counts how often it is asked."""

    def __init__(self, **alike: float) -> None:
        self.alike = alike
        self.calls = 0

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls += 1
        rows = [[self.alike.get(text, 0.0), 0.0] for text in texts]
        if len(rows) == 1 and texts[0] not in self.alike:
            rows = [[1.0, 0.0]]
        return np.array(rows, np.float32)


def test_meaning_decides_where_no_word_is_said(guide: Guide) -> None:
    who = slot(guide, "applicant")
    assert situations.value_in("托人弄的", who, Meaning(代办=0.9, 本人办=0.2)) == "proxy"


def test_meaning_that_is_unsure_or_torn_decides_nothing(guide: Guide) -> None:
    who = slot(guide, "applicant")
    unlike = Meaning(代办=situations.LIKE_AT - 0.05, 本人办=0.1, 我自己=0.1)
    assert situations.value_in("托人弄的", who, unlike) is None
    torn = Meaning(代办=0.9, 本人办=0.9 - situations.LEAD / 2)
    assert situations.value_in("托人弄的", who, torn) is None


def test_a_long_sentence_is_not_compared_by_meaning(guide: Guide) -> None:
    encode = Meaning(代办=1.0)
    long = "今天天气怎么样啊我想知道" * 2
    assert situations.value_in(long, slot(guide, "applicant"), encode) is None
    assert encode.calls == 0


# No, and what is denied


@pytest.mark.parametrize(
    ("item", "name", "said", "value"),
    [
        ("bank.inheritance", "amount", "没超过五万", "small"),
        ("bank.inheritance", "amount", "没有超过五万", "small"),
        ("bank.inheritance", "amount", "不清楚", "unknown"),
        ("gov.business_licence.cancel", "debt", "没有欠款", "clear"),
        ("gov.business_licence.cancel", "debt", "没有欠税", "clear"),
        ("gov.business_licence.cancel", "debt", "欠税没有", "clear"),
        ("gov.hukou.newborn", "parents", "没有结婚证", "unmarried"),
        ("gov.divorce.register", "cert", "不在了", "lost"),
        ("gov.divorce.register", "cert", "没在", "lost"),
        ("gov.divorce.register", "cert", "没丢", "have"),
        ("gov.divorce.register", "cert", "不知道在不在", None),
        ("bank.loan.mortgage", "house", "不是新房", "used"),
        ("bank.loan.mortgage", "house", "不是新房，是二手房", "used"),
        ("bank.card.lost", "applicant", "不是我的", "proxy"),
        ("bank.card.lost", "applicant", "不是我自己的卡", "proxy"),
        ("bank.account.close", "card", "不在我这儿", "lost"),
        ("bank.card.renew", "number", "别给我换新卡号", "keep"),
        ("gov.passport.apply", "age", "不是小孩", "adult"),
        ("gov.passport.apply", "age", "未满16岁", "child"),
        ("gov.passport.apply", "age", "没满16岁了", "child"),
        ("gov.property.transfer", "loan", "没还清", "owing"),
        ("gov.residence_permit.renew", "moved", "没搬家", "same"),
        # Of three values one is denied: which of the others is meant?
        ("gov.passport.apply", "kind", "不是第一次办", None),
        ("gov.pension.verify", "way", "不会用手机", None),
        ("gov.passport.apply", "kind", "没丢，到期了", "renew"),
        ("gov.social_card.reissue", "applicant", "不，我自己办", "self"),
        ("gov.social_card.reissue", "applicant", "不是我自己，是代办", "proxy"),
    ],
)
def test_a_denied_value_is_not_meant(
    guides: list[Guide], item: str, name: str, said: str, value: str | None
) -> None:
    """However much it sounds like it: the meaning of the rest is not asked."""
    asked = slot(next(each for each in guides if each.id == item), name)
    assert situations.value_in(said, asked) == value


@pytest.mark.parametrize(
    ("item", "name", "yes", "no"),
    [
        ("gov.business_licence.cancel", "debt", "owing", "clear"),
        ("gov.divorce.register", "agree", "both", "one"),
        ("gov.divorce.register", "cert", "have", "lost"),
        ("gov.hukou.newborn", "parents", "married", "unmarried"),
        ("gov.hukou.parents", "relation", "shown", "hidden"),
        ("gov.hukou.spouse", "children", "with_child", "alone"),
        ("gov.marriage.register", "party", "mainland", "overseas"),
        ("gov.passport.apply", "age", "adult", "child"),
        ("gov.property.transfer", "loan", "owing", "clear"),
        ("gov.residence_permit.renew", "moved", "changed", "same"),
        ("bank.account.close", "card", "have", "lost"),
        ("bank.card.renew", "number", "keep", "new"),
        ("bank.inheritance", "amount", "large", "small"),
        ("bank.loan.mortgage", "house", None, None),
        ("gov.social_card.reissue", "applicant", None, None),
    ],
)
def test_yes_and_no_answer_a_question_for_yes_or_no(
    guides: list[Guide], item: str, name: str, yes: str | None, no: str | None
) -> None:
    asked = slot(next(each for each in guides if each.id == item), name)
    assert {situations.value_in(said, asked) for said in ("是的", "对", "嗯")} == {yes}
    assert {situations.value_in(said, asked) for said in ("不是", "没有", "没有了", "没")} == {no}


def test_a_question_that_does_not_tell_which_value_is_yes_is_not_answered_by_it() -> None:
    unclear = Slot.model_validate(
        {"name": "way", "ask": "您都准备好了吗？", "values": {"a": "走路", "b": "坐车"}}
    )
    assert situations.value_in("是的", unclear) is None
    assert situations.value_in("没有", unclear) is None


@pytest.mark.parametrize(
    ("item", "name", "said", "value"),
    [
        ("gov.passport.apply", "age", "没有，给孩子办", "child"),
        ("gov.passport.apply", "age", "没有给孩子办", "child"),
        ("gov.passport.apply", "age", "不是，是小孩", "child"),
        ("gov.passport.apply", "age", "还没满", "child"),
        ("gov.divorce.register", "cert", "没有找不到了", "lost"),
        ("gov.marriage.register", "party", "不是对象是香港的", "overseas"),
        ("gov.hukou.spouse", "children", "没有孩子", "alone"),
        ("gov.hukou.spouse", "children", "没有就一个人", "alone"),
        ("gov.property.transfer", "loan", "没还", None),
        ("bank.card.renew", "number", "不要", "new"),
    ],
)
def test_a_no_may_be_followed_by_the_value(
    guides: list[Guide], item: str, name: str, said: str, value: str | None
) -> None:
    asked = slot(next(each for each in guides if each.id == item), name)
    assert situations.value_in(said, asked) == value


# What it changes


@pytest.mark.parametrize(
    ("filled", "materials"),
    [
        ({}, ["身份证", "出生证"]),
        ({"applicant": "self"}, ["身份证", "出生证"]),
        ({"applicant": "proxy"}, ["身份证", "出生证", "代办人身份证"]),
        ({"applicant": "self", "age": "child"}, ["身份证", "出生证", "户口本"]),
        ({"age": "adult"}, ["身份证"]),
        ({"applicant": "proxy", "age": "adult"}, ["身份证"]),
    ],
)
def test_materials_follow_the_rules_in_order(
    guide: Guide, filled: dict[str, str], materials: list[str]
) -> None:
    rules = situations.applied(guide, filled)
    assert [each.name for each in situations.materials(guide, rules)] == materials


def test_a_rule_needs_all_of_its_values(guide: Guide) -> None:
    assert situations.applied(guide, {"applicant": "self"}) == []
    both = situations.applied(guide, {"applicant": "proxy", "age": "adult"})
    assert [rule.when for rule in both] == [RULES[0]["when"], RULES[2]["when"], RULES[3]["when"]]


def test_a_material_that_is_added_again_replaces_the_first(guide: Guide) -> None:
    rules = [{"when": {"a": "b"}, "add_materials": [{"name": "身份证", "form": "copy"}]}]
    changed = Guide.model_validate(
        {**guide.model_dump(), "situations": [{"slots": [WHO], "rules": rules}]}
    )
    found = situations.materials(changed, changed.situations[0].rules)
    assert found == [Material(name="身份证", form="copy"), Material(name="出生证")]
    assert guide.materials[0].form == "original"


# The sample packs


@pytest.fixture(scope="module")
def guides(gov_pack: Pack, bank_pack: Pack) -> list[Guide]:
    items = [item for pack in (gov_pack, bank_pack) for item in pack.items()]
    return [item for item in items if isinstance(item, Guide) and item.situations]


def test_each_word_for_a_value_is_understood_as_that_value(guides: list[Guide]) -> None:
    """Unless another value's longer word holds it: then that would be said."""
    assert len(guides) > 30
    for guide in guides:
        for each in situations.slots(guide):
            for value, label in each.values.items():
                for word in (label, *each.synonyms.get(value, [])):
                    found = situations.value_in(word, each)
                    assert found == value, (guide.id, each.name, word)


def test_no_word_stands_for_two_values(guides: list[Guide]) -> None:
    for guide in guides:
        for each in situations.slots(guide):
            words = [
                core(word)
                for value, label in each.values.items()
                for word in {label, *each.synonyms.get(value, [])}
            ]
            assert len(words) == len(set(words)), (guide.id, each.name)


def test_however_a_guide_is_answered_it_comes_to_an_end_and_says_what_to_bring(
    guides: list[Guide],
) -> None:
    for guide in guides:
        slots = situations.slots(guide)
        for values in product(*[each.values for each in slots]):
            told = dict(zip([each.name for each in slots], values, strict=True))
            filled: dict[str, str] = {}
            while (asked := situations.unasked(guide, filled)) is not None:
                filled[asked.name] = told[asked.name]
            rules = situations.applied(guide, filled)
            assert rules == situations.applied(guide, told), (guide.id, told)
            names = [material.name for material in situations.materials(guide, rules)]
            assert names or any(rule.note for rule in rules), (guide.id, told)
            assert len(names) == len(set(names)), (guide.id, told)
