"""How long to wait behind words before they count as finished: a pure function of the text.

The quick pass's text is all there is to go by, and a recogniser drops or mishears what it takes
for a slip of the tongue. So doubt is patience: words that make no sense are waited for too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from terminal.dialogue.choices import agreement, numbered

LIKELY = -0.6
"""Mean log-probability below which a short reading is a guess: 嗯，我想 is heard as 你我相信
(-1.0), 就是 as 秋 (-2.0); whole questions lie above -0.5."""
SHORT = 4
"""Characters of such a reading; a longer one holds enough to be judged by."""
OPTIONS = 3
"""第一个 to 第三个: what the kiosk offers at most."""

_MARKS = re.compile(r"[\s，。、！？；：,.!?;:…—]+")
_FILLER = re.compile(
    r"(?:那个|这个|就是|就是说|[然人染燃][后厚候]|因为|所以|但是|可是|不过|而且|还有|或者|以及|如果|要是|假如|比如|另外|关于|"
    r"我想|我要|我是|我的|我们|我就|我还|我那|我这|想要|想问|想问一?下|请问一?下?|我问一?下|咨询一?下|打听一?下|麻烦您?问?一?下?|"
    r"你好|您好|嗯+|呃+|额|唔|哦|噢|诶|欸|啊这|"
    r"和|跟|与|把|被|给|让|对于|为了|在|从|到|去|用|拿|带|是|的话|叫|叫做|号码是|号是|需要|应该|可能|大概|的时候|之后|以后|以前)$"
)
"""Where a sentence cannot stop, or where people stop to think."""
_MEANT = re.compile(
    r"(?:要去|怎么去|往哪去|哪儿?去|不用|怎么用|能用|有用|没用|怎么给|在不在|还在|人在|不是|是不是|"
    r"算不算是|要带|不用带|怎么带|要不要|到不到|收到|没到|拿到|找到|怎么到|是在|就到|已经到|多少钱呢?|不需要|需不需要|"
    r"你好|您好)$"
)
"""Whole questions that end in the same characters."""
_HESITATION = re.compile(r"^(?:你好|您好|就是说?|那个?|嗯+|呃+)$")
"""Said alone, they open a question; some of them pass for a yes."""
_DIGITS = re.compile(r"[0-9〇零一二三四五六七八九十幺两点\-]+$")
_NUMBERING = re.compile(r"(?:号码?|证|卡号?|尾号|电话|手机|密码|编号|是)[^0-9]{0,2}$")
_COMPLETE = frozenset((11, 15, 18, 19))
"""Digits of a telephone, an old ID, an ID, a bank card."""
FEW_DIGITS = 3
"""Fewer are a window, a floor or a year, unless a number was announced."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds of silence after which the citizen has finished."""

    known_s: float = 0.5
    """After a known question, complete to the letter: sooner, but not inside a breath."""
    usual_s: float = 0.6
    unfinished_s: float = 1.6
    """After 那个, 因为, half a number: pauses of 1.2 s there are common, and detection of the
    first quiet consonant behind them takes up to 0.3 s."""
    called_s: float = 1.0
    """After the kiosk's phrase alone: the question comes, or whoever called waits for a word."""

    def patient(self, usual_s: float) -> Waits:
        """The same for one who asked for more time: each as much longer as the usual one."""
        more_s = max(0.0, usual_s - self.usual_s)
        return replace(
            self,
            known_s=self.known_s + more_s,
            usual_s=self.usual_s + more_s,
            unfinished_s=self.unfinished_s + more_s,
            called_s=self.called_s + more_s,
        )

    @property
    def longest_s(self) -> float:
        """Nothing is waited for longer."""
        return max(self.known_s, self.usual_s, self.unfinished_s, self.called_s)


def wait_s(text: str, waits: Waits, *, fits: bool, log_probability: float = 0.0) -> float:
    """Silence to wait for behind `text`; `fits`: the pack knows these words as a question."""
    if is_short_answer(text):
        return waits.usual_s
    if fits:
        return min(waits.known_s, waits.usual_s)
    if is_unfinished(text, log_probability):
        return waits.longest_s
    return waits.usual_s


def is_short_answer(text: str) -> bool:
    """对, 不是, 第二个: short, and complete."""
    if _HESITATION.match(_MARKS.sub("", text)):
        return False
    return agreement(text) is not None or numbered(text, OPTIONS) is not None


def is_unfinished(text: str, log_probability: float = 0.0) -> bool:
    """Whether more is to come: the words break off, or are too few and too doubtful to judge."""
    bare = _MARKS.sub("", text)
    if not bare or _HESITATION.match(bare):
        return True
    if len(bare) <= SHORT and log_probability < LIKELY:
        return True
    if _breaks_off_in_number(bare):
        return True
    return _FILLER.search(bare) is not None and _MEANT.search(bare) is None


def _breaks_off_in_number(bare: str) -> bool:
    found = _DIGITS.search(bare)
    if found is None:
        return False
    count = sum(char not in "点-十" for char in found.group())
    announced = _NUMBERING.search(bare[: found.start()]) is not None
    return count not in _COMPLETE and (announced or count >= FEW_DIGITS)
