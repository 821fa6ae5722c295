from __future__ import annotations

import re

import pytest

from knowledge import pack as packs
from models.verbalize import verbalize

HALL = """
3号窗口 = 三号窗口
到一楼A区3号窗口补办 = 到一楼A区三号窗口补办
2号窗口 = 二号窗口
第2个窗口 = 第二个窗口
第12条 = 第十二条
到15，16号窗口 = 到十五、十六号窗口
15、16号窗口 = 十五、十六号窗口
4-6号窗口 = 四到六号窗口
1—3楼 = 一到三楼
B座2单元1201室 = B座二单元幺二零幺室
坐101路或6路公交车 = 坐幺零幺路或六路公交车
T3航站楼 = T三航站楼
按2转人工 = 按二转人工
１２号 = 十二号
"""

PHONES = """
12345 = 幺二三四五
打12345问 = 打幺二三四五问
掌上12333刷脸 = 掌上幺二三三三刷脸
12333个人中心 = 幺二三三三个人中心
交管12123 = 交管幺二幺二三
96110 = 九六幺幺零
95588 = 九五五八八
10086 = 幺零零八六
也可打110或96110 = 也可打幺幺零或九六幺幺零
有人病倒打120，着火打119 = 有人病倒打幺二零，着火打幺幺九
120急救 = 幺二零急救
拨10000 = 拨幺零零零零
400-000-0000 = 四零零，零零零，零零零零
4000000000 = 四零零，零零零，零零零零
400 000 0000 = 四零零，零零零，零零零零
400-1234-567 = 四零零，幺二三四，五六七
800-820-8888 = 八零零，八二零，八八八八
0000-1234567 = 零零零零，幺二三，四五六七
010-12345678 = 零幺零，幺二三四，五六七八
(010)12345678 = 零幺零，幺二三四，五六七八
0571-87654321转8001 = 零五七幺，八七六五，四三二幺转八零零幺
020-12345678-12 = 零二零，幺二三四，五六七八，幺二
13800001234 = 幺三八，零零零零，幺二三四
138-0000-1234 = 幺三八，零零零零，幺二三四
+86 13800001234 = 幺三八，零零零零，幺二三四
尾号1234 = 尾号幺二三四
验证码6688 = 验证码六六八八
密码123456 = 密码幺二三四五六
身份证号110101199001011234 = 身份证号幺幺零幺零幺幺九九零零幺零幺幺二三四
"""

NUMBERS_THAT_ARE_NO_PHONES = """
120元 = 一百二十元
110号窗口 = 一百一十号窗口
120多人 = 一百二十多人
共120页 = 共一百二十页
每年120次 = 每年一百二十次
120平方米 = 一百二十平方米
12345人 = 一万二千三百四十五人
12306元 = 一万二千三百零六元
95588元 = 九万五千五百八十八元
13000 = 一万三千
打100块 = 打一百块
102 = 一百零二
1020 = 一千零二十
100861号 = 十万零八百六十一号
"""

DATES_AND_TIMES = """
2026年1月1日 = 二零二六年一月一日
2022年2月2日 = 二零二二年二月二日
2026-01-01 = 二零二六年一月一日
2026/1/1 = 二零二六年一月一日
2024年12月起 = 二零二四年十二月起
5月1日至5日 = 五月一日至五日
1990年代 = 一九九零年代
9:30 = 九点三十分
9：30 = 九点三十分
09:00 = 九点
0:00 = 零点
2:30 = 两点三十分
2点半 = 两点半
9:00-17:30 = 九点到十七点三十分
上午9:00—12:00，下午13:30—17:00 = 上午九点到十二点，下午十三点三十分到十七点
8点-10点 = 八点到十点
周一-周五 = 周一到周五
周一至周五 = 周一至周五
24小时 = 二十四小时
24h = 二十四小时
7*24小时 = 七乘二十四小时
7×24小时 = 七乘二十四小时
3-5天 = 三到五天
2-3天 = 两到三天
3~5个工作日 = 三到五个工作日
3－5天 = 三到五天
1个工作日 = 一个工作日
2个半小时 = 两个半小时
2年 = 两年
2年级 = 二年级
18-60周岁 = 十八到六十周岁
满16岁 = 满十六岁
T+1 = T加一
"""

MONEY_AND_MEASURES = """
2万元 = 两万元
2.5万元 = 二点五万元
20元 = 二十元
2元 = 两元
1,000元 = 一千元
¥1,234.50 = 一千二百三十四点五元
￥20 = 二十元
10.00元 = 十元
0.5元 = 零点五元
95元/月 = 每月九十五元
20元/本 = 每本二十元
5% = 百分之五
1.5% = 百分之一点五
100% = 百分之百
5%-10% = 百分之五到百分之十
1-2% = 百分之一到百分之二
3.5‰ = 千分之三点五
首套140平米以内1%，以上1.5% = 首套一百四十平米以内百分之一，以上百分之一点五
90㎡ = 九十平方米
1.8米 = 一点八米
5km = 五公里
-5℃ = 负五摄氏度
3/4 = 四分之三
2张2寸照片 = 两张两寸照片
1-2张 = 一到两张
2份 = 两份
2次 = 两次
1-2次 = 一到两次
二手房 = 二手房
≥18岁 = 大于等于十八岁
<5万 = 小于五万
"""

SIGNS_AND_LATIN = """
银发〔1999〕17号 = 银发，一九九九年，十七号
〔2011〕 = 二零一一年，
国办发〔2020〕45号 = 国办发，二零二零年，四十五号
主席令第51号 = 主席令第五十一号
WiFi = WiFi
手机APP = 手机APP
A区 = A区
A4纸 = A四纸
VIP客户 = VIP客户
4S店 = 四S店
Ⅱ类户 = 二类户
II类账户 = 二类账户
1、带身份证；2、带户口簿。 = 一、带身份证；二、带户口簿。
（1）身份证 = （一）身份证
①身份证②户口簿 = 一，身份证二，户口簿
您好，请问办什么？ = 您好，请问办什么？
"""


def rows(table: str) -> list[tuple[str, str]]:
    return [(written, said) for written, said in re.findall(r"^(.+) = (.+)$", table, re.MULTILINE)]


ROWS = [
    *rows(HALL),
    *rows(PHONES),
    *rows(NUMBERS_THAT_ARE_NO_PHONES),
    *rows(DATES_AND_TIMES),
    *rows(MONEY_AND_MEASURES),
    *rows(SIGNS_AND_LATIN),
]


@pytest.mark.parametrize(("written", "said"), ROWS, ids=[written for written, _ in ROWS])
def test_is_said_as_a_clerk_would(written: str, said: str) -> None:
    assert verbalize(written) == said


@pytest.mark.parametrize(("written", "said"), ROWS, ids=[written for written, _ in ROWS])
def test_what_is_said_is_not_changed_again(written: str, said: str) -> None:
    assert verbalize(said) == said


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_nothing_stays_nothing(text: str) -> None:
    assert verbalize(text) == ""


@pytest.mark.parametrize("name", ["gov-hall", "bank-hall"])
def test_no_figure_is_left_in_any_answer(name: str) -> None:
    pack = packs.load(packs.find(name))
    spoken = [part.spoken for item in pack.items() for part in (item, *item.aspects.values())]
    assert len(spoken) > 100
    assert [text for text in spoken if re.search(r"[\d%〔㎡]", verbalize(text))] == []
