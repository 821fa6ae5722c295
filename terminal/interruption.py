"""Was that a citizen who breaks in, or a cough, a song, the kiosk's own echo? Pure.

Judged on what a quick recognition makes of the sound that was heard while the kiosk spoke, and on
what the kiosk was saying.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from models.base import Transcript
from models.sounds import syllables
from terminal.dialogue.choices import agreement, is_noise
from terminal.dialogue.words import squeezed
from terminal.waking import without_phrase

WORDS = -1.5
"""Mean log-probability of words. Of coughs, barks and sneezes the recogniser writes a syllable at
-1.9 to -3.2; a lone 停 lies at -1.4, half a question at -0.8."""
FEW, SURE = 2, -0.7
"""Characters of which nothing is believed unless the recogniser is this sure: it writes two of
any scrap of sound, and of an echo that an unknown room has mangled."""
ORDERS = -2.2
"""The same where what is heard is one of the words that people stop a machine with; 停 alone is
often written as another character of its sound."""
ECHO = 0.6
"""Share of the heard syllables that are in what the kiosk is saying, in that order, from which
it is an echo. Questions about an answer share under half with it."""
RUN = 2
"""Syllables on end that count as shared: single ones occur in any sentence."""

_ORDER = re.compile(
    r"^(?:[停听挺厅亭请](?:一?下|下来|止)?|等等|等一?下|等会儿?|别说了?|不要说了?|不用说了?|行了|好了|够了|闭嘴|安静|暂停|打住|"
    r"不对|不是|错了|小政|喂|stop|wait)+$"
)
_STOP = re.compile(r"^[停听挺厅亭请]+$")
_CRY = re.compile(r"^[啊呃额哼嗯哦噢唉哎咳喔呜哇嘿哈呵嘘呼嗝吼嗷汪喵咕嘟滴嗒]+$")
"""What is written of a throat, a dog, a child."""
_NOD = re.compile(
    r"^(?:[嗯唔哦噢喔啊诶欸]|好[的嘞呀啊]?|对[的呀啊]?|是[的呀啊吗]?|行|可以|没错|ok(?:ay)?|这样子?|原来如此|原来是?这样|"
    r"继续|接着说|你说|说吧)+[啊呀吧哦]*$",
    re.IGNORECASE,
)
_NODS_SOUND = re.compile(
    r"^(?:(?:o|a) )*(?:hao|dui|si de|ze yan)(?: (?:hao|dui|de|lei|a|ya|si de))+$"
)
"""号的, 号的号: 好的 as it is often written. In folded pinyin; a syllable alone may be anything."""
_ENGLISH = re.compile(
    r"^(?:(?:thank you|thanks|very much|so much|you|bye|hm+|mm+)\W*)+$", re.IGNORECASE
)
"""What the recogniser writes of an echo in a ringing room, as sure as of words."""
_RATTLE = re.compile(r"^(.{1,2})\1{2,}$")
"""刷刷刷刷刷: applause."""
_NO_WORDS = (_CRY, _RATTLE, _ENGLISH)


def is_interruption(heard: Transcript, saying: Sequence[str], phrase: str = "") -> bool:
    """Whether these are words, and not the kiosk's own.

    saying: clauses of the last seconds. phrase: what the kiosk is called by.
    """
    said = squeezed(heard.text)
    if is_order(heard, phrase):
        return not is_echo(said, saying)
    if _is_no_word(heard.text):
        return False
    needed = SURE if len(said) <= FEW and agreement(said) is None else WORDS
    return heard.log_probability >= needed and not is_echo(said, saying)


def _is_no_word(text: str) -> bool:
    said = squeezed(text)
    return not said or is_noise(text) or any(each.match(said) for each in _NO_WORDS)


def asks(saying: Sequence[str]) -> bool:
    """Whether one of these clauses is a question."""
    return any(clause.rstrip().endswith(("？", "?")) for clause in saying)


def is_nod(text: str) -> bool:
    """好的, 对对: a listener's, who wants to hear more. 好了, 知道了, 谢谢 end the matter."""
    said = squeezed(text)
    return bool(_NOD.match(said) or _NODS_SOUND.match(" ".join(syllables(said))))


def is_idle(heard: Transcript, saying: Sequence[str], *, asked: bool = False) -> bool:
    """Whether what broke in asks nothing: a listener's 好的, a cry, the kiosk's own words.

    asked: the kiosk wants to be answered. The recogniser's doubts do not count here: much of what
    is asked in noise scores like a cough.
    """
    said = squeezed(heard.text)
    if is_nod(said):
        return not asked
    return _is_no_word(heard.text) or is_echo(said, saying)


def is_order(heard: Transcript, phrase: str = "") -> bool:
    """停, 等等, 别说了, the kiosk's phrase: short, and meant for the machine."""
    if heard.log_probability < ORDERS:
        return False
    said = squeezed(heard.text)
    return _ORDER.match(said) is not None or bool(phrase and without_phrase(said, phrase) == "")


def order_in(heard: Transcript, phrase: str = "") -> Transcript | None:
    """The order as it was meant: a lone 停 that was written otherwise is 停."""
    if not is_order(heard, phrase):
        return None
    return replace(heard, text="停") if _STOP.match(squeezed(heard.text)) else heard


def is_echo(heard: str, saying: Sequence[str]) -> bool:
    """Whether `heard` is made of what the kiosk is saying, by characters or by sound."""
    told = squeezed("".join(saying))
    if not told or not heard:
        return False
    return max(_shared(list(heard), list(told)), _shared(syllables(heard), syllables(told))) >= ECHO


def _shared(heard: list[str], told: list[str]) -> float:
    """Share of `heard` that runs along in `told`."""
    if len(heard) < RUN:
        return float(heard[0] in told)
    matcher = SequenceMatcher(None, heard, told, autojunk=False)
    runs = (block.size for block in matcher.get_matching_blocks())
    return sum(size for size in runs if size >= RUN) / len(heard)
