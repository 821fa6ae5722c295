"""What sounds nearly like a wake phrase, and is not it: made from the neighbours of its pinyin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from random import Random

import jieba

from models.pronounce import prime
from models.sounds import pinyin, split

NAMES = (
    "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗梁宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾"
    "夏韦方白邹孟熊秦邱江尹薛阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤"
)
"""What a child, a colleague or another machine is called: 你好小王."""
OTHERS = (
    "小爱同学",
    "小度小度",
    "天猫精灵",
    "你好小艺",
    "你好小布",
    "你好小爱",
    "你好魔方",
    "小艺小艺",
    "嘿小微",
    "小乐小乐",
    "你好请问",
    "你好你好",
    "你好问一下",
    "您好您好",
    "你好在吗",
    "你好有人吗",
    "喂你好",
    "你好同志",
    "你好师傅",
    "你好姑娘",
    "你好小伙子",
    "你好小姐",
    "你好小朋友",
    "你好消息",
    "你好像正在忙",
    "你好笑",
    "你好小心",
    "你好小气",
    "政务大厅",
    "行政服务中心",
)
"""Other machines, and how people begin to talk."""
AT_FIRST = 0.6
"""Share of those beside a form of the phrase whose first syllable is surely the other one."""
USUAL = range(0xB0, 0xD8)
"""First bytes in GB 2312 of the 3,755 characters that are learned at school."""


def forms(phrase: str) -> tuple[str, ...]:
    """What calls the kiosk: the phrase, and with 您 for 你 in it, as the polite say it.

    您好小郑 calls a kiosk named 小政 too: it is the same sound, and nobody could tell by ear.
    """
    return tuple(dict.fromkeys((phrase, phrase.replace("你", "您"))))


class NearMisses:
    """An endless stream for one phrase; none sounds like a form of it but for its tones."""

    def __init__(self, phrase: str, beside: int = 0) -> None:
        """`beside`: weight of what is beside any form of the phrase, to the 25 of all others."""
        self._phrase = phrase
        self._sounds = [" ".join(pinyin(form)) for form in forms(phrase)]
        kinds = (
            (self._one_other, 8),
            (self._called_otherwise, 5),
            (self._another_beginning, 2),
            (self._two_others, 3),
            (self._a_part, 3),
            (self._in_another_order, 2),
            (self._something_else, 2),
            (self._beside_a_form, beside),
        )
        self._kinds = [kind for kind, weight in kinds for _ in range(weight)]

    def draw(self, random: Random) -> str:
        """The next one, Chinese."""
        while True:
            text = random.choice(self._kinds)(random)
            if text and not self._same(text):
                return text

    def _same(self, text: str) -> bool:
        said = " ".join(pinyin(text))
        return any(sound in said for sound in self._sounds)

    def _one_other(self, random: Random) -> str:
        """One syllable is another; the last twice as often as any: it is what names differ in."""
        last = len(self._phrase) - 1
        return self._written(self._phrase, random.choice([*range(last + 1), last]), random)

    def _beside_a_form(self, random: Random) -> str:
        """密好小政, 林好小政: most often the first syllable is another, which is heard worst."""
        form = random.choice(forms(self._phrase))
        at_first = random.random() < AT_FIRST
        return self._written(form, 0 if at_first else random.randrange(len(form)), random)

    def _two_others(self, random: Random) -> str:
        first, second = random.sample(range(len(self._phrase)), 2)
        return self._written(self._written(self._phrase, first, random), second, random)

    def _called_otherwise(self, random: Random) -> str:
        """你好小王, 你好老郑: the same greeting to somebody else."""
        text = self._phrase[:-1] + random.choice(NAMES)
        return text.replace("小", random.choice("小小小老大阿"))

    def _another_beginning(self, random: Random) -> str:
        """您好小王: they talk to somebody of another name, and are polite about it."""
        polite = forms(self._phrase)[-1]
        text = self._phrase[1:] if polite == self._phrase else polite
        return text[:-1] + random.choice(NAMES)

    def _a_part(self, random: Random) -> str:
        cut = random.randint(1, len(self._phrase) - 1)
        return random.choice((self._phrase[:cut], self._phrase[cut:], self._phrase[:-1]))

    def _in_another_order(self, random: Random) -> str:
        cut = random.randint(1, len(self._phrase) - 1)
        return self._phrase[cut:] + self._phrase[:cut]

    def _something_else(self, random: Random) -> str:
        return random.choice(OTHERS)

    def _written(self, text: str, place: int, random: Random) -> str:
        """`text` with another syllable at `place`; empty where none is known."""
        others = _neighbours(pinyin(text)[place])
        if not others:
            return ""
        return (
            text[:place] + random.choice(_characters()[random.choice(others)]) + text[place + 1 :]
        )


@lru_cache(maxsize=256)
def _neighbours(syllable: str) -> Sequence[str]:
    """Syllables that share the beginning or the end with this one; the nearest come twice."""
    own = split(syllable)
    found: list[str] = []
    for other in _characters():
        sound = split(other)
        if other == syllable or (sound.initial != own.initial and sound.final != own.final):
            continue
        near = sound.final[:1] == own.final[:1]
        found += [other] * (2 if near else 1)
    return found


@lru_cache(maxsize=1)
def _characters() -> dict[str, list[str]]:
    """Each syllable's common characters of one reading."""
    table: dict[str, list[str]] = defaultdict(list)
    for char in _usual():
        readings = set(pinyin(char, every=True))
        if len(readings) == 1:
            table[readings.pop()].append(char)
    return {sound: chars[:6] for sound, chars in table.items()}


def _usual() -> list[str]:
    """The characters learned at school, commonest first."""
    prime()
    counts = jieba.dt.FREQ
    known = [char for char in counts if len(char) == 1 and _is_usual(char)]
    return sorted(known, key=lambda char: (-counts[char], char))


def _is_usual(char: str) -> bool:
    code = char.encode("gb2312", errors="ignore")
    return len(code) == 2 and code[0] in USUAL
