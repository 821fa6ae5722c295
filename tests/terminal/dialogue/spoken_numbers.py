"""Numbers as people say and type them, and an eye for what is left of them."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from hypothesis import strategies as st

from terminal.dialogue.redaction import MASK

SPELLINGS = [
    *("零〇○洞0０٠⁰", "一壹幺1１①", "二贰貳两2２②", "三叁參3３③", "四肆4④㈣"),
    *("五伍5５⑤", "六陆陸6６⑥", "七柒拐7７⑦", "八捌8₈⑧", "九玖勾9９𝟗"),
]
LAST = "xX叉Ｘ"
DIGITS = frozenset("".join(SPELLINGS) + LAST)
FILLERS = ["那个", "然后", "后面是", "不对", "应该是", "我看看", "嗯", "呃", "杠", "再"]
BETWEEN = [
    *(
        "",
        "",
        " ",
        "  ",
        "，",
        "、",
        "-",
        "—",
        ".",
        "\n",
        "\u200b",
        "\x07",
        "\u3164",
        "呃 ",
        "，然后",
    ),
    *FILLERS,
]
AROUND = st.text(st.sampled_from("我的身份证电话是办帮看看要问请您好谢，。！ 社保"), max_size=10)
"""Words with no unit in front, which would make an amount of what it follows."""


def longest_run(text: str) -> int:
    """Digits in a row, by Unicode and the table above; fillers are passed over."""
    for filler in FILLERS:
        text = text.replace(filler, "")
    run = longest = 0
    for char in text.replace(MASK, "。M。"):
        digit = char in DIGITS or unicodedata.digit(char, None) is not None
        ends = not digit and unicodedata.category(char)[0] in "LNM" and char not in "\u3164十"
        run = run + 1 if digit else 0 if ends else run
        longest = max(longest, run)
    return longest


@st.composite
def _numbers(draw: st.DrawFn, least: int = 6) -> list[str]:
    """Spoken pieces of 6 to 20 digits; some pairs said as tens (二十三)."""
    digits = draw(st.lists(st.integers(0, 9), min_size=least, max_size=20))
    spelled = [draw(st.sampled_from(SPELLINGS[digit])) for digit in digits]
    if draw(st.booleans()):
        spelled[-1] = draw(st.sampled_from(LAST))
    pieces: list[str] = []
    while spelled:
        tens = len(spelled) > 2 and digits[len(pieces)] > 1 and draw(st.integers(0, 5)) == 0
        pieces.append(f"{spelled.pop(0)}十{spelled.pop(0)}" if tens else spelled.pop(0))
    return [piece + draw(st.sampled_from(BETWEEN)) for piece in pieces]


NUMBERS = _numbers()


@st.composite
def parts(draw: st.DrawFn) -> list[str]:
    """A number in one to four parts, each part said in a turn of its own."""
    number = draw(NUMBERS)
    cuts = sorted(draw(st.sets(st.integers(1, len(number) - 1), max_size=3)))
    edges = [0, *cuts, len(number)]
    return ["".join(number[a:b]) for a, b in pairwise(edges)]
