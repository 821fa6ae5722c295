"""Personal numbers out of what is shown, logged or sent: ID and card numbers, phones, codes.

What counts as a digit: the digits of every script and style (１, ①, ², ٣), the Chinese ones
(零〇一二, 壹貳參, 两), those of the telephone (幺洞拐勾) and the X at an ID number's end (叉,
艾克斯). 妖, 么, O, o, l and I are digits where they touch or join others. 二十三 is 23, and 三个八
is 888. Spaces, punctuation, invisible characters, fillers (嗯, 那个, 后面是), repairs (不对) and
some characters a recogniser hears for a digit (药 for 幺, 酒 for 九) do not end a run.

What is masked:

- six digits and more, whatever they are, money in figures and typed dates too (1000000元,
  2025-12-31); only amounts in words with their unit stay (三十、六十、九十天);
- three and more within REACH characters after 密码, 验证码, 卡号, 身份证号, 尾号, 后四位 and their
  like, or before 是我的密码; letters mixed with digits too, after the passwords among them;
- three and more that soon after 身份证, 电话, 手机 or a masked number, unless it is a hotline;
- a birth date in words that goes on from a masked number.

Fewer than six stay if a unit follows (2025年, 1000块, 60秒); so do hotlines (12345, 110, 955xx)
unless one follows a secret's name without 打 or 热线 between, and clock times. 千, 万 and 亿 end a
run: they are said of amounts only. Where a rule must err it hides too much: what it costs is a
caption.

Over several turns (`Redactor`): an utterance of hardly anything but three digits and more is
masked, again but for hotlines; one that opens with digits goes on from digits that ended the turn
before, if those were three and no hotline, or part of a number announced, or if both come to six
(two hotlines in a row too). A turn once shown is not unshown, so up to five digits of a number
that nobody announced may stay where they stand among words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import NamedTuple

MASK = "＊＊＊"
LONG = 6
"""Digits in a row that must go, whatever they are."""
SHORT = 3
"""Digits that must go where a number was announced: a CVV has three."""
REACH = 16
"""Characters, spaces not counted, between 我的卡号 and the digits: 那个我看一下啊应该是后面这个."""
ASIDE = 2
"""Characters beside the digits in an utterance that is hardly anything else: 一零五 吧."""

_DIGITS = (
    "零〇洞○◯",
    "一壹弌幺",
    "二贰貳弍两兩俩",
    "三叁参參弎",
    "四肆亖",
    "五伍",
    "六陆陸",
    "七柒拐",
    "八捌",
    "九玖勾",
)
_NAMED = {char: str(value) for value, chars in enumerate(_DIGITS) for char in chars}
_NAMED |= dict.fromkeys("xX叉", "X") | dict.fromkeys("十拾", "十") | dict.fromkeys("百佰", "百")
_NAMED |= dict.fromkeys("廿卄卅卌", "⑩") | dict.fromkeys("妖夭吆腰", "妖")
_NAMED |= dict.fromkeys("ОоΟο", "o") | dict.fromkeys("\u3164\u115f\u1160\uffa0", " ")
_NAMED |= dict(zip("號碼證驗帳帐賬電話機後銀點對個", "号码证验账账账电话机后银点对个", strict=True))
_NAMED["＊"] = "＊"
_ALIKE_FIGURES = str.maketrans("Oo妖么lI", "001111")


class _Forms(dict[int, str]):
    """Each character as the rules below know it, one for one."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = form = _NAMED.get(char) or self._derived(char)
        return form

    def _derived(self, char: str) -> str:
        figure = unicodedata.digit(char, None)
        if figure is not None:
            return str(figure)
        # Among ideographs 什, 陌 and 漆 would have a value too; those meant are in _NAMED.
        value = None if unicodedata.category(char) == "Lo" else unicodedata.numeric(char, None)
        if value in range(10):
            return str(int(value or 0))
        if value in range(10, 100):
            return "⑩"
        folded = unicodedata.normalize("NFKC", char)
        if len(folded) == 1 and folded != char:
            return self[ord(folded)]
        return char if char.isalnum() else " "


_FORMS = _Forms()


def _words(text: str) -> str:
    """An alternative of words, longest first, as they are after _FORMS."""
    return "|".join(sorted(text.translate(_FORMS).split(), key=len, reverse=True))


