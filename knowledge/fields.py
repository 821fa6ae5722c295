"""The kinds of value in a pack: text, dates, ids, telephone numbers, times of the day.

Each says in its own words how it is to be written.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError


def _like(pattern: str, said: str) -> AfterValidator:
    """Text that must fit `pattern`; `said` tells staff how to write it."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value, re.ASCII):
            raise PydanticCustomError("like", "{said}", {"said": said})
        return value

    return AfterValidator(check)


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip(), re.ASCII):
        try:
            return date.fromisoformat(value.strip())
        except ValueError as error:
            raise PydanticCustomError("day", "no such day in the calendar") from error
    raise PydanticCustomError("day", "must be a date such as 2027-06-30")


def _span(value: str) -> str:
    begin, _, end = value.partition("-")
    if begin == end:
        raise PydanticCustomError("like", "begins and ends at the same time")
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Day = Annotated[date, BeforeValidator(_day)]
Name = Annotated[
    str,
    _like(
        r"[a-z][a-z0-9_]*", "must be small English letters, digits and _, such as social or id_card"
    ),
]
ItemId = Annotated[
    str,
    _like(
        r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+",
        "must be small English words joined by dots, such as gov.social_card.reissue",
    ),
]
PackId = Annotated[
    str,
    _like(r"[a-z][a-z0-9-]{0,63}", "must be small English letters, digits and -, as gov-hall"),
]
Release = Annotated[str, _like(r"\d+\.\d+\.\d+", "must be three numbers, such as 0.1.0")]
Phone = Annotated[
    str, _like(r"[0-9][0-9-]{2,19}", "must be digits and '-', such as 12345 or 010-12345678")
]
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
Span = Annotated[
    str,
    _like(rf"{_CLOCK}-{_CLOCK}", 'must be two times of the day, such as "12:00-13:30"'),
    AfterValidator(_span),
]
"""HH:MM-HH:MM, the hall's own time; 22:00-06:00 goes over midnight."""
