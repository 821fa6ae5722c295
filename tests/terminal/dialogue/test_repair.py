"""People correct themselves, and the kiosk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.pack import Pack
from terminal.dialogue.repair import parsed
from terminal.dialogue.words import clean

OF_THEMSELVES = """
我要办护照，哦不，我说错了，是通行证，去香港那个 | 我要办护照 |  | 通行证，去香港那个
我来问居住证，不对不对，是身份证，身份证过期了 | 我来问居住证 |  | 身份证，身份证过期了
社保卡激活…不是，是补办，卡找不到了 | 社保卡激活 |  | 补办，卡找不到了
公积金贷款，等一下，我说的是提取，提出来付房租 | 公积金贷款 |  | 提取，提出来付房租
给我妈办退休不是退休是那个每年都要刷一次脸的认证 | 给我妈办退休 | 退休 | 每年都要刷一次脸的认证
身份证不是丢了是到期了 | 身份证 | 丢了 | 到期了
我公司要注销，不是注销，是法人换了人 | 我公司要注销 | 注销 | 法人换了人
车要换证，不对，车是要过到我弟名下 | 车要换证 |  | 车是要过到我弟名下
护照多少钱，不是多少钱，是几天能拿 | 护照多少钱 | 多少钱 | 几天能拿
失业金，唉说反了，是低保 | 失业金 |  | 低保
高龄补贴，不不不，残疾证 | 高龄补贴 |  | 残疾证
我要办身份证，不是，护照，也不是护照，是港澳通行证 | 我要办身份证，护照 | 护照 | 港澳通行证
洗手间在哪，不对，先问停车，车停哪儿 | 洗手间在哪 |  | 停车，车停哪儿
销户，不对，开户，开户要带啥 | 销户 |  | 开户，开户要带啥
换零钱……不不，是换美元 | 换零钱 |  | 换美元
取五千，哦不是五千，是二十万 | 取五千 | 五千 | 二十万
我要查公积金，等等，是查社保 | 我要查公积金 |  | 查社保
转账限额，呃，不是限额，我是把钱转错人了 | 转账限额 | 限额 | 把钱转错人了
我要贷款买房，说错，房贷已经有了 | 我要贷款买房 |  | 房贷已经有了
户口本过户，不对，是房子过户在哪个窗口 | 户口本过户 |  | 房子过户在哪个窗口
存折满了，口误，是存单 | 存折满了 |  | 存单
办护照不对办港澳通行证 | 办护照 |  | 办港澳通行证
身份证过期了不对是丢了 | 身份证过期了 |  | 丢了
社保卡说错了是医保卡 | 社保卡 |  | 医保卡
"""
"""Said | head | wrong | tail, after the head's trailing sighs."""

OF_THE_KIOSK = """
不是提取，是贷款 | 提取 | 贷款
不是打印是复印 | 打印 | 复印
我不是要复印，是要打印 | 复印 | 打印
你听错了，我说的是居住证 |  | 居住证
不对，没丢，就是过期了 |  | 过期了
我没说要离婚，我是来结婚的 | 离婚 | 来结婚的
我不开户，我问的是销户 | 开户 | 销户
答非所问，我要的是新开个店的执照 |  | 新开个店的执照
不是贷款，我是说早点把贷款还上 | 贷款 | 早点把贷款还上
我不是问这个，我是问怎么转走 |  | 怎么转走
不是这个，是去世老人的房子过到我名下 |  | 去世老人的房子过到我名下
搞错了，我要办的是社保卡 |  | 社保卡
错了错了我问的是激活不是补办 | 补办 | 激活
我问的是激活，不是补办 | 补办 | 激活
哎呀说错了我要办护照 |  | 办护照
唉，答非所问，我要的是新开个店的执照 |  | 新开个店的执照
哎不是贷款，我是说早点把贷款还上 | 贷款 | 早点把贷款还上
你好，不对，我要办护照 |  | 办护照
弄错人了，不是我，是我爸要办 | 我 | 我爸要办
"""
"""Said | wrong | tail; there is no head, for nothing of the visitor's own is taken back."""

REFUSED = ["不是这个", "你听错了", "我没问这个", "不对", "错了", "不是", "哎呀不对不对", "嗯，不是"]
"""Nothing is put in the place of what is taken back."""

