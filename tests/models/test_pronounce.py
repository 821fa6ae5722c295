from __future__ import annotations

import re

import pytest

from models import pronounce

SANDHI = """
你好 = ni2 hao3
可以 = ke2 yi3
许可证 = xu2 ke3 zheng4
展览馆 = zhan2 lan2 guan3
取款机 = qu2 kuan3 ji1
一个 = yi2 ge4
一次 = yi2 ci4
一样 = yi2 yang4
各地不一样 = ge4 di4 bu4 yi2 yang4
一天 = yi4 tian1
一年 = yi4 nian2
一起 = yi4 qi3
一百二十元 = yi4 bai3 er4 shi2 yuan2
一万 = yi2 wan4
看一看 = kan4 yi5 kan4
第一次 = di4 yi1 ci4
一楼 = yi1 lou2
三十一号 = san1 shi2 yi1 hao4
一月一日 = yi1 yue4 yi1 ri4
一到三号 = yi1 dao4 san1 hao4
百分之一 = bai3 fen1 zhi1 yi1
百分之一点五 = bai3 fen1 zhi1 yi1 dian3 wu3
下午一点到五点 = xia4 wu3 yi4 dian3 dao4 wu2 dian3
下午一点三十分 = xia4 wu3 yi4 dian3 san1 shi2 fen1
一九九零年 = yi1 jiu2 jiu3 ling2 nian2
周一至周五 = zhou1 yi1 zhi4 zhou1 wu3
星期一 = xing1 qi1 yi1
长期一直在 = chang2 qi1 yi4 zhi2 zai4
统一发票 = tong3 yi1 fa1 piao4
单一窗口 = dan1 yi1 chuang1 kou3
清单一份 = qing1 dan1 yi2 fen4
不是 = bu2 shi4
不用 = bu2 yong4
不换 = bu2 huan4
不能 = bu4 neng2
不限 = bu2 xian4
幺二三四五 = yao1 er4 san1 si4 wu3
"""

POLYPHONES = """
[行]长 = hang2
样例银行和平路支[行] = hang2
跨[行]的请提前一天 = hang2
开户[行] = hang2
发卡[行] = hang2
跨[行]政区 = xing2
没有本[行]卡也能换 = hang2
替[行]动不便的家人 = xing2
带上身份证就[行] = xing2
[行]驶证 = xing2
银行长[期]有效 = qi1
银行[长]期有效 = chang2
备案[长]期有效 = chang2
出资期限最[长]五年 = chang2
家[长]身份证 = zhang3
[长]者模式 = zhang2
[长]辈模式 = zhang3
按提示[重]设 = chong2
当场就能[重]置 = chong2
不满意可以[重]拍 = chong2
不要[重]复交 = chong2
家里有[重]病 = zhong4
贵[重]发票 = zhong4
体[重]填写 = zhong4
[还]款 = huan2
[还]房贷 = huan2
窗口都能[还] = huan2
再按约定日[还] = huan2
请在还款日之前[还]清 = huan2
可以提前[还] = huan2
[还]得起 = huan2
用来[还]信用卡 = huan2
是还清还是没[还]清 = huan2
前面[还]有几位 = hai2
钱[还]在 = hai2
[还]要监护人 = hai2
[还]是注册公司 = hai2
还没还[清]的贷款 = qing1
[还]得到窗口来 = hai2
要[调]高 = tiao2
[调]低限额 = tiao2
[调]额 = tiao2
一般当场[调]好 = tiao2
当场[调] = tiao2
自己就能[调] = tiao2
利率常有[调]整 = tiao2
[调]解书 = tiao2
入户[调]查 = diao4
[调]取档案 = diao4
还[得]到窗口来 = dei3
本人[得]到窗口 = dei3
您[得]带身份证 = dei3
他[得]到了帮助 = de2
查[得]到的不用带 = de5
烂[得]厉害要鉴定 = de5
看[得]出 = de5
记[得]带上 = de5
由[得]房的一方交 = de2
[发]卡再激活 = fa1
发[卡]再激活 = ka3
[发]票 = fa1
卡[住]了 = zhu4
[卡]住了 = qia3
张[数]以窗口为准 = shu4
[数]额特别大 = shu4
[数]电票 = shu4
请尽[量]带全 = liang4
[尽]量带全 = jin3
走廊[尽]头 = jin4
违法[处]理完了 = chu2
带病历和[处]方 = chu3
换了住[处] = chu4
[着]火先离开 = zhao2
别[着]急 = zhao2
又等[着]急用的 = zhe5
可以接[着]缴 = zhe5
找不[着]了 = zhao2
以窗口公示[为]准 = wei2
由他人代[为]提交 = wei2
[为]保护您的隐私 = wei4
[为]行动不便的客户 = wei4
您是[为]哪一种情况 = wei4
期限[为]五年 = wei2
农民卖自己[种]养的 = zhong4
预防接[种] = zhong4
特殊工[种] = zhong3
带相[应]的证明 = ying4
[应]当缴税 = ying1
[应]届毕业生 = ying1
行动不[便] = bian4
[便]宜 = pian2
[差]额 = cha1
出[差] = chai1
[曾]用名 = ceng2
[传]材料 = chuan2
抽[血] = xue4
西[藏] = zang4
两寸照[片]到一楼 = pian4
卡[片]剪角作废 = pian4
有人病[倒] = dao3
[倒]闭 = dao3
高龄津贴[给]付 = ji3
验证码谁[都]别说 = dou1
办不[了]的 = liao3
丢[了] = le5
当[天]就能 = tian1
变[更]登记 = geng1
个体户[更]快 = geng4
食品安全[要]求 = yao1
不[要]钱 = yao4
法定节[假]日 = jia4
收到[假]币 = jia3
存[折] = zhe2
税[率] = lv4
[校]验码 = jiao4
[冠]心病 = guan1
正面免[冠]照片 = guan1
[没]收 = mo4
"""


