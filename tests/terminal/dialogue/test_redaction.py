"""Personal numbers out, however they are spelled; window numbers and prices stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import pack as packs
from terminal.dialogue.redaction import MASK, holds_number, redact, redact_unfinished
from tests.terminal.dialogue.spoken_numbers import AROUND, NUMBERS, longest_run

thorough = settings(max_examples=200, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("我的身份证号是110101199003071234", f"我的身份证号是{MASK}"),
        ("身份证11010119900307123X，帮我查", f"身份证{MASK}，帮我查"),
        ("身份证幺幺零幺零幺 一九九零零三零七 幺二三叉", f"身份证{MASK}"),
        ("一一零一零五 一九四九 一二三一 零零二艾克斯", MASK),
        ("130503670401001的老证", f"{MASK}的老证"),
        ("我身份证前面是幺幺零 后面是 一零五", f"我身份证前面是{MASK}"),
        ("卡号 6222 0212 3456 7890 123", f"卡号 {MASK}"),
        ("卡号6222-0212-3456-7890", f"卡号{MASK}"),
        ("我电话13800138000", f"我电话{MASK}"),
        ("+86 138 0013 8000", f"+{MASK}"),
        ("０１０－１２３４５６７８", MASK),
        ("零一零 八八七七六六五五 转 八零一", MASK),
        ("两个号13800138000和62220212345", f"两个号{MASK}和{MASK}"),
    ],
)
def test_the_numbers_people_have(said: str, shown: str) -> None:
    assert redact(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "幺三八，零零幺三，八零零零",
        "一三八嗯零零一三那个八零零零",
        "一三八然后是零零一三",
        "三八，不对，三九二零零",
        "一三八，说错了，一三九",
        "一三八 二十三 四十五 六十七",
        "一三八二十三四十五六十七",
        "一百一十 一百零五 一九四九",
        "一三八，三个零，四个八",
        "妖三八妖妖零零",
        "幺么零么零五",
        "洞拐洞勾幺三",
        "一三八是是零零是零",
        "一三八药零零八酒",
        "1O5l38",
        "l38OOl38OOO",
        "I3800O8",
        "壹叁捌零零壹叁捌",
        "壹參捌零零陸",
        "①③⑧①③⑧",
        "⑬⑧⓪⓪⑬",
        "㈠㈢㈧㈠㈢㈧",
        "¹³⁸₀₀₁",
        "ⅠⅢⅧⅠⅢⅧ",
        "𝟏𝟑𝟖𝟎𝟎𝟏",
        "١٣٨٠٠١٣٨",
        "1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣",
        "1\u200b3\u200b8\u200b0\u200b0\u200b1",
        "1\u00ad3\u20638\x000\x1b0\u31641",
        "1*3*8*0*0*1",
        f"1{MASK}3{MASK}8{MASK}0{MASK}0{MASK}1",
        "1 3 8\n0 0 1",
    ],
)
def test_however_they_are_spelled(said: str) -> None:
    assert longest_run(redact(said)) == 0
    assert MASK in redact(said)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("验证码4471", f"验证码{MASK}"),
        ("验证码是 四四七幺", f"验证码是 {MASK}"),
        ("验证码：4-4-7-1", f"验证码：{MASK}"),
        ("驗證碼是１２３４", f"驗證碼是{MASK}"),
        ("我的密码好像是1234", f"我的密码好像是{MASK}"),
        ("密码，嗯，那个我想一下啊，应该是1234", f"密码，嗯，那个我想一下啊，应该是{MASK}"),
        ("密码" + " " * 300 + "1234", "密码" + " " * 300 + MASK),
        ("安全码三二一", f"安全码{MASK}"),
        ("CVV 123", f"CVV {MASK}"),
        ("pin是1234", f"pin是{MASK}"),
        ("my PIN is 1234", f"my PIN is {MASK}"),
        ("密码95588", f"密码{MASK}"),
        ("1234是我的密码", f"{MASK}是我的密码"),
        ("四四七幺就是我的验证码", f"{MASK}就是我的验证码"),
        ("密码是abc123", f"密码是{MASK}"),
        ("密码是 a b c 一 二 三", f"密码是 {MASK}"),
        ("登录密码zhang1987怎么改", f"登录密码{MASK}怎么改"),
        ("my password is abc123", f"my password is {MASK}"),
    ],
)
def test_passwords_and_codes(said: str, shown: str) -> None:
    assert redact(said) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("尾号是8842", f"尾号是{MASK}"),
        ("我的卡尾号三个八", f"我的卡尾号{MASK}"),
        ("最后四位八八四二", f"最后四位{MASK}"),
        ("末4位 8842", f"末4位 {MASK}"),
        ("前六位是一一零一零", f"前六位是{MASK}"),
        ("卡号是6222", f"卡号是{MASK}"),
        ("賬號0105", f"賬號{MASK}"),
        ("我的卡6222开头", f"我的卡{MASK}开头"),
        ("身份证号一一零", f"身份证号{MASK}"),
        ("手机号是一三八", f"手机号是{MASK}"),
        ("电话号码是010", f"电话号码是{MASK}"),
        ("电话13800138000或者0105", f"电话{MASK}或者{MASK}"),
        (
            "身份证号是一一零一零五一九四九年十二月三十一日零零二叉",
            f"身份证号是{MASK}{MASK}",
        ),
    ],
)
def test_parts_of_a_number_that_was_announced(said: str, shown: str) -> None:
    assert redact(said) == shown


HARMLESS = [
    *("打12333问问", "12345热线", "打110", "打96110", "95588是工行吗", "诈骗电话96110"),
    *("密码忘了打95588行吗", "银行卡被冻结了打95588还是110", "我的电话号码是不是要打12345改"),
    *("2026年", "2025年12月31日", "二零二六年三月", "身份证2019年办的", "身份证一九年办的"),
    *("8点30到11点30", "8点30，11点30，13点30", "下午1点到5点", "24小时", "验证码120秒没来"),
    *("1000块", "50000元", "5万元", "五万两千块", "一百二十块", "三十、六十、九十天"),
    *("一百二十三万四千五百六十七块", "三千五百六十七块八毛", "身份证办一个100块钱吗"),
    *("手机银行一天能转50000吗", "15年还差3年", "十五年", "12岁", "六十五岁、七十岁、八十岁"),
    *("3号窗口", "12至15号窗口", "三十五号窗口", "二楼", "一楼二楼三楼四楼五楼六楼", "A区12号"),
    *("第三个", "第三套房", "一二三类账户", "三五天", "一期二期三期四期", "六张一寸三张两寸"),
    *("一张两寸照片", "社保卡", "卡号是16位还是19位", "密码输错三次锁24小时", "密码U盾2代"),
    *("密码忘了，3号窗口能办吗", "no PIN or codes, see 3 or 4", "什么时候12点还是1点", ""),
]


@pytest.mark.parametrize("said", HARMLESS)
def test_ordinary_numbers_stay(said: str) -> None:
    assert redact(said) == said


def test_the_packs_questions_stay() -> None:
    asked = [
        text
        for each in packs.samples()
        for item in packs.load(each).items()
        for text in item.variants
    ]
    assert len(asked) > 1000
    assert [text for text in asked if redact(text) != text] == []


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("我的号是110", f"我的号是{MASK}"),
        ("一三八零零", MASK),
        ("我的号是138，嗯", f"我的号是{MASK}，嗯"),
        ("一零五吧", f"{MASK}吧"),
        ("去3号窗口", "去3号窗口"),
        ("交了5", "交了5"),
        ("我今年六十五", "我今年六十五"),
        ("老百", "老百"),
        ("号是13800138000", f"号是{MASK}"),
        ("社保卡", "社保卡"),
    ],
)
def test_speech_that_may_go_on_hides_the_first_digits_of_a_number(said: str, shown: str) -> None:
    assert redact_unfinished(said) == shown


@thorough
@given(AROUND, NUMBERS, AROUND)
def test_no_long_number_survives_in_any_spelling(
    before: str, number: list[str], after: str
) -> None:
    said = before + "".join(number) + after
    assert longest_run(said) >= 6
    assert holds_number(said)
    assert longest_run(redact(said)) == 0


@thorough
@given(AROUND, NUMBERS, AROUND, st.integers(0, 20))
def test_no_part_of_it_survives_while_it_is_being_said(
    before: str, number: list[str], after: str, end: int
) -> None:
    part = "".join(number[:end])
    left = longest_run(redact_unfinished(before + part))
    # 二十三 alone may be an age.
    assert left <= (2 if "十" in part and end == 1 else 1)
    assert longest_run(redact_unfinished(before + "".join(number) + after)) == 0


# Letters and signs that the rules look at, so that chance finds their seams.
SEAMS = st.lists(
    st.one_of(
        st.sampled_from(
            "密码 卡号 身份证 电话 后四位 pin CVV X x O l I 妖 么 什 十 百 个 点 年 号 是 的 位 打".split()
        ),
        st.sampled_from(
            ["110", "12345", "1", "23", "四", "三个八", " ", "，", "＊", MASK, "a", "abc1"]
        ),
        st.text(st.characters(exclude_categories=[]), max_size=3),
    ),
    max_size=30,
).map("".join)


@thorough
@given(SEAMS)
def test_any_text_is_taken_and_a_second_time_changes_nothing(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
    assert not holds_number(once)
    redact_unfinished(text)


@thorough
@given(st.text(st.characters(exclude_categories=[]), max_size=80))
def test_nothing_long_is_left_of_any_text(text: str) -> None:
    assert longest_run(redact(text)) < 6


@thorough
@given(st.text(st.characters(categories=["Lo", "Po"]) | st.sampled_from("密码卡号是"), max_size=40))
def test_text_without_digits_is_left_alone(text: str) -> None:
    if longest_run(text) == 0 and not set("十拾百佰廿卄卅卌") & set(text):
        assert redact(text) == text
        assert len(redact_unfinished(text)) == len(text)
