"""The rivals do what they say: a weak rival would flatter the kiosk."""

from __future__ import annotations

import pytest

from terminal.bench.rivals import CharacterTfIdf, EncoderAlone, Keywords, Nearest
from terminal.events import WordsHeard
from tests.fakes import FakeEncoder

KNOWN = [
    ("card", "社保卡"),
    ("card", "社保卡丢了怎么补"),
    ("fund", "公积金"),
    ("fund", "公积金怎么提取"),
    ("loan", "公积金贷款"),
]


def heard(text: str) -> WordsHeard:
    return WordsHeard(0, text, alternatives=("公积金贷款",))


@pytest.mark.parametrize(
    "rival", [Keywords(KNOWN), CharacterTfIdf(KNOWN), EncoderAlone(KNOWN, FakeEncoder())]
)
def test_a_known_question_is_answered_and_chat_is_not(rival: Nearest) -> None:
    assert rival.reply(heard("你好，社保卡丢了怎么补啊？")).answer_id == "card"
    assert rival.ranked(heard("公积金怎么提取"))[0] == "fund"
    assert rival.reply(heard("今天天气真好")).outcome == "unknown"
    assert rival.reply(heard("？")).outcome == "unknown"


def test_most_keywords_win_then_the_longest() -> None:
    rules = Keywords([*KNOWN, ("card", "丢了")])
    assert rules.reply(heard("公积金贷款怎么办")).answer_id == "loan"
    assert rules.reply(heard("社保卡丢了，公积金贷款还能办吗")).answer_id == "card"


def test_each_item_is_ranked_once_by_its_best_phrase() -> None:
    found = CharacterTfIdf(KNOWN).ranked(heard("公积金怎么提取"))
    assert found[:2] == ("fund", "loan")
    assert len(set(found)) == len(found)


def test_the_thresholds_are_where_small_talk_ends() -> None:
    assert CharacterTfIdf(KNOWN).reply(heard("卡拉永远好看什么时候放")).outcome == "unknown"
