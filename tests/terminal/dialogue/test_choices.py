"""Answers to a question of the kiosk."""

from __future__ import annotations

import pytest

from knowledge.pack import Pack
from terminal.dialogue.choices import after_refusal, agreement, is_noise, numbered


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("第一个", 0),
        ("头一个", 0),
        ("那就第一个吧", 0),
        ("上面那个", 0),
        ("前面那个", 0),
        ("1", 0),
        ("A", 0),
        ("the first one", 0),
        ("number one please", 0),
        ("第二个", 1),
        ("嗯，第二个吧，谢谢", 1),
        ("我要第二个", 1),
        ("先说第二个吧", 1),
        ("中间那个", 1),
        ("2", 1),
        ("the second one", 1),
        ("Second please", 1),
        ("第三个", 2),
        ("第三条", 2),
        ("最后一个", 2),
        ("最后那个", 2),
        ("最下面那个", 2),
        ("the last one", 2),
    ],
)
def test_an_ordinal_names_one_of_three(said: str, number: int) -> None:
    assert numbered(said, 3) == number


@pytest.mark.parametrize(
    "said",
    ["", "社保卡", "第一次办", "第二代身份证", "第二个孩子上户口", "三楼", "2号窗口在哪", "第四个"],
)
def test_other_words_name_none(said: str) -> None:
    assert numbered(said, 3) is None


def test_the_last_is_counted_and_what_is_not_offered_is_not_named() -> None:
    assert numbered("最后一个", 2) == 1
    assert numbered("第三个", 2) is None
    assert numbered("第一个", 0) is None
    assert numbered("最后一个", 0) is None


@pytest.mark.parametrize(
    "said",
    "对/是的/好/好的/行/可以/嗯/嗯嗯/要/要的要的/没错/对对对/嗯说吧/那好吧你说说看/好啊，谢谢/接着说/"
    "继续吧/当然/成/可以，你讲/好，你说吧/行了你说吧/ok/yes/sure/yes please/yes, please".split("/"),
)
def test_yes(said: str) -> None:
    assert agreement(said) == "yes"


@pytest.mark.parametrize(
    "said",
    "不是/都不是/都没有/不对/不用了/不用了谢谢/不，不用了/行了/行了行了/好了/好啦，谢谢/够了/不要/不需要/算了/没有/不了/不，谢谢/一个都不是/哪个都不是/"
    "no/nope/neither/none of them/no, please/no thanks".split("/"),
)
def test_no(said: str) -> None:
    assert agreement(said) == "no"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "社保卡",
        "好几年没用",
        "好了吗",
        "谢谢，",
        "要带什么",
        "可以网上办吗",
        "不是这个意思",
        "行政复议",
        "是不是",
    ],
)
def test_neither_yes_nor_no(said: str) -> None:
    assert agreement(said) is None


@pytest.mark.parametrize("word", ["好", "嗯", "那个", "说说", "好了", "不要", "yes "])
def test_a_word_said_over_and_over_is_read_quickly(word: str) -> None:
    """It once took as many steps as there are ways to divide the words."""
    assert agreement(word * 100 + "鱼") is None
    assert numbered(word * 100 + "鱼", 3) is None
    assert agreement(word * 5 + "鱼") is None


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("都不是，我要查档案", "我要查档案"),
        ("都不对我要补办", "我要补办"),
        ("一个都不是", ""),
        ("none of these, the passport", "the passport"),
        ("第二个", None),
        ("我不是本地人", None),
        ("", None),
    ],
)
def test_what_follows_a_refusal(said: str, rest: str | None) -> None:
    assert after_refusal(said) == rest


@pytest.mark.parametrize(
    "said",
    [
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "字幕由Amara.org社区提供",
        "字幕志愿者 李宗盛",
        "谢谢观看",
        "感谢大家收看",
        "优优独播剧场",
        "我们下期再见",
        "thanks for watching",
    ],
)
def test_what_recognisers_write_in_silence_is_noise(said: str) -> None:
    assert is_noise(said)


def test_no_question_of_the_sample_packs_is_noise_or_a_number(
    gov_pack: Pack, bank_pack: Pack
) -> None:
    variants = [v for p in (gov_pack, bank_pack) for i in p.items() for v in i.variants]
    assert [variant for variant in variants if is_noise(variant)] == []
    assert [variant for variant in variants if numbered(variant, 3) is not None] == []


def test_only_partings_and_stops_of_the_sample_packs_say_yes_or_no(
    gov_pack: Pack, bank_pack: Pack
) -> None:
    saying = {
        item.id
        for pack in (gov_pack, bank_pack)
        for item in pack.items()
        if any(agreement(variant) for variant in item.variants)
    }
    assert saying <= {"control.stop", "control.goodbye"}
