"""Personal numbers out of what is shown, logged or sent: ID and card numbers, phones, codes.

Spoken digits count as digits (幺 is 1, 两 is 2, 叉 is X), and spaces, fillers and punctuation
between them do not end a run. A run of six or more is masked whatever it is; four or more
after 密码 or 验证码.
"""

from __future__ import annotations

import re

DIGIT = "0-9０-９零〇一幺二两三四五六七八九叉xXＸ"
BETWEEN = r"[\s，。、,.·\-—_/]|嗯|呃|啊|那个|然后|杠|横"
MASK = "＊＊＊"

_RUN = re.compile(rf"[{DIGIT}](?:(?:{BETWEEN})*[{DIGIT}]){{5,}}")
_SECRET = re.compile(
    rf"(密码|验证码|口令|校验码)((?:[^{DIGIT}]{{0,6}}))([{DIGIT}](?:(?:{BETWEEN})*[{DIGIT}]){{3,}})"
)


def redact(text: str) -> str:
    """`text` with every personal number masked."""
    text = _SECRET.sub(lambda found: f"{found[1]}{found[2]}{MASK}", text)
    return _RUN.sub(MASK, text)
