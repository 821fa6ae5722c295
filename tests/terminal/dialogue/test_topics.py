"""Bare topics."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from terminal.dialogue.index import Phrase
from terminal.dialogue.policy import MAX_OPTIONS
from terminal.dialogue.topics import LONGEST, Topics

PHRASES = [
    Phrase("card.apply", "办理社保卡", name=True),
    Phrase("card.lost", "补办社保卡", name=True),
    Phrase("card.lost", "社保卡丢了怎么补"),
    Phrase("card.lost", "社保卡不见了"),
    Phrase("card.pin", "社保卡密码", name=True),
    Phrase("card.use", "社保卡激活", name=True),
    Phrase("pension.claim", "退休手续", name=True),
    Phrase("pension.check", "退休人员年审", name=True),
    Phrase("passport", "护照", name=True),
    Phrase("passport.lost", "护照补发", name=True),
]
TOPICS = Topics(PHRASES)


def having(words: str) -> list[Phrase]:
    return [phrase for phrase in PHRASES if words in phrase.text]


def broad(text: str, phrases: Sequence[Phrase] = PHRASES) -> tuple[str, ...]:
    return Topics(phrases).broad(text, having)


@pytest.mark.parametrize(
    "text",
    [
        "社保卡",
        "社保卡的事",
        "我要办社保卡",
        "社保卡怎么弄",
        "社保卡咋办",
        "社保卡的业务我想问问",
        "我那个社保卡想问一下",
        "来办社保卡的",
    ],
)
def test_a_bare_topic_is_of_several_items_those_most_asked_for_first(text: str) -> None:
    found = broad(text)
    assert len(found) == MAX_OPTIONS
    assert found[0] == "card.lost"
    assert all(item.startswith("card.") for item in found)


@pytest.mark.parametrize(
    "text", ["社保卡丢了", "社保卡怎么补", "社保卡密码", "火星", "卡", "", "怎么办", "想问一下"]
)
def test_a_question_is_no_topic(text: str) -> None:
    assert broad(text) == ()


@pytest.mark.parametrize("text", ["护照", "护照怎么办", "我要办退休", "退休怎么办"])
def test_what_one_item_is_called_is_that_item(text: str) -> None:
    assert broad(text) == ()


def test_what_only_one_item_names_is_not_broad() -> None:
    assert broad("社保卡", PHRASES[:1]) == ()
    assert broad("社保卡", []) == ()


def test_a_long_text_is_no_topic() -> None:
    long = "社保卡" * LONGEST
    phrases = [Phrase("one", long + "一", name=True), Phrase("two", long + "二", name=True)]
    assert broad(long, phrases) == ()
    assert broad(long[:LONGEST], phrases) == ("one", "two")
