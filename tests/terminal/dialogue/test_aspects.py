"""Which aspect of a matter is asked for."""

from __future__ import annotations

from typing import get_args

import pytest

from knowledge.schema import Aspect
from terminal.dialogue.aspects import LABELS, asked, without

PHRASINGS = """
materials  办社保卡要带什么材料
materials  补身份证需要什么证件
materials  都要准备些啥
materials  要带哪些东西来
materials  得拿啥子来
materials  要不要带户口本
materials  身份证要带吗
materials  照片用不用带
materials  材料清单有吗
materials  过户要提供哪些资料
materials  还要啥手续
materials  需要交什么证明
fee        补张卡多少钱
fee        办护照收费吗
fee        要不要钱
fee        是免费的吗
fee        工本费多少
fee        手续费咋收
fee        得花多少钱
fee        得掏钱不
fee        贵不贵
fee        几块钱
time       几天能办好
time       要多久才能下来
time       得等几天
time       多长时间能拿到
time       当场能拿吗
time       今天能拿到不
time       什么时候能好
time       几个工作日
time       办下来要多少天
time       能马上拿卡吗
place      在哪办
place      上哪儿办去
place      去哪个窗口
place      几号窗口办社保
place      搁哪儿弄啊
place      到什么地方办
place      社保卡在哪里补
place      地址在哪
hours      几点上班
hours      你们几点下班
hours      周末开门吗
hours      星期六能办吗
hours      中午有人吗
hours      礼拜天上不上班
hours      办公时间是啥时候
phone      咨询电话是多少
phone      打什么电话问
phone      有电话吗
phone      电话号码多少
phone      有没有联系方式
law        依据是什么
law        凭什么要这个
law        是哪条法律规定的
law        根据什么规定
online     网上能办吗
online     手机上能不能办
online     能在手机上弄不
online     有小程序吗
online     可以线上办理吗
online     不想跑一趟，在家能办不
condition  什么条件才能办
condition  谁能申请
condition  什么人可以领
condition  要符合哪些条件
condition  多大年纪可以领
condition  我够不够资格
condition  啥情况能办
flow       流程是什么
flow       怎么走程序
flow       办理步骤说一下
flow       先交材料再拍照吗
flow       一共几步
-          社保卡丢了
-          公积金
-          我要办护照
-          社保卡怎么补办
-          医疗费用手工报销
-          营业执照变更地址
-          转人工
-          再说一遍
-          你好
-          免密支付怎么关
-          我电话换了要改一下
-          卡里的钱怎么取
-
"""
ROWS = [line.split() for line in PHRASINGS.strip().splitlines()]


@pytest.mark.parametrize(("aspect", "text"), [(row[0], "".join(row[1:])) for row in ROWS])
def test_phrasings(aspect: str, text: str) -> None:
    assert (asked(text) or "-") == aspect


def test_the_table_is_large_and_knows_every_aspect() -> None:
    assert len(ROWS) >= 60
    assert {row[0] for row in ROWS} - {"-"} == set(get_args(Aspect)) == set(LABELS)


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("多少钱", "fee"),
        ("那要多少钱呢", "fee"),
        ("那这个要带什么材料啊", "materials"),
        ("几天能办好", "time"),
        ("那去哪儿办呢", "place"),
        ("能网上办吗", "online"),
        ("那我要带什么去呢", "materials"),
        ("大概要多久", "time"),
    ],
)
def test_an_aspect_alone_leaves_nothing(text: str, aspect: Aspect) -> None:
    assert asked(text) == aspect
    assert without(text, aspect) == ""


@pytest.mark.parametrize(
    ("text", "aspect", "matter"),
    [
        ("社保卡要带什么材料", "materials", "社保卡"),
        ("护照多少钱", "fee", "护照"),
        ("公积金在哪办", "place", "公积金"),
    ],
)
def test_the_matter_is_left_beside_the_aspect(text: str, aspect: Aspect, matter: str) -> None:
    assert matter in without(text, aspect)