_FILLERS = _words(
    "嗯 呃 额 哦 噢 啊 哎 唉 喂 诶 那个 这个 然后 就是 接着 还有 再 再来 是 的 对 杠 横 横杠 短横 减 空格 空 转 "
    "完了 接下来 又是 也是 都是 写的 应该 好像 大概 可能 应该是 "
    "不对 不是 错了 说错了 念错了 看错了 重来 重说 等等 等下 等一下 等会 稍等 我看 我看看 我看下 我看一下 看一下 "
    "我想 我想想 我想一下 点"
)
_PLACES = "前面|中间|后面|下面|最后|末尾|结尾|开头"
_MISHEARD = "要药邀摇林玲铃灵凌衣医而儿山伞事市无舞吴流刘期其起吧把爸巴就酒动冻栋"
"""Heard for 幺零一二三四五六七八九洞: counted as no digit, but no end of a number either."""
_ALIKE = "[OolI妖么]"
_PAUSE = rf"(?:[ ＊{_MISHEARD}]|{_FILLERS}|(?:{_PLACES})(?![0-9十]{{1,2}}位)|(?<=[2-5])个(?=[0-9]))"
_JOIN = rf"(?:{_PAUSE}|{_ALIKE})"
_DIGIT = "(?:[0-9X十百⑩]|[艾爱埃]克斯)"
_HEAD = rf"(?:(?<![A-Za-z什怎那这多要妖么]){_ALIKE}++(?={_DIGIT}))?"
_TAIL = rf"(?:{_ALIKE}++(?![A-Za-z]))?"
_RUN = rf"{_HEAD}{_DIGIT}(?:{_JOIN}*+{_DIGIT})*+{_TAIL}"
_RUNS = re.compile(_RUN)
_JOINS = re.compile(rf"{_JOIN}*+")

# No letter in front; x is out of it, being a digit.
_APART = "(?<![A-WYZa-wyz])"
_CODE = (
    "密码|口令|暗号|(?:验证|校验|动态|安全|取款|授权|激活|查询|提取|取件|短信|确认|识别)码"
    rf"|{_APART}(?i:pin|cvv2?|cvn2?|password|passcode)(?![A-Za-z])"
)
_OWN = (
    "(?:身份证|证件|护照|驾驶证|卡|存折|账户)的?(?:号码?|前面|开头|后面|中间|最后|末尾|结尾|是|为)"
    "|身份证(?= *[0-9])|账号|证号|尾号|尾数|社保号|医保号"
    "|(?:[前后末头尾]面?|末尾|开头)[0-9十]{1,2}位"
)
_TOPIC = (
    f"身份证|证件|(?:电话|手机)(?!银行)|座机|传真|微信|{_APART}(?i:qq)(?![A-Za-z])|卡(?= *[0-9])"
)
_TOKEN = re.compile(f"(?P<code>{_CODE})|(?P<own>{_OWN})|(?P<topic>{_TOPIC}|{MASK})|(?P<run>{_RUN})")
# Letters in a row without a digit are a word: PIN or codes.
_SIGNS = "(?>[A-Za-z]*+[0-9][0-9A-Za-z]*+|[A-Za-z](?![A-Za-z]))"
_MIXED = re.compile(
    rf"(?: *+[^ 0-9A-Za-z十百⑩＊]){{0,{REACH}}}+(?: *+is(?= ))?+ *+({_SIGNS}(?:{_PAUSE}*+{_SIGNS})*+)"
)
_OWNED = re.compile(
    " *+(?P<said>(?:就|才|这)?[是为]|[当作])?[我你您他她它的这张个卡银行手机登录取款支付 ]{0,8}"
    f"(?:{_CODE}|{_OWN})"
)
_CALLED = re.compile("打|拨|热线|客服|报警|致电")
_HOTLINE = re.compile(r"11[0249]|12[0-2]|12345|12[13]\d\d|12580|100(?:00|10|86)|9[56]\d{3}")

_AMOUNT = "(?>[1-9]?百0?(?:[1-9]?十)?[1-9]?|[1-9]?十[1-9]?)"
_AMOUNTS = re.compile(rf"{_AMOUNT}(?: *+{_AMOUNT})*+")
_UNIT = re.compile(
    "多?(?:[年月元块万亿千岁天秒时次位张米寸户套层楼折倍类级条期]|分钟|小时|个(?!人)|平米|公里"
    "|号[窗柜楼])"
)
_SMALL_UNIT = re.compile("[日号下样起直般些定共会切边旁分点钱名人本份页周室]")
"""Of numbers under a hundred only; behind three digits and more they begin other words."""
_CLOCK = re.compile(
    r"(?<![0-9十X百])([01]?[0-9]|2[0-4]|十[0-9]?|2十[0-4]?)点"
    r"(?=[0-5][0-9](?![0-9十])|[2-5]?十[1-9]?(?![0-9十])|(?![0-9十百]))"
)
_BIRTHDAY = re.compile("年 *[0-9十]{1,3} *月 *[0-9十]{1,3} *[日号]?")
_AREA_AND_YEAR = 10
"""Digits of an ID number up to the end of the year of birth."""


