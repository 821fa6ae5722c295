"""The settings file's numbers reach the parts that work with them."""

from __future__ import annotations

import pytest

from terminal.assembly import endpoint_settings
from terminal.config import Settings


@pytest.mark.parametrize(
    ("turn", "end_s", "patient_end_s"),
    [
        ({}, 0.6, 1.2),
        ({"end_s": 0.8, "elder_end_s": 1.6}, 0.8, 1.6),
        # Elders never get less time than anybody else.
        ({"end_s": 2.0}, 2.0, 2.0),
    ],
)
def test_the_end_of_a_turn(turn: dict[str, float], end_s: float, patient_end_s: float) -> None:
    settings = endpoint_settings(Settings.model_validate({"turn": turn}))
    assert (settings.end_s, settings.patient_end_s) == (end_s, patient_end_s)
