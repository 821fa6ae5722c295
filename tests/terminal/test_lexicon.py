"""A pack's words of the trade: misheard ones repaired, misread ones respelled."""

from __future__ import annotations

import pytest

from knowledge.pack import Pack
from knowledge.schema import Term
from terminal.lexicon import Lexicon
from terminal.speaking import Speaking
from tests.fakes import FakeVoice

LEXICON = Lexicon(
    [
        Term(term="公积金", confusions=["攻击金", "公鸡金"]),
        Term(term="社保卡", confusions=["设保卡"]),
        Term(term="社保", confusions=["设保"]),
        Term(term="C++", confusions=["c加加"], spoken=["西加加"]),
        Term(term="重庆", spoken=["虫庆"]),
    ]
)


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("攻击金怎么取", "公积金怎么取"),
        ("公鸡金和攻击金", "公积金和公积金"),
        ("设保卡丢了，设保断了", "社保卡丢了，社保断了"),
        ("c加加", "C++"),
        ("公积金", "公积金"),
        ("", ""),
    ],
)
def test_what_is_misheard_is_repaired(heard: str, meant: str) -> None:
    assert LEXICON.repaired(heard) == meant


def test_what_the_voice_reads_wrong_is_respelled() -> None:
    assert LEXICON.said("重庆的C++") == "虫庆的西加加"
    assert LEXICON.said("社保卡") == "社保卡"


def test_an_empty_lexicon_changes_nothing() -> None:
    assert Lexicon().repaired("攻击金") == Lexicon().said("攻击金") == "攻击金"


def test_the_voice_is_given_the_respelled_words() -> None:
    voice = FakeVoice()
    list(Speaking(voice, lexicon=LEXICON).sounds("去重庆"))
    assert [text for text, _ in voice.said] == ["去虫庆"]


def test_no_question_of_the_pack_is_taken_for_misheard(gov_pack: Pack) -> None:
    lexicon = Lexicon(gov_pack.lexicon)
    for item in gov_pack.items():
        for text in (item.title, item.spoken, *item.variants):
            assert lexicon.repaired(text) == text