class _Hint(IntEnum):
    """What the words so far promise of digits to come."""

    NONE = 0
    NUMBER = 1
    SECRET = 2


@dataclass(frozen=True, slots=True)
class _Open:
    """What an utterance leaves open for the next: counts, never a digit."""

    digits: int = 0
    """How many ended it."""
    hint: _Hint = _Hint.NONE
    since: int = 0
    """Characters since the hint."""


class _Run(NamedTuple):
    """Digits with no more than joins between them."""

    start: int
    end: int
    digits: str
    """As figures."""
    total: int
    """Their count, with those they go on from in the utterance before."""
    hidden: bool = False


class _Reading:
    """One utterance, read once from its start to its end."""

    def __init__(self, text: str, before: _Open, expected: _Hint = _Hint.NONE) -> None:
        self._text = text
        self._plain = _CLOCK.sub(r"\1时", text.translate(_FORMS))
        self._before = before
        self._hint = max(before.hint, expected)
        self._since = 0 if expected else before.since
        self._hinted = 0
        self._spans: list[tuple[int, int]] = []
        self._last: _Run | None = None
        position = self._take_mixed(0) if before.hint is _Hint.SECRET else 0
        while found := _TOKEN.search(self._plain, position):
            position = self._take(found)

    def masked(self) -> str:
        """The text without its personal numbers."""
        parts, done = [], 0
        for start, end in self._spans:
            parts += [self._text[done:start], MASK]
            done = end
        return "".join([*parts, self._text[done:]])

    def hides(self) -> bool:
        """Whether there is any."""
        return bool(self._spans)

    def hide_end(self) -> None:
        """Digits at the end may be the first of a number: two and more must go."""
        run = self._last
        if run is None or run.hidden or len(run.digits) < 2 or not self._ends(run.end):
            return
        if not _AMOUNTS.fullmatch(self._plain, run.start, run.end):
            self._spans.append((run.start, run.end))

    def left_open(self) -> _Open:
        """What the next utterance must know."""
        hint = self._hint_at(len(self._plain))
        since = self._gap(len(self._plain)) if hint else 0
        run = self._last
        if run is None:
            return _Open(self._before.digits if self._ends(0) else 0, hint, since)
        if not self._ends(run.end):
            return _Open(0, hint, since)
        if not hint and run.total >= SHORT and not _HOTLINE.fullmatch(run.digits):
            hint, since = _Hint.NUMBER, 0
        return _Open(run.total, hint, since)

    def _ends(self, position: int) -> bool:
        return _JOINS.fullmatch(self._plain, position) is not None

    def _take(self, found: re.Match[str]) -> int:
        """Judge a token; the position to go on from."""
        start, end = found.span()
        match found.lastgroup:
            case "run":
                return self._take_run(start, end)
            case "code":
                self._promise(_Hint.SECRET, end)
                return self._take_mixed(end)
            case "own":
                self._promise(_Hint.SECRET, end)
            case _:
                self._promise(_Hint.NUMBER, end)
        return end

    def _take_run(self, start: int, end: int) -> int:
        digits = _dictated(self._plain[start:end])
        leads = self._last is None and _JOINS.fullmatch(self._plain, 0, start) is not None
        total = len(digits) + (self._before.digits if leads else 0)
        run = _Run(start, end, digits, total)
        born = _BIRTHDAY.match(self._plain, end) if total == _AREA_AND_YEAR else None
        if born or self._personal(run):
            run = run._replace(end=born.end() if born else end, hidden=True)
            self._hide(run.start, run.end)
        self._last = run
        return run.end

    def _take_mixed(self, position: int) -> int:
        """密码是abc123: letters and digits together."""
        found = _MIXED.match(self._plain, position)
        if found is None:
            return position
        signs = re.findall("[0-9A-Za-z]", found[1])
        if len(signs) <= SHORT or {sign.isdigit() for sign in signs} != {True, False}:
            return position
        self._hide(*found.span(1))
        return found.end(1)

    def _personal(self, run: _Run) -> bool:
        count = len(run.digits)
        goes_on = run.total > count and (run.total >= LONG or self._before.hint > _Hint.NONE)
        if count < SHORT and not goes_on:
            return False
        measured = self._measured(run)
        amounts = _AMOUNTS.fullmatch(self._plain, run.start, run.end) is not None
        if count >= LONG or measured:
            return count >= LONG and not (amounts and measured)
        if goes_on:
            return True
        if not run.digits.strip("X"):
            return False
        hotline = _HOTLINE.fullmatch(run.digits) is not None
        owned = _OWNED.match(self._plain, run.end)
        if owned and (owned["said"] or not hotline):
            return True
        match self._hint_at(run.start):
            case _Hint.SECRET:
                return not (hotline and _CALLED.search(self._plain, self._hinted, run.start))
            case _Hint.NUMBER:
                return not hotline and not amounts
            case _:
                return False

    def _measured(self, run: _Run) -> bool:
        small = len(run.digits) < SHORT and _SMALL_UNIT.match(self._plain, run.end)
        return bool(small or _UNIT.match(self._plain, run.end))

    def _hide(self, start: int, end: int) -> None:
        self._spans.append((start, end))
        self._promise(_Hint.NUMBER, end)

    def _promise(self, hint: _Hint, position: int) -> None:
        self._hint, self._since, self._hinted = hint, 0, position

    def _hint_at(self, position: int) -> _Hint:
        if self._hint and self._gap(position) > REACH:
            self._hint = _Hint.NONE
        return self._hint

    def _gap(self, position: int) -> int:
        return self._since + len(self._plain[self._hinted : position].replace(" ", ""))


