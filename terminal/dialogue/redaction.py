"""Personal numbers out of what is shown, logged or sent: ID and card numbers, phones, codes.

Spoken digits count as digits (幺 and 壹 are 1, 两 is 2, 叉 is X), and spaces, fillers and
punctuation between them do not end a run. A run of six or more is masked whatever it is; four
or more after 密码 or 验证码.
"""

from __future__ import annotations

import re

DIGIT = r"\d⁰¹²³⁴-⁹₀-₉①-⑨零〇○洞一壹幺两二贰三叁四肆五伍六陆七柒拐八捌九玖勾叉xXＸ"
r"""`\d` knows the digits of every script."""
FILLERS = (
    "嗯 呃 额 哦 噢 啊 哎 那个 这个 然后 就是 接着 后面 还有 再 是 的 点 对 杠 横 空格".split()
)
MASK = "＊＊＊"

_BETWEEN = rf"(?:[^\w{DIGIT}]|_|{'|'.join(FILLERS)})*"
_RUN = re.compile(rf"[{DIGIT}](?:{_BETWEEN}[{DIGIT}]){{5,}}")
_SECRET = re.compile(
    rf"(密码|验证码|校验码|动态码|口令)([^{DIGIT}]{{0,8}})([{DIGIT}](?:{_BETWEEN}[{DIGIT}]){{3,}})"
)
_UNFINISHED = re.compile(rf"[{DIGIT}](?:{_BETWEEN}[{DIGIT}])+{_BETWEEN}$")


def redact(text: str) -> str:
    """`text` with every personal number masked."""
    text = _SECRET.sub(lambda found: f"{found[1]}{found[2]}{MASK}", text)
    return _RUN.sub(MASK, text)


def redact_unfinished(text: str) -> str:
    """As redact, for speech that may go on: digits at the end may be the first of a number."""
    return _UNFINISHED.sub(MASK, redact(text))
