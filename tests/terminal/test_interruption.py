"""A citizen who breaks in, a cough, an echo: told by words."""

from __future__ import annotations

import pytest

from models.base import Transcript
from terminal.interruption import (
    asks,
    is_echo,
    is_idle,
    is_interruption,
    is_nod,
    is_order,
    order_in,
)
from terminal.waking import PHRASE

SAYING = ("先打12333挂失，", "再带身份证到一楼A区3号窗口补办，", "当场就能拿新卡。")


def heard(text: str, log_probability: float = -0.5) -> Transcript:
    return Transcript(text, log_probability=log_probability)


@pytest.mark.parametrize(
    "text", ["要多少钱", "厕所在哪儿", "三号窗口在哪儿", "身份证也丢了怎么办", "我还想问一下医保"]
)
def test_other_words_are_an_interruption(text: str) -> None:
    assert is_interruption(heard(text), SAYING)


@pytest.mark.parametrize("text", ["停", "听", "等等", "等一下", "别说了", "停停停", "不对", "小政"])
def test_an_order_is_one_even_if_it_was_hard_to_hear(text: str) -> None:
    assert is_order(heard(text, -1.6))
    assert is_interruption(heard(text, -1.6), SAYING)
    assert not is_interruption(heard(text, -2.9), SAYING)


@pytest.mark.parametrize(
    "text", ["再带身份证到", "在带身份正道", "当场就能拿新卡", "挂失", "补办当场就"]
)
def test_the_kiosks_own_words_are_none_by_character_or_by_sound(text: str) -> None:
    assert is_echo(text, SAYING)
    assert not is_interruption(heard(text), SAYING)


def test_the_same_words_are_an_interruption_of_another_answer() -> None:
    assert is_interruption(heard("再带身份证到"), ("请到二楼取号。",))
    assert is_interruption(heard("再带身份证到"), ())


@pytest.mark.parametrize(
    ("text", "log_probability"),
    [
        ("准备死", -1.87),
        ("哼", -1.0),
        ("啊啊", -0.5),
        ("咳咳", -0.3),
        ("好", -4.0),
        ("", 0.0),
        ("乡", -1.9),
        ("刷刷刷刷刷", -0.67),
        ("滴答滴答滴答", -0.5),
    ],
)
def test_what_is_written_of_a_throat_is_none(text: str, log_probability: float) -> None:
    assert not is_interruption(heard(text, log_probability), SAYING)


def test_end_titles_are_what_recognisers_write_of_silence() -> None:
    assert not is_interruption(heard("谢谢观看", -0.2), SAYING)


def test_two_characters_need_a_sure_recogniser() -> None:
    assert is_interruption(heard("护照", -0.3), SAYING)
    assert not is_interruption(heard("护照", -1.2), SAYING)


def test_an_order_is_passed_on_as_it_was_meant() -> None:
    assert order_in(heard("听", -1.4)) == heard("停", -1.4)
    assert order_in(heard("等等", -1.0)) == heard("等等", -1.0)
    assert order_in(heard("厕所在哪儿")) is None


def test_the_kiosks_own_word_is_no_order() -> None:
    assert is_interruption(heard("请", -1.2), SAYING)
    assert not is_interruption(heard("请", -1.2), ("请到三号窗口办理。",))


@pytest.mark.parametrize("text", ["你好小政", "您好，小郑", "你好小正。"])
def test_the_kiosks_phrase_is_an_order_by_its_sound(text: str) -> None:
    assert is_order(heard(text, -1.6), PHRASE)
    assert order_in(heard(text, -1.6), PHRASE) == heard(text, -1.6)
    assert is_interruption(heard(text, -1.6), SAYING, PHRASE)
    assert not is_order(heard("你好小王", -1.6), PHRASE)
    assert not is_order(heard(f"{text}社保卡怎么补", -1.6), PHRASE)


@pytest.mark.parametrize(
    "text",
    [
        "好的",
        "好的，好的。",
        "对对对",
        "嗯嗯",
        "哦，好的",
        "是的",
        "行",
        "好好好",
        "OK",
        "哦，这样啊",
        "好吧",
        "继续",
        "是吗？",
        "号的号",
        "对得",
    ],
)
def test_a_listener_nods(text: str) -> None:
    assert is_nod(text)
    assert is_idle(heard(text), SAYING)
    assert is_idle(heard(text), SAYING, asked=True) is False


@pytest.mark.parametrize(
    "text",
    [
        "好了",
        "行了",
        "知道了",
        "好的谢谢",
        "好的那要带什么",
        "是什么",
        "对了我想问护照",
        "可以了",
        "停",
        "好办吗",
        "行吗",
        "队",
        "十四",
    ],
)
def test_who_wants_something_does_not(text: str) -> None:
    assert not is_nod(text)
    assert not is_idle(heard(text, -2.5), SAYING)


@pytest.mark.parametrize("text", ["Thank you.", "Thank you very much", "Bye bye!", "You"])
def test_english_that_is_written_of_an_echo_breaks_in_on_nothing(text: str) -> None:
    assert not is_interruption(heard(text, -0.3), SAYING)
    assert is_idle(heard(text), SAYING, asked=True)


def test_english_that_asks_does() -> None:
    assert is_interruption(heard("Thank you, where is the toilet?", -0.3), SAYING)
    assert not is_idle(heard("You open at what time"), SAYING)


@pytest.mark.parametrize("text", ["", "咳", "刷刷刷刷", SAYING[-1]])
def test_what_is_no_word_of_a_citizen_asks_nothing(text: str) -> None:
    assert is_idle(heard(text), SAYING, asked=True)


def test_a_question_among_the_clauses() -> None:
    assert asks(("先打电话挂失，", "您要办哪一种？"))
    assert not asks(("先打电话挂失，",))
