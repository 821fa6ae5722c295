"""What is written, and what is said."""

from __future__ import annotations

import pytest

from models.number_words import cardinal, ordinal, year
from models.verbalize_english import verbalize


@pytest.mark.parametrize(
    ("written", "said"),
    [
        # Hotlines, phones and codes
        ("The hotline is 12345.", "The hotline is one two three four five."),
        ("Call 95588, or dial 110.", "Call nine five five eight eight, or dial one one zero."),
        (
            "Call 0571-12345678.",
            "Call zero five seven one, one two three four, five six seven eight.",
        ),
        ("Ring 138 1234 5678.", "Ring one three eight, one two three four, five six seven eight."),
        ("The password is 88886666.", "The password is eight eight eight eight six six six six."),
        # Money and quantities
        ("It costs 120 yuan.", "It costs one hundred and twenty yuan."),
        ("¥120.50, RMB 10,000", "one hundred and twenty point five yuan, ten thousand yuan"),
        ("A deposit of 50000 yuan", "A deposit of fifty thousand yuan"),
        ("5% of 1,200", "five percent of one thousand two hundred"),
        ("3.05 km", "three point zero five km"),
        ("3-5 working days", "three to five working days"),
        # Times and dates
        (
            "9 a.m. to 12 noon and 1:30pm to 5 p.m. daily",
            "nine A.M. to twelve noon and one thirty P.M. to five P.M. daily",
        ),
        ("9:00-17:05 daily", "nine o'clock to five oh five P.M. daily"),
        ("Mon–Fri", "Monday to Friday"),
        ("Come at 5 p.m. Bring it.", "Come at five P.M.. Bring it."),
        ("on 3 May 2026", "on May third twenty twenty-six"),
        ("2026-05-21", "May twenty-first, twenty twenty-six"),
        ("since 2008", "since two thousand and eight"),
        # Places
        ("window 35 on the 2nd floor", "window thirty-five on the second floor"),
        ("Window A1, Room 305", "Window A one, Room three zero five"),
        ("No. 3 Renmin Rd.", "number three Renmin Road"),
        ("www.abc.gov.cn", "www dot abc dot gov dot cn"),
        ("ID/passport", "ID or passport"),
        # Nothing to change
        ("Please bring your ID card.", "Please bring your ID card."),
        ("", ""),
    ],
)
def test_text_is_said_as_a_clerk_would(written: str, said: str) -> None:
    assert verbalize(written) == said


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (19, "nineteen"),
        (20, "twenty"),
        (101, "one hundred and one"),
        (1_001, "one thousand and one"),
        (12_345, "twelve thousand three hundred and forty-five"),
        (2_000_000, "two million"),
    ],
)
def test_quantities(number: int, words: str) -> None:
    assert cardinal(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "first"),
        (12, "twelfth"),
        (20, "twentieth"),
        (21, "twenty-first"),
        (100, "one hundredth"),
    ],
)
def test_places_in_a_row(number: int, words: str) -> None:
    assert ordinal(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(1998, "nineteen ninety-eight"), (1900, "nineteen hundred"), (2026, "twenty twenty-six")],
)
def test_years(number: int, words: str) -> None:
    assert year(number) == words


def test_no_figure_is_left() -> None:
    for number in range(0, 20_000, 211):
        for text in (
            f"{number} yuan",
            f"window {number}",
            f"call {number}",
            f"A{number}",
            f"{number}th",
        ):
            assert not any(char.isdigit() for char in verbalize(text)), text
