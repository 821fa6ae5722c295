"""Two questions in one breath."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.pack import Pack
from terminal.dialogue.questions import SHORTEST, apart

TWO = """
护照怎么办，还有港澳通行证怎么办 | 护照怎么办 | 港澳通行证怎么办
厕所在哪，另外问一下哪里能复印 | 厕所在哪 | 哪里能复印
我身份证到期了要换，顺便把我妈的社保卡也激活了，怎么弄 | 我身份证到期了要换 | 把我妈的社保卡也激活了，怎么弄
二手房过户怎么办，契税在哪儿交 | 二手房过户怎么办 | 契税在哪儿交
办护照多少钱，几天能拿到 | 办护照多少钱 | 几天能拿到
银行卡丢了怎么办，再就是密码忘了怎么办 | 银行卡丢了怎么办 | 密码忘了怎么办
水费在这儿能交吗还有信用卡还款在哪个机器上还 | 水费在这儿能交吗 | 信用卡还款在哪个机器上还
怎么开手机银行，短信提醒能不能一起开 | 怎么开手机银行 | 短信提醒能不能一起开
护照怎么办？多少钱？ | 护照怎么办 | 多少钱？
几点下班。中午有人吗 | 几点下班 | 中午有人吗
居住证怎么办啊，对了，哪里有停车场 | 居住证怎么办啊 | 哪里有停车场
社保卡怎么补办，第二个，公积金怎么提 | 社保卡怎么补办 | 公积金怎么提
护照怎么办还有一个就是停车场在哪 | 护照怎么办 | 停车场在哪
办护照要带什么，还有多少钱 | 办护照要带什么 | 多少钱
护照丢了，还有密码忘了 | 护照丢了 | 密码忘了
低保怎么申请，还想问残疾证怎么办 | 低保怎么申请 | 残疾证怎么办
"""

ONE = """
护照怎么办
我身份证丢了，怎么办
我想给孩子上户口，要带什么材料
老家在外地，能在这儿补身份证吗
嗯，那个，我想问一下公积金怎么取
厕所在哪，谢谢
我要找人工，快点
卡丢了，密码也忘了
我卡里还有多少钱
我卡里，还有多少钱
怎么看还有多少钱
二手房还有贷款没还清
二手房还有贷款没还清，能直接过户吗
还有多久能办好
前面排了好多人，还有几个到我
老人走了，卡里还有钱，我能取出来不
"""


def rows(table: str) -> list[list[str]]:
    return [[part.strip() for part in line.split("|")] for line in table.strip().splitlines()]


@pytest.mark.parametrize(("said", "first", "second"), rows(TWO))
def test_two_questions_come_apart(said: str, first: str, second: str) -> None:
    assert apart(said) == (first, second)


@pytest.mark.parametrize("said", ONE.strip().splitlines())
def test_one_question_or_a_story_with_one_stays_whole(said: str) -> None:
    assert apart(said) is None


@pytest.mark.parametrize("said", ["", "吗", "？？？", "还有", "另外，另外", "吗吗吗", "，，，，"])
def test_too_little_is_no_two_questions(said: str) -> None:
    assert apart(said) is None


def test_hardly_any_question_of_the_sample_packs_is_two(gov_pack: Pack, bank_pack: Pack) -> None:
    """The parts of those few are compared with the whole before they are believed."""
    variants = [v for p in (gov_pack, bank_pack) for i in p.items() for v in i.variants]
    found = [variant for variant in variants if apart(variant)]
    assert len(found) <= 0.03 * len(variants), found


@given(st.text(st.sampled_from("护照怎么办还有另外，。？吗 对了"), max_size=40))
def test_the_parts_are_of_the_whole_and_not_too_short(said: str) -> None:
    two = apart(said)
    if two is not None:
        assert all(part in said for part in two)
        assert all(len(part) >= SHORTEST for part in two)
        assert said.index(two[0]) + len(two[0]) <= said.rindex(two[1])
