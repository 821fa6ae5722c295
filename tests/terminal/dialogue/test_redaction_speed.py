"""A hostile text is no delay: the time grows with its length, not faster."""

from __future__ import annotations

import time

import pytest

from terminal.dialogue.redaction import Redactor, redact, redact_unfinished

PIECES = [
    *(
        "1的",
        "1 ",
        "1个",
        "12345人",
        "123 人",
        "1嗯",
        "1，那个",
        "2个3",
        "十1",
        "十1 ",
        "1百",
        "1点",
    ),
    *(
        "密码",
        "密码 ",
        "密码1",
        "密码a1的",
        "密码1 人",
        "卡号12 ",
        "身份证",
        "1是密码",
        "1是我的我的我的",
        "pin",
    ),
    *(
        "妖",
        "O",
        "Ol ",
        "嗯",
        "是",
        "等",
        "最后",
        "后四",
        "我想",
        "xXx",
        "＊",
        "＊＊＊1人",
        "12年12月12日",
        "艾克斯",
    ),
]


def quickest_s(text: str) -> float:
    """Of five, and of the processor: other work on the machine is none of the code's."""
    taken = []
    for _ in range(5):
        began = time.thread_time()
        redact(text)
        taken.append(time.thread_time() - began)
    return min(taken)


@pytest.mark.parametrize("piece", PIECES)
def test_ten_thousand_characters_take_a_blink(piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    assert quickest_s(text) < 0.05


@pytest.mark.parametrize("piece", PIECES)
def test_the_time_grows_with_the_length(piece: str) -> None:
    began = time.thread_time()
    text = (piece * 100_000)[:100_000] + "人"
    redact_unfinished(text)
    Redactor().redact(text)
    assert time.thread_time() - began < 5


@pytest.mark.parametrize(
    "text", ["1" + " " * 100_000, "密码" + " " * 100_000 + "人", " 1人" + " " * 50_000 + "1人" * 9]
)
def test_nor_do_long_gaps_delay(text: str) -> None:
    assert quickest_s(text) < 0.5