def _dictated(run: str) -> str:
    """The figures meant: 二十三 is 23, 一百一十 is 110, 三个八 is 888."""
    if run.isdecimal():
        return run
    run = re.sub("[艾爱埃]克斯", "X", run)
    run = re.sub("([2-5])个([0-9])", lambda found: found[2] * int(found[1]), run)
    run = re.sub("(?<![0-9])十", "1十", run)
    run = re.sub("百(?![0-9十])", "00", run)
    run = re.sub("十(?![0-9])", "0", run).replace("⑩", "10")
    return re.sub("[^0-9X]", "", run.translate(_ALIKE_FIGURES))


def _expected(text: str) -> _Hint:
    """Hardly anything but digits is a number, whatever was said before."""
    aside, runs = _RUNS.subn("", text.translate(_FORMS))
    alone = runs > 0 and len(_JOINS.sub("", aside)) <= ASIDE
    return _Hint.NUMBER if alone else _Hint.NONE


def redact(text: str) -> str:
    """`text` with every personal number masked."""
    return _Reading(text, _Open()).masked()


def redact_unfinished(text: str) -> str:
    """As redact, for speech that may go on: digits at the end may be the first of a number."""
    reading = _Reading(text, _Open(), _expected(text))
    reading.hide_end()
    return reading.masked()


def holds_number(text: str) -> bool:
    """Whether redact would still mask something."""
    return _Reading(text, _Open()).hides()


def numberless(text: str) -> str:
    """`text` without the clauses that hold a personal number, if it has others.

    A number means nothing to a pack, and hides what is asked beside it.
    """
    masked = redact(text)
    if MASK not in masked:
        return text
    clauses = [each for each in re.split(r"[，。、,.？?！!；;]+", masked) if MASK not in each]
    return "，".join(filter(None, clauses)) or masked.replace(MASK, "，")


class Redactor:
    """Redacts one visit's utterances, in which a number may be said over several turns."""

    def __init__(self) -> None:
        self._open = _Open()

    def redact(self, text: str) -> str:
        """The visit's next utterance with every personal number, and part of one, masked."""
        expected = _expected(text)
        reading = _Reading(text, self._open, expected)
        left = reading.left_open()
        if expected and left.hint is _Hint.NUMBER and not reading.hides():
            # 12345 or 一百二十 alone promises nothing of what follows.
            left = replace(left, hint=self._open.hint)
        self._open = left
        return reading.masked()

    def unfinished(self, text: str) -> str:
        """As redact_unfinished, with what the earlier turns left open; nothing is remembered."""
        reading = _Reading(text, self._open, _expected(text))
        reading.hide_end()
        return reading.masked()

    def reset(self) -> None:
        """The visit is over."""
        self._open = _Open()
