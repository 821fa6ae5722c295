"""A number said over several turns of a visit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.dialogue.redaction import MASK, Redactor, redact
from tests.terminal.dialogue.spoken_numbers import AROUND, longest_run, parts
from tests.terminal.dialogue.test_redaction import HARMLESS

thorough = settings(max_examples=200, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("我身份证号是一一零 / 一零五 / 一九四九", f"我身份证号是{MASK} / {MASK} / {MASK}"),
        ("我的身份证号 / 一一零 / 零幺 / 叉", f"我的身份证号 / {MASK} / {MASK} / {MASK}"),
        ("身份证号110105 / 1949年12月31日 / 002X", f"身份证号{MASK} / {MASK} / {MASK}"),
        ("身份证号是一一 / 零一", f"身份证号是一一 / {MASK}"),
        ("密码 / 嗯 / 那个1234", f"密码 / 嗯 / 那个{MASK}"),
        ("卡号你等一下 / 我找找 / 六二二二", f"卡号你等一下 / 我找找 / {MASK}"),
        ("我的是零一零五 / 后面零七", f"我的是{MASK} / 后面{MASK}"),
        ("我要报的号码0105 / 后面写着8842", f"我要报的号码0105 / 后面写着{MASK}"),
        ("我要说的就是五二 / 三幺 / 六八", f"我要说的就是五二 / 三幺 / {MASK}"),
        ("五 / 二 / 三 / 一 / 六 / 八", f"五 / 二 / 三 / 一 / 六 / {MASK}"),
        ("一零五 / 嗯 / 一九四九", f"{MASK} / 嗯 / {MASK}"),
        ("密码 / abc123", f"密码 / {MASK}"),
    ],
)
def test_a_number_in_parts(said: str, shown: str) -> None:
    redactor = Redactor()
    assert [redactor.redact(turn) for turn in said.split(" / ")] == shown.split(" / ")


@pytest.mark.parametrize(
    "said",
    [
        "12345 / 怎么打 / 一下就通吗",
        "你好 / 3 / 二楼 / 五个人",
        "我忘了密码 / 一会儿能办吗",
        "我忘了密码 / 那我去三楼还是二楼，要100块吗",
        "一百二十 / 块钱对吗",
        "第三个 / 2号窗口",
        "95588 / 打12333",
    ],
)
def test_ordinary_turns_stay(said: str) -> None:
    redactor = Redactor()
    assert [redactor.redact(turn) for turn in said.split(" / ")] == said.split(" / ")


@pytest.mark.parametrize("said", HARMLESS)
def test_ordinary_numbers_stay(said: str) -> None:
    assert Redactor().redact(said) == said


@pytest.mark.parametrize(
    "said", ["12345", "一二三四五", "110", "119", "120", "122", "12315", "96110", "95588"]
)
def test_a_hotline_alone_stays_unless_a_secret_was_asked_for(said: str) -> None:
    assert Redactor().redact(said) == said
    redactor = Redactor()
    redactor.redact("我的密码是")
    assert redactor.redact(said) == MASK


@pytest.mark.parametrize("said", ["105", "一零五吧", "1 0 5", "四四七幺", "O1O5", "三个八"])
def test_hardly_anything_but_digits_goes(said: str) -> None:
    assert longest_run(Redactor().redact(said)) == 0
    assert redact(said) == said


def test_a_masked_number_is_remembered_as_long_as_the_visit() -> None:
    redactor = Redactor()
    redactor.redact("我身份证号是一一零")
    assert redactor.redact("零幺的") == f"{MASK}的"
    redactor.reset()
    assert redactor.redact("零幺的") == "零幺的"


def test_no_digit_is_kept() -> None:
    redactor = Redactor()
    redactor.redact("我的卡号是 6222 0987")
    assert "6222" not in repr(vars(redactor))
    assert "0987" not in repr(vars(redactor))


def told(*turns: str) -> list[str]:
    redactor = Redactor()
    return [redactor.redact(turn) for turn in turns]


@thorough
@given(AROUND, parts(), AROUND)
def test_no_long_number_survives_the_turns(before: str, said: list[str], after: str) -> None:
    shown = (
        told(before + said[0], *said[1:-1], said[-1] + after)
        if said[1:]
        else told(before + said[0] + after)
    )
    assert max(map(longest_run, shown)) < 6
    assert longest_run("".join(shown)) < 6


@thorough
@given(
    st.sampled_from(["我身份证号是", "卡号", "密码是", "后四位", "手机号是一三"]), parts(), AROUND
)
def test_nothing_survives_of_a_number_that_was_announced(
    asked: str, said: list[str], after: str
) -> None:
    first, *others = told(asked, *said[:-1], said[-1] + after)[1:]
    assert longest_run(first) < 3 or longest_run(said[0]) < 6
    assert max(map(longest_run, others), default=0) == 0


@thorough
@given(st.lists(st.text(st.characters(exclude_categories=[]), max_size=20), max_size=5))
def test_any_turns_are_taken(said: list[str]) -> None:
    for turn, shown in zip(said, told(*said), strict=True):
        assert longest_run(shown) < 6
        assert shown == turn or MASK in shown


def test_a_caption_hides_what_goes_on_with_an_earlier_turn() -> None:
    redactor = Redactor()
    redactor.redact("我的卡号是6222")
    assert longest_run(redactor.unfinished("0200，后面是，11")) == 0
    assert longest_run(redactor.unfinished("0200，后面是，11")) == 0, "a caption changes nothing"
