"""打印, 打一张, 打出来: the wish to have the answer on paper, in every state like 再说一遍.

Whole sentences only, and of these words alone: 打印流水 or 打印社保证明 are questions for the pack.
"""

from __future__ import annotations

import re

from terminal.dialogue.words import clean
from terminal.events import Reply

ID = "control.print"
REPLY = Reply(outcome="command", spoken="", screen="", answer_id=ID, title="打印材料清单")
"""What is said depends on the printer, which the session knows."""
_WISH = re.compile(
    r"(那|嗯|好|好的|请|麻烦|麻烦你|麻烦您|帮忙|你|您|我要|我想|能不能|可以|能|可不可以|(你|您)?(帮|给|替)我|(帮|给)忙|把)*"
    r"(这个|它|那个|材料|材料清单|清单|单子|需要的材料|要带的材料)?(给我|帮我)?"
    r"(打印|打印一下|打印一张|打印一份|打印出来|打一张|打一份|打出来|打个单子|打印个单子|打张单子|打下来)"
    r"(这个|材料|材料清单|清单|单子|的清单|给我|看看|出来|一下|一张|一份)*"
    r"(吧|呗|吗|嘛|行吗|好吗|可以吗|好不好|谢谢|啊|呀)*"
)
_ENGLISH = re.compile(
    r"(please |can you |could you )*print( it| this| that| the list| it out)?( please)?"
)


def is_wanted(text: str) -> bool:
    """Whether the sentence says this and nothing else."""
    plain = re.sub(r"[^\w\s]", "", clean(text)).strip()
    joined = re.sub(r"\s", "", plain)
    return bool(_WISH.fullmatch(joined) or _ENGLISH.fullmatch(plain.casefold()))