def rows(table: str) -> list[tuple[str, str]]:
    return [(text, said) for text, said in re.findall(r"^(.+) = (.+)$", table, re.MULTILINE)]


@pytest.fixture(scope="module", autouse=True)
def _primed() -> None:
    pronounce.prime()


def said(clause: str) -> list[str]:
    return [reading for word in pronounce.pinyin(clause) for reading in word]


@pytest.mark.parametrize(("clause", "readings"), rows(SANDHI))
def test_tones_change_with_their_neighbours(clause: str, readings: str) -> None:
    assert " ".join(said(clause)) == readings


@pytest.mark.parametrize(("marked", "reading"), rows(POLYPHONES))
def test_a_character_has_the_reading_of_its_word(marked: str, reading: str) -> None:
    clause = re.sub(r"[\[\]]", "", marked)
    assert said(clause)[marked.index("[")] == reading


def test_words_are_a_space_apart() -> None:
    assert pronounce.phonemes("您好").count(" ") == 0
    assert pronounce.phonemes("身份证和银行卡").count(" ") == 2


def test_punctuation_stays_for_it_is_where_the_voice_breathes() -> None:
    assert re.sub(r"[^,.?!;:]", "", pronounce.phonemes("好，您请坐；要办什么？好的。")) == ",;?."


@pytest.mark.parametrize(
    ("latin", "sound"),
    [("WiFi", "wˈIfˌI"), ("wifi", "wˈIfˌI"), ("APP", "ˈæp"), ("ATM", "ˈA tˈi ˈɛm"), ("A", "ˈA")],
)
def test_latin_is_said_as_a_word_or_spelt(latin: str, sound: str) -> None:
    assert f" {sound} " in pronounce.phonemes(f"用{latin}办")


@pytest.mark.parametrize("text", ["", " ", "。", "，，，", "……"])
def test_without_words_there_are_no_sounds(text: str) -> None:
    assert not any(char.isalpha() for char in pronounce.phonemes(text))


def test_a_character_without_a_reading_stays_and_harms_nothing() -> None:
    assert "兙" in pronounce.phonemes("三兙好")
