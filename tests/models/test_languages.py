"""When another language than the hall's is believed."""

from __future__ import annotations

import pytest

from models.languages import guess, is_confirmed


@pytest.mark.parametrize(
    ("probabilities", "guessed"),
    [
        pytest.param({"zh": 0.99, "en": 0.005}, None, id="Mandarin"),
        pytest.param({"en": 0.97, "zh": 0.01}, "en", id="English"),
        pytest.param({"zh": 0.59, "en": 0.3}, "en", id="English with a Chinese accent"),
        pytest.param({"zh": 0.1, "en": 0.15}, None, id="doubtful English"),
        pytest.param({"fr": 0.95, "en": 0.02}, "fr", id="French"),
        pytest.param({"ko": 0.66, "zh": 0.24}, None, id="two characters in babble"),
        pytest.param({"nn": 0.96, "zh": 0.01}, None, id="rain"),
        pytest.param({"cy": 0.9, "en": 0.1}, None, id="a chair"),
    ],
)
def test_only_a_clear_language_is_tried(
    probabilities: dict[str, float], guessed: str | None
) -> None:
    assert guess(probabilities, "zh") == guessed


@pytest.mark.parametrize(
    ("probability", "log_probability", "text", "confirmed"),
    [
        pytest.param(0.99, -0.17, "Where's the toilet?", True, id="a clear question"),
        pytest.param(0.95, -1.05, "Hello, please", True, id="a sure language, in babble"),
        pytest.param(0.95, -0.4, "Toilet", True, id="one word, clearly"),
        pytest.param(0.62, -0.5, "Do you speak English?", True, id="likely and fluent"),
        pytest.param(0.22, -0.21, "Which window is that", True, id="possible, and very fluent"),
        pytest.param(0.45, -0.1, "Thank you", False, id="possible, but few words"),
        pytest.param(0.82, -3.0, "We should follow", False, id="a piece of Mandarin in babble"),
        pytest.param(0.7, -0.89, "C and K", False, id="Mandarin letters"),
        pytest.param(0.71, -0.57, "TMM", False, id="one word, unclearly"),
        pytest.param(0.85, -0.22, "Mmm", False, id="a chain saw"),
        pytest.param(0.85, -0.3, "Ahh", False, id="a cock"),
        pytest.param(0.99, -0.1, "", False, id="nothing"),
    ],
)
def test_the_reading_must_bear_it_out(
    probability: float, log_probability: float, text: str, confirmed: bool
) -> None:
    assert is_confirmed(probability, log_probability, text) == confirmed
