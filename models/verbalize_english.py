"""Written English to words that can be said: 9 a.m. -> nine A.M., ¥120 -> 120 yuan.

The English counterpart of `models.verbalize`, for what a service hall writes: hotlines, opening
hours, fees, windows and rooms. Text without figures and signs passes unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from models.number_words import cardinal, digits, ordinal, year

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_DAYS = {day[:3]: day for day in DAYS.split("|")}
GROUPS = {7: (3, 4), 8: (4, 4), 10: (3, 3, 4), 11: (3, 4, 4)}
"""Digits of a phone number said in one breath, by its length."""
CODE = 5
"""Figures from this length without a unit behind them are no quantity: 12345, 95588."""

_DASH = r"\s*[-–—~]\s*"
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_HALF = r"(?:[ap]\.m\.|[ap]m\b|[AP]\.M\.|[AP]M\b)"
_PHONE = re.compile(
    r"(?<![\d-])(?:\+?86[- ])?(?:[48]00[- ]?\d{3}[- ]?\d{4}|\(?0\d{2,3}\)?[- ]\d{7,8}|1[3-9]\d[- ]?"
    r"\d{4}[- ]?\d{4})(?!\d)"
)
_CALLED = re.compile(
    r"(?i)\b(?:call|dial|hotline|phone|telephone|number|code|tel)(?:\s+(?:is|at|on|the|hotline"
    r"|number|police|office))*[:.]?\s+\d{3,}(?![\d.,:%]*\d)"
)
_CLOCK = re.compile(rf"(?<![\d:.])([01]?\d|2[0-4]):([0-5]\d)(?![\d:])(\s*{_HALF})?")
_HOUR = re.compile(rf"(?<![\d:.])(\d{{1,2}})\s*({_HALF})")
_DATE = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({MONTHS})\b")
_MONTH_DAY = re.compile(rf"\b({MONTHS})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:%|yuan))")
_ISO_DATE = re.compile(r"(?<!\d)(20\d\d)-(\d\d)-(\d\d)(?!\d)")
_LONG = re.compile(
    rf"(?<![\d.,])(?!\d*000\b)\d{{{CODE},}}(?![\d,.]*\d|\s*(?:yuan|RMB|people|square|kilo|metres|m\b))"
)


def _clock(found: re.Match[str]) -> str:
    hour, minute, half = int(found[1]), int(found[2]), (found[3] or "").strip()
    if not half and hour > 12:
        hour, half = hour - 12, "A.M." if hour == 24 else "P.M."
    said = cardinal(hour)
    if minute:
        said += f" {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    elif not half:
        said += " o'clock"
    return f"{said} {_half(half)}" if half else said


def _half(written: str) -> str:
    return "A.M." if written[0] in "aA" else "P.M."


def _phone(found: re.Match[str]) -> str:
    """Digit by digit, with a breath after each part; +86 is left out."""
    said = []
    for run in re.findall(r"\d+", re.sub(r"^\+?86[- ]", "", found[0])):
        at = 0
        for size in GROUPS.get(len(run), (len(run),)):
            said.append(digits(run[at : at + size]))
            at += size
    return ", ".join(said)


def _in_digits(found: re.Match[str]) -> str:
    return re.sub(r"\d+", lambda run: digits(run[0]), found[0])


def _number(found: re.Match[str]) -> str:
    whole, _, fraction = found[0].replace(",", "").partition(".")
    said = digits(whole) if whole.startswith("0") and len(whole) > 1 else cardinal(int(whole))
    return f"{said} point {digits(fraction)}" if fraction else said


def _day_of(day: str, month: str) -> str:
    return f"{month} {ordinal(int(day))}"


RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile("[‘’]"), "'"),
    # What is written short.
    (re.compile(r"\bNos?\.\s*(?=\d)"), "number "),
    (re.compile(r"\be\.g\.,?"), "for example,"),
    (re.compile(r"\bi\.e\.,?"), "that is,"),
    (re.compile(r"\bRd\b\.?"), "Road"),
    (re.compile(r"\betc\."), "et cetera"),
    (re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b\.?"), lambda found: _DAYS[found[1]]),
    (re.compile(rf"\b({DAYS}){_DASH}(?=(?:{DAYS})\b)"), r"\1 to "),
    (re.compile(r"(?<=\w)\s*&\s*(?=\w)"), " and "),
    (re.compile(r"(?<=[A-Za-z0-9])@(?=[A-Za-z])"), " at "),
    (re.compile(r"(?<=[a-z0-9])\.(?=[a-z]{2,})"), " dot "),
    (re.compile(r"\b24/7\b"), "twenty-four seven"),
    (re.compile(r"(?<=[A-Za-z])/(?=[A-Za-z])"), " or "),
    # Money, rates, units.
    (re.compile(rf"(?:[¥￥]|\b(?:RMB|CNY)\s?)\s*({_NUMBER})"), r"\1 yuan"),
    (re.compile(rf"({_NUMBER})\s*(?:RMB|CNY)\b"), r"\1 yuan"),
    (re.compile(rf"(?<!\d)\$\s*({_NUMBER})"), r"\1 dollars"),
    (re.compile(r"(\d)\.00(?=\s*yuan)|(\.\d)0(?=\s*yuan)"), lambda found: found[1] or found[2]),
    (re.compile(r"\b1 yuans?\b|\b1\.0+ yuan\b"), "one yuan"),
    (re.compile(r"(?<=\d)\s*(?:%|per cent\b)"), " percent"),
    # Digit by digit.
    (_PHONE, _phone),
    (_CALLED, _in_digits),
    (re.compile(r"(?i)\b(?:room|route|bus)\s+(?:no\. ?)?\d{3}\b"), _in_digits),
    # Dates and times.
    (
        _ISO_DATE,
        lambda found: (
            f"{MONTHS.split('|')[(int(found[2]) - 1) % 12]} {ordinal(int(found[3]))}, "
            f"{year(int(found[1]))}"
        ),
    ),
    (_DATE, lambda found: _day_of(found[1], found[2])),
    (_MONTH_DAY, lambda found: _day_of(found[2], found[1])),
    (re.compile(rf"(?<=\d){_DASH}(?=\d+:\d\d)"), " to "),
    (_CLOCK, _clock),
    (_HOUR, lambda found: f"{cardinal(int(found[1]))} {_half(found[2])}"),
    # A full stop that the abbreviation had swallowed.
    (re.compile(r"([AP]\.M\.)(?=\s+[A-Z]|\s*$)"), r"\1."),
    (
        re.compile(
            r"(?:(?<=\bin )|(?<=\bsince )|(?<=(?:st|nd|rd|th) )|(?<=(?:st|nd|rd|th), ))"
            r"((?:19|20)\d\d)\b(?!\s*yuan)"
        ),
        lambda found: year(int(found[1])),
    ),
    # Numbers.
    (re.compile(r"\b(\d{1,4})(?:st|nd|rd|th)\b"), lambda found: ordinal(int(found[1]))),
    (_LONG, _in_digits),
    (re.compile(r"(?<=\d)\s*[-–—~]\s*(?=\d)"), " to "),
    (re.compile(r"(?<=[A-Za-z])-?(?=\d)|(?<=\d)(?=[A-Za-z])"), " "),
    (re.compile(_NUMBER), _number),
)
"""Applied one after another."""


@lru_cache(maxsize=4096)
def verbalize(text: str) -> str:
    """`text` as it is said; punctuation stays, for it is where the voice breathes."""
    for pattern, said in RULES:
        text = pattern.sub(said, text)
    return text.strip()
