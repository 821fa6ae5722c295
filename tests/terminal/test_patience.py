"""How long to wait behind words: unfinished, doubtful, complete, known."""

from __future__ import annotations

import pytest

from terminal.patience import Waits, is_short_answer, is_unfinished, wait_s

WAITS = Waits()


@pytest.mark.parametrize(
    "text",
    [
        "我想问一下，社保卡那个",
        "我的社保卡丢了然后",
        "我的社保卡丢了人后",
        "我想办居住证因为",
        "就是",
        "我想",
        "还有",
        "嗯",
        "你好",
        "",
        "公积金贷款需要",
        "我的身份证号是1015",
        "卡号6222",
        "我的手机号是一三八零零",
        "2025",
    ],
)
def test_words_that_break_off_are_waited_for(text: str) -> None:
    assert is_unfinished(text)
    assert wait_s(text, WAITS, fits=False) == WAITS.unfinished_s
    assert WAITS.unfinished_s >= 1.2 + 0.3


@pytest.mark.parametrize(
    "text",
    [
        "社保卡丢了怎么补办",
        "厕所怎么去",
        "办护照要带什么",
        "要不要本人去办理",
        "是不是",
        "去3号窗口",
        "我的手机号是13800138000",
        "身份证号110105194912310021",
    ],
)
def test_a_whole_question_waits_as_usual(text: str) -> None:
    assert wait_s(text, WAITS, fits=False) == WAITS.usual_s


@pytest.mark.parametrize("text", ["对", "不是", "好的", "第二个", "没有", "不用了"])
def test_a_short_answer_is_complete_however_unsure_the_recogniser_is(text: str) -> None:
    assert is_short_answer(text)
    assert wait_s(text, WAITS, fits=False, log_probability=-2.0) == WAITS.usual_s


def test_a_short_and_doubtful_reading_is_waited_for() -> None:
    assert wait_s("你我相信", WAITS, fits=False, log_probability=-1.0) == WAITS.unfinished_s
    assert wait_s("要多少钱", WAITS, fits=False, log_probability=-0.3) == WAITS.usual_s


def test_a_known_question_waits_least_and_never_more_than_usual() -> None:
    assert wait_s("社保卡丢了怎么补办", WAITS, fits=True) == WAITS.known_s < WAITS.usual_s
    hasty = Waits(known_s=0.5, usual_s=0.3)
    assert wait_s("社保卡丢了怎么补办", hasty, fits=True) == 0.3


def test_who_asked_for_more_time_gets_it_behind_all_words() -> None:
    patient = WAITS.patient(1.2)
    for text, fits in (("社保卡丢了怎么补办", True), ("厕所怎么去", False), ("那个", False)):
        more = wait_s(text, patient, fits=fits) - wait_s(text, WAITS, fits=fits)
        assert more == pytest.approx(0.6)


def test_patience_never_makes_hasty() -> None:
    assert WAITS.patient(0.1) == WAITS
