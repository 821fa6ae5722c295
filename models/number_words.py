"""Whole numbers as English words: 120 -> one hundred and twenty, 21st -> twenty-first."""

from __future__ import annotations

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
CENTURY = 100


def cardinal(number: int) -> str:
    """0 to a trillion; larger ones digit by digit."""
    if number < len(_SMALL):
        return _SMALL[number]
    if number < CENTURY:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else "")
    if number < 10 * CENTURY:
        hundreds, rest = divmod(number, CENTURY)
        return f"{_SMALL[hundreds]} hundred" + (f" and {cardinal(rest)}" if rest else "")
    if number >= 10**12:
        return digits(str(number))
    scale, name = next(each for each in _SCALES if number >= each[0])
    most, rest = divmod(number, scale)
    joint = " and" if 0 < rest < CENTURY else ""
    return f"{cardinal(most)} {name}{joint}" + (f" {cardinal(rest)}" if rest else "")


def ordinal(number: int) -> str:
    """The same as a place in a row."""
    before, mark, last = cardinal(number).rpartition(" ")
    tens, dash, ones = last.rpartition("-")
    place = f"{ones[:-1]}ieth" if ones.endswith("y") else _ORDINALS.get(ones, f"{ones}th")
    return f"{before}{mark}{tens}{dash}{place}"


def year(number: int) -> str:
    """1900 to 2099 as years are read: nineteen ninety-eight, twenty twenty-six."""
    centuries, rest = divmod(number, CENTURY)
    if centuries == 20 and rest < 10:
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(centuries)} hundred"
    return f"{cardinal(centuries)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def digits(text: str) -> str:
    """Every digit of `text` by its own name."""
    return " ".join(_SMALL[int(char)] for char in text if char.isdecimal() and char.isascii())
