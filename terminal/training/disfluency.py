"""Written phrases made to sound spoken: fillers, repetitions, particles, false starts."""

from __future__ import annotations

from random import Random

BEFORE = (
    "那个 嗯 就是 我想问一下 请问 呃那个 我问你啊 麻烦问下 你好 这个 哎 你好我想问一下 师傅 "
    "那个就是说 我跟你说啊 不好意思 帮我看看 哎呀"
).split()
BEHIND = "啊 呢 呀 嘛 你知道不 谢谢 行不 是吧 的话 来着 怎么弄呀 帮我看看 这个".split()
SPOKEN, FILLED, TRAILED, REPEATED = 0.5, 0.5, 0.3, 0.2
"""Shares of phrases that are changed at all; of those, with each kind of change."""


def spoken(text: str, random: Random) -> str:
    """`text`, half of the time as somebody unsure would say it."""
    if random.random() > SPOKEN:
        return text
    if random.random() < FILLED:
        text = random.choice(BEFORE) + random.choice(("", "，")) + text
    if random.random() < TRAILED:
        text += random.choice(BEHIND)
    if random.random() < REPEATED and len(text) > 4:
        at = random.randrange(1, len(text) - 2)
        text = text[: at + 2] + random.choice(("", "，")) + text[at:]
    return text