ORDINARY = """
不是本地人能办居住证吗
身份证没带，能办社保卡吗
没结婚，能提公积金吗
人不在本地，怎么办
我不会用手机，怎么认证
是不是要带户口本，是的话我回去拿
护照怎么办，多久
不是说不用户口本了吗
要不要预约，不预约行不行
机器不行，没反应
不行不行，我要人工
没有，谢谢
转错了，怎么办
钱转错了怎么要回来
打错了账号，钱能退吗
取号取错了，怎么重新取
名字写错了，能改吗
我填错了，要重填吗
错过了时间怎么办
办护照等一下再办通行证可以吗
密码不对怎么办
密码输错了，锁住了
户口本上地址不对怎么改
孩子不在身边，老人一个人能办吗
我卡没丢，能换一张新的吗
对不对得上号我不知道
我不识字，是不是要别人代签
我不会写字，是不是不能办
密码不对，进不去
密码不对是怎么回事
金额不对，多扣了
身份证地址不对，要改
名字说错了怎么改
我问的是不是要预约
我说的是我家不是本地的
"""


def rows(table: str) -> list[list[str]]:
    return [[part.strip() for part in line.split("|")] for line in table.strip().splitlines()]


@pytest.mark.parametrize(("said", "head", "wrong", "tail"), rows(OF_THEMSELVES))
def test_a_citizen_takes_something_back(said: str, head: str, wrong: str, tail: str) -> None:
    found = parsed(said)
    assert found is not None
    assert found.head.startswith(head)
    assert (found.wrong, found.tail) == (wrong, tail)


@pytest.mark.parametrize(("said", "wrong", "tail"), rows(OF_THE_KIOSK))
def test_a_citizen_corrects_the_kiosk(said: str, wrong: str, tail: str) -> None:
    found = parsed(said)
    assert found is not None
    assert found.head == ""
    assert found.tail == tail
    assert wrong in found.wrong


@pytest.mark.parametrize("said", REFUSED)
def test_a_citizen_only_says_that_it_is_wrong(said: str) -> None:
    found = parsed(said)
    assert found is not None
    assert (found.head, found.tail) == ("", "")


@pytest.mark.parametrize("said", ORDINARY.strip().splitlines())
def test_an_ordinary_question_takes_nothing_back(said: str) -> None:
    assert parsed(said) is None


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("身份证丢了，不是丢了，是到期了", "身份证"),
        ("护照多少钱，不是多少钱，是几天能拿", "护照"),
        ("销户，不对，开户", "销户"),
    ],
)
def test_the_matter_around_what_is_taken_back_is_kept(said: str, kept: str) -> None:
    found = parsed(said)
    assert found is not None
    assert found.kept == kept


def test_the_last_of_several_repairs_counts() -> None:
    found = parsed("办护照，不对，通行证，不对不对，是身份证")
    assert found is not None
    assert found.tail == "身份证"
    assert "不对" not in found.head


@pytest.mark.parametrize("comma", ["，", "。", "…", "……", "、", ", ", "！", "？", " "])
def test_any_punctuation_will_do(comma: str) -> None:
    found = parsed(comma.join(["失业金", "不对", "是低保"]))
    assert found is not None
    assert (found.head, found.tail) == ("失业金", "低保")


def test_no_question_of_the_sample_packs_is_taken_for_a_repair(
    gov_pack: Pack, bank_pack: Pack
) -> None:
    """But those that are written as one."""
    found = {
        variant
        for pack in (gov_pack, bank_pack)
        for item in pack.items()
        for variant in (item.title, *item.aliases, *item.variants)
        if parsed(clean(variant)) is not None
    }
    assert {variant for variant in found if "不对，" not in variant} == set()
    assert len(found) <= 3


@given(st.text(st.sampled_from("不是对错了我说，。办护照哦啊就"), max_size=40))
def test_any_words_are_parsed_without_adding_any(said: str) -> None:
    found = parsed(said)
    if found is not None:
        assert set(found.head + found.wrong + found.tail) <= set(said) | {"，"}
        assert len(found.tail) <= len(said) + said.count("。")
        assert found.kept in ("", found.head) or found.wrong


def test_a_paste_is_parsed_quickly() -> None:
    for piece in ("不是", "我说错了", "不对，", "啊", "不是啊是"):
        parsed(piece * (200 // len(piece)))
